#include "exact.h"

bool geo_box_holds(const struct geo_box *box, struct mw_point p)
{
    double x = p.lon_deg * GEO_SCALE, y = p.lat_deg * GEO_SCALE;
    return x >= box->west && x <= box->east && y >= box->south && y <= box->north;
}

/* A polygon is an outer ring and the holes that follow it; the fence is the union of its polygons. */
static bool polygon_holds(const struct geo_store *store, const struct geo_fence *fence, struct geo_xy p)
{
    bool odd = false;
    for (uint32_t r = 0; r < fence->ring_count; r++) {
        const struct geo_ring *ring = &store->rings[fence->ring + r];
        if (!(ring->flags & GEO_RING_HOLE)) {
            if (odd)
                return true;
        }
        enum geo_side side = geo_ring_side(store, ring, p);
        if (side == GEO_BORDER)
            return true;
        odd ^= side == GEO_INSIDE;
    }
    return odd;
}

/* A lower bound for the metres in a degree of longitude between the metric's place and the box. They change
 * so evenly with latitude that the least is at one end; a thousandth less covers the rest. */
static double box_scale_below(const struct geo_metric *m, const struct geo_box *box)
{
    double k_south = geo_metric_k(m, box->south / GEO_SCALE - m->lat_deg);
    double k_north = geo_metric_k(m, box->north / GEO_SCALE - m->lat_deg);
    double k = k_south < k_north ? k_south : k_north;
    return k > 0 ? k * 0.999 : 0;
}

/* The same for a degree of latitude. */
#define NORTH_SCALE_BELOW (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG * 0.999)

/* A lower bound for the square of the distance to any place of the box. */
static double box_square_below(const struct geo_metric *m, const struct geo_box *box)
{
    double west = box->west / GEO_SCALE - m->lon_deg, east = m->lon_deg - box->east / GEO_SCALE;
    double south = box->south / GEO_SCALE - m->lat_deg, north = m->lat_deg - box->north / GEO_SCALE;
    double dlon = west > east ? west : east, dlat = south > north ? south : north;
    double x = dlon > 0 ? dlon * box_scale_below(m, box) : 0, y = dlat > 0 ? dlat * NORTH_SCALE_BELOW : 0;
    return x * x + y * y;
}

/* The same for a segment, in a plane with k metres in a degree of longitude. */
static double segment_square_below(double k, double ax, double ay, double bx, double by)
{
    const double n = NORTH_SCALE_BELOW;
    double gx = (bx - ax) * k, gy = (by - ay) * n, px = ax * k, py = ay * n;
    double g2 = gx * gx + gy * gy, t = -(px * gx + py * gy) / (g2 > 0 ? g2 : 1);
    t = t > 0 ? t : 0;
    t = t < 1 ? t : 1;
    double x = px + t * gx, y = py + t * gy;
    return x * x + y * y;
}

/* How exact a squared distance is for a place on the line itself, where nothing but rounding is left: more
 * than the square of a thousandth of a millimetre. */
#define ROUNDING_M2 1e-11

/* A search for the nearest edge: what is searched, and the best so far. */
struct search {
    const struct geo_store *store;
    const struct geo_fence *fence;
    const struct geo_metric *metric;
    struct geo_nearest best;
};

/* Compares the edges of one run with the best so far; of two equally near the earlier one stays. For most
 * edges a lower bound in the plane, which costs a fourth of the exact distance, shows that they are
 * farther. */
static void search_run(struct search *s, uint32_t ring_index, uint32_t run, const struct geo_box *box)
{
    const struct geo_ring *ring = &s->store->rings[ring_index];
    const struct geo_metric *m = s->metric;
    uint32_t edges = geo_ring_edges(ring), first = run * GEO_BLOCK_EDGES;
    uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
    double k = box_scale_below(m, box);
    struct geo_xy a = geo_ring_point(s->store, ring, first);
    for (uint32_t i = first; i < last; i++) {
        struct geo_xy b = geo_ring_point(s->store, ring, geo_ring_next(ring, i));
        double ax = a.x - m->lon_deg, ay = a.y - m->lat_deg, bx = b.x - m->lon_deg, by = b.y - m->lat_deg;
        a = b;
        if (segment_square_below(k, ax, ay, bx, by) > s->best.square_m2 + ROUNDING_M2)
            continue;
        struct geo_near near = geo_metric_near(m, ax, ay, bx, by);
        if (near.square_m2 < s->best.square_m2)
            s->best = (struct geo_nearest){near.square_m2, near.t, ring_index, i, true};
    }
}

/* The box around a run; for a run that has none of its own, the box around its fence. */
static const struct geo_box *run_box(const struct search *s, const struct geo_ring *ring, uint32_t run)
{
    return geo_ring_runs(ring) > 1 ? &s->store->blocks[ring->block + run] : &s->fence->box;
}

/* An upper bound for the distance to the nearest edge: that of the run whose box is nearest. With this bound
 * the search leaves out most other runs. It still goes through the runs in order, so of equals it finds the
 * first. */
static double square_at_most(const struct search *s)
{
    double least = HUGE_VAL;
    struct search first = *s;
    uint32_t ring = s->fence->ring, run = 0;
    for (uint32_t r = ring; r < s->fence->ring + s->fence->ring_count; r++) {
        const struct geo_ring *of = &s->store->rings[r];
        for (uint32_t i = 0; i < geo_ring_runs(of); i++) {
            double below = box_square_below(s->metric, run_box(s, of, i));
            ring = below < least ? r : ring;
            run = below < least ? i : run;
            least = below < least ? below : least;
        }
    }
    if (least < s->best.square_m2)
        search_run(&first, ring, run, run_box(s, &s->store->rings[ring], run));
    return first.best.found ? nextafter(first.best.square_m2, HUGE_VAL) : s->best.square_m2;
}

