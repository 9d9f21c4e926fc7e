/*
 * walk_body: the path query of an evaluator; a part of eval_body.h.
 *
 * A fence whose edges and segments all stay away from the path has one answer for the whole path: the answer
 * at its start. Edges and segments that do come near are collected as near items (near_body.h) and tested
 * exactly, on the store's own points. A leaf names the place of each edge and segment in the store, so all
 * these places are prefetched at once, and they arrive while the ends of the path are asked. If a leaf cannot
 * name them, the whole fence is asked. If the path passes more leaves, or comes near more edges, than there
 * is room for, all fences are scanned instead.
 */
#ifndef MW_GEO_WALK_BODY_H
#define MW_GEO_WALK_BODY_H

#include "capsule.h"
#include "cross.h"
#include "near_body.h"
#include "scan.h"

#define HELD_MAX 1024u
/* A tree with at most this many words stays in the cache, so there is no wait for its leaves that other work
 * could fill. */
#define TREE_CACHED_WORDS 500000u
/* Up to this many items are sorted by near_rank, more by near_merge. */
#define NEAR_RANKED_MAX 64u

/* Sorts the items and drops repeated ones. For each item it counts how many are less, eight at a time and
 * without branches; that number is its rank. */
static void near_rank(struct near_list *near)
{
    int64_t ranked[NEAR_RANKED_MAX + 1];
    uint32_t padded = (near->count + 7) / 8 * 8, kept = 0;
    for (uint32_t i = 0; i < 8; i++)
        near->items[near->count + i] = INT64_MAX;
    for (uint32_t i = 0; i < padded; i++)
        ranked[i] = -1; /* stays where an item repeats */
    for (uint32_t i = 0; i < padded; i++) {
        int64_t item = near->items[i];
        uint32_t less = 0;
        for (uint32_t j = 0; j < padded; j += 8)
            less += count_less(near->items + j, item);
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

/* The same for many items: merges sorted stretches of doubling length. */
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
    for (uint32_t i = 0; i < count; i++)
        if (!kept || near->items[i] != near->items[kept - 1])
            near->items[kept++] = near->items[i];
    near->count = kept;
}

/* The stretch of the path that lies in the capsule of each near segment; after join_groups, of each fence.
 * For other items it means nothing. */
struct cuts {
    double start[NEAR_MAX + CAPSULES_AT_ONCE], end[NEAR_MAX + CAPSULES_AT_ONCE];
};

static inline void lay_narrow(struct geo_segments *s, uint32_t lane, const struct geo_line_point *p)
{
    s->ax[lane] = p[0].at.lon;
    s->ay[lane] = p[0].at.lat;
    s->bx[lane] = p[1].at.lon;
    s->by[lane] = p[1].at.lat;
}

static inline void lay_wide(struct geo_wide_segments *s, uint32_t lane, const struct geo_xy *p)
{
    s->ax[lane] = p[0].x;
    s->ay[lane] = p[0].y;
    s->bx[lane] = p[1].x;
    s->by[lane] = p[1].y;
}

/* A row of near items that are computed at once, and where their stretches go. */
struct row {
    const int64_t *items;
    uint32_t count;
    double *out_start, *out_end;
};

/* The same as cut_narrow for a row in which some segments belong to wide lines. */
static void cut_wide_ones(const struct geo_store *store, const struct geo_path *path, struct row row,
                          const struct geo_segments *narrow)
{
    const int64_t *items = row.items;
    struct geo_wide_segments s;
    for (uint32_t lane = 0; lane < CAPSULES_AT_ONCE; lane++) {
        bool wide = lane < row.count && near_kind(items[lane]) == NEAR_SEGMENT &&
                    near_place(items[lane]) & GEO_PLACE_WIDE;
        s.radius_m[lane] = narrow->radius_m[lane];
        if (wide) {
            lay_wide(&s, lane, &store->wide[near_place(items[lane]) & ~GEO_PLACE_WIDE]);
        } else {
            const struct geo_xy p[2] = {{narrow->ax[lane] / GEO_SCALE, narrow->ay[lane] / GEO_SCALE},
                                        {narrow->bx[lane] / GEO_SCALE, narrow->by[lane] / GEO_SCALE}};
            lay_wide(&s, lane, p);
        }
    }
    cut_wide(path, &s, row.count, row.out_start, row.out_end);
}

static void cut_segments(const struct geo_store *store, const struct geo_path *path,
                         const struct near_list *near, struct cuts *out)
{
    /* Items that are not segments read the first line and fence instead, so that no branch is needed. */
    static const struct geo_line_point no_lines[2];
    const struct geo_line_point *lines = store->line_count > 1 ? store->lines : no_lines;
    struct geo_segments s;
    memset(&s, 0, sizeof s);
    for (uint32_t at = 0; at < near->count; at += CAPSULES_AT_ONCE) {
        uint32_t count = near->count - at < CAPSULES_AT_ONCE ? near->count - at : CAPSULES_AT_ONCE, wide = 0;
        for (uint32_t lane = 0; lane < count; lane++) {
            int64_t item = near->items[at + lane];
            uint32_t segment = 0 - (uint32_t)(near_kind(item) == NEAR_SEGMENT), place = near_place(item);
            uint32_t narrow = 0 - (uint32_t) !(place & GEO_PLACE_WIDE);
            wide |= segment & ~narrow;
            lay_narrow(&s, lane, lines + (place & segment & narrow));
            s.radius_m[lane] = store->fences[near_fence(item) & segment].radius_m;
        }
        const struct row row = {near->items + at, count, out->start + at, out->end + at};
        if (wide)
            cut_wide_ones(store, path, row, &s);
        else
            cut_narrow(path, &s, count, out->start + at, out->end + at);
    }
}

/* The near items of one fence make a group; they follow each other. */
struct groups {
    uint32_t count;
    uint32_t end[NEAR_MAX + 1];
    bool joined[NEAR_MAX + 1]; /* the stretches of its segments are one */
};

/* Unites the stretches of each group, and puts the result at the group's number. There are no branches, since
 * the size of groups cannot be predicted. */
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

/* The same as geo_cross_corridor for one stretch; no stretch is one from infinity to minus infinity. */
static inline bool cross_cut(const struct geo_path *path, double start, double end, struct mw_crossing *found)
{
    static const double counts[2] = {0, 1}; /* so that the compiler makes no branch */
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
        uint32_t place = near_place(items[i]);
        edges[i] = (struct geo_edge_at){place & ~GEO_PLACE_WIDE, place & GEO_PLACE_WIDE};
    }
    return geo_cross_edges(store, path, edges, count, crossing);
}

