/*
 * walk_body: the path query of an evaluator, a part of eval_body.h.
 *
 * A fence none of whose edges or segments in the path's leaves comes near the path has one answer for all of
 * it, the one at its start. What does come near is collected as numbers that sort by fence and then in the
 * store's order, and asked exactly, from the store's own points: leaves name the place of each edge and
 * segment, so that all these places are waited for at once, and while the ends of the path are asked. Where a
 * leaf cannot name them, the whole fence is asked. Paths through more leaves, or near more edges, than there
 * is room for are answered by scanning all fences.
 */
#include "capsule.h"
#include "clip.h"
#include "scan.h"
#include "trail.h"

#include <stdlib.h>

#define NEAR_MAX 2048u
#define HELD_MAX 1024u
/* Words of a tree that stays in the cache: nothing is gained by work ahead of its leaves' arrival. */
#define TREE_CACHED_WORDS 500000u
/* So many are sorted by counting for each how many are less. */
#define NEAR_RANKED_MAX 64u

/* In a number of 64 bits: fence, kind, place in the store. */
enum near_kind {
    NEAR_FENCE, /* ask all of it */
    NEAR_SEGMENT,
    NEAR_EDGE,
    NEAR_WIDE_EDGE,
};

struct near_list {
    int64_t items[NEAR_MAX + 8]; /* room for a vector behind the last */
    uint32_t count;
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
    near->items[near->count++] = (int64_t)fence << 34 | (int64_t)kind << 32 | place;
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

/* With a reach around the path: of the offsets within an ellipse those farthest from its line count. */
static inline struct geo_strip strip_reaching(struct geo_strip s, float x, float y)
{
    float a = fabsf((float)s.dx * y), b = fabsf((float)s.dy * x);
    float across = a > b ? a + b / 2 : b + a / 2; /* at least the root of their squares */
    return strip_wider(s, (int)x + 1, (int)y + 1, (int)(across * 1.000001f));
}

/* Outlines, or runs: pairs of entry and number of edges, with one point more than edges each. */
struct items {
    const uint8_t *pairs;
    uint32_t count, points;
    uint64_t entries;
};

static inline struct items items_of(const uint8_t *pairs, uint32_t count)
{
    struct items items = {pairs, count, count, 0};
    for (uint32_t i = 0; i < count; i++) {
        items.points += pairs[2 * i + 1];
        items.entries |= 1ull << pairs[2 * i];
    }
    return items;
}

/* Steps through the edges that may touch a strip, in ascending order. */
struct edge_walk {
    const struct items *items;
    const uint32_t *points;
    struct geo_strip strip;
    uint64_t left; /* of the 64 edges from first on */
    uint32_t first, edge;
    uint32_t item, item_first; /* the item that the present edge belongs to, and its first edge */
};

static inline uint64_t edge_walk_word(const struct edge_walk *w)
{
    uint32_t edges = w->items->points - 1 - w->first;
    uint64_t word = strip_bits(w->points + w->first, edges < 64 ? edges : 64, &w->strip);
    return edges < 64 ? word & ((1ull << edges) - 1) : word;
}

static inline struct edge_walk edge_walk_of(const struct items *items, const uint32_t *points,
                                            struct geo_strip strip)
{
    struct edge_walk w = {.items = items, .points = points, .strip = strip};
    w.left = edge_walk_word(&w);
    return w;
}

/* False when there is no more. What joins two items is no edge. */
static inline bool edge_walk_next(struct edge_walk *w)
{
    const uint8_t *pairs = w->items->pairs;
    while (true) {
        while (!w->left) {
            w->first += 64;
            if (w->first + 1 >= w->items->points) {
                return false;
            }
            w->left = edge_walk_word(w);
        }
        w->edge = w->first + (uint32_t)__builtin_ctzll(w->left);
        w->left &= w->left - 1;
        while (w->edge > w->item_first + pairs[2 * w->item + 1]) {
            w->item_first += pairs[2 * w->item + 1] + 1u;
            w->item++;
        }
        if (w->edge < w->item_first + pairs[2 * w->item + 1]) {
            return true;
        }
    }
}

static inline void near_edge(const struct geo_store *store, struct near_list *near, uint32_t fence,
                             uint32_t base, uint8_t source)
{
    if (source == SOURCE_UNKNOWN) {
        __builtin_prefetch(&store->fences[fence]);
        near_add(near, fence, NEAR_FENCE, 0);
    } else if (source != SOURCE_NONE) {
        bool wide = base & GEO_SOURCE_WIDE;
        uint32_t place = (base & ~GEO_SOURCE_WIDE) + source;
        __builtin_prefetch(wide ? (const void *)&store->wide[place] : &store->narrow[place]);
        near_add(near, fence, wide ? NEAR_WIDE_EDGE : NEAR_EDGE, place);
    }
}

static inline void near_outlines(const struct geo_store *store, const struct geo_chunk *c,
                                 const struct items *polys, const uint32_t *base, const struct geo_strip *s,
                                 struct near_list *near)
{
    const uint8_t *sources = (const uint8_t *)(base + polys->count);
    struct edge_walk w = edge_walk_of(polys, c->points, strip_wider(*s, 0, 0, 0));
    while (edge_walk_next(&w)) {
        near_edge(store, near, c->ids[polys->pairs[2 * w.item]], base[w.item], sources[w.edge]);
    }
}

static inline void near_segment(const struct geo_store *store, struct near_list *near, uint32_t fence,
                                uint32_t line)
{
    __builtin_prefetch(&store->fences[fence]);
    if (line == RUN_NOWHERE) {
        near_add(near, fence, NEAR_FENCE, 0);
    } else {
        __builtin_prefetch(&store->lines[line]);
        near_add(near, fence, NEAR_SEGMENT, line);
    }
}

/* All runs at once, as far away as the widest of them reaches. */
static inline void near_runs(const struct geo_store *store, const struct geo_chunk *c,
                             const struct items *runs, const uint32_t *points, const struct geo_strip *s,
                             struct near_list *near)
{
    float reach = 0;
    for (uint32_t i = 0; i < runs->count; i++) {
        reach = c->scale[3 + i] > reach ? c->scale[3 + i] : reach;
    }
    reach += 2 * c->scale[2];
    struct edge_walk w =
        edge_walk_of(runs, points, strip_reaching(*s, reach / c->scale[0], reach / c->scale[1]));
    while (edge_walk_next(&w)) {
        uint32_t line = c->first_point[w.item];
        near_segment(store, near, c->ids[runs->pairs[2 * w.item]],
                     line == RUN_NOWHERE ? line : line + w.edge - w.item_first);
    }
}

/* A corridor that holds one cell whole names no segments there. */
static inline void near_whole(const struct geo_store *store, const struct geo_chunk *c, uint64_t whole,
                              struct near_list *near)
{
    for (uint32_t i = 0; i < c->exacts; i++) {
        near_segment(store, near, c->ids[c->exact[i]], RUN_NOWHERE);
        whole &= ~(1ull << c->exact[i]);
    }
    for (; whole; whole &= whole - 1) {
        uint32_t fence = c->ids[__builtin_ctzll(whole)];
        if (store->kinds[fence] != MW_SHAPE_POLYGON) {
            near_segment(store, near, fence, RUN_NOWHERE);
        }
    }
}

/* Returns the chunk after this one, or NULL when there is no room. */
static const uint32_t *near_chunk(const struct geo_store *store, const struct geo_chunk *c,
                                  const struct geo_strip *s, struct near_list *near)
{
    struct items polys = items_of(c->poly, c->polys), runs = items_of(c->run, c->runs);
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
    near_whole(store, c, ((1ull << c->entries) - 1) & ~(polys.entries | runs.entries), near);
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
    bool short_enough =
        (steps_apart(e.ax, e.bx) <= TREE_CELL_STEPS) & (steps_apart(e.ay, e.by) <= TREE_CELL_STEPS);
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
        words = near_chunk(store, &c, &s, near);
        if (!words || !c.more) {
            return words != NULL;
        }
    }
}

