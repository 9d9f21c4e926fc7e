/*
 * near_body: finds the edges and segments of a path's leaves that come near the path; a part of walk_body.h.
 *
 * The path's part in a leaf is a strip in small integers. All edges of the leaf's outlines and all segments
 * of its runs are compared with the strip, 64 at a time. Those that may touch it are kept as numbers, which
 * sort by fence and then by their place in the store.
 */
#ifndef MW_GEO_NEAR_BODY_H
#define MW_GEO_NEAR_BODY_H

#include "clip.h"
#include "trail.h"

#include <stdlib.h>

#define NEAR_MAX 1024u

/* A near item is a number of 64 bits: fence, kind, place in the store's points. */
enum near_kind {
    NEAR_FENCE, /* the whole fence has to be asked */
    NEAR_SEGMENT,
    NEAR_EDGE,
};

struct near_list {
    int64_t items[NEAR_MAX + 8]; /* a vector may read behind the last */
    int64_t last;
    uint32_t count;
    bool ordered; /* every item is greater than the one before */
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

/* The strip, widened by a reach. Points and the ends of the path are rounded down to steps, so each is wrong
 * by less than a step; three more steps make up for that. */
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

/* The strip, widened by an ellipse with half-axes x and y. What counts is the offset in the ellipse that is
 * farthest from the path's line: the root of the sum of two squares, which is at most the greater of the two
 * plus half of the lesser. */
static inline struct geo_strip strip_reaching(struct geo_strip s, float x, float y)
{
    float a = fabsf((float)s.dx * y), b = fabsf((float)s.dy * x);
    float across = ((a + b) + (a > b ? a : b)) / 2;
    return strip_wider(s, (int)x + 1, (int)y + 1, (int)(across * 1.000001f));
}

/* The outlines of a chunk, or its runs. Of each item, `pairs` has the entry and the number of edges; it
 * has one point more than edges. A bit of `marks` is set for the last point of each item, where no edge
 * starts. */
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

/* The same for a chunk that has marks. */
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

/* A walk through the edges that may touch a strip, in ascending order. Edges are compared 64 at a time. */
struct edge_walk {
    const struct items *items;
    const uint32_t *points;
    struct geo_strip strip;
    uint64_t left, marks;     /* of the 64 points from `base` on: edges not visited yet, marks */
    uint32_t base, base_item; /* base_item: the item that the point `base` belongs to */
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

/* Goes to the next edge; false if there is none. */
static inline bool edge_walk_next(struct edge_walk *w)
{
    while (!w->left) {
        if (w->base + 64 >= w->items->points)
            return false;
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

/* The search of one leaf: the path as a strip in the leaf's steps, and the list that takes what is found. */
struct search {
    const struct geo_store *store;
    const struct geo_strip *strip;
    struct near_list *near;
};

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

/* `base` is the first word behind the chunk's points: the base of each outline, then the sources of edges. */
static inline void near_outlines(const struct search *search, const struct geo_chunk *c,
                                 const struct items *polys, const uint32_t *base)
{
    const uint8_t *sources = (const uint8_t *)(base + c->polys);
    struct edge_walk w = edge_walk_of(polys, c->points, strip_wider(*search->strip, 0, 0, 0));
    while (edge_walk_next(&w)) {
        uint32_t fence = c->ids[polys->pairs[2 * w.item]];
        near_edge(search->store, search->near, fence, base[w.item], sources[w.edge]);
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

/* All runs are compared at once, with the reach of the widest of them. */
static inline void near_runs(const struct search *search, const struct geo_chunk *c, const struct items *runs,
                             const uint32_t *points)
{
    struct geo_strip reaching = strip_reaching(*search->strip, c->scale[3], c->scale[4]);
    struct edge_walk w = edge_walk_of(runs, points, reaching);
    while (edge_walk_next(&w)) {
        uint32_t fence = c->ids[runs->pairs[2 * w.item]];
        near_segment(search->store, search->near, fence, c->line[w.item], w.edge);
    }
}

/* Entries without items. A corridor that holds the whole cell names no segments there, so the fence is
 * asked. */
static inline void near_whole(const struct search *search, const struct geo_chunk *c, uint64_t whole)
{
    const struct geo_store *store = search->store;
    struct near_list *near = search->near;
    for (uint32_t i = 0; i < c->exacts; i++) {
        near_fence_whole(store, near, c->ids[c->exact[i]]);
        whole &= ~(1ull << c->exact[i]);
    }
    for (; whole; whole &= whole - 1) {
        uint32_t fence = c->ids[__builtin_ctzll(whole)];
        if (store->kinds[fence] != MW_SHAPE_POLYGON)
            near_fence_whole(store, near, fence);
    }
}

/* Returns the chunk behind this one; NULL if the list has no room. */
static const uint32_t *near_chunk(const struct search *search, const uint32_t *words,
                                  const struct geo_chunk *c)
{
    struct items polys, runs;
    if (CHUNK_MARKED(*words)) {
        items_marked(&polys, &runs, c, words);
    } else {
        items_init(&polys, c->poly, c->polys);
        items_init(&runs, c->run, c->runs);
    }
    if (search->near->count + polys.points + runs.points + c->entries > NEAR_MAX)
        return NULL;
    const uint32_t *points = c->points + polys.points, *base = points + runs.points;
    if (c->polys) {
        __builtin_prefetch(base);
        near_outlines(search, c, &polys, base);
    }
    if (c->runs)
        near_runs(search, c, &runs, points);
    if (CHUNK_FILLED(*words) || c->exacts)
        near_whole(search, c, ((1ull << c->entries) - 1) & ~(polys.entries | runs.entries));
    return chunk_end(c, polys.points, runs.points);
}

/* The ends of a path in a leaf's steps. */
struct ends {
    int64_t ax, ay, bx, by;
};

/* So many steps outside the cell, the cell's outlines and runs are still right: outlines are closed along a
 * line 16 steps outside. */
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

/* The part of the path within the cell and SPAN_STEPS around it; false if there is none. */
static bool ends_clipped(const struct geo_trail *trail, double x, double y, double step, struct ends *out)
{
    double low = -SPAN_STEPS * step, high = (TREE_CELL_STEPS + SPAN_STEPS) * step;
    struct geo_span span = {x + low, y + low, x + high, y + high};
    struct geo_xy a = trail->a, b = trail->b;
    if (!geo_clip_segment(&a, &b, &span))
        return false;
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

/* The path as a strip in the leaf's steps; false if it misses the cell. The strip starts at an end of the
 * path that lies in the cell, if there is one and the other end is near enough for 16 bits; else the path is
 * cut to the cell first. */
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
        !ends_clipped(trail, (double)x, (double)y, (double)(1ull << fine), &e))
        return false;
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

/* Adds what comes near the path in one leaf; false if the list has no room. */
static bool near_leaf(const struct geo_store *store, const struct geo_trail *trail,
                      const struct geo_leaf_at *leaf, struct near_list *near)
{
    struct geo_strip s;
    if (!strip_of(trail, leaf, &s))
        return true;
    const struct search search = {store, &s, near};
    for (const uint32_t *words = leaf->words;;) {
        struct geo_chunk c = geo_chunk_open(words);
        words = near_chunk(&search, words, &c);
        if (words == NULL || !c.more)
            return words != NULL;
    }
}

#endif
