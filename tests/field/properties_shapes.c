/*
 * Shapes in a plane, each with the convex parts that it is made of, so that it can be cut without geometry
 * that could itself be wrong: a cut replaces a part by two that have the same edge.
 */
#include "properties.h"

#include <math.h>

#define TAU 6.283185307179586

struct spot spot_towards(struct spot from, struct spot to, double metres)
{
    double d = spot_apart(from, to);
    if (d == 0)
        return from;
    return (struct spot){from.x + (to.x - from.x) * metres / d, from.y + (to.y - from.y) * metres / d};
}

double spot_apart(struct spot a, struct spot b)
{
    return hypot(b.x - a.x, b.y - a.y);
}

static struct spot around(struct spot middle, double angle, double rx, double ry, double turn)
{
    double x = rx * cos(angle), y = ry * sin(angle);
    return (struct spot){middle.x + x * cos(turn) - y * sin(turn), middle.y + x * sin(turn) + y * cos(turn)};
}

static void convex(struct shape *s)
{
    s->whole = true;
    s->part_count = 1;
    s->parts[0] = s->ring;
}

void shape_rectangle(struct shape *s, struct spot middle, double course, double half_length,
                     double half_width)
{
    const double x[4] = {1, -1, -1, 1}, y[4] = {1, 1, -1, -1};
    *s = (struct shape){.ring.count = 4};
    for (int i = 0; i < 4; i++) {
        double a = x[i] * half_length, b = y[i] * half_width;
        s->ring.at[i] = (struct spot){middle.x + a * cos(course) - b * sin(course),
                                      middle.y + a * sin(course) + b * cos(course)};
    }
    convex(s);
}

/* Corners on an ellipse: convex. */
static void ellipse(struct ring *r, struct chance *c, struct spot middle, double rx, double ry)
{
    double turn = chance_between(c, 0, TAU), first = chance_between(c, 0, TAU);
    r->count = 5 + chance_below(c, 5);
    for (uint32_t i = 0; i < r->count; i++)
        r->at[i] = around(middle, first + TAU * (i + chance_between(c, 0, 0.6)) / r->count, rx, ry, turn);
}

/* Corners at any distance from the middle; made of triangles around it. */
static void star(struct shape *s, struct chance *c, struct spot middle, double radius)
{
    uint32_t n = s->ring.count = 6 + chance_below(c, 6);
    for (uint32_t i = 0; i < n; i++) {
        double r = radius * chance_between(c, 0.4, 1);
        s->ring.at[i] = around(middle, TAU * i / n, r, r, 0);
    }
    s->whole = true;
    s->part_count = n;
    for (uint32_t i = 0; i < n; i++)
        s->parts[i] = (struct ring){3, {middle, s->ring.at[i], s->ring.at[(i + 1) % n]}};
}

/* With a hole of the same form; made of a piece for each edge. */
static void annulus(struct shape *s, struct chance *c, struct spot middle, double radius)
{
    double hole = chance_between(c, 0.3, 0.7);
    ellipse(&s->ring, c, middle, radius, radius * chance_between(c, 0.5, 1));
    uint32_t n = s->hole.count = s->part_count = s->ring.count;
    middle = shape_middle(s);
    for (uint32_t i = 0; i < n; i++)
        s->hole.at[i] = spot_towards(middle, s->ring.at[i], hole * spot_apart(middle, s->ring.at[i]));
    s->whole = true;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = (i + 1) % n;
        s->parts[i] = (struct ring){4, {s->ring.at[i], s->ring.at[j], s->hole.at[j], s->hole.at[i]}};
    }
}

void shape_polygon(struct shape *s, struct chance *c, struct spot middle, double low, double high)
{
    double radius = chance_between(c, low, high) / 2;
    *s = (struct shape){0};
    switch (chance_below(c, 5)) {
    case 0:
        star(s, c, middle, radius);
        return;
    case 1:
        if (radius > 60) {
            annulus(s, c, middle, radius);
            return;
        }
        break;
    case 2:
        ellipse(&s->ring, c, middle, radius, radius * chance_between(c, 0.4, 1));
        convex(s);
        return;
    default:
        break;
    }
    shape_rectangle(s, middle, chance_between(c, 0, TAU), radius, radius * chance_between(c, 0.3, 1));
}

