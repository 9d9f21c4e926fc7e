/*
 * capsule: where a path runs within a radius of a segment; computes as many segments at a time as a vector
 * holds.
 *
 * The places within the radius are a capsule: two discs and the band between them. A capsule is convex, so
 * the path meets it in one stretch, from the least to the greatest fraction at which it meets a disc or the
 * band. Everything is computed in the plane at the latitude of the segment's middle.
 *
 * Before it includes this file, a file defines the vector (lanes_plain.h is the vector of one double):
 *
 *     LANES, lanes                              how many, and the type; + - * / as for doubles
 *     lanes_all(v), lanes_load(p), lanes_store(p, v), lanes_from(p)   the last from 32-bit integers
 *     lanes_root(v), lanes_least(a, b), lanes_most(a, b)
 *     lanes_pick(a, b, x, y)                    a >= b ? x : y
 *
 * There are no branches and each operation is correctly rounded, so every width gives the same bits.
 */
#ifndef MW_GEO_CAPSULE_H
#define MW_GEO_CAPSULE_H

#include "path.h"

/* Doubles in the widest vector; the arrays below have as many. */
#define CAPSULES_AT_ONCE 8

/* A stretch of the path, as fractions; the empty stretch is from infinity to minus infinity. */
struct lanes_cut {
    lanes start, end;
};

struct lanes_xy {
    lanes x, y;
};

static inline lanes lanes_dot(struct lanes_xy a, struct lanes_xy b)
{
    return a.x * b.x + a.y * b.y;
}

/* The t for which |p + t d| <= r. */
static inline struct lanes_cut cut_disc(struct lanes_xy p, struct lanes_xy d, lanes r2)
{
    const lanes zero = lanes_all(0), never = lanes_all(HUGE_VAL);
    lanes a = lanes_dot(d, d), b = lanes_dot(p, d), c = lanes_dot(p, p) - r2;
    lanes square = b * b - a * c, root = lanes_root(lanes_most(square, zero));
    /* A path without length is inside as a whole or not at all. */
    lanes per = lanes_all(1) / lanes_pick(zero, a, lanes_all(1), a);
    lanes start = lanes_pick(zero, a, zero, (zero - b - root) * per);
    lanes end = lanes_pick(zero, a, lanes_all(1), (root - b) * per);
    lanes met = lanes_pick(zero, a, zero - c, square);
    return (struct lanes_cut){lanes_pick(met, zero, start, never), lanes_pick(met, zero, end, zero - never)};
}

/* The t for which low <= at + t speed <= high. */
static inline struct lanes_cut cut_between(lanes at, lanes speed, lanes low, lanes high, lanes still)
{
    const lanes zero = lanes_all(0), ever = lanes_all(HUGE_VAL), never = zero - ever;
    lanes absolute = lanes_most(speed, zero - speed);
    lanes per = lanes_all(1) / lanes_pick(absolute, still, speed, lanes_all(1));
    lanes t0 = (low - at) * per, t1 = (high - at) * per;
    lanes inside = lanes_pick(at, low, lanes_pick(high, at, ever, never), never);
    return (struct lanes_cut){lanes_pick(absolute, still, lanes_least(t0, t1), zero - inside),
                              lanes_pick(absolute, still, lanes_most(t0, t1), inside)};
}

/* The band: the rectangle beside the segment s and within r of its line. Lengths along and across the segment
 * are kept multiplied by the segment's length, which saves a division. */
static inline struct lanes_cut cut_band(struct lanes_xy p, struct lanes_xy d, struct lanes_xy s, lanes r)
{
    const lanes zero = lanes_all(0), never = lanes_all(HUGE_VAL);
    lanes square = lanes_dot(s, s), length = lanes_root(square), still = lanes_all(1e-12) * length;
    struct lanes_xy across = {zero - s.y, s.x};
    struct lanes_cut beside = cut_between(lanes_dot(p, s), lanes_dot(d, s), zero, square, still);
    struct lanes_cut near =
        cut_between(lanes_dot(p, across), lanes_dot(d, across), zero - r * length, r * length, still);
    lanes start = lanes_most(beside.start, near.start), end = lanes_least(beside.end, near.end);
    lanes met = lanes_pick(zero, square, zero - never, end - start);
    return (struct lanes_cut){lanes_pick(met, zero, start, never), lanes_pick(met, zero, end, zero - never)};
}

