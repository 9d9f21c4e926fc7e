/*
 * near_body: what of a path's leaves comes near it, a part of walk_body.h.
 *
 * The path is laid over each leaf as a strip of small integers. All edges of the leaf's outlines and all
 * segments of its runs are held against the strip, 64 at a time, and those that it may touch are kept as
 * numbers that sort by fence and then in the store's order.
 */
#ifndef MW_GEO_NEAR_BODY_H
#define MW_GEO_NEAR_BODY_H

#include "clip.h"
#include "trail.h"

#include <stdlib.h>

#define NEAR_MAX 1024u

/* In a number of 64 bits: fence, kind, place among the store's points. */
enum near_kind {
    NEAR_FENCE, /* ask all of it */
    NEAR_SEGMENT,
    NEAR_EDGE,
};

struct near_list {
    int64_t items[NEAR_MAX + 8]; /* room for a vector behind the last */
    int64_t last;
    uint32_t count;
    bool ordered; /* each above the one before */
};

static inline uint32_t near_fence(int64_t item)
{
    return (uint32_t)(item >> 34);
}

static inline enum near_kind near_kind(int64_t item)
{
    return (enum near_kind)(item >> 32 & 3);
}

static inline uint32_t near_place(int64_t item)
{
    return (uint32_t)item;
}

static inline void near_add(struct near_list *near, uint32_t fence, enum near_kind kind, uint32_t place)
{
    int64_t item = (int64_t)fence << 34 | (int64_t)kind << 32 | place;
    near->items[near->count++] = item;
    near->ordered &= item > near->last;
    near->last = item;
}

/* Points and the ends of the path are floored to steps, each within a step of the truth: two more steps and
 * nothing is missed. */
static inline struct geo_strip strip_wider(struct geo_strip s, int reach_x, int reach_y, int across)
{
    reach_x += 3;
    reach_y += 3;
    s.margin = across + 3 * (abs(s.dx) + abs(s.dy)) + 3;
    s.west = s.west - reach_x < INT16_MIN ? INT16_MIN : s.west - reach_x;
    s.east = s.east + reach_x > INT16_MAX ? INT16_MAX : s.east + reach_x;
    s.south = s.south - reach_y < INT16_MIN ? INT16_MIN : s.south - reach_y;
    s.north = s.north + reach_y > INT16_MAX ? INT16_MAX : s.north + reach_y;
    return s;
}

/* With a reach around the path: of the offsets within an ellipse those farthest from its line count, which is
 * the root of the sum of two squares, and at most the greater and half of the lesser. */
static inline struct geo_strip strip_reaching(struct geo_strip s, float x, float y)
{
    float a = fabsf((float)s.dx * y), b = fabsf((float)s.dy * x);
    float across = ((a + b) + (a > b ? a : b)) / 2;
    return strip_wider(s, (int)x + 1, (int)y + 1, (int)(across * 1.000001f));
}

/* Outlines, or runs: pairs of entry and number of edges, with one point more than edges each. A bit marks the
 * last point of each, where no edge starts. */
struct items {
    const uint8_t *pairs;
    uint32_t points;
    uint64_t entries;
    uint64_t marks[CHUNK_POLY_POINTS_MAX / 64 + 1];
};

static inline void items_init(struct items *items, const uint8_t *pairs, uint32_t count)
{
    uint32_t end = 0, base = 0;
    uint64_t marks = 0, entries = 0;
    for (uint32_t i = 0; i < count; i++) {
        end += pairs[2 * i + 1] + 1u;
        entries |= 1ull << pairs[2 * i];
        for (; end - 1 - base >= 64; base += 64) {
            items->marks[base / 64] = marks;
            marks = 0;
        }
        marks |= 1ull << (end - 1 - base);
    }
    items->marks[base / 64] = marks;
    items->pairs = pairs;
    items->points = end;
    items->entries = entries;
}

static inline uint64_t bits_below(uint64_t bits, uint32_t end)
{
    return end < 64 ? bits & ((1ull << end) - 1) : bits;
}

/* The same from the marks of a chunk that has them. */
static inline void items_marked(struct items *polys, struct items *runs, const struct geo_chunk *c,
                                const uint32_t *words)
{
    uint64_t marks;
    memcpy(&marks, words + 1, sizeof marks);
    uint32_t points = (uint32_t)(marks >> CHUNK_MARKED_POINTS_MAX);
    marks = bits_below(marks, CHUNK_MARKED_POINTS_MAX);
    polys->pairs = c->poly;
    polys->points = points;
    polys->entries = words[3] & 0xffff;
    polys->marks[0] = bits_below(marks, points);
    runs->pairs = c->run;
    runs->entries = words[3] >> 16;
    runs->marks[0] = marks >> points;
    runs->points = runs->marks[0] ? 64 - (uint32_t)__builtin_clzll(runs->marks[0]) : 0;
}

