/*
 * clip: cutting closed outlines down to a box (Sutherland and Hodgman, 1974).
 *
 * An outline is a closed curve; whether a point within the box is inside is decided by even and odd, and
 * cutting keeps that: what lies outside is folded onto the border. Holes hang on their ring by a bridge that
 * is walked both ways, so that one curve is enough. Where an edge meets the border is computed the same
 * whichever way it runs. Each edge goes on naming the edge of the fence that it was cut from.
 */
#ifndef MW_GEO_CLIP_H
#define MW_GEO_CLIP_H

#include "store.h"

/* A point of an outline, in steps of the tree, and where the edge that starts at it comes from. */
struct geo_corner {
    double x, y;
    uint32_t source; /* index into the store's points, with GEO_SOURCE_WIDE for wide ones; or as below */
};

#define GEO_SOURCE_WIDE    0x80000000u
#define GEO_SOURCE_UNKNOWN 0xfffffffeu /* an edge of the fence, but which is not told */
#define GEO_SOURCE_NONE    0xffffffffu /* none: along the border of a cell, or a bridge to a hole */

struct geo_span {
    double west, south, east, north;
};

/* Cuts off everything below (or above) the bound on one axis: 0 is x. Out has room for twice the count, and
 * may not overlap. Returns the number of points; no two neighbours are equal. */
uint32_t geo_clip_axis(const struct geo_corner *in, uint32_t count, int axis, double bound, bool keep_above,
                       struct geo_corner *out);

/* Drops points in the middle of a walk along one side of the span, in place. */
uint32_t geo_clip_tidy(struct geo_corner *points, uint32_t count, const struct geo_span *span);

/* Does any edge leave the border of the span? */
bool geo_clip_crossed(const struct geo_corner *points, uint32_t count, const struct geo_span *span);

/* Even and odd, for points that are not near an edge. */
bool geo_clip_odd(const struct geo_corner *points, uint32_t count, struct geo_xy p);

/* Cuts a segment down to the span; false when nothing is left. */
bool geo_clip_segment(struct geo_xy *a, struct geo_xy *b, const struct geo_span *span);

#endif
