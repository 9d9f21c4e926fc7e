/*
 * order: whether edges cross each other, in time n log n for every outline (Shamos and Hoey, 1976).
 *
 * A line moves over the plane from west to east. The edges that it meets are kept in their order along the
 * line. Two edges that cross are neighbours in this order just before they cross, so only neighbours are
 * compared. Edges may touch, share ends and lie on top of each other: an edge that ends at a place is taken
 * out before one that begins there is put in, and edges on the same straight line are ordered by number. The
 * order is right up to the first crossing, and there the search ends. Everything is decided exactly.
 *
 * It is several times as slow as sweep.h on outlines drawn on maps. It is used for outlines like a slanting
 * comb, in which every edge lies beside every other along both axes.
 */
#ifndef MW_GEO_ORDER_H
#define MW_GEO_ORDER_H

#include "screen.h"

/* Numbers of 32 bits that are needed for each edge. */
#define GEO_ORDER_ROOM 4u

/* Finds the pair that crosses farthest west, or one of several that cross there. */
bool geo_order_crossing(const struct geo_edge *edges, uint32_t count, uint32_t *room,
                        const struct geo_edge **out_first, const struct geo_edge **out_second);

#endif
