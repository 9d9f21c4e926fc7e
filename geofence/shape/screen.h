/*
 * screen: whether any edges of a polygon cross each other, told fast where none do.
 *
 * Nearly every polygon that is drawn is sound, and its edges come in order along the ring: neighbours lie
 * close together without being sorted. So boxes of edges are held against each other four at a time, blocks
 * of consecutive edges before the edges themselves, and only edges whose boxes overlap are looked at. Sorting
 * first, as the sweep does, costs two and a half times as much for a city's fences. That takes time with the
 * square of the number of blocks; long rings are left to the sweep, as is which edges to name.
 */
#ifndef MW_GEO_SCREEN_H
#define MW_GEO_SCREEN_H

#include "store.h"

struct geo_edge {
    struct geo_xy a, b;
    uint32_t part, point; /* where it came from */
};

/* Screened are from so many edges to so many; fewer are not worth it and might pass the room, more take too
 * long where boxes overlap. */
#define GEO_SCREEN_MIN 9u
#define GEO_SCREEN_MAX 4096u

/* Whether edges have an inner point in common that both pass through. Exact. */
bool geo_edges_cross(const struct geo_edge *e, const struct geo_edge *f);

/* Whether any two edges cross. Room is for eight numbers an edge. */
bool geo_screen(const struct geo_edge *edges, uint32_t count, float *room);

#endif
