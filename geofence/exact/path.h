/* path: the straight line between two positions, with what the tests against fences need of it. */
#ifndef MW_GEO_PATH_H
#define MW_GEO_PATH_H

#include "metric.h"
#include "store.h"

/* A path, and what does not depend on the fence. */
struct geo_path {
    struct geo_xy a, b;
    double length_m;
    double west, east, south, north; /* in counts, as boxes are */
    struct geo_metric metric;        /* at the path's middle latitude */
};

struct geo_path geo_path_of(struct mw_point from, struct mw_point to);

static inline double geo_least(double a, double b)
{
    return a < b ? a : b;
}

static inline double geo_most(double a, double b)
{
    return a < b ? b : a;
}

#endif
