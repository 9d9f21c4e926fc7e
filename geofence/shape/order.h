/*
 * order: whether edges cross each other, in time n log n whatever they look like (Shamos and Hoey, 1976).
 *
 * A line moves over the plane from west to east, and where it stands the edges that it meets are kept in
 * their order along it. Two edges that cross are neighbours in that order just before they do, so only
 * neighbours are looked at. Edges may touch, share ends and lie on top of each other: what ends at a place
 * leaves the order before anything that begins there comes in, and edges on one line are ordered by number.
 * Until the first crossing the order is right, and there the search ends. All is decided exactly.
 *
 * Several times as slow as sweep.h on what is drawn on maps; for outlines like a slanting comb, on which
 * every edge lies beside every other along both axes.
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
