#include "exact.h"

#include "cross.h"
#include "predicate.h"

bool geo_box_holds(const struct geo_box *box, struct mw_point p)
{
    double x = p.lon_deg * GEO_SCALE, y = p.lat_deg * GEO_SCALE;
    return x >= box->west && x <= box->east && y >= box->south && y <= box->north;
}

/* Does a ray from p to the east cross the edge a b? Half-open in latitude, so that a vertex counts once. */
static enum geo_side edge_side(struct geo_xy a, struct geo_xy b, struct geo_xy p)
{
    double low = a.y < b.y ? a.y : b.y, high = a.y < b.y ? b.y : a.y;
    double west = a.x < b.x ? a.x : b.x, east = a.x < b.x ? b.x : a.x;
    if (p.y < low || p.y > high || p.x > east) {
        return GEO_OUTSIDE;
    }
    if (low == high) {
        return p.x >= west ? GEO_BORDER : GEO_OUTSIDE;
    }
    double turn = geo_orient(a.x, a.y, b.x, b.y, p.x, p.y);
    if (turn == 0) {
        return GEO_BORDER;
    }
    bool straddles = (a.y > p.y) != (b.y > p.y);
    return straddles && (turn > 0) == (b.y > a.y) ? GEO_INSIDE : GEO_OUTSIDE;
}

/* GEO_INSIDE when the ray crosses an odd number of the ring's edges. */
enum geo_side geo_ring_side(const struct geo_store *store, const struct geo_ring *ring, struct geo_xy p)
{
    uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
    double x = p.x * GEO_SCALE, y = p.y * GEO_SCALE;
    bool odd = false;
    for (uint32_t run = 0; run < runs; run++) {
        if (runs > 1) {
            const struct geo_box *box = &store->blocks[ring->block + run];
            if (y < box->south || y > box->north || x > box->east) {
                continue;
            }
        }
        uint32_t first = run * GEO_BLOCK_EDGES;
        uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
        struct geo_xy a = geo_ring_point(store, ring, first);
        for (uint32_t i = first; i < last; i++) {
            struct geo_xy b = geo_ring_point(store, ring, geo_ring_next(ring, i));
            enum geo_side side = edge_side(a, b, p);
            if (side == GEO_BORDER) {
                return GEO_BORDER;
            }
            odd ^= side == GEO_INSIDE;
            a = b;
        }
    }
    return odd ? GEO_INSIDE : GEO_OUTSIDE;
}

/* A polygon is an outer ring and the holes that follow it; the fence is the union of its polygons. */
static bool polygon_holds(const struct geo_store *store, const struct geo_fence *fence, struct geo_xy p)
{
    bool odd = false;
    for (uint32_t r = 0; r < fence->ring_count; r++) {
        const struct geo_ring *ring = &store->rings[fence->ring + r];
        if (!(ring->flags & GEO_RING_HOLE)) {
            if (odd) {
                return true;
            }
        }
        enum geo_side side = geo_ring_side(store, ring, p);
        if (side == GEO_BORDER) {
            return true;
        }
        odd ^= side == GEO_INSIDE;
    }
    return odd;
}

/* No place of the box is nearer than the square root of this. The metric is monotonous enough that its
 * smallest K lies at one end of the box; a thousandth covers what was neglected. */
static double box_square_below(const struct geo_metric *m, const struct geo_box *box)
{
    double west = box->west / GEO_SCALE - m->lon_deg, east = m->lon_deg - box->east / GEO_SCALE;
    double south = box->south / GEO_SCALE - m->lat_deg, north = box->north / GEO_SCALE - m->lat_deg;
    double dlon = west > east ? west : east, dlat = south > -north ? south : -north;
    double k_south = geo_metric_k(m, south), k_north = geo_metric_k(m, north);
    double k = k_south < k_north ? k_south : k_north;
    double x = dlon > 0 && k > 0 ? dlon * k : 0;
    double y = dlat > 0 ? dlat * (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG) : 0;
    return (x * x + y * y) * 0.998;
}

void geo_edges_nearest(const struct geo_store *store, uint32_t ring_index, uint32_t first, uint32_t last,
                       const struct geo_metric *m, struct geo_nearest *best)
{
    const struct geo_ring *ring = &store->rings[ring_index];
    struct geo_xy a = geo_ring_point(store, ring, first);
    for (uint32_t i = first; i < last; i++) {
        struct geo_xy b = geo_ring_point(store, ring, geo_ring_next(ring, i));
        struct geo_near near =
            geo_metric_near(m, a.x - m->lon_deg, a.y - m->lat_deg, b.x - m->lon_deg, b.y - m->lat_deg);
        if (near.square_m2 < best->square_m2) {
            *best = (struct geo_nearest){near.square_m2, near.t, ring_index, i, true};
        }
        a = b;
    }
}

