/*
 * clip: cutting closed outlines down to boxes (Sutherland and Hodgman, 1974).
 *
 * An outline is a closed curve. A point is inside if a ray from it crosses the curve an odd number of times,
 * and cutting keeps this for every point in the box: the parts of the curve outside the box are folded onto
 * the box's border. A hole is joined to its outer ring by a bridge that the curve runs along in both
 * directions, so one curve is enough. The place where an edge meets the border does not depend on the edge's
 * direction, to the bit. Each edge keeps the name of the fence's edge that it was cut from.
 *
 * One pass cuts an outline for two boxes side by side, so the four quarters of a cell take three passes: one
 * along x, then one along y for each of the two results. A point that a cut has put onto the border records
 * the sides it lies on. A point of the fence that lies on the border by chance has no such record; this costs
 * some extra work and nothing else.
 */
#ifndef MW_GEO_CLIP_H
#define MW_GEO_CLIP_H

#include "store.h"

/* A point of an outline, in steps of the tree, with the source of the edge that starts there. */
struct geo_corner {
    double x, y;
    uint32_t source; /* place of the edge in the store's points (GEO_PLACE_WIDE), or one of the two below */
    uint32_t sides;  /* the sides of the box onto which the last cut put the point, as bits */
};

#define GEO_SOURCE_UNKNOWN 0xfffffffeu /* an edge of the fence; which one is not recorded */
#define GEO_SOURCE_NONE    0xffffffffu /* no edge of the fence: along a cell's border, or a bridge */

/* The extents of two overlapping boxes along one axis, the lower box first. A coordinate equal to a box's
 * high bound is above the box. */
struct geo_halves {
    double low[2], high[2];
};

/* Where a coordinate lies: below both boxes, in the lower one only, in both, in the upper one only, above
 * both. */
enum geo_zone { GEO_BELOW, GEO_LOWER, GEO_BOTH, GEO_UPPER, GEO_ABOVE };

static inline unsigned geo_zone_of(double at, const struct geo_halves *halves)
{
    return (unsigned)(at >= halves->low[0]) + (unsigned)(at >= halves->low[1]) +
           (unsigned)(at >= halves->high[0]) + (unsigned)(at >= halves->high[1]);
}

/* The result for one of the two boxes. */
struct geo_half {
    struct geo_corner *points; /* with room for 2 n + 1 points, where n is the count before the cut */
    uint32_t count;
};

/* Cuts an outline to two boxes along one axis: 0 is x and is cut first, 1 is y. The caller sets out[].points
 * to memory that does not overlap `in`; the function fills in the counts. In a result no two neighbouring
 * points are equal, and no point lies between two others on the same side of the box. */
void geo_clip_halves(const struct geo_corner *in, uint32_t count, int axis, const struct geo_halves *halves,
                     struct geo_half out[2]);

/* Whether any edge of a cut outline runs off the border of its box, that is, through the box. */
bool geo_clip_crossed(const struct geo_corner *points, uint32_t count);

/* Whether the outline holds p, by the number of edges east of p. Not exact close to an edge. */
bool geo_clip_odd(const struct geo_corner *points, uint32_t count, struct geo_xy p);

/* Shortens the segment from *a to *b to its part within the span; false if it has none. */
bool geo_clip_segment(struct geo_xy *a, struct geo_xy *b, const struct geo_span *span);

#endif
