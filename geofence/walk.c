#include "walk.h"

#include "chunk.h"
#include "clip.h"
#include "cross.h"
#include "eval.h"
#include "exact.h"
#include "scan.h"

/* A step of 100 m meets one to three leaves; a gap of ten minutes on a motorway about a hundred. */
#define LEAVES_MAX 128
#define FENCES_MAX 1024
#define NEAR_MAX   2048
/* Slots of one table that the box around a path may cover before a scan is cheaper. */
#define SLOTS_MAX 1024

struct leaf_at {
    const uint32_t *words;
    uint64_t x, y; /* the cell's corner */
};

/* To be asked exactly: all of a fence, or one segment of a line. */
struct near {
    uint32_t fence;
    uint32_t line; /* where the segment starts in the store's lines; ALL_OF_IT comes first in order */
};

#define ALL_OF_IT 0u

struct walk {
    const struct mw_index *index;
    struct geo_xy a, b; /* in steps of the tree */
    struct leaf_at leaves[LEAVES_MAX];
    uint32_t leaf_count;
    struct near near[NEAR_MAX];
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

/* line is counted from 1. */
static void add_near(struct walk *w, uint32_t fence, uint32_t line)
{
    if (w->near_count && w->near[w->near_count - 1].fence == fence &&
        w->near[w->near_count - 1].line == line) {
        return;
    }
    if (w->near_count == NEAR_MAX) {
        w->overflow = true;
        return;
    }
    const struct geo_store *store = &w->index->store;
    __builtin_prefetch(&store->fences[fence]);
    if (line != ALL_OF_IT) {
        __builtin_prefetch(&store->lines[line - 1]);
    }
    w->near[w->near_count++] = (struct near){fence, line};
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

/* The segments of run i that may come within the half-width of the path. */
static void near_of_run(struct walk *w, const struct geo_chunk *c, uint32_t i, const uint32_t *points,
                        const struct stretch *s)
{
    uint32_t fence = c->ids[c->run[2 * i]], line = c->first_point[i];
    double reach = (double)c->scale[3 + i] + 2 * (double)c->scale[2];
    double reach_x = reach / (double)c->scale[0] + 2, reach_y = reach / (double)c->scale[1] + 2;
    for (uint32_t k = 0; k < c->run[2 * i + 1]; k++) {
        int x1 = geo_word_x(points[k]), y1 = geo_word_y(points[k]);
        int x2 = geo_word_x(points[k + 1]), y2 = geo_word_y(points[k + 1]);
        if ((x1 < x2 ? x1 : x2) - reach_x <= s->east && (x1 < x2 ? x2 : x1) + reach_x >= s->west &&
            (y1 < y2 ? y1 : y2) - reach_y <= s->north && (y1 < y2 ? y2 : y1) + reach_y >= s->south) {
            add_near(w, fence, line == RUN_NOWHERE ? ALL_OF_IT : line + k + 1);
        }
    }
}

/* A corridor that holds one cell whole names no segments there. */
static void near_of_whole(struct walk *w, const struct geo_chunk *c)
{
    uint64_t whole = (1ull << c->entries) - 1;
    for (uint32_t i = 0; i < c->polys; i++) {
        whole &= ~(1ull << c->poly[2 * i]);
    }
    for (uint32_t i = 0; i < c->runs; i++) {
        whole &= ~(1ull << c->run[2 * i]);
    }
    for (; whole; whole &= whole - 1) {
        uint32_t fence = c->ids[__builtin_ctzll(whole)];
        if (w->index->store.kinds[fence] != MW_SHAPE_POLYGON) {
            add_near(w, fence, ALL_OF_IT);
        }
    }
}

static const uint32_t *near_of_chunk(struct walk *w, const struct geo_chunk *c, const struct stretch *s)
{
    const uint32_t *points = c->points;
    for (uint32_t i = 0; i < c->polys; i++) {
        if (outline_near(points, c->poly[2 * i + 1], s)) {
            add_near(w, c->ids[c->poly[2 * i]], ALL_OF_IT);
        }
        points += c->poly[2 * i + 1] + 1u;
    }
    for (uint32_t i = 0; i < c->runs; i++) {
        near_of_run(w, c, i, points, s);
        points += c->run[2 * i + 1] + 1u;
    }
    for (uint32_t i = 0; i < c->exacts; i++) {
        add_near(w, c->ids[c->exact[i]], ALL_OF_IT);
    }
    near_of_whole(w, c);
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

static bool near_after(struct near a, struct near b)
{
    return a.fence != b.fence ? a.fence > b.fence : a.line > b.line;
}

/* By fence, then along the line, each once. */
static void sort_near(struct walk *w)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < w->near_count; i++) {
        struct near near = w->near[i];
        uint32_t j = i;
        for (; j > 0 && near_after(w->near[j - 1], near); j--) {
            w->near[j] = w->near[j - 1];
        }
        w->near[j] = near;
    }
    for (uint32_t i = 0; i < w->near_count; i++) {
        if (!count || near_after(w->near[i], w->near[count - 1])) {
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
        if (w->near[i].line == ALL_OF_IT) {
            __builtin_prefetch(&store->rings[store->fences[w->near[i].fence].ring]);
        }
    }
    for (uint32_t i = 0; i < w->near_count; i++) {
        if (w->near[i].line != ALL_OF_IT) {
            continue;
        }
        const struct geo_ring *ring = &store->rings[store->fences[w->near[i].fence].ring];
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

/* The fence of the n-th near item, which are count in a row. */
static bool ask_near(const struct walk *w, uint32_t n, uint32_t count, struct mw_point from,
                     struct mw_point to, struct mw_crossing *crossing)
{
    const struct geo_store *store = &w->index->store;
    uint32_t fence = w->near[n].fence, lines[NEAR_MAX];
    if (w->near[n].line == ALL_OF_IT) {
        return geo_fence_cross_known(store, fence, from, to, crossing->inside_from, crossing->inside_to,
                                     crossing);
    }
    for (uint32_t i = 0; i < count; i++) {
        lines[i] = w->near[n + i].line - 1;
    }
    return geo_cross_segments(store, &store->fences[fence], lines, count, from, to, crossing);
}

/* Polygons that hold the start and whose border is nowhere near hold the whole path. */
static size_t answer(const struct walk *w, struct held *first, struct held *last, struct mw_point from,
                     struct mw_point to, struct mw_crossing *out, size_t cap)
{
    double length = mw_distance_m(from, to);
    size_t count = 0;
    uint32_t n = 0;
    prefetch_near(w);
    while (first->at < first->count || n < w->near_count) {
        bool near =
            n < w->near_count && (first->at == first->count || w->near[n].fence <= first->fences[first->at]);
        uint32_t fence = near ? w->near[n].fence : first->fences[first->at];
        struct mw_crossing crossing = {fence, held_next(first, fence), true, 0, 1, length};
        first->at += crossing.inside_from;
        bool meets = true;
        if (near) {
            uint32_t items = 1;
            while (n + items < w->near_count && w->near[n + items].fence == fence) {
                items++;
            }
            crossing.inside_to = held_next(last, fence);
            meets = ask_near(w, n, items, from, to, &crossing);
            n += items;
        }
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
    if (!tree->root || !geo_on_globe(from) || !geo_on_globe(to)) {
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
