#include "walk.h"

#include "chunk.h"
#include "clip.h"
#include "cross.h"
#include "eval.h"
#include "exact.h"
#include "scan.h"

#include <stdlib.h>

/* A step of 100 m meets one to three leaves; a gap of ten minutes on a motorway about a hundred. */
#define LEAVES_MAX 128
#define FENCES_MAX 1024
#define NEAR_MAX   2048
/* Slots of one table that the box around a path may cover before a scan is cheaper. */
#define SLOTS_MAX 1024
/* Cache lines to ask for ahead: of a leaf, and of a polygon's points (a line holds eight). */
#define LEAF_LINES   6u
#define POINTS_AHEAD 64u

struct leaf_at {
    const uint32_t *words;
    uint64_t x, y; /* any place in the cell */
};

/* To be asked exactly: all of a fence, or one segment of a line. */
struct near {
    uint32_t fence;
    uint32_t line; /* where the segment starts in the store's lines; ALL_OF_IT comes first in order */
};

#define ALL_OF_IT 0u

struct walk {
    const struct mw_index *index;
    struct geo_xy a, b;               /* in steps of the tree */
    int64_t west, east, south, north; /* around them, a step larger */
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
    for (uint32_t line = 0; line < LEAF_LINES; line++) {
        __builtin_prefetch(words + 16 * line);
    }
    w->leaves[w->leaf_count++] = (struct leaf_at){words, x, y};
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Whether the path's line passes a square by: all its corners lie on one side. The step of margin is more
 * than the rounding of the products. */
static bool line_misses(const struct walk *w, double x, double y, double size)
{
    double dx = w->b.x - w->a.x, dy = w->b.y - w->a.y, half = size / 2;
    double side = dx * (y + half - w->a.y) - dy * (x + half - w->a.x);
    return fabs(side) > (fabs(dx) + fabs(dy)) * (half + 1);
}

/* A table of 2^bits slots an axis, each 2^shift steps wide, with its corner at x, y. */
static void collect(struct walk *w, const uint32_t *slots, int bits, int shift, uint64_t x, uint64_t y)
{
    const struct geo_tree *tree = &w->index->tree;
    int64_t count = (int64_t)1 << bits, x0 = (int64_t)x, y0 = (int64_t)y;
    int64_t west = clamp((w->west - x0) >> shift, 0, count),
            east = clamp((w->east - x0) >> shift, -1, count - 1);
    int64_t south = clamp((w->south - y0) >> shift, 0, count),
            north = clamp((w->north - y0) >> shift, -1, count - 1);
    if ((east - west + 1) * (north - south + 1) > SLOTS_MAX) {
        w->overflow = true;
        return;
    }
    double size = (double)(1ull << shift);
    for (int64_t row = south; row <= north && !w->overflow; row++) {
        for (int64_t column = west; column <= east; column++) {
            uint32_t slot = slots[(row << bits) + column];
            uint64_t sx = x + ((uint64_t)column << shift), sy = y + ((uint64_t)row << shift);
            /* In one row or column the range is exact enough; a slot too many does no harm. */
            if (!slot || (east > west && north > south && line_misses(w, (double)sx, (double)sy, size))) {
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

/* The lesser of two, within bounds, in whole steps, two to be safe. */
static int64_t least_count(double a, double b, double end)
{
    double least = a < b ? a : b;
    return (int64_t)(least < -end ? -end : least > end ? end : least) - 2;
}

/* Both ends in one cell is the common case. */
static void collect_all(struct walk *w, struct geo_place from, struct geo_place to)
{
    const struct geo_tree *tree = &w->index->tree;
    if (from.inside && to.inside) {
        const uint32_t *first = geo_tree_slot(tree, from), *last = geo_tree_slot(tree, to);
        if (first == last && !*first) {
            return;
        }
        if (*first && *first == *last) {
            add_leaf(w, tree->words + *first, from.x, from.y);
            return;
        }
    }
    /* Far outside the tree, where only the side matters. */
    const double end = 8.0 * (double)(1ull << TREE_BITS);
    w->west = least_count(w->a.x, w->b.x, end);
    w->east = -least_count(-w->a.x, -w->b.x, end);
    w->south = least_count(w->a.y, w->b.y, end);
    w->north = -least_count(-w->a.y, -w->b.y, end);
    collect(w, tree->root, tree->root_bits, TREE_BITS - tree->root_bits, 0, 0);
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

static int to_16_bits(int value)
{
    return value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value;
}

/* Room for a reach on each axis. Points and the ends of the path are floored to steps, each within a step of
 * the truth: two more steps and nothing is missed. */
static struct geo_strip strip_wider(struct geo_strip s, int reach_x, int reach_y)
{
    reach_x += 3;
    reach_y += 3;
    s.margin = reach_y * abs(s.dx) + reach_x * abs(s.dy);
    s.west = to_16_bits(s.west - reach_x);
    s.east = to_16_bits(s.east + reach_x);
    s.south = to_16_bits(s.south - reach_y);
    s.north = to_16_bits(s.north + reach_y);
    return s;
}

static bool bits_any(const uint8_t *bits, uint32_t first, uint32_t count)
{
    uint32_t end = first + count;
    for (; first < end && first % 8; first++) {
        if (bits[first / 8] >> first % 8 & 1) {
            return true;
        }
    }
    for (; first + 8 <= end; first += 8) {
        if (bits[first / 8]) {
            return true;
        }
    }
    return first < end && bits[first / 8] & ((1u << (end - first)) - 1);
}

static const uint32_t *near_of_outlines(struct walk *w, const struct geo_chunk *c, const struct geo_strip *s)
{
    uint8_t bits[CHUNK_POLY_POINTS_MAX / 8 + 8];
    uint32_t total = 0, first = 0;
    for (uint32_t i = 0; i < c->polys; i++) {
        total += c->poly[2 * i + 1] + 1u;
    }
    struct geo_strip strip = strip_wider(*s, 0, 0);
    w->index->eval->strip(c->points, total, &strip, bits);
    for (uint32_t i = 0; i < c->polys; i++) {
        if (bits_any(bits, first, c->poly[2 * i + 1])) {
            add_near(w, c->ids[c->poly[2 * i]], ALL_OF_IT);
        }
        first += c->poly[2 * i + 1] + 1u;
    }
    return c->points + total;
}

/* The segments of run i that may come within the half-width of the path. */
static void near_of_run(struct walk *w, const struct geo_chunk *c, uint32_t i, const uint32_t *points,
                        const struct geo_strip *s)
{
    uint8_t bits[CHUNK_RUN_POINTS_MAX / 8 + 8];
    uint32_t fence = c->ids[c->run[2 * i]], line = c->first_point[i], edges = c->run[2 * i + 1];
    float reach = c->scale[3 + i] + 2 * c->scale[2];
    struct geo_strip strip = strip_wider(*s, (int)(reach / c->scale[0]) + 1, (int)(reach / c->scale[1]) + 1);
    w->index->eval->strip(points, edges, &strip, bits);
    for (uint32_t k = 0; k < edges; k++) {
        if (bits[k / 8] >> k % 8 & 1) {
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

static const uint32_t *near_of_chunk(struct walk *w, const struct geo_chunk *c, const struct geo_strip *s)
{
    const uint32_t *points = c->polys ? near_of_outlines(w, c, s) : c->points;
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

static bool within(struct geo_xy p, const struct geo_span *span)
{
    return p.x >= span->west && p.x <= span->east && p.y >= span->south && p.y <= span->north;
}

static int step_floor(double at)
{
    return (int)(at + 16) - 16; /* never below -16 */
}

/* The outlines are closed 16 steps outside their cell; the path is cut closer to it, so it cannot meet that
 * seam. */
static void near_of_leaf(struct walk *w, const struct leaf_at *leaf)
{
    int shift = (int)CHUNK_SHIFT(*leaf->words);
    uint64_t mask = ~((1ull << shift) - 1);
    double size = (double)(1ull << shift), step = (double)(1ull << (shift - TREE_CELL_BITS));
    double x = (double)(leaf->x & mask), y = (double)(leaf->y & mask);
    struct geo_span span = {x - 4 * step, y - 4 * step, x + size + 4 * step, y + size + 4 * step};
    struct geo_xy a = w->a, b = w->b;
    if (!(within(a, &span) && within(b, &span)) && !geo_clip_segment(&a, &b, &span)) {
        return;
    }
    struct geo_strip s = {.x = step_floor((a.x - x) / step), .y = step_floor((a.y - y) / step)};
    int end_x = step_floor((b.x - x) / step), end_y = step_floor((b.y - y) / step);
    s.dx = end_x - s.x;
    s.dy = end_y - s.y;
    s.west = s.dx < 0 ? end_x : s.x;
    s.east = s.dx < 0 ? s.x : end_x;
    s.south = s.dy < 0 ? end_y : s.y;
    s.north = s.dy < 0 ? s.y : end_y;
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

/* In three steps, with work between them: the fences when they are found, then their rings, then what those
 * point to. */
static void prefetch_rings(const struct walk *w)
{
    const struct geo_store *store = &w->index->store;
    for (uint32_t i = 0; i < w->near_count; i++) {
        if (w->near[i].line == ALL_OF_IT) {
            __builtin_prefetch(&store->rings[store->fences[w->near[i].fence].ring]);
        }
    }
}

static void prefetch_points(const struct walk *w)
{
    const struct geo_store *store = &w->index->store;
    for (uint32_t i = 0; i < w->near_count; i++) {
        if (w->near[i].line != ALL_OF_IT) {
            continue;
        }
        const struct geo_ring *ring = &store->rings[store->fences[w->near[i].fence].ring];
        if (geo_ring_runs(ring) > 1) {
            uint32_t first = ring->block + (geo_ring_groups(ring) ? geo_ring_runs(ring) : 0);
            __builtin_prefetch(&store->blocks[first]);
            __builtin_prefetch(&store->blocks[first + 4]);
        }
        if (ring->flags & GEO_RING_LINE && !(ring->flags & GEO_RING_WIDE)) {
            __builtin_prefetch(&store->lines[ring->start]);
        } else if (!(ring->flags & GEO_RING_WIDE)) {
            for (uint32_t point = 0; point < ring->count && point < POINTS_AHEAD; point += 8) {
                __builtin_prefetch(&store->narrow[ring->start + point]);
            }
        }
    }
}

/* The fence of the n-th near item, which are count in a row. */
static bool ask_near(const struct walk *w, uint32_t n, uint32_t count, const struct geo_path *path,
                     struct mw_crossing *crossing)
{
    const struct geo_store *store = &w->index->store;
    uint32_t lines[NEAR_MAX];
    if (w->near[n].line == ALL_OF_IT) {
        return geo_fence_cross(store, path, crossing);
    }
    for (uint32_t i = 0; i < count; i++) {
        lines[i] = w->near[n + i].line - 1;
    }
    return geo_cross_segments(store, path, lines, count, crossing);
}

/* Polygons that hold the start and whose border is nowhere near hold the whole path. */
static size_t answer(const struct walk *w, struct held *first, struct held *last, struct mw_point from,
                     struct mw_point to, struct mw_crossing *out, size_t cap)
{
    size_t count = 0;
    uint32_t n = 0;
    if (!first->count && !w->near_count) {
        return 0;
    }
    struct geo_path path = geo_path_of(from, to);
    while (first->at < first->count || n < w->near_count) {
        bool near =
            n < w->near_count && (first->at == first->count || w->near[n].fence <= first->fences[first->at]);
        uint32_t fence = near ? w->near[n].fence : first->fences[first->at];
        struct mw_crossing crossing = {fence, held_next(first, fence), true, 0, 1, path.length_m};
        first->at += crossing.inside_from;
        bool meets = true;
        if (near) {
            uint32_t items = 1;
            while (n + items < w->near_count && w->near[n + items].fence == fence) {
                items++;
            }
            crossing.inside_to = held_next(last, fence);
            meets = ask_near(w, n, items, &path, &crossing);
            n += items;
        }
        if (meets && count < cap) {
            out[count] = crossing;
        }
        count += meets;
    }
    return count;
}

static void ask_end(const struct walk *w, struct geo_place at, struct mw_point p, struct held *out_held)
{
    const uint32_t *leaf = geo_tree_leaf(&w->index->tree, at);
    out_held->at = 0;
    out_held->count = leaf ? w->index->eval->leaf(w->index, leaf, at, p, out_held->fences, FENCES_MAX) : 0;
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
    struct geo_place first_at = geo_tree_place(tree, from), last_at = geo_tree_place(tree, to);
    collect_all(&w, first_at, last_at);
    for (uint32_t i = 0; i < w.leaf_count && !w.overflow; i++) {
        near_of_leaf(&w, &w.leaves[i]);
    }
    if (w.overflow) {
        return geo_scan_path(&index->store, from, to, out, cap);
    }
    if (!w.leaf_count) {
        return 0;
    }
    struct held first, last;
    last.at = last.count = 0;
    ask_end(&w, first_at, from, &first);
    if (w.near_count) {
        sort_near(&w);
        prefetch_rings(&w);
        ask_end(&w, last_at, to, &last);
        prefetch_points(&w);
    }
    if (first.count > FENCES_MAX || last.count > FENCES_MAX) {
        return geo_scan_path(&index->store, from, to, out, cap);
    }
    return answer(&w, &first, &last, from, to, out, cap);
}
