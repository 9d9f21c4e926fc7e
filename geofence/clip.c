#include "clip.h"

static double axis_of(struct geo_corner p, int axis)
{
    return axis ? p.y : p.x;
}

static struct geo_corner meet(struct geo_corner a, struct geo_corner b, int axis, double bound,
                              uint32_t source)
{
    if (axis_of(a, axis) > axis_of(b, axis)) {
        struct geo_corner swap = a;
        a = b;
        b = swap;
    }
    double t = (bound - axis_of(a, axis)) / (axis_of(b, axis) - axis_of(a, axis));
    return axis ? (struct geo_corner){a.x + t * (b.x - a.x), bound, source}
                : (struct geo_corner){bound, a.y + t * (b.y - a.y), source};
}

/* An edge without length gives way to the next. */
static uint32_t put(struct geo_corner *out, uint32_t count, struct geo_corner p)
{
    if (count && out[count - 1].x == p.x && out[count - 1].y == p.y) {
        out[count - 1].source = p.source;
        return count;
    }
    out[count] = p;
    return count + 1;
}

uint32_t geo_clip_axis(const struct geo_corner *in, uint32_t count, int axis, double bound, bool keep_above,
                       struct geo_corner *out)
{
    uint32_t n = 0;
    struct geo_corner a = in[count - 1];
    bool a_in = keep_above ? axis_of(a, axis) >= bound : axis_of(a, axis) <= bound;
    for (uint32_t i = 0; i < count; i++) {
        struct geo_corner b = in[i];
        bool b_in = keep_above ? axis_of(b, axis) >= bound : axis_of(b, axis) <= bound;
        if (a_in != b_in) {
            n = put(out, n, meet(a, b, axis, bound, a_in ? GEO_SOURCE_NONE : a.source));
        }
        if (b_in) {
            n = put(out, n, b);
        }
        a = b;
        a_in = b_in;
    }
    while (n > 1 && out[n - 1].x == out[0].x && out[n - 1].y == out[0].y) {
        n--;
    }
    return n;
}

static unsigned sides(struct geo_corner p, const struct geo_span *span)
{
    return (p.x == span->west ? 1u : 0u) | (p.x == span->east ? 2u : 0u) | (p.y == span->south ? 4u : 0u) |
           (p.y == span->north ? 8u : 0u);
}

uint32_t geo_clip_tidy(struct geo_corner *points, uint32_t count, const struct geo_span *span)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        unsigned here = sides(points[i], span);
        while (n >= 2 && here & sides(points[n - 1], span) & sides(points[n - 2], span)) {
            n--;
        }
        n = put(points, n, points[i]);
    }
    return n;
}

bool geo_clip_crossed(const struct geo_corner *points, uint32_t count, const struct geo_span *span)
{
    unsigned before = sides(points[count - 1], span);
    for (uint32_t i = 0; i < count; i++) {
        unsigned here = sides(points[i], span);
        if (!(before & here)) {
            return true;
        }
        before = here;
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
