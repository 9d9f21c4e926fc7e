/* path: the straight way between two places, as fences want to know it. */
#ifndef MW_GEO_PATH_H
#define MW_GEO_PATH_H

#include "metric.h"
#include "store.h"

/* What all fences need to know of a path. */
struct geo_path {
    struct geo_xy a, b;
    double length_m;
    double west, east, south, north; /* in counts, as boxes are */
    struct geo_metric metric;        /* at its middle latitude */
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