/* Steps through the edges that may touch a strip, in ascending order, 64 at a time. */
struct edge_walk {
    const struct items *items;
    const uint32_t *points;
    struct geo_strip strip;
    uint64_t left, marks;     /* of the 64 points from base on */
    uint32_t base, base_item; /* the item that is open there */
    uint32_t edge, item;
};

static inline void edge_walk_word(struct edge_walk *w)
{
    uint32_t points = w->items->points - w->base, edges = points < 64 ? points : 64;
    w->marks = w->items->marks[w->base / 64];
    w->left = bits_below(strip_bits(w->points + w->base, edges, &w->strip) & ~w->marks, edges);
}

static inline struct edge_walk edge_walk_of(const struct items *items, const uint32_t *points,
                                            struct geo_strip strip)
{
    struct edge_walk w = {.items = items, .points = points, .strip = strip};
    edge_walk_word(&w);
    return w;
}

/* False when there is no more. */
static inline bool edge_walk_next(struct edge_walk *w)
{
    while (!w->left) {
        if (w->base + 64 >= w->items->points) {
            return false;
        }
        w->base_item += (uint32_t)__builtin_popcountll(w->marks);
        w->base += 64;
        edge_walk_word(w);
    }
    uint32_t bit = (uint32_t)__builtin_ctzll(w->left);
    w->left &= w->left - 1;
    w->edge = w->base + bit;
    w->item = w->base_item + (uint32_t)__builtin_popcountll(bits_below(w->marks, bit));
    return true;
}

static inline void near_fence_whole(const struct geo_store *store, struct near_list *near, uint32_t fence)
{
    __builtin_prefetch(&store->fences[fence]);
    near_add(near, fence, NEAR_FENCE, 0);
}

static inline void near_edge(const struct geo_store *store, struct near_list *near, uint32_t fence,
                             uint32_t base, uint8_t source)
{
    if (source == SOURCE_UNKNOWN) {
        near_fence_whole(store, near, fence);
    } else if (source != SOURCE_NONE) {
        bool wide = base & GEO_PLACE_WIDE;
        uint32_t at = (base & ~GEO_PLACE_WIDE) + source;
        __builtin_prefetch(wide ? (const void *)&store->wide[at] : &store->narrow[at]);
        near_add(near, fence, NEAR_EDGE, base + source);
    }
}

static inline void near_outlines(const struct geo_store *store, const struct geo_chunk *c,
                                 const struct items *polys, const uint32_t *base, const struct geo_strip *s,
                                 struct near_list *near)
{
    const uint8_t *sources = (const uint8_t *)(base + c->polys);
    struct edge_walk w = edge_walk_of(polys, c->points, strip_wider(*s, 0, 0, 0));
    while (edge_walk_next(&w)) {
        near_edge(store, near, c->ids[polys->pairs[2 * w.item]], base[w.item], sources[w.edge]);
    }
}

static inline void near_segment(const struct geo_store *store, struct near_list *near, uint32_t fence,
                                uint32_t line, uint32_t ahead)
{
    uint32_t at = (line + ahead) & ~GEO_PLACE_WIDE, wide = line & GEO_PLACE_WIDE;
    __builtin_prefetch(&store->fences[fence]);
    __builtin_prefetch(wide ? (const void *)&store->wide[at] : &store->lines[at]);
    near_add(near, fence, NEAR_SEGMENT, wide | at);
}

/* All runs at once, as far away as the widest of them reaches. */
static inline void near_runs(const struct geo_store *store, const struct geo_chunk *c,
                             const struct items *runs, const uint32_t *points, const struct geo_strip *s,
                             struct near_list *near)
{
    struct edge_walk w = edge_walk_of(runs, points, strip_reaching(*s, c->scale[3], c->scale[4]));
    while (edge_walk_next(&w)) {
        near_segment(store, near, c->ids[runs->pairs[2 * w.item]], c->line[w.item], w.edge);
    }
}

/* A corridor that holds one cell whole names no segments there. */
static inline void near_whole(const struct geo_store *store, const struct geo_chunk *c, uint64_t whole,
                              struct near_list *near)
{
    for (uint32_t i = 0; i < c->exacts; i++) {
        near_fence_whole(store, near, c->ids[c->exact[i]]);
        whole &= ~(1ull << c->exact[i]);
    }
    for (; whole; whole &= whole - 1) {
        uint32_t fence = c->ids[__builtin_ctzll(whole)];
        if (store->kinds[fence] != MW_SHAPE_POLYGON) {
            near_fence_whole(store, near, fence);
        }
    }
}

