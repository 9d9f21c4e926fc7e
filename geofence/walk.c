#include "walk.h"

#include "chunk.h"
#include "clip.h"
#include "eval.h"
#include "exact.h"
#include "scan.h"

/* A step of 100 m meets one to three leaves; a gap of ten minutes on a motorway about a hundred. */
#define LEAVES_MAX 128
#define FENCES_MAX 1024
/* Slots of one table that the box around a path may cover before a scan is cheaper. */
#define SLOTS_MAX 1024

struct leaf_at {
    const uint32_t *words;
    uint64_t x, y; /* the cell's corner */
};

struct walk {
    const struct mw_index *index;
    struct geo_xy a, b; /* in steps of the tree */
    struct leaf_at leaves[LEAVES_MAX];
    uint32_t leaf_count;
    uint32_t near[FENCES_MAX]; /* to be asked exactly */
    uint32_t near_count;
    bool overflow;
};

static void add_leaf(struct walk *w, const uint32_t *words, uint64_t x, uint64_t y)
{
    for (uint32_t i = w->leaf_count; i > 0; i--) {
        if (w->leaves[i - 1].words == words) {
            return;
        }
    }
    if (w->leaf_count == LEAVES_MAX) {
        w->overflow = true;
        return;
    }
    uint64_t mask = ~((1ull << CHUNK_SHIFT(*words)) - 1);
    w->leaves[w->leaf_count++] = (struct leaf_at){words, x & mask, y & mask};
}

/* First and last slot, of so many, that a stretch touches or nearly touches. */
static void slot_range(double from, double to, double origin, int shift, int64_t slots, int64_t *low,
                       int64_t *high)
{
    double size = (double)(1ull << shift);
    double l = floor((fmin(from, to) - 1 - origin) / size), h = floor((fmax(from, to) + 1 - origin) / size);
    *low = l < 0 ? 0 : l > (double)slots ? slots : (int64_t)l;
    *high = h < 0 ? -1 : h > (double)(slots - 1) ? slots - 1 : (int64_t)h;
}

/* A table of 2^bits slots an axis, each 2^shift steps wide, with its corner at x, y. */
static void collect(struct walk *w, const uint32_t *slots, int bits, int shift, uint64_t x, uint64_t y)
{
    const struct geo_tree *tree = &w->index->tree;
    int64_t west, east, south, north;
    slot_range(w->a.x, w->b.x, (double)x, shift, (int64_t)1 << bits, &west, &east);
    slot_range(w->a.y, w->b.y, (double)y, shift, (int64_t)1 << bits, &south, &north);
    if ((east - west + 1) * (north - south + 1) > SLOTS_MAX) {
        w->overflow = true;
        return;
    }
    for (int64_t row = south; row <= north && !w->overflow; row++) {
        for (int64_t column = west; column <= east; column++) {
            uint32_t slot = slots[(row << bits) + column];
            uint64_t sx = x + ((uint64_t)column << shift), sy = y + ((uint64_t)row << shift);
            double size = (double)(1ull << shift);
            struct geo_span span = {(double)sx - 1, (double)sy - 1, (double)sx + size + 1,
                                    (double)sy + size + 1};
            struct geo_xy a = w->a, b = w->b;
            /* In one row or column the range is exact enough; a slot too many does no harm. */
            bool known = slot && w->leaf_count && w->leaves[w->leaf_count - 1].words == tree->words + slot;
            if (!slot || known || (east > west && north > south && !geo_clip_segment(&a, &b, &span))) {
                continue;
            }
            int k = (int)(slot >> SLOT_OFFSET_BITS);
            const uint32_t *words = tree->words + (slot & SLOT_OFFSET_MASK);
            if (k) {
                collect(w, words, k, shift - k, sx, sy);
            } else {
                add_leaf(w, words, sx, sy);
            }
        }
    }
}

static void add_near(struct walk *w, uint32_t fence)
{
    if (w->near_count && w->near[w->near_count - 1] == fence) {
        return;
    }
    if (w->near_count == FENCES_MAX) {
        w->overflow = true;
        return;
    }
    __builtin_prefetch(&w->index->store.fences[fence]);
    w->near[w->near_count++] = fence;
}

/* The path's stretch in one cell, in the steps of its points, with a box around it. */
struct stretch {
    struct geo_xy a, b;
    double west, east, south, north;
};