/* The fences that hold one end of the path, in ascending order. */
struct held {
    uint32_t fences[HELD_MAX + 16]; /* a vector may write behind the last */
    size_t count;
};

static void ask_end(const struct mw_index *index, const uint32_t *leaf, struct geo_place at,
                    struct mw_point p, struct held *out_held)
{
    const struct room room = {out_held->fences, HELD_MAX};
    out_held->count = leaf != NULL ? eval_leaf(index, leaf, at, p, room) : 0;
}

static inline bool held_has(const struct held *held, uint32_t fence)
{
    bool found = false;
    for (size_t i = 0; i < held->count; i += 16)
        found |= has_id(held->fences + i, held->count - i, fence);
    return found;
}

/* Everything that comes near the path. */
struct met {
    const struct geo_store *store;
    const struct geo_path *path;
    struct near_list *near;
    struct cuts cuts;
    struct groups groups;
};

/* Fills in the answer for the fence of a group, whose items start at `first`; false if the path does not meet
 * it. */
static inline bool ask_group(const struct met *met, uint32_t group, uint32_t first,
                             struct mw_crossing *crossing)
{
    const int64_t *items = met->near->items + first;
    enum near_kind kind = near_kind(*items);
    if ((kind == NEAR_SEGMENT) & met->groups.joined[group])
        return cross_cut(met->path, met->cuts.start[group], met->cuts.end[group], crossing);
    if (kind == NEAR_EDGE)
        return cross_edges(met->store, met->path, items, met->groups.end[group] - first, crossing);
    return geo_fence_cross(met->store, met->path, crossing);
}

/* The answer of a query: to `out` while there is room, to `unwanted` after that. */
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

/* Goes through the groups and the fences that hold the path's start, both in ascending order. A fence that
 * holds the start and has no group holds the whole path. */
static size_t answer(struct met *met, const struct held *first, const struct held *last, struct answers *a)
{
    const struct geo_path *path = met->path;
    const struct groups *groups = &met->groups;
    size_t held = 0;
    cut_segments(met->store, path, met->near, &met->cuts);
    join_groups(met->near, &met->cuts, &met->groups);
    for (uint32_t group = 0, item = 0; group < groups->count; item = groups->end[group++]) {
        uint32_t fence = near_fence(met->near->items[item]);
        for (; held < first->count && first->fences[held] < fence; held++) {
            answer_start(a, first->fences[held], true, true, path->length_m);
            a->count++;
        }
        bool inside_from = held < first->count && first->fences[held] == fence;
        struct mw_crossing *crossing =
            answer_start(a, fence, inside_from, held_has(last, fence), path->length_m);
        a->count += ask_group(met, group, item, crossing);
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
    if (index->tree.root == NULL || !geo_on_globe(from) || !geo_on_globe(to))
        return 0;
    geo_trail_follow(&index->tree, from, to, &trail);
    if (!trail.count && !trail.overflow)
        return 0;
    bool on_their_way = index->tree.word_count > TREE_CACHED_WORDS;
    struct geo_path path;
    if (on_their_way)
        path = geo_path_of(from, to);
    struct near_list near;
    near.count = 0;
    near.last = -1;
    near.ordered = true;
    bool fits = !trail.overflow;
    for (uint32_t i = 0; i < trail.count && fits; i++)
        fits = near_leaf(store, &trail, &trail.leaves[i], &near);
    struct held first, last;
    first.count = last.count = 0;
    ask_end(index, trail.from_leaf, trail.from, from, &first);
    if (near.count)
        ask_end(index, trail.to_leaf, trail.to, to, &last);
    if (!fits || first.count > HELD_MAX || last.count > HELD_MAX)
        return geo_scan_path(store, from, to, out, cap);
    if (!first.count && !near.count)
        return 0;
    if (!on_their_way)
        path = geo_path_of(from, to);
    if (near.count > NEAR_RANKED_MAX)
        near_merge(&near);
    else if (!near.ordered)
        near_rank(&near);
    struct answers answers = {.out = out, .cap = cap};
    struct met met; /* it is large, so it is not cleared */
    met.store = store;
    met.path = &path;
    met.near = &near;
    return answer(&met, &first, &last, &answers);
}

#endif
