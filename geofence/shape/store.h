/*
 * store: the fences themselves, to the bit as they were given, in flat arrays.
 *
 *     fences --> rings --> narrow[] or wide[]          points
 *                     `--> blocks[]                    a box around every 16 edges; where there are more
 *                                                      than 16, then one around every 16 boxes
 *                     `--> lines[]                     points of narrow lines, each with the metres to it
 *                     `--> along[]                     the metres to each point of a wide line
 *
 * Most fences come from files with at most seven decimals. Such a coordinate is a 32-bit count of 1e-7
 * degrees, and dividing that count by 1e7 gives back the very double that reading the file gave, since both
 * are correctly rounded. A ring all of whose points pass this test is kept narrow (8 bytes a point), any
 * other wide (16). Rounding the others to 1e-7 degrees (1 cm) was rejected: a point on the border would no
 * longer be on it.
 *
 * A circle is a line of one point. The first point of a ring or a circle stands once more behind its last,
 * which count leaves out, so that whoever knows where an edge starts knows where it ends. Outer rings run
 * counterclockwise and holes clockwise: the inside is on the left of every edge.
 */
#ifndef MW_GEO_STORE_H
#define MW_GEO_STORE_H

#include <muckwatch/geofence.h>

#define GEO_BLOCK_EDGES 16u
#define GEO_GROUP_RUNS  16u
#define GEO_SCALE       1e7 /* counts of a narrow coordinate per degree */

/* In counts of 1e-7 degrees, rounded outward by one count or two. */
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
    struct geo_box box; /* with the radius */
    double radius_m;
    uint32_t ring;
    uint32_t ring_count;
};

/* In the number of a place among the points: it is one in wide, not in narrow or lines. */
#define GEO_PLACE_WIDE 0x80000000u

struct geo_narrow {
    int32_t lon, lat;
};

/* Beside each other, so that distance and progress cost one cache miss. */
struct geo_line_point {
    struct geo_narrow at;
    float along_m;
};

struct geo_xy {
    double x, y; /* longitude, latitude */
};

struct geo_span {
    double west, south, east, north;
};

struct geo_store {
    struct geo_fence *fences;
    uint8_t *kinds; /* enum mw_shape_kind, apart: hot in detailed queries */
    struct geo_ring *rings;
    struct geo_narrow *narrow;
    struct geo_line_point *lines;
    struct geo_xy *wide;
    struct geo_box *blocks;
    float *along;
    uint32_t fence_count, ring_count, narrow_count, line_count, wide_count, block_count, along_count;
    uint32_t fence_cap, kind_cap, ring_cap, narrow_cap, line_cap, wide_cap, block_cap, along_cap;
};

/* What has been appended so far; rolling back to a mark cannot fail. */
struct geo_mark {
    uint32_t fence_count, ring_count, narrow_count, line_count, wide_count, block_count, along_count;
};

struct geo_mark geo_store_mark(const struct geo_store *store);
void geo_store_rollback(struct geo_store *store, struct geo_mark mark);
void geo_store_fini(struct geo_store *store);
/* Gives back what growing reserved beyond need; keeps it when memory is short. */
void geo_store_shrink(struct geo_store *store);
size_t geo_store_bytes(const struct geo_store *store);

/* Appends a ring of points that are checked and without repetition. MW_NO_MEMORY, MW_TOO_LARGE: the store may
 * have grown, roll back to a mark. */
enum mw_error geo_store_ring(struct geo_store *store, const struct geo_xy *points, uint32_t count,
                             uint32_t flags);

/* Closes a fence over the rings appended since the last one. */
enum mw_error geo_store_fence(struct geo_store *store, enum mw_shape_kind kind, double radius_m);

/* The fence that was order[i] becomes i; rings stay where they are. MW_NO_MEMORY: the store is as before. */
enum mw_error geo_store_renumber(struct geo_store *store, const uint32_t *order);

static inline struct geo_xy geo_ring_point(const struct geo_store *store, const struct geo_ring *ring,
                                           uint32_t i)
{
    if (ring->flags & GEO_RING_WIDE) {
        return store->wide[ring->start + i];
    }
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

/* Edge i runs from point i to point geo_ring_next(i); the edge of a circle has no length. */
static inline uint32_t geo_ring_edges(const struct geo_ring *ring)
{
    return (ring->flags & GEO_RING_LINE) && ring->count > 1 ? ring->count - 1 : ring->count;
}

static inline uint32_t geo_ring_next(const struct geo_ring *ring, uint32_t i)
{
    return i + 1 == ring->count ? 0 : i + 1;
}

/* Runs of edges to look at one after the other, each with a box where there are blocks. */
static inline uint32_t geo_ring_runs(const struct geo_ring *ring)
{
    return (geo_ring_edges(ring) + GEO_BLOCK_EDGES - 1) / GEO_BLOCK_EDGES;
}

/* Boxes around so many runs, which follow those of the runs. */
static inline uint32_t geo_ring_groups(const struct geo_ring *ring)
{
    uint32_t runs = geo_ring_runs(ring);
    return runs > GEO_GROUP_RUNS ? (runs + GEO_GROUP_RUNS - 1) / GEO_GROUP_RUNS : 0;
}

/* The least span of the ring's points. */
struct geo_span geo_ring_span(const struct geo_store *store, const struct geo_ring *ring);

struct geo_box geo_box_empty(void);
void geo_box_unite(struct geo_box *box, const struct geo_box *other);

#endif
