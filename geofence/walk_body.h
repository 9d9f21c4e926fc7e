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

#define NEAR_MAX 1024u
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
    const uint8_t *sources = (const uint8_t *)(base + c->polys);
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
    struct edge_walk w = edge_walk_of(runs, points, strip_reaching(*s, c->scale[3], c->scale[4]));
    while (edge_walk_next(&w)) {
        uint32_t line = c->line[w.item];
        near_segment(store, near, c->ids[runs->pairs[2 * w.item]],
                     line == RUN_NOWHERE ? line : line + w.edge);
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
        words = near_chunk(store, words, &c, &s, near);
        if (!words || !c.more) {
            return words != NULL;
        }
    }
}

/* Each once, in ascending order: by counting for each how many are less, eight at a time and without a
 * branch.
 */
static void near_rank(struct near_list *near)
{
    int64_t ranked[NEAR_RANKED_MAX + 1];
    uint32_t padded = (near->count + 7) / 8 * 8, kept = 0;
    for (uint32_t i = 0; i < 8; i++) {
        near->items[near->count + i] = INT64_MAX;
    }
    for (uint32_t i = 0; i < padded; i++) {
        ranked[i] = -1; /* stays where one before is the same */
    }
    for (uint32_t i = 0; i < padded; i++) {
        int64_t item = near->items[i];
        uint32_t less = 0;
        for (uint32_t j = 0; j < padded; j += 8) {
            less += count_less(near->items + j, item);
        }
        ranked[less] = item;
    }
    for (uint32_t i = 0; i < padded; i++) {
        near->items[kept] = ranked[i];
        kept += (ranked[i] >= 0) & (ranked[i] < INT64_MAX);
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

/* What the segments among the near items cut out of the path, or all those of one fence together; nothing of
 * meaning for other items. */
struct cuts {
    double start[NEAR_MAX + CAPSULES_AT_ONCE], end[NEAR_MAX + CAPSULES_AT_ONCE];
};

static void cut_segments(const struct geo_store *store, const struct geo_path *path,
                         const struct near_list *near, struct cuts *out)
{
    /* Other items read the first line and fence, for which no branch is needed. */
    static const struct geo_line_point no_lines[2];
    const struct geo_line_point *lines = store->line_count > 1 ? store->lines : no_lines;
    struct geo_segments s;
    memset(&s, 0, sizeof s);
    for (uint32_t at = 0; at < near->count; at += CAPSULES_AT_ONCE) {
        uint32_t count = near->count - at < CAPSULES_AT_ONCE ? near->count - at : CAPSULES_AT_ONCE;
        for (uint32_t lane = 0; lane < count; lane++) {
            int64_t item = near->items[at + lane];
            uint32_t mask = 0 - (uint32_t)(near_kind(item) == NEAR_SEGMENT);
            const struct geo_line_point *p = lines + (near_place(item) & mask);
            s.ax[lane] = p[0].at.lon;
            s.ay[lane] = p[0].at.lat;
            s.bx[lane] = p[1].at.lon;
            s.by[lane] = p[1].at.lat;
            s.radius_m[lane] = store->fences[near_fence(item) & mask].radius_m;
        }
        cut_narrow(path, &s, count, out->start + at, out->end + at);
    }
}

/* Near items of one fence, which lie in a row. */
struct groups {
    uint32_t count;
    uint32_t end[NEAR_MAX + 1];
    bool joined[NEAR_MAX + 1]; /* its segments cut one stretch out of the path */
};

/* Puts the cuts of each group in the place of that group's number. Without branches: groups are of any size.
 */
static void join_groups(struct near_list *near, struct cuts *cuts, struct groups *out)
{
    static const double above[2] = {-HUGE_VAL, HUGE_VAL}, below[2] = {HUGE_VAL, -HUGE_VAL};
    double start = HUGE_VAL, end = -HUGE_VAL;
    bool joined = true;
    uint32_t group = 0;
    near->items[near->count] = INT64_MAX;
    for (uint32_t i = 0; i < near->count; i++) {
        double from = cuts->start[i], to = cuts->end[i];
        bool apart = (from > end) | (to < start), both = (start <= end) & (from <= to);
        bool last = near_fence(near->items[i]) != near_fence(near->items[i + 1]);
        joined &= !(apart & both);
        start = from < start ? from : start;
        end = to > end ? to : end;
        cuts->start[group] = start;
        cuts->end[group] = end;
        out->joined[group] = joined;
        out->end[group] = i + 1;
        group += last;
        joined |= last;
        start = start > above[last] ? start : above[last];
        end = end < below[last] ? end : below[last];
    }
    out->count = group;
}

/* As geo_cross_corridor has it, for one stretch, or none: then it starts at infinity and ends below 0. */
static inline bool cross_cut(const struct geo_path *path, double start, double end, struct mw_crossing *found)
{
    static const double counts[2] = {0, 1}; /* keeps the compiler from branches */
    bool any = start <= end, from = found->inside_from, to = found->inside_to;
    double inside = end - start;
    found->enter = counts[!from] * (start < 1 ? start : 1);
    found->leave = counts[to] + counts[!to] * (end > 0 ? end : 0);
    found->inside_m = (inside > 0 ? inside : 0) * path->length_m;
    return any | from | to;
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

/* Fences that hold an end of the path, in ascending order. */
struct held {
    uint32_t fences[HELD_MAX + 16]; /* room for a vector behind the last */
    size_t count;
};

static void ask_end(const struct mw_index *index, const uint32_t *leaf, struct geo_place at,
                    struct mw_point p, struct held *out_held)
{
    out_held->count = leaf ? eval_leaf(index, leaf, at, p, out_held->fences, HELD_MAX) : 0;
}

static inline bool held_has(const struct held *held, uint32_t fence)
{
    bool found = false;
    for (size_t i = 0; i < held->count; i += 16) {
        found |= has_id(held->fences + i, held->count - i, fence);
    }
    return found;
}

/* The answer about the fence of a group, whose items start at first. */
static inline bool ask_group(const struct geo_store *store, const struct geo_path *path, const int64_t *items,
                             const struct cuts *cuts, const struct groups *groups, uint32_t group,
                             uint32_t first, struct mw_crossing *crossing)
{
    enum near_kind kind = near_kind(items[first]);
    if ((kind == NEAR_SEGMENT) & groups->joined[group]) {
        return cross_cut(path, cuts->start[group], cuts->end[group], crossing);
    }
    if ((kind == NEAR_EDGE) | (kind == NEAR_WIDE_EDGE)) {
        return cross_edges(store, path, items + first, groups->end[group] - first, crossing);
    }
    return geo_fence_cross(store, path, crossing);
}

/* Where the answer goes: to out while there is room. */
struct answers {
    struct mw_crossing *out, unwanted;
    size_t count, cap;
};

static inline struct mw_crossing *answer_start(struct answers *a, uint32_t fence, bool inside_from,
                                               bool inside_to, double length_m)
{
    struct mw_crossing *crossing = a->count < a->cap ? &a->out[a->count] : &a->unwanted;
    *crossing = (struct mw_crossing){fence, inside_from, inside_to, 0, 1, length_m};
    return crossing;
}

/* Polygons that hold the start and whose border is nowhere near hold the whole path. */
static size_t answer(const struct geo_store *store, const struct geo_path *path, struct near_list *near,
                     const struct held *first, const struct held *last, struct answers *a)
{
    struct cuts cuts;
    struct groups groups;
    size_t held = 0;
    cut_segments(store, path, near, &cuts);
    join_groups(near, &cuts, &groups);
    for (uint32_t group = 0, item = 0; group < groups.count; item = groups.end[group++]) {
        uint32_t fence = near_fence(near->items[item]);
        for (; held < first->count && first->fences[held] < fence; held++) {
            answer_start(a, first->fences[held], true, true, path->length_m);
            a->count++;
        }
        bool inside_from = held < first->count && first->fences[held] == fence;
        struct mw_crossing *crossing =
            answer_start(a, fence, inside_from, held_has(last, fence), path->length_m);
        a->count += ask_group(store, path, near->items, &cuts, &groups, group, item, crossing);
        held += inside_from;
    }
    for (; held < first->count; held++) {
        answer_start(a, first->fences[held], true, true, path->length_m);
        a->count++;
    }
    return a->count;
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
    near.last = -1;
    near.ordered = true;
    bool fits = !trail.overflow;
    for (uint32_t i = 0; i < trail.count && fits; i++) {
        fits = near_leaf(store, &trail, &trail.leaves[i], &near);
    }
    struct held first, last;
    first.count = last.count = 0;
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
    if (near.count > NEAR_RANKED_MAX) {
        near_merge(&near);
    } else if (!near.ordered) {
        near_rank(&near);
    }
    struct answers answers = {.out = out, .cap = cap};
    return answer(store, &path, &near, &first, &last, &answers);
}
