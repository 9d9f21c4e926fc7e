/*
 * cross: where a path enters and leaves one fence.
 *
 * Polygons. An edge is crossed when its ends lie on different sides of the path's line and the path's ends on
 * different sides of the edge's line, both decided exactly, zero counting as left. Since the inside is on the
 * left of every edge, the direction tells entering from leaving, and the length inside is a sum of signed
 * fractions: no storage, however ragged the border. Where an end of the path lies on the border that sum can
 * miscount, and where a ring crosses itself in a corner the inside is to the right of a part of it. In the
 * first case, where the sorted crossings do not lead in and out in turn, and for polygons of several parts,
 * which may overlap, the stretches between crossings are tested.
 *
 * Corridors. Each segment's capsule cuts one interval out of the path (capsule.h); the intervals are united.
 * The ends of an interval are within 1 cm for segments of up to 1 km.
 *
 * Edges and segments that do not come near the path change nothing, to the bit: the index may leave them out.
 */
#ifndef MW_GEO_CROSS_H
#define MW_GEO_CROSS_H

#include "metric.h"
#include "store.h"

/* What all fences need to know of a path. */
struct geo_path {
    struct geo_xy a, b;
    double length_m;
    double west, east, south, north; /* in counts, as boxes are */
    struct geo_metric metric;        /* at its middle latitude */
};

struct geo_path geo_path_of(struct mw_point from, struct mw_point to);

/* found comes with fence, inside_from and inside_to. False when the path does not meet the fence. */
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
