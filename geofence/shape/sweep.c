#include "sweep.h"

#include "order.h"

#include <math.h>
#include <string.h>

/*
 * The processor cannot predict how a comparison of two edges ends, and a wrong prediction costs more than the
 * work. So no branch depends on a comparison: blocks are sorted by counting, merged by arithmetic, and the
 * edges whose boxes overlap are listed before any of them is tested.
 */

/* Edges in a block, which is sorted by counting; blocks are then merged. */
#define BLOCK 8u
/* How many edges with overlapping boxes are listed at a time. */
#define LISTED 32u

/* In outlines on maps an edge is compared with a few dozen others. If this many for the average edge are not
 * enough, the sweep would take time with the square of the number of edges, and order.h takes over. */
#define PATIENCE       256u
#define PATIENCE_LEAST 10000000u /* enough for every pair of a small outline */

/* The extent of an edge across the axis. It takes the place of a geo_rank in memory and has its size. */
struct reach {
    double low, high;
};
_Static_assert(sizeof(struct reach) == sizeof(struct geo_rank), "one takes the place of the other");
_Static_assert(2 * sizeof(struct geo_rank) >= 8 * sizeof(float), "what screens the edges has room");
_Static_assert(2 * sizeof(struct geo_rank) >= GEO_ORDER_ROOM * sizeof(uint32_t), "what orders them has room");

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a < b ? b : a;
}

static void sort_block(const struct geo_rank *from, uint32_t count, struct geo_rank *to)
{
    uint32_t place[BLOCK] = {0};
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            uint32_t later = from[i].low < from[k].low;
            place[k] += later;
            place[i] += 1 - later;
        }
    }
    for (uint32_t i = 0; i < count; i++)
        to[place[i]] = from[i];
}

/* Merges two sorted runs, [0, middle) and [middle, count). */
static void merge(const struct geo_rank *from, uint32_t middle, uint32_t count, struct geo_rank *to)
{
    const struct geo_rank *left = from, *right = from + middle, *end = from + count;
    while (left < from + middle && right < end) {
        bool later = right->low < left->low;
        *to++ = *(later ? right : left);
        right += later;
        left += !later;
    }
    size_t rest = (size_t)(from + middle - left);
    memcpy(to, left, rest * sizeof *to);
    memcpy(to + rest, right, (size_t)(end - right) * sizeof *to);
}

static void swap(struct geo_rank **a, struct geo_rank **b)
{
    struct geo_rank *c = *a;
    *a = *b;
    *b = c;
}

/* Sorts by the lower end; stable. *ranks and *spare, which has the same length, may be exchanged. */
static void sort(struct geo_rank **ranks, uint32_t count, struct geo_rank **spare)
{
    for (uint32_t at = 0; at < count; at += BLOCK)
        sort_block(*ranks + at, count - at < BLOCK ? count - at : BLOCK, *spare + at);
    swap(ranks, spare);
    for (uint64_t width = BLOCK; width < count; width *= 2) {
        for (uint64_t at = 0; at < count; at += 2 * width) {
            uint64_t left = count - at;
            merge(*ranks + at, (uint32_t)(left < width ? left : width),
                  (uint32_t)(left < 2 * width ? left : 2 * width), *spare + at);
        }
        swap(ranks, spare);
    }
}

/* The axis on which the edges overlap less. */
static bool sweeps_along_x(const struct geo_edge *edges, uint32_t count)
{
    double width = 0, height = 0, west = 180, east = -180, south = 90, north = -90;
    for (uint32_t i = 0; i < count; i++) {
        width += fabs(edges[i].b.x - edges[i].a.x);
        height += fabs(edges[i].b.y - edges[i].a.y);
        west = least(west, edges[i].a.x);
        east = most(east, edges[i].a.x);
        south = least(south, edges[i].a.y);
        north = most(north, edges[i].a.y);
    }
    return width * (north - south) <= height * (east - west);
}

static inline double along(struct geo_xy p, bool x)
{
    return x ? p.x : p.y;
}

/* The first of the listed edges that crosses e; NULL if none does. They are listed by their ranks. */
static const struct geo_edge *first_crossing(const struct geo_edge *e, const struct geo_edge *edges,
                                             const struct geo_rank *ranks, const uint32_t *listed,
                                             uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct geo_edge *f = &edges[ranks[listed[i]].edge];
        if (geo_edges_cross(e, f))
            return f;
    }
    return NULL;
}

/* Edges in the order of their lower ends along one axis, with their reach along the other. */
struct ranked {
    const struct geo_edge *edges;
    const struct geo_rank *ranks;
    const struct reach *reaches;
    uint32_t count;
    uint64_t patience; /* how many more pairs may be compared */
};

/* The first edge after that of rank i, in this order, that crosses it; NULL if there is none or if patience
 * has run out. The edge of rank i ends at `end`. */
static const struct geo_edge *cross_behind(struct ranked *r, uint32_t i, double end)
{
    const struct geo_edge *e = &r->edges[r->ranks[i].edge], *f = NULL;
    const struct reach own = r->reaches[i];
    uint32_t listed[LISTED], n, j = i + 1;
    while (f == NULL && j < r->count && r->ranks[j].low <= end && j - i <= r->patience) {
        for (n = 0; n < LISTED && j < r->count && r->ranks[j].low <= end; j++) {
            listed[n] = j;
            n += (uint32_t)(r->reaches[j].low <= own.high) & (uint32_t)(r->reaches[j].high >= own.low);
        }
        f = first_crossing(e, r->edges, r->ranks, listed, n);
    }
    r->patience -= j - i < r->patience ? j - i : r->patience;
    return f;
}

bool geo_sweep(const struct geo_edge *edges, uint32_t count, struct geo_rank *ranks,
               const struct geo_edge **out_first, const struct geo_edge **out_second)
{
    if (count >= GEO_SCREEN_MIN && count <= GEO_SCREEN_MAX && !geo_screen(edges, count, (void *)ranks))
        return false;
    bool x = sweeps_along_x(edges, count);
    uint32_t *room = (void *)ranks;
    struct geo_rank *spare = ranks + count;
    for (uint32_t i = 0; i < count; i++)
        ranks[i] = (struct geo_rank){least(along(edges[i].a, x), along(edges[i].b, x)), i};
    sort(&ranks, count, &spare);
    struct reach *reaches = (void *)spare;
    for (uint32_t i = 0; i < count; i++) {
        double from = along(edges[ranks[i].edge].a, !x), to = along(edges[ranks[i].edge].b, !x);
        reaches[i] = (struct reach){least(from, to), most(from, to)};
    }
    struct ranked ranked = {edges, ranks, reaches, count, PATIENCE_LEAST + PATIENCE * (uint64_t)count};
    for (uint32_t i = 0; i < count && ranked.patience > 0; i++) {
        const struct geo_edge *e = &edges[ranks[i].edge];
        const struct geo_edge *f = cross_behind(&ranked, i, most(along(e->a, x), along(e->b, x)));
        if (f != NULL) {
            *out_first = e;
            *out_second = f;
            return true;
        }
    }
    if (ranked.patience > 0)
        return false;
    return geo_order_crossing(edges, count, room, out_first, out_second);
}
