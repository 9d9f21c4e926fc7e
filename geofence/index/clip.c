#include "clip.h"

#include <math.h>
#include <string.h>

/*
 * Points come in stretches within one zone, and a stretch is copied with no more to ask of a point than
 * whether it still belongs. Where an outline passes into another zone cannot be foreseen, and a wrong guess
 * of the processor costs more than the work of a point: it guesses wrong once, and then both halves are cut
 * without further jumps, whether it concerns them or not.
 */

static inline double axis_of(const struct geo_corner *p, int axis)
{
    return axis ? p->y : p->x;
}

/* Two sides an axis, the lower one first. */
static inline uint32_t side_bit(int axis, bool upper)
{
    return 1u << (2 * axis + upper);
}

static inline struct geo_corner meet(const struct geo_corner *a, const struct geo_corner *b, int axis,
                                     double bound)
{
    const struct geo_corner *const ends[2] = {a, b};
    bool falls = axis_of(a, axis) > axis_of(b, axis);
    a = ends[falls];
    b = ends[!falls];
    double t = (bound - axis_of(a, axis)) / (axis_of(b, axis) - axis_of(a, axis));
    return axis ? (struct geo_corner){.x = a->x + t * (b->x - a->x), .y = bound}
                : (struct geo_corner){.x = bound, .y = a->y + t * (b->y - a->y)};
}

static inline bool same_place(const struct geo_corner *a, const struct geo_corner *b)
{
    return (a->x == b->x) & (a->y == b->y);
}

/* How many points stay when p follows: the last goes when it lies between two on one side, or when the edge
 * from it would have no length. Both are rare. */
static inline uint32_t count_before(const struct geo_half *half, const struct geo_corner *p, uint32_t sides)
{
    uint32_t count = half->count;
    while (count >= 2 && (sides & half->points[count - 1].sides & half->points[count - 2].sides)) {
        count--;
    }
    return count - (count && same_place(&half->points[count - 1], p));
}

/* Puts the place where the edge from a to b meets a bound, if it does. */
static inline void put_meeting(struct geo_half *half, const struct geo_corner *a, const struct geo_corner *b,
                               int axis, const double bounds[2], bool upper, bool enters, bool meets)
{
    struct geo_corner p = meet(a, b, axis, bounds[upper]);
    p.source = a->source | ((uint32_t)enters - 1); /* or GEO_SOURCE_NONE */
    p.sides = side_bit(axis, upper) | (a->sides & b->sides);
    uint32_t count = count_before(half, &p, p.sides), held = half->count;
    half->points[meets ? count : held] = p;
    half->count = (meets ? count : held) + meets;
}

/* The edge from a to b passes from one zone into another; before b is put. The sides of the half are -1 below
 * it, 0 in it and 1 above. */
static inline void pass(struct geo_half *half, const struct geo_corner *a, const struct geo_corner *b,
                        int axis, const double bounds[2], int from, int to)
{
    if (from * to < 0) {
        put_meeting(half, a, b, axis, bounds, from > 0, true, true);
        from = 0;
    }
    put_meeting(half, a, b, axis, bounds, from + to > 0, from != 0, from != to);
    half->count = count_before(half, b, to ? 0 : b->sides);
}

static inline void pass_both(struct geo_half out[2], const struct geo_corner *a, const struct geo_corner *b,
                             int axis, const struct geo_halves *halves, unsigned from, unsigned to)
{
    const double lower[2] = {halves->low[0], halves->high[0]}, upper[2] = {halves->low[1], halves->high[1]};
    pass(&out[0], a, b, axis, lower, (from > GEO_BOTH) - (from < GEO_LOWER),
         (to > GEO_BOTH) - (to < GEO_LOWER));
    pass(&out[1], a, b, axis, upper, (from > GEO_UPPER) - (from < GEO_BOTH),
         (to > GEO_UPPER) - (to < GEO_BOTH));
}