/* The nearest edge that is closer than the root of limit_m2. The search ends early at an edge closer than the
 * root of stop_m2. */
static struct geo_nearest nearest_edge(const struct geo_store *store, const struct geo_fence *fence,
                                       const struct geo_metric *m, double limit_m2, double stop_m2)
{
    struct search s = {store, fence, m, {.square_m2 = limit_m2}};
    bool many = fence->ring_count > 1 || geo_ring_runs(&store->rings[fence->ring]) > 1;
    if (many && stop_m2 < 0)
        s.best.square_m2 = square_at_most(&s);
    for (uint32_t r = fence->ring; r < fence->ring + fence->ring_count; r++) {
        const struct geo_ring *ring = &store->rings[r];
        uint32_t runs = geo_ring_runs(ring);
        for (uint32_t run = 0; run < runs; run++) {
            const struct geo_box *box = run_box(&s, ring, run);
            if (many && box_square_below(m, box) > s.best.square_m2)
                continue;
            search_run(&s, r, run, box);
            if (s.best.square_m2 <= stop_m2)
                return s.best;
        }
    }
    return s.best;
}

/* Just above the square of the radius, so that a place at exactly the radius counts. */
static double square_above(double radius_m)
{
    return radius_m * radius_m * (1 + 1e-15) + 1e-30;
}

bool geo_fence_holds(const struct geo_store *store, uint32_t index, struct mw_point p)
{
    const struct geo_fence *fence = &store->fences[index];
    if (!geo_box_holds(&fence->box, p))
        return false;
    if (store->kinds[index] == MW_SHAPE_POLYGON)
        return polygon_holds(store, fence, (struct geo_xy){p.lon_deg, p.lat_deg});
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    double square = fence->radius_m * fence->radius_m;
    return nearest_edge(store, fence, &m, square_above(fence->radius_m), square).square_m2 <= square;
}

static double nearest_progress(const struct geo_store *store, const struct geo_nearest *nearest)
{
    const struct geo_ring *ring = &store->rings[nearest->ring];
    if (!(ring->flags & GEO_RING_LINE) || ring->count < 2)
        return 0;
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
    if (store->kinds[index] == MW_SHAPE_POLYGON)
        return (struct mw_hit){index, 0, 0};
    const struct geo_fence *fence = &store->fences[index];
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    struct geo_nearest nearest = nearest_edge(store, fence, &m, square_above(fence->radius_m), -1);
    return geo_nearest_hit(store, index, &nearest);
}

bool geo_fence_distance(const struct geo_store *store, uint32_t index, struct mw_point p, double max_m,
                        struct mw_distance *out)
{
    if (!geo_on_globe(p) || isnan(max_m))
        return false;
    const struct geo_fence *fence = &store->fences[index];
    bool polygon = store->kinds[index] == MW_SHAPE_POLYGON;
    double radius = polygon ? 0 : fence->radius_m, reach = radius + (max_m > 0 ? max_m : 0);
    bool within = polygon && geo_fence_holds(store, index, p);
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    if (!within && box_square_below(&m, &fence->box) > (max_m > 0 ? max_m * max_m : 0))
        return false;
    struct geo_nearest nearest = nearest_edge(store, fence, &m, within ? HUGE_VAL : square_above(reach), -1);
    if (!nearest.found)
        return false;
    double line = sqrt(nearest.square_m2);
    double distance = polygon ? (within ? -line : line) : line - radius;
    within = polygon ? within : nearest.square_m2 <= radius * radius;
    if (!within && distance > max_m)
        return false;
    *out = (struct mw_distance){distance, nearest_progress(store, &nearest), within};
    return true;
}

/* A square that no rounding makes one of a longer distance. */
static double square_below(double m)
{
    return m * m * (1 - 1e-9);
}

bool geo_fence_near(const struct geo_store *store, uint32_t index, struct mw_point p, double max_m)
{
    if (!geo_on_globe(p) || isnan(max_m))
        return false;
    const struct geo_fence *fence = &store->fences[index];
    bool polygon = store->kinds[index] == MW_SHAPE_POLYGON;
    double radius = polygon ? 0 : fence->radius_m, reach = radius + (max_m > 0 ? max_m : 0);
    if (polygon && geo_fence_holds(store, index, p))
        return true;
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    if (box_square_below(&m, &fence->box) > (max_m > 0 ? max_m * max_m : 0))
        return false;
    struct geo_nearest near = nearest_edge(store, fence, &m, square_above(reach), square_below(reach));
    bool within = !polygon && near.square_m2 <= radius * radius;
    return near.found && (within || sqrt(near.square_m2) - radius <= max_m);
}

bool geo_fence_deep(const struct geo_store *store, uint32_t index, struct mw_point p, double depth_m)
{
    if (store->kinds[index] != MW_SHAPE_POLYGON) {
        struct mw_distance d;
        return geo_fence_distance(store, index, p, 0, &d) && -d.distance_m > depth_m;
    }
    if (!geo_on_globe(p) || !geo_fence_holds(store, index, p))
        return false;
    /* One edge that is near enough settles it, whether or not another one is nearer. */
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    double stop_m2 = depth_m * depth_m;
    struct geo_nearest near = nearest_edge(store, &store->fences[index], &m, square_above(depth_m), stop_m2);
    return !near.found || sqrt(near.square_m2) > depth_m;
}
