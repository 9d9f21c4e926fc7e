/*
 * sweep: whether edges of a polygon cross each other, and which.
 *
 * For most polygons the screen (screen.h) shows that no edges cross. For the others, and for long ones, the
 * edges are sorted by their lower end along one axis, and each edge is compared with those that begin before
 * it ends. Two edges cross if they have exactly one point in common and it is an inner point of both.
 * Touching, or lying on top of each other, is no crossing (shape.h). The answer is exact.
 */
#ifndef MW_GEO_SWEEP_H
#define MW_GEO_SWEEP_H

#include "screen.h"

/* An edge and its lower end along the axis. */
struct geo_rank {
    double low;
    uint32_t edge;
};

/*
 * Finds two edges that cross: the first in the sorted order that crosses any after it, and the first of
 * those. `ranks` has room for twice as many as there are edges. O(n log n). If many edges lie beside each
 * other along both axes, another pair may be named (order.h).
 */
bool geo_sweep(const struct geo_edge *edges, uint32_t count, struct geo_rank *ranks,
               const struct geo_edge **out_first, const struct geo_edge **out_second);

#endif