void shape_strip(struct shape *s, struct chance *c, struct spot middle)
{
    shape_rectangle(s, middle, chance_between(c, 0, TAU), chance_between(c, 150, 600),
                    chance_between(c, 8, 60));
}

void shape_line(struct shape *s, const struct spot *corners, uint32_t count, double half_width_m)
{
    *s = (struct shape){.outline = OUTLINE_LINE, .size_m = half_width_m, .whole = true, .ring.count = count};
    for (uint32_t i = 0; i < count; i++)
        s->ring.at[i] = corners[i];
    s->part_count = 1;
    s->parts[0] = s->ring;
}

void shape_corridor(struct shape *s, struct chance *c, struct spot middle)
{
    struct spot at[CORNERS_MAX];
    uint32_t count = 2 + chance_below(c, 4);
    double course = chance_between(c, 0, TAU);
    at[0] = middle;
    for (uint32_t i = 1; i < count; i++) {
        double length = chance_between(c, 80, 500);
        at[i] = (struct spot){at[i - 1].x + length * cos(course), at[i - 1].y + length * sin(course)};
        course += chance_between(c, -1, 1);
    }
    shape_line(s, at, count, chance_between(c, 5, 30));
}

void shape_circle(struct shape *s, struct chance *c, struct spot middle)
{
    *s = (struct shape){.outline = OUTLINE_CIRCLE, .size_m = chance_between(c, 25, 250), .whole = true};
    s->ring = (struct ring){1, {middle}};
}

/* ---- cutting
 * ---------------------------------------------------------------------------------------------------- */

