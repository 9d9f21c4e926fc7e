/*
 * sweep: whether edges of a polygon cross each other, and which.
 *
 * Most polygons are told sound without (screen.h). Of others and of long ones the edges are sorted by where
 * they begin along one axis, and each is held against those that begin before it ends. Only a proper crossing
 * counts, one inner point of both edges; touching and running on top of each other do not (shape.h). The
 * answer is exact.
 */
#ifndef MW_GEO_SWEEP_H
#define MW_GEO_SWEEP_H

#include "screen.h"

/* An edge by where it begins along the axis. */
struct geo_rank {
    double low;
    uint32_t edge;
};

/*
 * Finds two edges that cross: the first in order that crosses any, and the first after it that it crosses.
 * `ranks` has room for twice as many as there are edges. O(n log n); where edges of many lie beside each
 * other along both axes, another pair may be named (order.h).
 */
bool geo_sweep(const struct geo_edge *edges, uint32_t count, struct geo_rank *ranks,
               const struct geo_edge **out_first, const struct geo_edge **out_second);

#endif