/* The segment from a to b, in degrees. */
static inline struct lanes_cut cut_capsule(const struct geo_path *path, struct lanes_xy a, struct lanes_xy b,
                                           lanes radius_m)
{
    const struct geo_metric *m = &path->metric;
    /* Twice the latitude to the segment's middle: the metric takes its scale at half of it. */
    lanes ahead = a.y + b.y - lanes_all(2 * m->lat_deg);
    lanes k = lanes_all(m->k0) + ahead * (lanes_all(m->k1) + ahead * lanes_all(m->k2));
    lanes n = lanes_all(m->m0) + ahead * lanes_all(m->m1);
    struct lanes_xy s = {(b.x - a.x) * k, (b.y - a.y) * n};
    struct lanes_xy p = {(lanes_all(path->a.x) - a.x) * k, (lanes_all(path->a.y) - a.y) * n};
    struct lanes_xy d = {lanes_all(path->b.x - path->a.x) * k, lanes_all(path->b.y - path->a.y) * n};
    struct lanes_cut first = cut_disc(p, d, radius_m * radius_m);
    struct lanes_cut last = cut_disc((struct lanes_xy){p.x - s.x, p.y - s.y}, d, radius_m * radius_m);
    struct lanes_cut band = cut_band(p, d, s, radius_m);
    lanes start = lanes_least(lanes_least(first.start, last.start), band.start);
    lanes end = lanes_most(lanes_most(first.end, last.end), band.end);
    start = lanes_most(start, lanes_all(0));
    end = lanes_least(end, lanes_all(1));
    const lanes zero = lanes_all(0), never = lanes_all(HUGE_VAL);
    return (struct lanes_cut){lanes_pick(end, start, start, never),
                              lanes_pick(end, start, end, zero - never)};
}

/* Segments of narrow lines; coordinates in counts of 1e-7 degrees, as in the store. */
struct geo_segments {
    int32_t ax[CAPSULES_AT_ONCE], ay[CAPSULES_AT_ONCE], bx[CAPSULES_AT_ONCE], by[CAPSULES_AT_ONCE];
    double radius_m[CAPSULES_AT_ONCE];
};

/* Computes the first `count` segments; may write up to CAPSULES_AT_ONCE results. */
static inline void cut_narrow(const struct geo_path *path, const struct geo_segments *s, uint32_t count,
                              double *out_start, double *out_end)
{
    const lanes scale = lanes_all(GEO_SCALE);
    for (uint32_t i = 0; i < count; i += LANES) {
        struct lanes_xy a = {lanes_from(s->ax + i) / scale, lanes_from(s->ay + i) / scale};
        struct lanes_xy b = {lanes_from(s->bx + i) / scale, lanes_from(s->by + i) / scale};
        struct lanes_cut cut = cut_capsule(path, a, b, lanes_load(s->radius_m + i));
        lanes_store(out_start + i, cut.start);
        lanes_store(out_end + i, cut.end);
    }
}

/* Segments of wide lines; coordinates in degrees. */
struct geo_wide_segments {
    double ax[CAPSULES_AT_ONCE], ay[CAPSULES_AT_ONCE], bx[CAPSULES_AT_ONCE], by[CAPSULES_AT_ONCE];
    double radius_m[CAPSULES_AT_ONCE];
};

static inline void cut_wide(const struct geo_path *path, const struct geo_wide_segments *s, uint32_t count,
                            double *out_start, double *out_end)
{
    for (uint32_t i = 0; i < count; i += LANES) {
        struct lanes_xy a = {lanes_load(s->ax + i), lanes_load(s->ay + i)};
        struct lanes_xy b = {lanes_load(s->bx + i), lanes_load(s->by + i)};
        struct lanes_cut cut = cut_capsule(path, a, b, lanes_load(s->radius_m + i));
        lanes_store(out_start + i, cut.start);
        lanes_store(out_end + i, cut.end);
    }
}

#endif
