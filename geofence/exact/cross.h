/*
 * cross: where a path enters and leaves one fence.
 *
 * Polygons. An edge is crossed when its ends lie on different sides of the path's line and the path's ends on
 * different sides of the edge's line, both decided exactly, zero counting as left. Since the inside is on the
 * left of every edge, the direction tells entering from leaving, and the length inside is a sum of signed
 * fractions: no sorting, no storage, however ragged the border. Where an end of the path lies on the border
 * that sum can miscount; in that case, and for polygons of several parts, which may overlap, the crossings
 * are sorted and the stretches between them tested.
 *
 * Corridors. Each segment's capsule cuts one interval out of the path (capsule.h); the intervals are united.
 * The ends of an interval are within 1 cm for segments of up to 1 km.
 *
 * Edges and segments that do not come near the path change nothing, to the bit: the index may leave them out.
 */
#ifndef MW_GEO_CROSS_H
#define MW_GEO_CROSS_H

#include "path.h"
#include "store.h"

/* Whether the path meets the fence. found comes with fence, inside_from and inside_to; the rest of it counts
 * only then. */
bool geo_fence_cross(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found);

/* The same, of a fence whose box it meets. */
bool geo_cross_polygon(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found);
bool geo_cross_corridor(const struct geo_store *store, const struct geo_path *path,
                        struct mw_crossing *found);

/* An edge as the sources of leaves name it: the place of its start in the store's points, wide or not. */
struct geo_edge_at {
    uint32_t start;
    bool wide;
};

/* The same for a polygon of one part of which only these edges come near the path, in the store's order. */
bool geo_cross_edges(const struct geo_store *store, const struct geo_path *path,
                     const struct geo_edge_at *edges, uint32_t count, struct mw_crossing *found);

#endif
