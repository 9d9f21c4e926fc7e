#include "sweep.h"

#include "predicate.h"

#include <math.h>
#include <string.h>

/* Blocks of so many are sorted by insertion before they are merged. */
#define BLOCK 8u

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a < b ? b : a;
}

static void sort_block(struct geo_rank *ranks, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct geo_rank r = ranks[i];
        uint32_t at = i;
        for (; at > 0 && r.low < ranks[at - 1].low; at--) {
            ranks[at] = ranks[at - 1];
        }
        ranks[at] = r;
    }
}

/* Two sorted runs, [0, middle) and [middle, count). Which side comes next cannot be foreseen on a ring, so it
 * is no jump. */
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

/* Stable. Returns where the sorted ranks stand: in `ranks` or in `spare`. */
static struct geo_rank *sort(struct geo_rank *ranks, uint32_t count, struct geo_rank *spare)
{
    for (uint32_t at = 0; at < count; at += BLOCK) {
        sort_block(ranks + at, count - at < BLOCK ? count - at : BLOCK);
    }
    for (uint64_t width = BLOCK; width < count; width *= 2) {
        for (uint64_t at = 0; at < count; at += 2 * width) {
            uint64_t left = count - at;
            merge(ranks + at, (uint32_t)(left < width ? left : width),
                  (uint32_t)(left < 2 * width ? left : 2 * width), spare + at);
        }
        struct geo_rank *sorted = spare;
        spare = ranks;
        ranks = sorted;
    }
    return ranks;
}

static bool opposite(double a, double b)
{
    return (a > 0 && b < 0) || (a < 0 && b > 0);
}

/* Neighbours, which share an end, cannot cross, and would ask for exact arithmetic to say so. */
static bool share_end(const struct geo_edge *e, const struct geo_edge *f)
{
    return (e->b.x == f->a.x && e->b.y == f->a.y) || (e->a.x == f->b.x && e->a.y == f->b.y);
}

static bool edges_cross(const struct geo_edge *e, const struct geo_edge *f)
{
    return !share_end(e, f) &&
           opposite(geo_orient(e->a.x, e->a.y, e->b.x, e->b.y, f->a.x, f->a.y),
                    geo_orient(e->a.x, e->a.y, e->b.x, e->b.y, f->b.x, f->b.y)) &&
           opposite(geo_orient(f->a.x, f->a.y, f->b.x, f->b.y, e->a.x, e->a.y),
                    geo_orient(f->a.x, f->a.y, f->b.x, f->b.y, e->b.x, e->b.y));
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

/* Inline, so that the axis is decided once and not for each pair. */
__attribute__((always_inline)) static inline bool sweep(const struct geo_edge *edges,
                                                        const struct geo_rank *ranks, uint32_t count, bool x,
                                                        const struct geo_edge **out_first,
                                                        const struct geo_edge **out_second)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct geo_edge *e = &edges[ranks[i].edge];
        double end = most(along(e->a, x), along(e->b, x));
        double low = least(along(e->a, !x), along(e->b, !x)), high = most(along(e->a, !x), along(e->b, !x));
        for (uint32_t j = i + 1; j < count && ranks[j].low <= end; j++) {
            const struct geo_edge *f = &edges[ranks[j].edge];
            double from = along(f->a, !x), to = along(f->b, !x);
            if (most(from, to) >= low && least(from, to) <= high && edges_cross(e, f)) {
                *out_first = e;
                *out_second = f;
                return true;
            }
        }
    }
    return false;
}

bool geo_sweep(const struct geo_edge *edges, uint32_t count, struct geo_rank *ranks,
               const struct geo_edge **out_first, const struct geo_edge **out_second)
{
    bool x = sweeps_along_x(edges, count);
    for (uint32_t i = 0; i < count; i++) {
        ranks[i] = (struct geo_rank){least(along(edges[i].a, x), along(edges[i].b, x)), i};
    }
    const struct geo_rank *sorted = sort(ranks, count, ranks + count);
    return x ? sweep(edges, sorted, count, true, out_first, out_second)
             : sweep(edges, sorted, count, false, out_first, out_second);
}
