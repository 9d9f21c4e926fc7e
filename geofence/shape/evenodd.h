/*
 * evenodd: whether a ring goes round only once, and whether holes lie apart from each other in their outer
 * ring.
 *
 * A point is inside a polygon if a ray from it meets an odd number of edges. By this rule a ring that is
 * traced twice holds nothing, and a hole in a hole is no hole. These two faults are found here, after sweep.h
 * has made sure that no edges cross. A few lines of latitude are drawn through each ring. The edges that such
 * a line meets cut it into stretches, and for each stretch the rings around it are counted. Rings that touch,
 * or that run on top of themselves for a part of the way, have other stretches where they do not, and pass.
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

/* Memory that is reused from ring to ring. */
struct geo_met_list {
    struct geo_met *items;
    uint32_t count, cap;
    uint8_t *inside; /* a place for each ring */
    uint32_t inside_cap;
};

void geo_met_fini(struct geo_met_list *list);

/* Whether the ring goes round only once: some stretch lies inside it once, or none lies inside it more than
 * once. The first point is not repeated at the end. */
enum mw_error geo_ring_once(struct geo_met_list *list, const struct geo_xy *points, uint32_t count,
                            bool *out_once);

/* What is wrong with the holes of a polygon: MW_SHAPE_FINE, or MW_SHAPE_HOLE_OUTSIDE or MW_SHAPE_HOLE_IN_HOLE
 * and the hole that it is wrong with (1 is the first). */
struct geo_hole_fault {
    enum mw_shape_problem problem;
    uint32_t hole;
};

/* Looks at the outer ring `outer` of the store and the holes that follow it, `count` rings in all. */
enum mw_error geo_holes_apart(struct geo_met_list *list, const struct geo_store *store, uint32_t outer,
                              uint32_t count, struct geo_hole_fault *out_fault);

#endif