/* Copies points as long as they lie in the zone, to where they count; returns where they do no longer. */
static inline const struct geo_corner *copy_zone(const struct geo_corner *from, const struct geo_corner *end,
                                                 int axis, const struct geo_halves *halves, unsigned zone,
                                                 struct geo_half out[2])
{
    const double bounds[6] = {-HUGE_VAL,       halves->low[0],  halves->low[1],
                              halves->high[0], halves->high[1], HUGE_VAL};
    double low = bounds[zone], high = bounds[zone + 1];
    struct geo_half *half = &out[zone > GEO_LOWER];
    uint32_t count = half->count, grows = zone != GEO_BELOW && zone != GEO_ABOVE;
    struct geo_corner *points = half->points;
    const struct geo_corner *p = from;
    for (; p < end && axis_of(p, axis) >= low && axis_of(p, axis) < high; p++) {
        points[count] = *p;
        count += grows;
    }
    half->count = count;
    if (zone == GEO_BOTH) {
        memcpy(out[0].points + out[0].count, from, (size_t)(p - from) * sizeof *p);
        out[0].count += (uint32_t)(p - from);
    }
    return p;
}

__attribute__((always_inline)) static inline void clip_axis(const struct geo_corner *in, uint32_t count,
                                                            int axis, const struct geo_halves *halves,
                                                            struct geo_half out[2])
{
    const struct geo_corner *a = &in[count - 1], *b = in, *end = in + count;
    unsigned from = geo_zone_of(axis_of(a, axis), halves);
    out[0].count = out[1].count = 0;
    while (b < end) {
        unsigned to = geo_zone_of(axis_of(b, axis), halves);
        if (from != to) {
            pass_both(out, a, b, axis, halves, from, to);
        }
        b = copy_zone(b, end, axis, halves, to, out);
        a = b - 1;
        from = to;
    }
}

static void close_curve(struct geo_half *half)
{
    while (half->count > 1 && same_place(&half->points[half->count - 1], &half->points[0])) {
        half->count--;
    }
}

void geo_clip_halves(const struct geo_corner *in, uint32_t count, int axis, const struct geo_halves *halves,
                     struct geo_half out[2])
{
    if (axis) {
        clip_axis(in, count, 1, halves, out);
    } else {
        clip_axis(in, count, 0, halves, out);
    }
    close_curve(&out[0]);
    close_curve(&out[1]);
}

bool geo_clip_crossed(const struct geo_corner *points, uint32_t count)
{
    uint32_t before = points[count - 1].sides;
    for (uint32_t i = 0; i < count; i++) {
        if (!(before & points[i].sides)) {
            return true;
        }
        before = points[i].sides;
    }
    return false;
}

bool geo_clip_odd(const struct geo_corner *points, uint32_t count, struct geo_xy p)
{
    bool odd = false;
    struct geo_corner a = points[count - 1];
    for (uint32_t i = 0; i < count; i++) {
        struct geo_corner b = points[i];
        if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x)) {
            odd = !odd;
        }
        a = b;
    }
    return odd;
}

/* Liang and Barsky, 1984. */
bool geo_clip_segment(struct geo_xy *a, struct geo_xy *b, const struct geo_span *span)
{
    double dx = b->x - a->x, dy = b->y - a->y, from = 0, to = 1;
    const double p[4] = {-dx, dx, -dy, dy};
    const double q[4] = {a->x - span->west, span->east - a->x, a->y - span->south, span->north - a->y};
    for (int i = 0; i < 4; i++) {
        if (p[i] == 0) {
            if (q[i] < 0) {
                return false;
            }
            continue;
        }
        double t = q[i] / p[i];
        if (p[i] < 0) {
            from = t > from ? t : from;
        } else {
            to = t < to ? t : to;
        }
    }
    if (from > to) {
        return false;
    }
    struct geo_xy start = *a;
    if (to < 1) {
        *b = (struct geo_xy){start.x + to * dx, start.y + to * dy};
    }
    if (from > 0) {
        *a = (struct geo_xy){start.x + from * dx, start.y + from * dy};
    }
    return true;
}
