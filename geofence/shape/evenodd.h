/*
 * evenodd: whether a ring runs round once, and whether holes lie apart within their outer ring.
 *
 * Inside is what even and odd say, so a ring traced twice holds nothing, and a hole in a hole is no hole. No
 * edges cross by the time this is asked (sweep.h), so the order along a line of latitude is that of the
 * rings: a few such lines are drawn through each, and the stretches between the edges that they meet are
 * counted. What touches, or runs on top of itself for a part of the way, still has stretches of its own.
 */
#ifndef MW_GEO_EVENODD_H
#define MW_GEO_EVENODD_H

#include "store.h"

/* Where a line of latitude meets an edge. */
struct geo_met {
    double x;
    uint32_t ring;
    int32_t turn; /* 1: the edge leads north, -1: south */
};

/* Memory, reused. */
struct geo_met_list {
    struct geo_met *items;
    uint32_t count, cap;
    uint8_t *inside; /* a place for each ring */
    uint32_t inside_cap;
};

void geo_met_fini(struct geo_met_list *list);

/* Whether a ring of points that ends without repeating its first has stretches that it runs round just once,
 * or at least none that it runs round more often. */
enum mw_error geo_ring_once(struct geo_met_list *list, const struct geo_xy *points, uint32_t count,
                            bool *out_once);

/* Looks at an outer ring of the store and its holes behind it, `count` rings in all. *out_problem is
 * MW_SHAPE_FINE, MW_SHAPE_HOLE_OUTSIDE or MW_SHAPE_HOLE_IN_HOLE, of the hole *out_ring (1 is the first). */
enum mw_error geo_holes_apart(struct geo_met_list *list, const struct geo_store *store, uint32_t outer,
                              uint32_t count, enum mw_shape_problem *out_problem, uint32_t *out_ring);

#endif
