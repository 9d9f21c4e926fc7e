#include "lay.h"

#include "metric.h"

/* The place of a ring's point in steps of the tree. The mapping is monotonous: it keeps the order of
 * coordinates. */
static struct geo_corner corner_at(const struct geo_tree *tree, struct geo_xy p, uint32_t source)
{
    return (struct geo_corner){(p.x - tree->lon0) * tree->steps_per_lon_deg,
                               (p.y - tree->lat0) * tree->steps_per_lat_deg, source, 0};
}

static struct geo_span ring_span(const struct geo_store *store, const struct geo_tree *tree,
                                 const struct geo_ring *ring)
{
    struct geo_span s = geo_ring_span(store, ring);
    struct geo_corner low = corner_at(tree, (struct geo_xy){s.west, s.south}, 0);
    struct geo_corner high = corner_at(tree, (struct geo_xy){s.east, s.north}, 0);
    return (struct geo_span){low.x, low.y, high.x, high.y};
}

/* Whether `ring` is a hole of the fence and so belongs to the same outline as the ring before it. */
static bool goes_on(const struct geo_store *store, const struct geo_fence *fence, uint32_t ring)
{
    return ring < fence->ring + fence->ring_count && (store->rings[ring].flags & GEO_RING_HOLE);
}

/* Pushes an outer ring with its holes as one piece. The piece's span is the outer ring's, since holes lie
 * inside. Its count has two points for the bridge to each hole, and one point that closes the outer ring
 * before the first bridge. */
static enum mw_error root_outline(struct split *split, const struct geo_fence *fence, uint32_t *ring)
{
    const struct geo_store *store = split->store;
    struct piece piece = {.fence = (uint32_t)(fence - store->fences),
                          .type = PIECE_OUTLINE,
                          .count = store->rings[*ring].count,
                          .first = *ring,
                          .span = ring_span(store, split->tree, &store->rings[*ring])};
    piece.count += goes_on(store, fence, *ring + 1);
    while (goes_on(store, fence, ++*ring))
        piece.count += store->rings[*ring].count + 2;
    return geo_split_push(split, 0, 0, &piece);
}

static enum mw_error root_run(struct split *split, const struct geo_fence *fence, uint32_t *ring)
{
    const struct geo_ring *r = &split->store->rings[*ring];
    double far = fmax(fabs((double)fence->box.south), fabs((double)fence->box.north)) / GEO_SCALE;
    struct geo_metric m = geo_metric_at(0, fmin(far, 89.9));
    double reach = fence->radius_m * 1.001 + 0.01;
    struct piece piece = {.fence = (uint32_t)(fence - split->store->fences),
                          .type = PIECE_RUN,
                          .count = r->count,
                          .line = r->start | (r->flags & GEO_RING_WIDE ? GEO_PLACE_WIDE : 0),
                          .first = *ring,
                          .span = ring_span(split->store, split->tree, r),
                          .reach_x = reach / m.k0 * split->tree->steps_per_lon_deg,
                          .reach_y =
                              reach / (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG) * split->tree->steps_per_lat_deg};
    ++*ring;
    return geo_split_push(split, 0, 0, &piece);
}

enum mw_error geo_lay_root(struct split *split, struct batch *out_root)
{
    const struct geo_store *store = split->store;
    enum mw_error error = MW_OK;
    for (uint32_t i = 0; i < store->fence_count && !error; i++) {
        const struct geo_fence *fence = &store->fences[i];
        for (uint32_t ring = fence->ring; ring < fence->ring + fence->ring_count && !error;) {
            error = store->kinds[i] == MW_SHAPE_POLYGON ? root_outline(split, fence, &ring)
                                                        : root_run(split, fence, &ring);
        }
    }
    *out_root = (struct batch){0, 0, split->piles[0].count};
    return error;
}

/* Whether the edges of the fence's outlines may name their places in the store, so that a path is tested
 * against the edges near it alone. Not if the fence has several outer rings, which may overlap, and not if
 * its rings are kept in different arrays: the edges' places are then not in the order of the rings. */
static bool edges_named(const struct geo_store *store, const struct geo_fence *fence)
{
    const struct geo_ring *rings = &store->rings[fence->ring];
    bool named = store->kinds[fence - store->fences] == MW_SHAPE_POLYGON;
    for (uint32_t r = 1; r < fence->ring_count && named; r++)
        named = (rings[r].flags & GEO_RING_HOLE) && !((rings[r].flags ^ rings[0].flags) & GEO_RING_WIDE);
    return named;
}

static void lay_ring(struct split *split, const struct geo_ring *ring, bool named)
{
    uint32_t source = ring->start | (ring->flags & GEO_RING_WIDE ? GEO_PLACE_WIDE : 0);
    struct geo_corner *to = split->points + split->point_count;
    for (uint32_t i = 0; i < ring->count; i++) {
        to[i] = corner_at(split->tree, geo_ring_point(split->store, ring, i),
                          named ? source + i : GEO_SOURCE_UNKNOWN);
    }
    split->point_count += ring->count;
}

/* Lays an end of a bridge. The edge that starts there is not an edge of the fence. */
static void lay_bridge(struct split *split, size_t point)
{
    split->points[split->point_count] = split->points[point];
    split->points[split->point_count++].source = GEO_SOURCE_NONE;
}

/* Lays an outer ring and its holes as one closed curve: along a bridge to a hole, around the hole, and back
 * along the bridge. */
static void lay_outline(struct split *split, const struct geo_fence *fence, uint32_t ring)
{
    const struct geo_store *store = split->store;
    size_t first = split->point_count;
    bool named = edges_named(store, fence);
    lay_ring(split, &store->rings[ring], named);
    if (goes_on(store, fence, ring + 1))
        lay_bridge(split, first);
    while (goes_on(store, fence, ++ring)) {
        size_t start = split->point_count;
        lay_ring(split, &store->rings[ring], named);
        lay_bridge(split, start);
        lay_bridge(split, first);
    }
}

enum mw_error geo_lay_piece(struct split *split, struct piece *piece)
{
    if (piece->laid || piece->type == PIECE_WHOLE)
        return MW_OK;
    enum mw_error error = geo_split_reserve(split, piece->count);
    if (error)
        return error;
    uint32_t ring = (uint32_t)piece->first;
    piece->first = split->point_count;
    piece->laid = true;
    if (piece->type == PIECE_OUTLINE)
        lay_outline(split, &split->store->fences[piece->fence], ring);
    else
        lay_ring(split, &split->store->rings[ring], false);
    return MW_OK;
}