/* The nearest edge closer than the square root of limit_m2, and stops looking once one is within stop_m2. */
static struct geo_nearest nearest_edge(const struct geo_store *store, const struct geo_fence *fence,
                                       const struct geo_metric *m, double limit_m2, double stop_m2)
{
    struct geo_nearest best = {.square_m2 = limit_m2};
    for (uint32_t r = fence->ring; r < fence->ring + fence->ring_count; r++) {
        const struct geo_ring *ring = &store->rings[r];
        uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
        for (uint32_t run = 0; run < runs; run++) {
            if (runs > 1 && box_square_below(m, &store->blocks[ring->block + run]) > best.square_m2) {
                continue;
            }
            uint32_t first = run * GEO_BLOCK_EDGES;
            uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
            geo_edges_nearest(store, r, first, last, m, &best);
            if (best.square_m2 <= stop_m2) {
                return best;
            }
        }
    }
    return best;
}

/* Just above the square of the radius, so that a place at exactly the radius is found. */
static double square_above(double radius_m)
{
    return radius_m * radius_m * (1 + 1e-15) + 1e-30;
}

bool geo_fence_holds(const struct geo_store *store, uint32_t index, struct mw_point p)
{
    const struct geo_fence *fence = &store->fences[index];
    if (!geo_box_holds(&fence->box, p)) {
        return false;
    }
    if (store->kinds[index] == MW_SHAPE_POLYGON) {
        return polygon_holds(store, fence, (struct geo_xy){p.lon_deg, p.lat_deg});
    }
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    double square = fence->radius_m * fence->radius_m;
    return nearest_edge(store, fence, &m, square_above(fence->radius_m), square).square_m2 <= square;
}

static double nearest_progress(const struct geo_store *store, const struct geo_nearest *nearest)
{
    const struct geo_ring *ring = &store->rings[nearest->ring];
    if (!(ring->flags & GEO_RING_LINE) || ring->count < 2) {
        return 0;
    }
    double start = geo_line_along(store, ring, nearest->edge);
    return start + nearest->t * (geo_line_along(store, ring, nearest->edge + 1) - start);
}

struct mw_hit geo_nearest_hit(const struct geo_store *store, uint32_t fence,
                              const struct geo_nearest *nearest)
{
    return (struct mw_hit){fence, (float)sqrt(nearest->square_m2), (float)nearest_progress(store, nearest)};
}

struct mw_hit geo_fence_hit(const struct geo_store *store, uint32_t index, struct mw_point p)
{
    if (store->kinds[index] == MW_SHAPE_POLYGON) {
        return (struct mw_hit){index, 0, 0};
    }
    const struct geo_fence *fence = &store->fences[index];
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    struct geo_nearest nearest = nearest_edge(store, fence, &m, square_above(fence->radius_m), -1);
    return geo_nearest_hit(store, index, &nearest);
}

bool geo_fence_distance(const struct geo_store *store, uint32_t index, struct mw_point p, double max_m,
                        struct mw_distance *out)
{
    if (!geo_on_globe(p) || isnan(max_m)) {
        return false;
    }
    const struct geo_fence *fence = &store->fences[index];
    bool polygon = store->kinds[index] == MW_SHAPE_POLYGON;
    double radius = polygon ? 0 : fence->radius_m, reach = radius + (max_m > 0 ? max_m : 0);
    bool within = polygon && geo_fence_holds(store, index, p);
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    struct geo_nearest nearest = nearest_edge(store, fence, &m, within ? HUGE_VAL : square_above(reach), -1);
    if (!nearest.found) {
        return false;
    }
    double line = sqrt(nearest.square_m2);
    double distance = polygon ? (within ? -line : line) : line - radius;
    within = polygon ? within : nearest.square_m2 <= radius * radius;
    if (!within && distance > max_m) {
        return false;
    }
    *out = (struct mw_distance){distance, nearest_progress(store, &nearest), within};
    return true;
}

bool geo_fence_cross(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found)
{
    const struct geo_box *box = &store->fences[found->fence].box;
    if (!(path->east >= box->west && path->west <= box->east && path->north >= box->south &&
          path->south <= box->north)) {
        return false;
    }
    return store->kinds[found->fence] == MW_SHAPE_POLYGON ? geo_cross_polygon(store, path, found)
                                                          : geo_cross_corridor(store, path, found);
}
