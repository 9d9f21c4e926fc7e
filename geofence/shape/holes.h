/*
 * holes: whether the holes of a polygon lie apart from each other in their outer ring.
 *
 * By the rule of even and odd (evenodd.h) a hole in a hole is no hole. A few lines of latitude are drawn through each
 * hole, after sweep.h has made sure that no edges cross. The edges that such a line meets cut it into stretches, and for
 * each stretch the rings around it are counted. Holes that touch, or that run on top of each other for a part of the
 * way, have other stretches where they do not, and pass.
 *
 * The lines are looked at from south to north. So an edge is taken up once and let go of once, and between two lines the
 * edges keep their order: the time is n log n, and the number of edges that the lines meet. Holes that lie by themselves
 * (lone.h) are left out. What is left may still meet too much, if thousands of slanting holes lie beside each other, and
 * is refused.
 */
#ifndef MW_GEO_HOLES_H
#define MW_GEO_HOLES_H

#include "store.h"

/* What is wrong with the holes of a polygon: MW_SHAPE_FINE, or MW_SHAPE_HOLE_OUTSIDE, MW_SHAPE_HOLE_IN_HOLE or
 * MW_SHAPE_HOLES_TANGLED and the hole that it is wrong with (1 is the first). Of several faults it is the one on the first line through
 * the first hole that has any. */
struct geo_hole_fault {
    enum mw_shape_problem problem;
    uint32_t hole;
    uint64_t looked_at; /* edges, on all lines together */
};

/* Looks at the outer ring `outer` of the store and the holes that follow it, `count` rings in all. */
enum mw_error geo_holes_apart(const struct geo_store *store, uint32_t outer, uint32_t count,
                              struct geo_hole_fault *out_fault);

#endif
