/* info: what an index says about itself and its fences. */
#include "exact.h"
#include "index.h"

#include <assert.h>

double mw_east_deg(struct mw_point from, struct mw_point to)
{
    double east = to.lon_deg - from.lon_deg;
    return fabs(east) <= 180 ? east : east - copysign(360, east);
}

double mw_distance_m(struct mw_point a, struct mw_point b)
{
    struct geo_metric m = geo_metric_at(a.lon_deg, a.lat_deg + (b.lat_deg - a.lat_deg) / 2);
    double x = mw_east_deg(a, b) * m.k0, y = (b.lat_deg - a.lat_deg) * m.m0;
    return sqrt(x * x + y * y);
}

bool mw_index_distance(const struct mw_index *index, uint32_t fence, struct mw_point point, double max_m,
                       struct mw_distance *out_distance)
{
    assert(fence < index->store.fence_count);
    return geo_fence_distance(&index->store, fence, point, max_m, out_distance);
}

bool mw_index_near(const struct mw_index *index, uint32_t fence, struct mw_point point, double max_m)
{
    assert(fence < index->store.fence_count);
    return geo_fence_near(&index->store, fence, point, max_m);
}

bool mw_index_deep(const struct mw_index *index, uint32_t fence, struct mw_point point, double depth_m)
{
    assert(fence < index->store.fence_count);
    return geo_fence_deep(&index->store, fence, point, depth_m);
}

uint32_t mw_index_fence_count(const struct mw_index *index)
{
    return index->store.fence_count;
}

struct mw_bounds mw_index_fence_bounds(const struct mw_index *index, uint32_t fence)
{
    assert(fence < index->store.fence_count);
    const struct geo_box *box = &index->store.fences[fence].box;
    return (struct mw_bounds){{box->south / GEO_SCALE, box->west / GEO_SCALE},
                              {box->north / GEO_SCALE, box->east / GEO_SCALE}};
}

struct mw_fence_info mw_index_fence_info(const struct mw_index *index, uint32_t fence)
{
    assert(fence < index->store.fence_count);
    const struct geo_fence *f = &index->store.fences[fence];
    return (struct mw_fence_info){(enum mw_shape_kind)index->store.kinds[fence], f->ring_count, f->radius_m};
}

static const struct geo_ring *part_of(const struct mw_index *index, uint32_t fence, uint32_t part)
{
    assert(fence < index->store.fence_count && part < index->store.fences[fence].ring_count);
    return &index->store.rings[index->store.fences[fence].ring + part];
}

uint32_t mw_index_part_count(const struct mw_index *index, uint32_t fence, uint32_t part, bool *out_hole)
{
    const struct geo_ring *ring = part_of(index, fence, part);
    if (out_hole != NULL)
        *out_hole = ring->flags & GEO_RING_HOLE;
    return ring->count;
}

struct mw_point mw_index_part_point(const struct mw_index *index, uint32_t fence, uint32_t part,
                                    uint32_t point)
{
    const struct geo_ring *ring = part_of(index, fence, part);
    assert(point < ring->count);
    struct geo_xy p = geo_ring_point(&index->store, ring, point);
    return (struct mw_point){p.y, p.x};
}

size_t mw_index_memory_bytes(const struct mw_index *index)
{
    return sizeof *index + geo_store_bytes(&index->store) + geo_tree_bytes(&index->tree);
}