/* Returns the chunk after this one, or NULL when there is no room. */
static const uint32_t *near_chunk(const struct geo_store *store, const uint32_t *words,
                                  const struct geo_chunk *c, const struct geo_strip *s,
                                  struct near_list *near)
{
    struct items polys, runs;
    if (CHUNK_MARKED(*words)) {
        items_marked(&polys, &runs, c, words);
    } else {
        items_init(&polys, c->poly, c->polys);
        items_init(&runs, c->run, c->runs);
    }
    if (near->count + polys.points + runs.points + c->entries > NEAR_MAX) {
        return NULL;
    }
    const uint32_t *points = c->points + polys.points, *base = points + runs.points;
    if (c->polys) {
        __builtin_prefetch(base);
        near_outlines(store, c, &polys, base, s, near);
    }
    if (c->runs) {
        near_runs(store, c, &runs, points, s, near);
    }
    if (CHUNK_FILLED(*words) || c->exacts) {
        near_whole(store, c, ((1ull << c->entries) - 1) & ~(polys.entries | runs.entries), near);
    }
    return chunk_end(c, polys.points, runs.points);
}

/* Ends of a path in a leaf's steps. */
struct ends {
    int64_t ax, ay, bx, by;
};

/* How far from its cell an outline or run still tells the truth: outlines are closed along a seam 16 steps
 * outside. */
#define SPAN_STEPS 4

static inline bool span_holds(int64_t x, int64_t y)
{
    const int64_t end = TREE_CELL_STEPS + SPAN_STEPS;
    return (x >= -SPAN_STEPS) & (x <= end) & (y >= -SPAN_STEPS) & (y <= end);
}

static inline struct ends ends_swapped(struct ends e)
{
    return (struct ends){e.bx, e.by, e.ax, e.ay};
}

/* The part of the path within the span; false when there is none. */
static bool ends_clipped(const struct geo_trail *trail, double x, double y, double step, struct ends *out)
{
    double low = -SPAN_STEPS * step, high = (TREE_CELL_STEPS + SPAN_STEPS) * step;
    struct geo_span span = {x + low, y + low, x + high, y + high};
    struct geo_xy a = trail->a, b = trail->b;
    if (!geo_clip_segment(&a, &b, &span)) {
        return false;
    }
    *out = (struct ends){(int64_t)floor((a.x - x) / step), (int64_t)floor((a.y - y) / step),
                         (int64_t)floor((b.x - x) / step), (int64_t)floor((b.y - y) / step)};
    return true;
}

static inline int64_t steps_apart(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

static inline int least_of(int64_t a, int64_t b)
{
    int64_t least = a < b ? a : b;
    return (int)(least < -SPAN_STEPS ? -SPAN_STEPS : least);
}

static inline int most_of(int64_t a, int64_t b)
{
    const int64_t end = TREE_CELL_STEPS + SPAN_STEPS;
    int64_t most = a > b ? a : b;
    return (int)(most > end ? end : most);
}

/* The path in a leaf's steps: from an end within it, where the other is not too far off for 16 bits, or else
 * cut to the span. False when it passes by. */
static inline bool strip_of(const struct geo_trail *trail, const struct geo_leaf_at *leaf,
                            struct geo_strip *out)
{
    int shift = (int)CHUNK_SHIFT(*leaf->words), fine = shift - TREE_CELL_BITS;
    uint64_t mask = ~((1ull << shift) - 1), x = leaf->x & mask, y = leaf->y & mask;
    struct geo_place a = trail->from, b = trail->to;
    struct ends e = {(int64_t)(a.x - x) >> fine, (int64_t)(a.y - y) >> fine, (int64_t)(b.x - x) >> fine,
                     (int64_t)(b.y - y) >> fine};
    e = span_holds(e.ax, e.ay) ? e : ends_swapped(e);
    int64_t far_x = steps_apart(e.ax, e.bx), far_y = steps_apart(e.ay, e.by);
    bool short_enough = (far_x <= TREE_CELL_STEPS) & (far_y <= TREE_CELL_STEPS);
    if (!(a.inside & b.inside & span_holds(e.ax, e.ay) & short_enough) &&
        !ends_clipped(trail, (double)x, (double)y, (double)(1ull << fine), &e)) {
        return false;
    }
    *out = (struct geo_strip){.x = (int)e.ax,
                              .y = (int)e.ay,
                              .dx = (int)(e.bx - e.ax),
                              .dy = (int)(e.by - e.ay),
                              .west = least_of(e.ax, e.bx),
                              .east = most_of(e.ax, e.bx),
                              .south = least_of(e.ay, e.by),
                              .north = most_of(e.ay, e.by)};
    return true;
}

/* False when there is no room. */
static bool near_leaf(const struct geo_store *store, const struct geo_trail *trail,
                      const struct geo_leaf_at *leaf, struct near_list *near)
{
    struct geo_strip s;
    if (!strip_of(trail, leaf, &s)) {
        return true;
    }
    for (const uint32_t *words = leaf->words;;) {
        struct geo_chunk c = geo_chunk_open(words);
        words = near_chunk(store, words, &c, &s, near);
        if (!words || !c.more) {
            return words != NULL;
        }
    }
}

#endif
