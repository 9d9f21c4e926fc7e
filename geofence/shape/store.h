/*
 * store: the fences themselves, to the bit as they were given, in flat arrays.
 *
 *     fences --> rings --> narrow[] or wide[]          points
 *                     `--> blocks[]                    a box around every 16 edges; where there are more
 *                                                      than 16, then one around every 16 boxes
 *                     `--> lines[]                     points of narrow lines, each with the metres to it
 *                     `--> along[]                     the metres to each point of a wide line
 *
 * Most fences come from files with at most seven decimals. Such a coordinate can be kept as a 32-bit count of
 * 1e-7 degrees: dividing the count by 1e7 gives exactly the double that reading the file gave, since both are
 * correctly rounded. If all points of a ring pass this test, the ring is kept narrow (8 bytes a point),
 * otherwise wide (16 bytes). Rounding all coordinates to 1e-7 degrees (1 cm) was rejected: a point on the
 * border would no longer be on it.
 *
 * A circle is a line of one point. Behind the last point of a ring or a circle its first point is stored
 * again, so that the end of every edge follows its start; the ring's count does not include it. Outer rings
 * run counterclockwise and holes clockwise: the inside is on the left of every edge.
 */
#ifndef MW_GEO_STORE_H
#define MW_GEO_STORE_H

#include "predicate.h"

#include <muckwatch/geofence.h>

#define GEO_BLOCK_EDGES 16u
#define GEO_GROUP_RUNS  16u
#define GEO_SCALE       1e7 /* counts of a narrow coordinate per degree */

/* A box in counts of 1e-7 degrees, rounded outward by one or two counts. */
struct geo_box {
    int32_t west, south, east, north;
};

enum {
    GEO_RING_HOLE = 1,
    GEO_RING_WIDE = 2,
    GEO_RING_LINE = 4,
};

struct geo_ring {
    uint32_t start; /* in narrow, lines or wide */
    uint32_t count; /* of points */
    uint32_t block; /* first in blocks; none for rings of at most GEO_BLOCK_EDGES edges */
    uint32_t along; /* wide lines: first in along */
    uint32_t flags;
};

struct geo_fence {
    struct geo_box box; /* around the fence, its radius included */
    double radius_m;
    uint32_t ring;
    uint32_t ring_count;
};

/* This bit in the number of a place says that it is an index into wide, and not into narrow or lines. */
#define GEO_PLACE_WIDE 0x80000000u

struct geo_narrow {
    int32_t lon, lat;
};

/* A point and its progress lie together, so that distance and progress cost one cache miss. */
struct geo_line_point {
    struct geo_narrow at;
    float along_m;
};

struct geo_span {
    double west, south, east, north;
};

struct geo_store {
    struct geo_fence *fences;
    uint8_t *kinds; /* enum mw_shape_kind; an array of its own, since detailed queries read it often */
    struct geo_ring *rings;
    struct geo_narrow *narrow;
    struct geo_line_point *lines;
    struct geo_xy *wide;
    struct geo_box *blocks;
    float *along;
    uint32_t fence_count, ring_count, narrow_count, line_count, wide_count, block_count, along_count;
    uint32_t fence_cap, kind_cap, ring_cap, narrow_cap, line_cap, wide_cap, block_cap, along_cap;
};

/* A state of the store to roll back to; rolling back cannot fail. */
struct geo_mark {
    uint32_t fence_count, ring_count, narrow_count, line_count, wide_count, block_count, along_count;
};

struct geo_mark geo_store_mark(const struct geo_store *store);
void geo_store_rollback(struct geo_store *store, struct geo_mark mark);
void geo_store_fini(struct geo_store *store);
/* Gives back memory that was reserved for growing; if that fails the memory is kept. */
void geo_store_shrink(struct geo_store *store);
size_t geo_store_bytes(const struct geo_store *store);

/* Appends a ring. Its points have been checked, and none repeats the one before. MW_NO_MEMORY, MW_TOO_LARGE:
 * the store may have grown, and the caller rolls back to a mark. */
enum mw_error geo_store_ring(struct geo_store *store, const struct geo_xy *points, uint32_t count,
                             uint32_t flags);

/* Makes a fence of the rings that were appended since the last fence. */
enum mw_error geo_store_fence(struct geo_store *store, enum mw_shape_kind kind, double radius_m);

/* Numbers the fences anew: the one that was order[i] becomes i. Rings stay where they are. MW_NO_MEMORY: the
 * store is as before. */
enum mw_error geo_store_renumber(struct geo_store *store, const uint32_t *order);

static inline struct geo_xy geo_ring_point(const struct geo_store *store, const struct geo_ring *ring,
                                           uint32_t i)
{
    if (ring->flags & GEO_RING_WIDE)
        return store->wide[ring->start + i];
    bool line = ring->flags & GEO_RING_LINE;
    struct geo_narrow p = line ? store->lines[ring->start + i].at : store->narrow[ring->start + i];
    return (struct geo_xy){(double)p.lon / GEO_SCALE, (double)p.lat / GEO_SCALE};
}

/* Metres from the start of a corridor's first line to a point of one of its lines. */
static inline double geo_line_along(const struct geo_store *store, const struct geo_ring *ring, uint32_t i)
{
    return (double)(ring->flags & GEO_RING_WIDE ? store->along[ring->along + i]
                                                : store->lines[ring->start + i].along_m);
}

/* The number of edges. Edge i runs from point i to point geo_ring_next(i). A circle has one edge, without
 * length. */
static inline uint32_t geo_ring_edges(const struct geo_ring *ring)
{
    return (ring->flags & GEO_RING_LINE) && ring->count > 1 ? ring->count - 1 : ring->count;
}

static inline uint32_t geo_ring_next(const struct geo_ring *ring, uint32_t i)
{
    return i + 1 == ring->count ? 0 : i + 1;
}

/* The number of runs of GEO_BLOCK_EDGES edges. If there is more than one, each has a box in blocks. */
static inline uint32_t geo_ring_runs(const struct geo_ring *ring)
{
    return (geo_ring_edges(ring) + GEO_BLOCK_EDGES - 1) / GEO_BLOCK_EDGES;
}

/* The number of boxes around GEO_GROUP_RUNS runs each; they follow the boxes of the runs. */
static inline uint32_t geo_ring_groups(const struct geo_ring *ring)
{
    uint32_t runs = geo_ring_runs(ring);
    return runs > GEO_GROUP_RUNS ? (runs + GEO_GROUP_RUNS - 1) / GEO_GROUP_RUNS : 0;
}

/* The smallest rectangle around the ring's points. */
struct geo_span geo_ring_span(const struct geo_store *store, const struct geo_ring *ring);

struct geo_box geo_box_empty(void);
void geo_box_unite(struct geo_box *box, const struct geo_box *other);

#endif
