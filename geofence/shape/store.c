#include "store.h"

#include "metric.h"
#include "pages.h"

#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 0x7fffffffu

struct geo_mark geo_store_mark(const struct geo_store *store)
{
    return (struct geo_mark){store->fence_count, store->ring_count,  store->narrow_count, store->line_count,
                             store->wide_count,  store->block_count, store->along_count};
}

void geo_store_rollback(struct geo_store *store, struct geo_mark mark)
{
    store->fence_count = mark.fence_count;
    store->ring_count = mark.ring_count;
    store->narrow_count = mark.narrow_count;
    store->line_count = mark.line_count;
    store->wide_count = mark.wide_count;
    store->block_count = mark.block_count;
    store->along_count = mark.along_count;
}

void geo_store_fini(struct geo_store *store)
{
    free(store->fences);
    free(store->kinds);
    free(store->rings);
    free(store->narrow);
    free(store->lines);
    free(store->wide);
    free(store->blocks);
    free(store->along);
    *store = (struct geo_store){0};
}

static void *shrink(void *array, uint32_t count, uint32_t *cap, size_t size)
{
    if (count == *cap)
        return array;
    if (count == 0) {
        free(array);
        *cap = 0;
        return NULL;
    }
    size_t held = *cap * size;
    array = geo_pages_settle(array, count * size, &held);
    *cap = (uint32_t)(held / size);
    return array;
}

void geo_store_shrink(struct geo_store *store)
{
    store->fences = shrink(store->fences, store->fence_count, &store->fence_cap, sizeof *store->fences);
    store->kinds = shrink(store->kinds, store->fence_count, &store->kind_cap, sizeof *store->kinds);
    store->rings = shrink(store->rings, store->ring_count, &store->ring_cap, sizeof *store->rings);
    store->narrow = shrink(store->narrow, store->narrow_count, &store->narrow_cap, sizeof *store->narrow);
    store->lines = shrink(store->lines, store->line_count, &store->line_cap, sizeof *store->lines);
    store->wide = shrink(store->wide, store->wide_count, &store->wide_cap, sizeof *store->wide);
    store->blocks = shrink(store->blocks, store->block_count, &store->block_cap, sizeof *store->blocks);
    store->along = shrink(store->along, store->along_count, &store->along_cap, sizeof *store->along);
}

size_t geo_store_bytes(const struct geo_store *store)
{
    return store->fence_cap * sizeof *store->fences + store->kind_cap * sizeof *store->kinds +
           store->ring_cap * sizeof *store->rings + store->narrow_cap * sizeof *store->narrow +
           store->line_cap * sizeof *store->lines + store->wide_cap * sizeof *store->wide +
           store->block_cap * sizeof *store->blocks + store->along_cap * sizeof *store->along;
}

/* Makes room for more elements in *array. */
static enum mw_error reserve(void **array, uint32_t count, uint32_t *cap, uint32_t more, size_t size)
{
    if (more > POINTS_MAX - count)
        return MW_TOO_LARGE;
    uint32_t need = count + more;
    if (need <= *cap)
        return MW_OK;
    uint64_t want = (uint64_t)*cap + *cap / 2 + 16;
    want = want < need ? need : want > POINTS_MAX ? POINTS_MAX : want;
    void *grown = realloc(*array, want * size);
    if (grown == NULL)
        return MW_NO_MEMORY;
    *array = grown;
    *cap = (uint32_t)want;
    return MW_OK;
}

