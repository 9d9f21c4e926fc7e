/*
 * cross: where a path enters and leaves one fence.
 *
 * Polygons. The path crosses an edge if the edge's ends lie on different sides of the path's line and the
 * path's ends on different sides of the edge's line. Both are decided exactly; on the line counts as left of
 * it. The inside is on the left of every edge, so the direction of a crossing tells whether the path enters
 * or leaves, and the length inside is a sum of signed fractions, however many crossings there are. The sum can
 * be wrong if an end of the path lies on the border, and if a ring meets itself in a corner and crosses over, so
 * that the inside of a part of it lies on the right. In the first case, if the sorted crossings do not lead in
 * and out in turn, and for polygons of several parts, which may overlap, each stretch between two crossings is
 * tested.
 *
 * Corridors. The path runs through each segment's capsule in one stretch (capsule.h); the stretches are
 * united. The ends of a stretch are right within 1 cm for segments of up to 1 km.
 *
 * Edges and segments that do not come near the path have no influence on the answer, to the bit. So the index
 * may leave them out.
 */
#ifndef MW_GEO_CROSS_H
#define MW_GEO_CROSS_H

#include "path.h"
#include "store.h"

/* Whether the path meets the fence. The caller has set found->fence, inside_from and inside_to; the function
 * sets the rest, which counts only if the result is true. */
bool geo_fence_cross(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found);

/* The same for a polygon or a corridor whose box the path meets. */
bool geo_cross_polygon(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found);
bool geo_cross_corridor(const struct geo_store *store, const struct geo_path *path,
                        struct mw_crossing *found);

/* An edge as a leaf names it (tree.h, sources): the place of its start in the store's points, wide or
 * narrow. */
struct geo_edge_at {
    uint32_t start;
    bool wide;
};

/* The same for a polygon of one part, if only these edges come near the path. They are in the store's
 * order. */
bool geo_cross_edges(const struct geo_store *store, const struct geo_path *path,
                     const struct geo_edge_at *edges, uint32_t count, struct mw_crossing *found);

#endif