/* Points are floored to steps, so two steps beside the path nothing can touch it. */
static bool outline_near(const uint32_t *points, uint32_t edges, const struct stretch *s)
{
    double dx = s->b.x - s->a.x, dy = s->b.y - s->a.y, margin = 2 * (fabs(dx) + fabs(dy));
    int west = (int)floor(s->west) - 2, east = (int)ceil(s->east) + 2;
    int south = (int)floor(s->south) - 2, north = (int)ceil(s->north) + 2;
    int x1 = geo_word_x(points[0]), y1 = geo_word_y(points[0]);
    for (uint32_t i = 0; i < edges; i++) {
        int x2 = geo_word_x(points[i + 1]), y2 = geo_word_y(points[i + 1]);
        bool apart = (x1 < west && x2 < west) || (x1 > east && x2 > east) || (y1 < south && y2 < south) ||
                     (y1 > north && y2 > north);
        if (!apart) {
            double side1 = dx * (y1 - s->a.y) - dy * (x1 - s->a.x),
                   side2 = dx * (y2 - s->a.y) - dy * (x2 - s->a.x);
            if (!(side1 > margin && side2 > margin) && !(side1 < -margin && side2 < -margin)) {
                return true;
            }
        }
        x1 = x2;
        y1 = y2;
    }
    return false;
}

static bool run_near(const uint32_t *points, uint32_t edges, const struct stretch *s, double reach_x,
                     double reach_y)
{
    for (uint32_t i = 0; i < edges; i++) {
        int x1 = geo_word_x(points[i]), y1 = geo_word_y(points[i]);
        int x2 = geo_word_x(points[i + 1]), y2 = geo_word_y(points[i + 1]);
        if ((x1 < x2 ? x1 : x2) - reach_x <= s->east && (x1 < x2 ? x2 : x1) + reach_x >= s->west &&
            (y1 < y2 ? y1 : y2) - reach_y <= s->north && (y1 < y2 ? y2 : y1) + reach_y >= s->south) {
            return true;
        }
    }
    return false;
}

static const uint32_t *near_of_chunk(struct walk *w, const struct geo_chunk *c, const struct stretch *s)
{
    const uint32_t *points = c->points;
    for (uint32_t i = 0; i < c->polys; i++) {
        if (outline_near(points, c->poly[2 * i + 1], s)) {
            add_near(w, c->ids[c->poly[2 * i]]);
        }
        points += c->poly[2 * i + 1] + 1u;
    }
    for (uint32_t i = 0; i < c->runs; i++) {
        double reach = (double)c->scale[3 + i] + 2 * (double)c->scale[2];
        if (run_near(points, c->run[2 * i + 1], s, reach / (double)c->scale[0] + 2,
                     reach / (double)c->scale[1] + 2)) {
            add_near(w, c->ids[c->run[2 * i]]);
        }
        points += c->run[2 * i + 1] + 1u;
    }
    for (uint32_t i = 0; i < c->exacts; i++) {
        add_near(w, c->ids[c->exact[i]]);
    }
    return points;
}

/* The outlines are closed 16 steps outside their cell; the path is cut closer to it, so it cannot meet that
 * seam. */
static void near_of_leaf(struct walk *w, const struct leaf_at *leaf)
{
    int shift = (int)CHUNK_SHIFT(*leaf->words);
    double size = (double)(1ull << shift), step = (double)(1ull << (shift - TREE_CELL_BITS));
    double x = (double)leaf->x, y = (double)leaf->y;
    struct geo_span span = {x - 4 * step, y - 4 * step, x + size + 4 * step, y + size + 4 * step};
    struct geo_xy a = w->a, b = w->b;
    if (!geo_clip_segment(&a, &b, &span)) {
        return;
    }
    struct stretch s = {
        {(a.x - x) / step, (a.y - y) / step}, {(b.x - x) / step, (b.y - y) / step}, 0, 0, 0, 0};
    s.west = fmin(s.a.x, s.b.x);
    s.east = fmax(s.a.x, s.b.x);
    s.south = fmin(s.a.y, s.b.y);
    s.north = fmax(s.a.y, s.b.y);
    for (const uint32_t *words = leaf->words; words;) {
        struct geo_chunk c = geo_chunk_open(words);
        words = near_of_chunk(w, &c, &s);
        if (!c.more) {
            break;
        }
    }
}

