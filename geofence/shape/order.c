#include "order.h"

#include "predicate.h"

#include <string.h>

/* No node. Nodes are numbers of edges, plus one. */
#define NONE 0u

/* The edges that the line meets, as a treap: ordered along the line, and a heap by a hash of their numbers.
 * */
struct order {
    const struct geo_edge *edges;
    uint32_t *lower, *upper; /* of each node: its subtrees of edges below and above it */
    uint32_t root;
    uint32_t *events; /* 2 * edge, its western end; 2 * edge + 1, its eastern */
    uint32_t event_count;
};

static bool before(struct geo_xy a, struct geo_xy b)
{
    return a.x < b.x || (a.x == b.x && a.y < b.y);
}

static struct geo_xy west_of(const struct geo_edge *e)
{
    return before(e->b, e->a) ? e->b : e->a;
}

static struct geo_xy east_of(const struct geo_edge *e)
{
    return before(e->b, e->a) ? e->a : e->b;
}

/* ---- events, from west to east; at one place the ends of edges come before the beginnings ---- */

static struct geo_xy place_of(const struct order *o, uint32_t event)
{
    const struct geo_edge *e = &o->edges[event / 2];
    return event % 2 ? east_of(e) : west_of(e);
}

static bool comes_before(const struct order *o, uint32_t a, uint32_t b)
{
    struct geo_xy p = place_of(o, a), q = place_of(o, b);
    if (p.x != q.x || p.y != q.y)
        return before(p, q);
    return a % 2 != b % 2 ? a % 2 == 1 : a < b;
}

/* Merges two sorted runs, [0, middle) and [middle, count). */
static void merge(const struct order *o, const uint32_t *from, uint32_t middle, uint32_t count, uint32_t *to)
{
    const uint32_t *left = from, *right = from + middle, *end = from + count;
    while (left < from + middle && right < end)
        *to++ = comes_before(o, *right, *left) ? *right++ : *left++;
    size_t rest = (size_t)(from + middle - left);
    memcpy(to, left, rest * sizeof *to);
    memcpy(to + rest, right, (size_t)(end - right) * sizeof *to);
}

/* By merging: the edges of an outline follow each other, so runs lie close together in memory. What holds the subtrees later is the room. */
static void sort_events(struct order *o)
{
    uint32_t *from = o->events, *to = o->lower, count = o->event_count;
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t at = 0; at < count; at += 2 * width) {
            uint64_t left = count - at;
            merge(o, from + at, (uint32_t)(left < width ? left : width),
                  (uint32_t)(left < 2 * width ? left : 2 * width), to + at);
        }
        uint32_t *merged = to;
        to = from;
        from = merged;
    }
    if (from != o->events)
        memcpy(o->events, from, count * sizeof *from);
}

/* ---- the order along the line ---- */

/* Whether e lies below f at the line's place; the line meets both. */
static bool is_below(const struct order *o, uint32_t e, uint32_t f)
{
    bool later = before(west_of(&o->edges[f - 1]), west_of(&o->edges[e - 1]));
    const struct geo_edge *from = &o->edges[(later ? f : e) - 1], *of = &o->edges[(later ? e : f) - 1];
    struct geo_xy a = west_of(from), b = east_of(from), p = west_of(of), q = east_of(of);
    double turn = geo_orient(a, b, p);
    turn = turn != 0 ? turn : geo_orient(a, b, q);
    if (turn == 0)
        return e < f;
    return later ? turn < 0 : turn > 0;
}

/* Finds the neighbours of e in the order, whether e itself is in it or not. */
static void neighbours(const struct order *o, uint32_t e, uint32_t *out_below, uint32_t *out_above)
{
    *out_below = *out_above = NONE;
    for (uint32_t n = o->root; n != NONE;) {
        if (n == e || !is_below(o, e, n)) {
            *out_below = n == e ? *out_below : n;
            n = n == e ? NONE : o->upper[n - 1];
        } else {
            *out_above = n;
            n = o->lower[n - 1];
        }
    }
}

