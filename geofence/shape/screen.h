/*
 * screen: whether any edges of a polygon cross each other; fast for polygons in which none do.
 *
 * In nearly every polygon no edges cross, and consecutive edges lie close together, so they need no sorting.
 * The screen compares the boxes around blocks of consecutive edges, then the boxes around the edges of blocks
 * that overlap, four at a time, and only then edges whose boxes overlap. Sorting first, as the sweep does,
 * takes two and a half times as long for a city's fences. The time of the screen grows with the square of the
 * number of blocks, so long rings are left to the sweep. If edges do cross, the sweep finds out which.
 */
#ifndef MW_GEO_SCREEN_H
#define MW_GEO_SCREEN_H

#include "store.h"

struct geo_edge {
    struct geo_xy a, b;
    uint32_t part, point; /* its place in the shape */
};

/* The least and the greatest number of edges that are screened. Fewer are not worth it, and might need more
 * than the room; more take too long if many boxes overlap. */
#define GEO_SCREEN_MIN 9u
#define GEO_SCREEN_MAX 4096u

/* Whether two edges cross in an inner point of both. Exact. */
bool geo_edges_cross(const struct geo_edge *e, const struct geo_edge *f);

/* Whether any two edges cross. `room` has eight numbers for each edge. */
bool geo_screen(const struct geo_edge *edges, uint32_t count, float *room);

#endif