static void sort_near(struct walk *w)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < w->near_count; i++) {
        uint32_t id = w->near[i], j = i;
        for (; j > 0 && w->near[j - 1] > id; j--) {
            w->near[j] = w->near[j - 1];
        }
        w->near[j] = id;
    }
    for (uint32_t i = 0; i < w->near_count; i++) {
        if (!count || w->near[count - 1] != w->near[i]) {
            w->near[count++] = w->near[i];
        }
    }
    w->near_count = count;
}

struct held {
    uint32_t fences[FENCES_MAX];
    size_t count, at;
};

/* Whether the list, walked in ascending order, has the fence. */
static bool held_next(struct held *held, uint32_t fence)
{
    while (held->at < held->count && held->fences[held->at] < fence) {
        held->at++;
    }
    return held->at < held->count && held->fences[held->at] == fence;
}

static void prefetch_near(const struct walk *w)
{
    const struct geo_store *store = &w->index->store;
    for (uint32_t i = 0; i < w->near_count; i++) {
        __builtin_prefetch(&store->rings[store->fences[w->near[i]].ring]);
    }
    for (uint32_t i = 0; i < w->near_count; i++) {
        const struct geo_ring *ring = &store->rings[store->fences[w->near[i]].ring];
        if (geo_ring_runs(ring) > 1) {
            __builtin_prefetch(&store->blocks[ring->block]);
            __builtin_prefetch(&store->blocks[ring->block + 4]);
        }
        if (ring->flags & GEO_RING_LINE && !(ring->flags & GEO_RING_WIDE)) {
            __builtin_prefetch(&store->lines[ring->start]);
        } else if (!(ring->flags & GEO_RING_WIDE)) {
            __builtin_prefetch(&store->narrow[ring->start]);
        }
    }
}

/* Polygons that hold the start and whose border is nowhere near hold the whole path. */
static size_t answer(const struct walk *w, struct held *first, struct held *last, struct mw_point from,
                     struct mw_point to, struct mw_crossing *out, size_t cap)
{
    const struct geo_store *store = &w->index->store;
    double length = mw_distance_m(from, to);
    size_t count = 0;
    uint32_t n = 0;
    prefetch_near(w);
    while (first->at < first->count || n < w->near_count) {
        bool near =
            n < w->near_count && (first->at == first->count || w->near[n] <= first->fences[first->at]);
        uint32_t fence = near ? w->near[n] : first->fences[first->at];
        bool starts = held_next(first, fence);
        n += near;
        struct mw_crossing crossing = {fence, true, true, 0, 1, length};
        bool meets = true;
        if (near || store->kinds[fence] != MW_SHAPE_POLYGON) {
            meets = geo_fence_cross_known(store, fence, from, to, starts, held_next(last, fence), &crossing);
        }
        first->at += starts;
        if (meets && count < cap) {
            out[count] = crossing;
        }
        count += meets;
    }
    return count;
}

size_t geo_walk_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out, size_t cap)
{
    const struct geo_tree *tree = &index->tree;
    if (!tree->root || !isfinite(from.lat_deg + from.lon_deg) || !isfinite(to.lat_deg + to.lon_deg)) {
        return 0;
    }
    struct walk w;
    w.index = index;
    w.a = (struct geo_xy){(from.lon_deg - tree->lon0) * tree->steps_per_lon_deg,
                          (from.lat_deg - tree->lat0) * tree->steps_per_lat_deg};
    w.b = (struct geo_xy){(to.lon_deg - tree->lon0) * tree->steps_per_lon_deg,
                          (to.lat_deg - tree->lat0) * tree->steps_per_lat_deg};
    w.leaf_count = w.near_count = 0;
    w.overflow = false;
    struct held first, last;
    first.at = last.at = 0;
    first.count = index->eval->point(index, from, first.fences, FENCES_MAX);
    last.count = index->eval->point(index, to, last.fences, FENCES_MAX);
    collect(&w, tree->root, tree->root_bits, TREE_BITS - tree->root_bits, 0, 0);
    for (uint32_t i = 0; i < w.leaf_count && !w.overflow; i++) {
        near_of_leaf(&w, &w.leaves[i]);
    }
    if (w.overflow || first.count > FENCES_MAX || last.count > FENCES_MAX) {
        return geo_scan_path(&index->store, from, to, out, cap);
    }
    sort_near(&w);
    return answer(&w, &first, &last, from, to, out, cap);
}
