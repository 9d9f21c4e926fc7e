#include "clip.h"

/*
 * Where an outline crosses a border cannot be foreseen, and a wrong guess of the processor costs more than
 * the work of a point. So each point is compared with all four bounds at once, without a jump; the only one
 * that depends on it is taken where the outline passes from one zone into another.
 */

static inline double axis_of(const struct geo_corner *p, int axis)
{
    return axis ? p->y : p->x;
}

/* Bits of sides: two an axis, the lower bound first. */
#define SIDES_X 3u
#define SIDES_Y 12u

static inline uint32_t side_bit(int axis, bool upper)
{
    return 1u << (2 * axis + upper);
}

static struct geo_corner meet(const struct geo_corner *a, const struct geo_corner *b, int axis, double bound)
{
    if (axis_of(a, axis) > axis_of(b, axis)) {
        const struct geo_corner *swap = a;
        a = b;
        b = swap;
    }
    double t = (bound - axis_of(a, axis)) / (axis_of(b, axis) - axis_of(a, axis));
    return axis ? (struct geo_corner){.x = a->x + t * (b->x - a->x), .y = bound}
                : (struct geo_corner){.x = bound, .y = a->y + t * (b->y - a->y)};
}

static inline bool same_place(const struct geo_corner *a, const struct geo_corner *b)
{
    return a->x == b->x && a->y == b->y;
}

/* An edge without length gives way to the next. */
static void put(struct geo_half *half, struct geo_corner p)
{
    if (half->count && same_place(&half->points[half->count - 1], &p)) {
        half->count--;
    }
    half->points[half->count++] = p;
    half->cornered = half->cornered || (p.sides & SIDES_X && p.sides & SIDES_Y);
}

/* The edge from a to b passes from one side of the half to another: -1 is below, 0 in it, 1 above. */
static void pass(struct geo_half *half, const struct geo_corner *a, const struct geo_corner *b, int axis,
                 const double bounds[2], int from, int to)
{
    if (from) {
        struct geo_corner p = meet(a, b, axis, bounds[from > 0]);
        p.source = a->source;
        p.sides = side_bit(axis, from > 0) | (a->sides & b->sides);
        put(half, p);
        half->count -= !to && same_place(&p, b);
    }
    if (to) {
        struct geo_corner p = meet(a, b, axis, bounds[to > 0]);
        p.source = GEO_SOURCE_NONE;
        p.sides = side_bit(axis, to > 0) | (a->sides & b->sides);
        put(half, p);
    }
}

static void pass_both(struct geo_half out[2], const struct geo_corner *a, const struct geo_corner *b,
                      int axis, const struct geo_halves *halves, unsigned from, unsigned to)
{
    for (unsigned i = 0; i < 2; i++) {
        int a_side = (from > GEO_BOTH + i) - (from < GEO_LOWER + i);
        int b_side = (to > GEO_BOTH + i) - (to < GEO_LOWER + i);
        if (a_side != b_side) {
            const double bounds[2] = {halves->low[i], halves->high[i]};
            pass(&out[i], a, b, axis, bounds, a_side, b_side);
        }
    }
}

static inline void clip_axis(const struct geo_corner *in, uint32_t count, int axis,
                             const struct geo_halves *halves, struct geo_half out[2])
{
    const struct geo_corner *a = &in[count - 1];
    unsigned from = geo_zone_of(axis_of(a, axis), halves);
    for (const struct geo_corner *b = in; b < in + count; a = b, b++) {
        unsigned to = geo_zone_of(axis_of(b, axis), halves);
        if (from != to) {
            pass_both(out, a, b, axis, halves, from, to);
        }
        out[0].points[out[0].count] = *b;
        out[0].count += to - GEO_LOWER < 2;
        out[1].points[out[1].count] = *b;
        out[1].count += to - GEO_BOTH < 2;
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
    for (int i = 0; i < 2; i++) {
        out[i].count = 0;
        out[i].cornered = false;
    }
    if (axis) {
        clip_axis(in, count, 1, halves, out);
    } else {
        clip_axis(in, count, 0, halves, out);
    }
    close_curve(&out[0]);
    close_curve(&out[1]);
}

uint32_t geo_clip_tidy(struct geo_corner *points, uint32_t count)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct geo_corner p = points[i];
        while (n >= 2 && p.sides & points[n - 1].sides & points[n - 2].sides) {
            n--;
        }
        if (n && same_place(&points[n - 1], &p)) {
            n--;
        }
        points[n++] = p;
    }
    return n;
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