/* Sets the neighbours of a node in the order to those in its own subtrees, if it has any. */
static void inner_neighbours(const struct order *o, uint32_t e, uint32_t *below, uint32_t *above)
{
    for (uint32_t n = o->lower[e - 1]; n != NONE; n = o->upper[n - 1])
        *below = n;
    for (uint32_t n = o->upper[e - 1]; n != NONE; n = o->lower[n - 1])
        *above = n;
}

static uint32_t weight(uint32_t node)
{
    uint32_t h = node * 0x9e3779b1u;
    h ^= h >> 15;
    h *= 0x85ebca77u;
    return h ^ h >> 13;
}

/* Splits a subtree into the edges below a new node and those above it. */
static void part(struct order *o, uint32_t tree, uint32_t e, uint32_t *out_lower, uint32_t *out_upper)
{
    while (tree != NONE) {
        if (is_below(o, e, tree)) {
            *out_upper = tree;
            out_upper = &o->lower[tree - 1];
            tree = *out_upper;
        } else {
            *out_lower = tree;
            out_lower = &o->upper[tree - 1];
            tree = *out_lower;
        }
    }
    *out_lower = *out_upper = NONE;
}

static void insert(struct order *o, uint32_t e)
{
    uint32_t *link = &o->root;
    while (*link != NONE && weight(*link) > weight(e))
        link = is_below(o, e, *link) ? &o->lower[*link - 1] : &o->upper[*link - 1];
    uint32_t tree = *link;
    *link = e;
    part(o, tree, e, &o->lower[e - 1], &o->upper[e - 1]);
}

static void erase(struct order *o, uint32_t e)
{
    uint32_t *link = &o->root;
    while (*link != e)
        link = is_below(o, e, *link) ? &o->lower[*link - 1] : &o->upper[*link - 1];
    uint32_t lower = o->lower[e - 1], upper = o->upper[e - 1];
    while (lower != NONE && upper != NONE) {
        bool low = weight(lower) > weight(upper);
        *link = low ? lower : upper;
        link = low ? &o->upper[lower - 1] : &o->lower[upper - 1];
        *(low ? &lower : &upper) = *link;
    }
    *link = lower != NONE ? lower : upper;
}

static bool crosses(const struct order *o, uint32_t e, uint32_t f)
{
    return e != NONE && f != NONE && geo_edges_cross(&o->edges[e - 1], &o->edges[f - 1]);
}

bool geo_order_crossing(const struct geo_edge *edges, uint32_t count, uint32_t *room,
                        const struct geo_edge **out_first, const struct geo_edge **out_second)
{
    struct order o = {
        .edges = edges, .lower = room, .upper = room + count, .events = room + 2 * (size_t)count};
    for (uint32_t i = 0; i < count; i++) {
        /* An edge without length crosses nothing. */
        if (edges[i].a.x != edges[i].b.x || edges[i].a.y != edges[i].b.y) {
            o.events[o.event_count++] = 2 * i;
            o.events[o.event_count++] = 2 * i + 1;
        }
    }
    sort_events(&o);
    for (uint32_t i = 0; i < o.event_count; i++) {
        uint32_t e = o.events[i] / 2 + 1, below, above, first = e, second;
        bool begins = o.events[i] % 2 == 0;
        neighbours(&o, e, &below, &above);
        if (begins) {
            insert(&o, e);
            second = crosses(&o, e, below) ? below : crosses(&o, e, above) ? above : NONE;
        } else {
            inner_neighbours(&o, e, &below, &above);
            erase(&o, e);
            first = below;
            second = crosses(&o, below, above) ? above : NONE;
        }
        if (second != NONE) {
            *out_first = &edges[(first < second ? first : second) - 1];
            *out_second = &edges[(first < second ? second : first) - 1];
            return true;
        }
    }
    return false;
}