static double side(struct spot a, struct spot b, struct spot p)
{
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/* Both sides of the line through a and b. False where it does not cut off enough to be an area. */
static bool cut_ring(const struct ring *r, struct spot a, struct spot b, struct ring out[2])
{
    out[0].count = out[1].count = 0;
    double most[2] = {0, 0}, length = spot_apart(a, b);
    for (uint32_t i = 0; i < r->count; i++) {
        struct spot p = r->at[i], q = r->at[(i + 1) % r->count];
        double sp = side(a, b, p) / length, sq = side(a, b, q) / length;
        if (fabs(sp) < 0.5 || out[0].count + 2 > CORNERS_MAX || out[1].count + 2 > CORNERS_MAX)
            return false;
        int which = sp > 0;
        most[which] = fmax(most[which], fabs(sp));
        out[which].at[out[which].count++] = p;
        if ((sp > 0) != (sq > 0)) {
            double t = sp / (sp - sq);
            struct spot x = {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
            out[0].at[out[0].count++] = x;
            out[1].at[out[1].count++] = x;
        }
    }
    return most[0] > 2 && most[1] > 2;
}

/* In two lines that share a corner. */
static bool cut_line(const struct ring *r, struct chance *c, struct ring out[2])
{
    uint32_t i = chance_below(c, r->count - 1);
    double length = spot_apart(r->at[i], r->at[i + 1]);
    if (length < 4)
        return false;
    struct spot x = spot_towards(r->at[i], r->at[i + 1], chance_between(c, 2, length - 2));
    out[0] = *r;
    out[0].count = i + 2;
    out[0].at[i + 1] = x;
    out[1].count = r->count - i;
    out[1].at[0] = x;
    for (uint32_t k = i + 1; k < r->count; k++)
        out[1].at[k - i] = r->at[k];
    return true;
}

static struct spot inner(const struct ring *r, struct chance *c)
{
    struct spot p = {0, 0};
    double all = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        double weight = chance_between(c, 0.1, 1);
        p = (struct spot){p.x + weight * r->at[i].x, p.y + weight * r->at[i].y};
        all += weight;
    }
    return (struct spot){p.x / all, p.y / all};
}

/* Pieces of a line stay in order, so that their gaps are between neighbours. */
static void replace_part(struct shape *s, uint32_t which, const struct ring two[2])
{
    for (uint32_t i = s->part_count; i > which + 1; i--)
        s->parts[i] = s->parts[i - 1];
    s->parts[which] = two[0];
    s->parts[which + 1] = two[1];
    s->part_count++;
}

void shape_cut(struct shape *s, struct chance *c, uint32_t cuts)
{
    struct ring two[2];
    for (uint32_t i = 0; i < cuts && s->outline != OUTLINE_CIRCLE && s->part_count < PARTS_MAX; i++) {
        uint32_t which = chance_below(c, s->part_count);
        const struct ring *r = &s->parts[which];
        bool ok;
        if (s->outline == OUTLINE_LINE) {
            ok = cut_line(r, c, two);
        } else {
            struct spot a = inner(r, c);
            double course = chance_between(c, 0, TAU);
            ok = cut_ring(r, a, (struct spot){a.x + 100 * cos(course), a.y + 100 * sin(course)}, two);
        }
        if (ok)
            replace_part(s, which, two);
    }
    if (s->part_count > 1)
        s->whole = false;
}

void shape_gaps(struct shape *s, double metres)
{
    for (uint32_t i = 0; i + 1 < s->part_count; i++) {
        struct ring *r = &s->parts[i];
        struct spot *end = &r->at[r->count - 1], before = r->at[r->count - 2];
        if (spot_apart(*end, before) > metres + 2)
            *end = spot_towards(*end, before, metres);
    }
}

/* ---- where it is
 * ------------------------------------------------------------------------------------------------ */

static double to_segment(struct spot p, struct spot a, struct spot b)
{
    double dx = b.x - a.x, dy = b.y - a.y, all = dx * dx + dy * dy;
    double t = all > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / all : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return spot_apart(p, (struct spot){a.x + t * dx, a.y + t * dy});
}

static double to_ring(const struct ring *r, struct spot p, bool closed)
{
    double least = INFINITY;
    for (uint32_t i = 0; i + 1 < r->count + (closed ? 1 : 0); i++)
        least = fmin(least, to_segment(p, r->at[i], r->at[(i + 1) % r->count]));
    return least;
}

static bool ring_holds(const struct ring *r, struct spot p)
{
    bool in = false;
    for (uint32_t i = 0, j = r->count - 1; i < r->count; j = i++) {
        struct spot a = r->at[i], b = r->at[j];
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
            in = !in;
    }
    return in;
}

double shape_distance(const struct shape *s, struct spot p)
{
    if (s->outline == OUTLINE_CIRCLE)
        return spot_apart(p, s->ring.at[0]) - s->size_m;
    if (s->outline == OUTLINE_LINE)
        return to_ring(&s->ring, p, false) - s->size_m;
    double d = to_ring(&s->ring, p, true);
    if (s->hole.count > 0)
        d = fmin(d, to_ring(&s->hole, p, true));
    return ring_holds(&s->ring, p) && !(s->hole.count > 0 && ring_holds(&s->hole, p)) ? -d : d;
}

bool shape_holds(const struct shape *s, struct spot p)
{
    return shape_distance(s, p) <= 0;
}

struct spot shape_middle(const struct shape *s)
{
    struct spot sum = {0, 0};
    for (uint32_t i = 0; i < s->ring.count; i++)
        sum = (struct spot){sum.x + s->ring.at[i].x, sum.y + s->ring.at[i].y};
    return (struct spot){sum.x / s->ring.count, sum.y / s->ring.count};
}

double shape_reach(const struct shape *s)
{
    struct spot middle = shape_middle(s);
    double most = 0;
    for (uint32_t i = 0; i < s->ring.count; i++)
        most = fmax(most, spot_apart(middle, s->ring.at[i]));
    return most + s->size_m;
}
