/*
 * plane: the town as a plane: metres east and north of a point in Cambridge, Massachusetts.
 *
 * One scale for the whole town (WGS-84, at its middle): 3 km north or south of it a metre east is 0.4 mm off,
 * and all that is planned in the plane is carried over by the same scale.
 */
#ifndef MW_HONEST_PLANE_H
#define MW_HONEST_PLANE_H

#include <muckwatch/geofence.h>

#include <math.h>

#define PLANE_LAT_DEG       42.378
#define PLANE_LON_DEG       (-71.115)
#define PLANE_M_PER_LAT_DEG 111080.6
#define PLANE_M_PER_LON_DEG 82358.2

struct spot {
    double east_m, north_m;
};

static inline struct spot spot_of(double lat_deg, double lon_deg)
{
    return (struct spot){(lon_deg - PLANE_LON_DEG) * PLANE_M_PER_LON_DEG,
                         (lat_deg - PLANE_LAT_DEG) * PLANE_M_PER_LAT_DEG};
}

static inline struct mw_point spot_point(struct spot s)
{
    return (struct mw_point){PLANE_LAT_DEG + s.north_m / PLANE_M_PER_LAT_DEG,
                             PLANE_LON_DEG + s.east_m / PLANE_M_PER_LON_DEG};
}

static inline double spot_distance_m(struct spot a, struct spot b)
{
    return hypot(a.east_m - b.east_m, a.north_m - b.north_m);
}

/* The place a share of the way from a to b. */
static inline struct spot spot_between(struct spot a, struct spot b, double share)
{
    return (struct spot){a.east_m + (b.east_m - a.east_m) * share,
                         a.north_m + (b.north_m - a.north_m) * share};
}

/* From a straight towards b, and to the right of that way. */
static inline struct spot spot_beside(struct spot a, struct spot b, double ahead_m, double right_m)
{
    double length_m = spot_distance_m(a, b);
    if (length_m == 0)
        return a;
    double e = (b.east_m - a.east_m) / length_m, n = (b.north_m - a.north_m) / length_m;
    return (struct spot){a.east_m + e * ahead_m + n * right_m, a.north_m + n * ahead_m - e * right_m};
}

/* The nearest place on the leg from a to b, as a share of it. */
static inline double spot_project(struct spot p, struct spot a, struct spot b)
{
    double e = b.east_m - a.east_m, n = b.north_m - a.north_m, square = e * e + n * n;
    if (square == 0)
        return 0;
    double share = ((p.east_m - a.east_m) * e + (p.north_m - a.north_m) * n) / square;
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

static inline double spot_leg_distance_m(struct spot p, struct spot a, struct spot b)
{
    return spot_distance_m(p, spot_between(a, b, spot_project(p, a, b)));
}

#endif
