#include "clip.h"

#include <math.h>
#include <string.h>

/*
 * Most points of an outline lie in the same zone as the point before, so clip_axis copies row by row: the
 * inner loop only tests whether the next point is still in the zone. The processor cannot predict where the
 * outline passes into another zone, and a wrong prediction costs more than the work on a point. So there is
 * one such branch for each passage; the work on the passage itself is done for both boxes, without branches,
 * also where it changes nothing for one of them.
 */

/* Parts of clip_axis. Left to itself, gcc does not inline all of them, and building a tree takes a tenth
 * longer. */
#define HOT __attribute__((always_inline)) static inline

static inline double axis_of(const struct geo_corner *p, int axis)
{
    return axis ? p->y : p->x;
}

/* The bit for one of the box's four sides: west, east, south, north. */
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

/* How many points the half keeps before p is put behind them. The last point is dropped if it lies on the
 * same side of the box as p and the point before, or if it is equal to p. Both are rare. */
static inline uint32_t count_before(const struct geo_half *half, const struct geo_corner *p, uint32_t sides)
{
    uint32_t count = half->count;
    while (count >= 2 && (sides & half->points[count - 1].sides & half->points[count - 2].sides))
        count--;
    return count - (count && same_place(&half->points[count - 1], p));
}

/* An edge of the outline that is being cut. */
struct edge {
    const struct geo_corner *a, *b;
};

/* The extent of one of the boxes along the axis: its lower and its upper bound. */
struct band {
    int axis;
    double bounds[2];
};

/* How an edge and a bound meet. */
struct meeting {
    bool enters; /* the edge of the fence goes on from there; else the curve follows the border */
    bool meets;  /* they do meet */
};

/* The cut that is being made: along which axis, and the extents of the two boxes. */
struct cut {
    int axis;
    const struct geo_halves *halves;
};

/* Appends the place where the edge meets a bound of the band, if the two meet. */
HOT void put_meeting(struct geo_half *half, struct edge e, const struct band *band, bool upper,
                     struct meeting how)
{
    struct geo_corner p = meet(e.a, e.b, band->axis, band->bounds[upper]);
    p.source = e.a->source | ((uint32_t)how.enters - 1); /* or GEO_SOURCE_NONE */
    p.sides = side_bit(band->axis, upper) | (e.a->sides & e.b->sides);
    uint32_t count = count_before(half, &p, p.sides), held = half->count;
    half->points[how.meets ? count : held] = p;
    half->count = (how.meets ? count : held) + how.meets;
}

/* Appends what the edge adds to one half before the edge's end point. `from` and `to` say where the edge's
 * ends lie: -1 below the band, 0 in it, 1 above. */
HOT void pass(struct geo_half *half, struct edge e, const struct band *band, int from, int to)
{
    if (from * to < 0) {
        put_meeting(half, e, band, from > 0, (struct meeting){true, true});
        from = 0;
    }
    put_meeting(half, e, band, from + to > 0, (struct meeting){.enters = from != 0, .meets = from != to});
    half->count = count_before(half, e.b, to ? 0 : e.b->sides);
}

/* The same for both halves; here `from` and `to` are the zones of the edge's ends. */
HOT void pass_both(struct geo_half out[2], struct edge e, const struct cut *cut, unsigned from, unsigned to)
{
    const struct geo_halves *halves = cut->halves;
    const struct band lower = {cut->axis, {halves->low[0], halves->high[0]}};
    const struct band upper = {cut->axis, {halves->low[1], halves->high[1]}};
    pass(&out[0], e, &lower, (from > GEO_BOTH) - (from < GEO_LOWER), (to > GEO_BOTH) - (to < GEO_LOWER));
    pass(&out[1], e, &upper, (from > GEO_UPPER) - (from < GEO_BOTH), (to > GEO_UPPER) - (to < GEO_BOTH));
}

/* Copies points to the halves that the zone belongs to, up to the first point that lies in another zone;
 * returns that point. */
static inline const struct geo_corner *copy_zone(const struct geo_corner *from, const struct geo_corner *end,
                                                 const struct cut *cut, unsigned zone, struct geo_half out[2])
{
    const struct geo_halves *halves = cut->halves;
    const int axis = cut->axis;
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

HOT void clip_axis(const struct geo_corner *in, uint32_t count, int axis, const struct geo_halves *halves,
                   struct geo_half out[2])
{
    const struct geo_corner *a = &in[count - 1], *b = in, *end = in + count;
    const struct cut cut = {axis, halves};
    unsigned from = geo_zone_of(axis_of(a, axis), halves);
    out[0].count = out[1].count = 0;
    while (b < end) {
        unsigned to = geo_zone_of(axis_of(b, axis), halves);
        if (from != to)
            pass_both(out, (struct edge){a, b}, &cut, from, to);
        b = copy_zone(b, end, &cut, to, out);
        a = b - 1;
        from = to;
    }
}

static void close_curve(struct geo_half *half)
{
    while (half->count > 1 && same_place(&half->points[half->count - 1], &half->points[0]))
        half->count--;
}

void geo_clip_halves(const struct geo_corner *in, uint32_t count, int axis, const struct geo_halves *halves,
                     struct geo_half out[2])
{
    if (axis)
        clip_axis(in, count, 1, halves, out);
    else
        clip_axis(in, count, 0, halves, out);
    close_curve(&out[0]);
    close_curve(&out[1]);
}

bool geo_clip_crossed(const struct geo_corner *points, uint32_t count)
{
    uint32_t before = points[count - 1].sides;
    for (uint32_t i = 0; i < count; i++) {
        if (!(before & points[i].sides))
            return true;
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
        if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x))
            odd = !odd;
        a = b;
    }
    return odd;
}

/* The algorithm of Liang and Barsky, 1984. */
bool geo_clip_segment(struct geo_xy *a, struct geo_xy *b, const struct geo_span *span)
{
    double dx = b->x - a->x, dy = b->y - a->y, from = 0, to = 1;
    const double p[4] = {-dx, dx, -dy, dy};
    const double q[4] = {a->x - span->west, span->east - a->x, a->y - span->south, span->north - a->y};
    for (int i = 0; i < 4; i++) {
        if (p[i] == 0) {
            if (q[i] < 0)
                return false;
            continue;
        }
        double t = q[i] / p[i];
        if (p[i] < 0)
            from = t > from ? t : from;
        else
            to = t < to ? t : to;
    }
    if (from > to)
        return false;
    struct geo_xy start = *a;
    if (to < 1)
        *b = (struct geo_xy){start.x + to * dx, start.y + to * dy};
    if (from > 0)
        *a = (struct geo_xy){start.x + from * dx, start.y + from * dy};
    return true;
}
