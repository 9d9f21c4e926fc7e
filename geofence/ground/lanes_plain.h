/* lanes_plain: the vector of one double, for capsule.h. */
#ifndef MW_GEO_LANES_PLAIN_H
#define MW_GEO_LANES_PLAIN_H

#include <math.h>
#include <stdint.h>

#define LANES 1
typedef double lanes;

static inline lanes lanes_all(double v)
{
    return v;
}

static inline lanes lanes_load(const double *p)
{
    return *p;
}

static inline void lanes_store(double *p, lanes v)
{
    *p = v;
}

static inline lanes lanes_from(const int32_t *p)
{
    return *p;
}

static inline lanes lanes_root(lanes v)
{
    return sqrt(v);
}

static inline lanes lanes_least(lanes a, lanes b)
{
    return a < b ? a : b;
}

static inline lanes lanes_most(lanes a, lanes b)
{
    return a > b ? a : b;
}

static inline lanes lanes_pick(lanes a, lanes b, lanes x, lanes y)
{
    return a >= b ? x : y;
}

#endif
