/*
 * exact: one point or path against one fence, from the fence's own points.
 *
 * These functions define the right answer. The index only finds out for which fences they need not be called.
 * Boxes around blocks of edges make large fences cheap: they leave out only edges that cannot change the
 * answer, so the answer does not depend on them, to the bit.
 */
#ifndef MW_GEO_EXACT_H
#define MW_GEO_EXACT_H

#include "metric.h"
#include "side.h"
#include "store.h"

/* Whether a position is finite and on the globe. No fence holds any other. */
static inline bool geo_on_globe(struct mw_point p)
{
    return fabs(p.lat_deg) <= 90 && fabs(p.lon_deg) <= 360;
}

bool geo_box_holds(const struct geo_box *box, struct mw_point p);

bool geo_fence_holds(const struct geo_store *store, uint32_t fence, struct mw_point p);

/* Distance and progress of a position that the fence holds. */
struct mw_hit geo_fence_hit(const struct geo_store *store, uint32_t fence, struct mw_point p);

/* See mw_index_distance. */
bool geo_fence_distance(const struct geo_store *store, uint32_t fence, struct mw_point p, double max_m,
                        struct mw_distance *out);
/* See mw_index_near and mw_index_deep. */
bool geo_fence_near(const struct geo_store *store, uint32_t fence, struct mw_point p, double max_m);
bool geo_fence_deep(const struct geo_store *store, uint32_t fence, struct mw_point p, double depth_m);

struct geo_nearest {
    double square_m2;
    double t;
    uint32_t ring; /* index into the store's rings */
    uint32_t edge;
    bool found;
};

/* The hit for a position whose nearest place on the fence is known. */
struct mw_hit geo_nearest_hit(const struct geo_store *store, uint32_t fence,
                              const struct geo_nearest *nearest);

#endif