/* Each once, in ascending order: by counting for each how many are less, without a branch. */
static void near_rank(struct near_list *near)
{
    int64_t ranked[NEAR_RANKED_MAX];
    uint32_t count = near->count, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        ranked[i] = -1; /* stays where one before is the same */
    }
    for (uint32_t i = count; i < (count + 7) / 8 * 8; i++) {
        near->items[i] = INT64_MAX;
    }
    for (uint32_t i = 0; i < count; i++) {
        int64_t item = near->items[i];
        uint32_t less = 0;
        for (uint32_t j = 0; j < count; j += 8) {
            less += count_less(near->items + j, item);
        }
        ranked[less] = item;
    }
    for (uint32_t i = 0; i < count; i++) {
        near->items[kept] = ranked[i];
        kept += ranked[i] >= 0;
    }
    near->count = kept;
}

static void merge(const int64_t *from, uint32_t middle, uint32_t end, int64_t *to)
{
    for (uint32_t a = 0, b = middle, i = 0; i < end; i++) {
        bool first = b == end || (a < middle && from[a] <= from[b]);
        to[i] = first ? from[a++] : from[b++];
    }
}

/* The same for many: merges ever longer stretches. */
static void near_merge(struct near_list *near)
{
    int64_t spare[NEAR_MAX];
    uint32_t count = near->count, kept = 0;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t at = 0; at < count; at += 2 * width) {
            uint32_t left = count - at;
            merge(near->items + at, width < left ? width : left, 2 * width < left ? 2 * width : left,
                  spare + at);
        }
        memcpy(near->items, spare, count * sizeof *spare);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!kept || near->items[i] != near->items[kept - 1]) {
            near->items[kept++] = near->items[i];
        }
    }
    near->count = kept;
}

