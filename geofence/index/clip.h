/*
 * clip: cutting closed outlines down to boxes (Sutherland and Hodgman, 1974).
 *
 * An outline is a closed curve; whether a point within the box is inside is decided by even and odd, and
 * cutting keeps that: what lies outside is folded onto the border. Holes hang on their ring by a bridge that
 * is walked both ways, so that one curve is enough. Where an edge meets the border is computed the same
 * whichever way it runs. Each edge goes on naming the edge of the fence that it was cut from.
 *
 * One pass cuts for two boxes beside each other, so that the four quarters of a cell cost three passes: one
 * along x, and one along y for each of its results. A point that a cut put onto the border knows the sides it
 * lies on; one of the fence's own that happens to lie there does not, which only makes for more work.
 */
#ifndef MW_GEO_CLIP_H
#define MW_GEO_CLIP_H

#include "store.h"

/* A point of an outline, in steps of the tree, and where the edge that starts at it comes from. */
struct geo_corner {
    double x, y;
    uint32_t source; /* index into the store's points, as GEO_PLACE_WIDE says; or as below */
    uint32_t sides;  /* of the box that it was last cut for: a bit for each that it was put onto */
};

#define GEO_SOURCE_UNKNOWN 0xfffffffeu /* an edge of the fence, but which is not told */
#define GEO_SOURCE_NONE    0xffffffffu /* none: along the border of a cell, or a bridge to a hole */

/* The extents of two boxes along one axis, the lower one first; they overlap. What lies at a high bound is
 * above it. */
struct geo_halves {
    double low[2], high[2];
};

/* Where something lies: below both, in the lower one only, in both, in the upper one only, above. */
enum geo_zone { GEO_BELOW, GEO_LOWER, GEO_BOTH, GEO_UPPER, GEO_ABOVE };

static inline unsigned geo_zone_of(double at, const struct geo_halves *halves)
{
    return (unsigned)(at >= halves->low[0]) + (unsigned)(at >= halves->low[1]) +
           (unsigned)(at >= halves->high[0]) + (unsigned)(at >= halves->high[1]);
}

/* What is cut for one of them. */
struct geo_half {
    struct geo_corner *points; /* room for a point more than twice the count of what is cut */
    uint32_t count;
};

/* Cuts an outline down to both along one axis: 0 is x, and comes first. The points are set, the counts are
 * filled in. No two neighbours are equal, and none lies in the middle of a walk along one side. Rooms do not
 * overlap with in. */
void geo_clip_halves(const struct geo_corner *in, uint32_t count, int axis, const struct geo_halves *halves,
                     struct geo_half out[2]);

/* Does any edge leave the border of the box? */
bool geo_clip_crossed(const struct geo_corner *points, uint32_t count);

/* Even and odd, for points that are not near an edge. */
bool geo_clip_odd(const struct geo_corner *points, uint32_t count, struct geo_xy p);

/* Cuts a segment down to the span; false when nothing is left. */
bool geo_clip_segment(struct geo_xy *a, struct geo_xy *b, const struct geo_span *span);

#endif