struct geo_box geo_box_empty(void)
{
    return (struct geo_box){INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
}

void geo_box_unite(struct geo_box *box, const struct geo_box *other)
{
    box->west = other->west < box->west ? other->west : box->west;
    box->south = other->south < box->south ? other->south : box->south;
    box->east = other->east > box->east ? other->east : box->east;
    box->north = other->north > box->north ? other->north : box->north;
}

static struct geo_box box_around(const struct geo_span *span)
{
    return (struct geo_box){
        (int32_t)floor(span->west * GEO_SCALE) - 1, (int32_t)floor(span->south * GEO_SCALE) - 1,
        (int32_t)ceil(span->east * GEO_SCALE) + 1, (int32_t)ceil(span->north * GEO_SCALE) + 1};
}

static inline void span_add(struct geo_span *span, struct geo_xy p)
{
    span->west = p.x < span->west ? p.x : span->west;
    span->south = p.y < span->south ? p.y : span->south;
    span->east = p.x > span->east ? p.x : span->east;
    span->north = p.y > span->north ? p.y : span->north;
}

static inline void box_add(struct geo_box *box, struct geo_narrow p)
{
    box->west = p.lon < box->west ? p.lon : box->west;
    box->south = p.lat < box->south ? p.lat : box->south;
    box->east = p.lon > box->east ? p.lon : box->east;
    box->north = p.lat > box->north ? p.lat : box->north;
}

struct geo_span geo_ring_span(const struct geo_store *store, const struct geo_ring *ring)
{
    if (ring->flags & GEO_RING_WIDE) {
        const struct geo_xy *wide = store->wide + ring->start;
        struct geo_span span = {wide->x, wide->y, wide->x, wide->y};
        for (uint32_t i = 1; i < ring->count; i++)
            span_add(&span, wide[i]);
        return span;
    }
    struct geo_box box = geo_box_empty();
    if (ring->flags & GEO_RING_LINE)
        for (uint32_t i = 0; i < ring->count; i++)
            box_add(&box, store->lines[ring->start + i].at);
    else
        for (uint32_t i = 0; i < ring->count; i++)
            box_add(&box, store->narrow[ring->start + i]);
    return (struct geo_span){box.west / GEO_SCALE, box.south / GEO_SCALE, box.east / GEO_SCALE,
                             box.north / GEO_SCALE};
}

/* Rounds to the nearest whole number without a call: the sum with `large` has no bits for fractions. */
static inline double rounded(double x)
{
    const double large = 6755399441055744.0; /* 1.5 times 2^52 */
    return x + large - large;
}

static inline bool narrow_fits(double deg, int32_t *out)
{
    double count = rounded(deg * GEO_SCALE);
    *out = (int32_t)count;
    return count / GEO_SCALE == deg;
}

static bool ring_fits(const struct geo_xy *points, uint32_t count)
{
    int32_t unused;
    for (uint32_t i = 0; i < count; i++)
        if (!narrow_fits(points[i].x, &unused) || !narrow_fits(points[i].y, &unused))
            return false;
    return true;
}

static enum mw_error append_narrow(struct geo_store *store, struct geo_ring *ring,
                                   const struct geo_xy *points)
{
    enum mw_error error = reserve((void **)&store->narrow, store->narrow_count, &store->narrow_cap,
                                  ring->count + 1, sizeof *store->narrow);
    if (error)
        return error;
    ring->start = store->narrow_count;
    for (uint32_t i = 0; i < ring->count; i++) {
        struct geo_narrow *p = &store->narrow[store->narrow_count++];
        narrow_fits(points[i].x, &p->lon);
        narrow_fits(points[i].y, &p->lat);
    }
    store->narrow[store->narrow_count++] = store->narrow[ring->start];
    return MW_OK;
}

static enum mw_error append_line(struct geo_store *store, struct geo_ring *ring, const struct geo_xy *points)
{
    uint32_t circle = ring->count == 1;
    enum mw_error error = reserve((void **)&store->lines, store->line_count, &store->line_cap,
                                  ring->count + circle, sizeof *store->lines);
    if (error)
        return error;
    ring->start = store->line_count;
    for (uint32_t i = 0; i < ring->count; i++) {
        struct geo_line_point *p = &store->lines[store->line_count++];
        narrow_fits(points[i].x, &p->at.lon);
        narrow_fits(points[i].y, &p->at.lat);
        p->along_m = 0;
    }
    if (circle)
        store->lines[store->line_count++] = store->lines[ring->start];
    return MW_OK;
}

static enum mw_error append_points(struct geo_store *store, struct geo_ring *ring,
                                   const struct geo_xy *points)
{
    if (!ring_fits(points, ring->count)) {
        enum mw_error error = reserve((void **)&store->wide, store->wide_count, &store->wide_cap,
                                      ring->count + 1, sizeof *store->wide);
        if (error)
            return error;
        ring->flags |= GEO_RING_WIDE;
        ring->start = store->wide_count;
        memcpy(store->wide + store->wide_count, points, ring->count * sizeof *points);
        store->wide_count += ring->count;
        store->wide[store->wide_count++] = points[0];
        return MW_OK;
    }
    return ring->flags & GEO_RING_LINE ? append_line(store, ring, points)
                                       : append_narrow(store, ring, points);
}

static enum mw_error append_blocks(struct geo_store *store, struct geo_ring *ring,
                                   const struct geo_xy *points)
{
    uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
    ring->block = store->block_count;
    if (runs < 2)
        return MW_OK;
    uint32_t groups = geo_ring_groups(ring);
    enum mw_error error = reserve((void **)&store->blocks, store->block_count, &store->block_cap,
                                  runs + groups, sizeof *store->blocks);
    if (error)
        return error;
    for (uint32_t run = 0; run < runs; run++) {
        uint32_t from = run * GEO_BLOCK_EDGES, last = from + GEO_BLOCK_EDGES - 1;
        const struct geo_xy *end = &points[geo_ring_next(ring, last < edges ? last : edges - 1)];
        struct geo_span span = {end->x, end->y, end->x, end->y};
        for (uint32_t i = from; i < edges && i <= last; i++)
            span_add(&span, points[i]);
        store->blocks[store->block_count++] = box_around(&span);
    }
    for (uint32_t group = 0; group < groups; group++) {
        struct geo_box box = geo_box_empty();
        for (uint32_t run = group * GEO_GROUP_RUNS; run < runs && run < (group + 1) * GEO_GROUP_RUNS; run++)
            geo_box_unite(&box, &store->blocks[ring->block + run]);
        store->blocks[store->block_count++] = box;
    }
    return MW_OK;
}

/* The progress at the start of the next line: it continues over all lines of one corridor. */
static double along_start(const struct geo_store *store)
{
    const struct geo_fence *before = store->fence_count ? &store->fences[store->fence_count - 1] : NULL;
    uint32_t first = before != NULL ? before->ring + before->ring_count : 0;
    if (store->ring_count == first)
        return 0;
    const struct geo_ring *last = &store->rings[store->ring_count - 1];
    return geo_line_along(store, last, last->count - 1);
}

static enum mw_error append_along(struct geo_store *store, struct geo_ring *ring, const struct geo_xy *points)
{
    if (!(ring->flags & GEO_RING_LINE))
        return MW_OK;
    bool wide = ring->flags & GEO_RING_WIDE;
    ring->along = store->along_count;
    enum mw_error error = wide ? reserve((void **)&store->along, store->along_count, &store->along_cap,
                                         ring->count, sizeof *store->along)
                               : MW_OK;
    if (error)
        return error;
    double sum = along_start(store);
    for (uint32_t i = 0; i < ring->count; i++) {
        if (i) {
            struct geo_metric m = geo_metric_at(points[i - 1].x, points[i - 1].y);
            sum += sqrt(geo_metric_square(&m, points[i].x - points[i - 1].x, points[i].y - points[i - 1].y));
        }
        if (wide)
            store->along[store->along_count++] = (float)sum;
        else
            store->lines[ring->start + i].along_m = (float)sum;
    }
    return MW_OK;
}

enum mw_error geo_store_ring(struct geo_store *store, const struct geo_xy *points, uint32_t count,
                             uint32_t flags)
{
    enum mw_error error =
        reserve((void **)&store->rings, store->ring_count, &store->ring_cap, 1, sizeof *store->rings);
    struct geo_ring ring = {.count = count, .flags = flags};
    error = error ? error : append_points(store, &ring, points);
    error = error ? error : append_blocks(store, &ring, points);
    error = error ? error : append_along(store, &ring, points);
    if (error)
        return error;
    store->rings[store->ring_count++] = ring;
    return MW_OK;
}

/* Widens a box by a radius, which is taken a thousandth too large. Its degrees of longitude are those at the
 * box's latitude farthest from the equator. */
static void box_widen(struct geo_box *box, double radius_m)
{
    double dlat = radius_m * 1.001 / (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG) * GEO_SCALE + 1;
    double far = fmax(fabs(box->south - dlat), fabs(box->north + dlat)) / GEO_SCALE;
    struct geo_metric m = geo_metric_at(0, fmin(far, 89.9));
    double dlon = radius_m * 1.001 / m.k0 * GEO_SCALE + 1;
    box->south = (int32_t)fmax(floor(box->south - dlat), -90 * GEO_SCALE - 2);
    box->north = (int32_t)fmin(ceil(box->north + dlat), 90 * GEO_SCALE + 2);
    box->west = (int32_t)fmax(floor(box->west - dlon), -180 * GEO_SCALE - 2);
    box->east = (int32_t)fmin(ceil(box->east + dlon), 180 * GEO_SCALE + 2);
}

enum mw_error geo_store_fence(struct geo_store *store, enum mw_shape_kind kind, double radius_m)
{
    if (store->fence_count == MW_FENCES_MAX)
        return MW_TOO_LARGE;
    enum mw_error error =
        reserve((void **)&store->fences, store->fence_count, &store->fence_cap, 1, sizeof *store->fences);
    error = error ? error
                  : reserve((void **)&store->kinds, store->fence_count, &store->kind_cap, 1,
                            sizeof *store->kinds);
    if (error)
        return error;
    uint32_t first = store->fence_count ? store->fences[store->fence_count - 1].ring +
                                              store->fences[store->fence_count - 1].ring_count
                                        : 0;
    struct geo_fence fence = {.radius_m = radius_m, .ring = first, .ring_count = store->ring_count - first};
    fence.box = geo_box_empty();
    for (uint32_t r = first; r < store->ring_count; r++) {
        struct geo_span span = geo_ring_span(store, &store->rings[r]);
        struct geo_box box = box_around(&span);
        geo_box_unite(&fence.box, &box);
    }
    if (kind != MW_SHAPE_POLYGON)
        box_widen(&fence.box, radius_m);
    store->kinds[store->fence_count] = (uint8_t)kind;
    store->fences[store->fence_count++] = fence;
    return MW_OK;
}

enum mw_error geo_store_renumber(struct geo_store *store, const uint32_t *order)
{
    uint32_t count = store->fence_count;
    if (count == 0)
        return MW_OK;
    struct geo_fence *fences = malloc(count * sizeof *fences);
    uint8_t *kinds = malloc(count * sizeof *kinds);
    if (fences == NULL || kinds == NULL) {
        free(fences);
        free(kinds);
        return MW_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        fences[i] = store->fences[order[i]];
        kinds[i] = store->kinds[order[i]];
    }
    memcpy(store->fences, fences, count * sizeof *fences);
    memcpy(store->kinds, kinds, count * sizeof *kinds);
    free(fences);
    free(kinds);
    return MW_OK;
}