/* What the segments cut out of the path, in their order. */
struct cuts {
    double start[NEAR_MAX + CAPSULES_AT_ONCE], end[NEAR_MAX + CAPSULES_AT_ONCE];
};

static void cut_segments(const struct geo_store *store, const struct geo_path *path,
                         const struct near_list *near, struct cuts *out)
{
    struct geo_segments s = {.radius_m = {0}};
    uint32_t count = 0;
    for (uint32_t i = 0; i < near->count; i++) {
        int64_t item = near->items[i];
        if (near_kind(item) != NEAR_SEGMENT) {
            continue;
        }
        const struct geo_line_point *p = &store->lines[near_place(item)];
        uint32_t lane = count++ % CAPSULES_AT_ONCE;
        s.ax[lane] = p[0].at.lon;
        s.ay[lane] = p[0].at.lat;
        s.bx[lane] = p[1].at.lon;
        s.by[lane] = p[1].at.lat;
        s.radius_m[lane] = store->fences[near_fence(item)].radius_m;
        if (lane + 1 == CAPSULES_AT_ONCE) {
            cut_narrow(path, &s, CAPSULES_AT_ONCE, out->start + count - CAPSULES_AT_ONCE,
                       out->end + count - CAPSULES_AT_ONCE);
        }
    }
    uint32_t left = count % CAPSULES_AT_ONCE;
    if (left) {
        cut_narrow(path, &s, left, out->start + count - left, out->end + count - left);
    }
}

static bool cross_edges(const struct geo_store *store, const struct geo_path *path, const int64_t *items,
                        uint32_t count, struct mw_crossing *crossing)
{
    struct geo_edge_at edges[NEAR_MAX];
    for (uint32_t i = 0; i < count; i++) {
        edges[i] = (struct geo_edge_at){near_place(items[i]), near_kind(items[i]) == NEAR_WIDE_EDGE};
    }
    return geo_cross_edges(store, path, edges, count, crossing);
}

struct held {
    uint32_t fences[HELD_MAX];
    size_t count, at;
};

/* Whether the list, walked in ascending order, has the fence. */
static inline bool held_next(struct held *held, uint32_t fence)
{
    while (held->at < held->count && held->fences[held->at] < fence) {
        held->at++;
    }
    return held->at < held->count && held->fences[held->at] == fence;
}

static void ask_end(const struct mw_index *index, const uint32_t *leaf, struct geo_place at,
                    struct mw_point p, struct held *out_held)
{
    out_held->count = leaf ? eval_leaf(index, leaf, at, p, out_held->fences, HELD_MAX) : 0;
}

/* All that is near, and how far the answer has come in it. */
struct near_walk {
    const struct near_list *near;
    const struct cuts *cuts;
    uint32_t at, segments;
};

/* The answer about the fence that comes next. */
static bool ask_near(const struct geo_store *store, const struct geo_path *path, struct near_walk *w,
                     struct mw_crossing *crossing)
{
    const int64_t *items = w->near->items + w->at;
    uint32_t count = 1, segments = near_kind(items[0]) == NEAR_SEGMENT;
    while (w->at + count < w->near->count && near_fence(items[count]) == crossing->fence) {
        segments += near_kind(items[count++]) == NEAR_SEGMENT;
    }
    uint32_t first = w->segments;
    w->at += count;
    w->segments += segments;
    switch (near_kind(items[0])) {
    case NEAR_SEGMENT:
        return geo_cross_cuts(path, w->cuts->start + first, w->cuts->end + first, count, crossing);
    case NEAR_EDGE:
    case NEAR_WIDE_EDGE:
        return cross_edges(store, path, items, count, crossing);
    case NEAR_FENCE:
        break;
    }
    return geo_fence_cross(store, path, crossing);
}

/* Polygons that hold the start and whose border is nowhere near hold the whole path. */
static size_t answer(const struct geo_store *store, const struct geo_path *path, struct near_walk *w,
                     struct held *first, struct held *last, struct mw_crossing *out, size_t cap)
{
    size_t count = 0;
    struct mw_crossing unwanted;
    const struct near_list *near = w->near;
    while (first->at < first->count || w->at < near->count) {
        bool is_near = w->at < near->count && (first->at == first->count ||
                                               near_fence(near->items[w->at]) <= first->fences[first->at]);
        uint32_t fence = is_near ? near_fence(near->items[w->at]) : first->fences[first->at];
        struct mw_crossing *crossing = count < cap ? &out[count] : &unwanted;
        *crossing = (struct mw_crossing){fence, held_next(first, fence), true, 0, 1, path->length_m};
        first->at += crossing->inside_from;
        bool meets = true;
        if (is_near) {
            crossing->inside_to = held_next(last, fence);
            meets = ask_near(store, path, w, crossing);
        }
        count += meets;
    }
    return count;
}

static size_t eval_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                        struct mw_crossing *out, size_t cap)
{
    const struct geo_store *store = &index->store;
    struct geo_trail trail;
    if (!index->tree.root || !geo_on_globe(from) || !geo_on_globe(to)) {
        return 0;
    }
    geo_trail_follow(&index->tree, from, to, &trail);
    if (!trail.count && !trail.overflow) {
        return 0;
    }
    bool on_their_way = index->tree.word_count > TREE_CACHED_WORDS;
    struct geo_path path;
    if (on_their_way) {
        path = geo_path_of(from, to);
    }
    struct near_list near;
    near.count = 0;
    bool fits = !trail.overflow;
    for (uint32_t i = 0; i < trail.count && fits; i++) {
        fits = near_leaf(store, &trail, &trail.leaves[i], &near);
    }
    struct held first, last;
    first.at = first.count = last.at = last.count = 0;
    ask_end(index, trail.from_leaf, trail.from, from, &first);
    if (near.count) {
        ask_end(index, trail.to_leaf, trail.to, to, &last);
    }
    if (!fits || first.count > HELD_MAX || last.count > HELD_MAX) {
        return geo_scan_path(store, from, to, out, cap);
    }
    if (!first.count && !near.count) {
        return 0;
    }
    if (!on_their_way) {
        path = geo_path_of(from, to);
    }
    struct cuts cuts;
    if (near.count > NEAR_RANKED_MAX) {
        near_merge(&near);
    } else if (near.count > 1) {
        near_rank(&near);
    }
    cut_segments(store, &path, &near, &cuts);
    struct near_walk w = {.near = &near, .cuts = &cuts};
    return answer(store, &path, &w, &first, &last, out, cap);
}
