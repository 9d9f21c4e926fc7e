/* Where a path comes into a fence and leaves it, by oracles that share no code with the index: for corridors
 * and circles the distance to their lines all along the path, for polygons on a lattice whole numbers, so
 * that paths that begin and end on borders and corners do so to the bit. */
#include "shapes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mw_index *index_of(const struct mw_shape *shape)
{
    struct mw_builder *builder = mw_builder_new();
    struct mw_index *index = NULL;
    if (mw_builder_add(builder, shape, NULL, NULL) == MW_OK)
        assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    return index;
}

static struct mw_point at_share(struct mw_point from, struct mw_point to, double t)
{
    return (struct mw_point){from.lat_deg + t * (to.lat_deg - from.lat_deg),
                             from.lon_deg + t * (to.lon_deg - from.lon_deg)};
}

/* ---- corridors and circles ---- */

#define CELLS 400

/* Metres of a degree east and north, from the radii of curvature of WGS-84 (NIMA TR8350.2). */
static void degree_m(double lat_deg, double *east, double *north)
{
    double rad = lat_deg * (3.14159265358979323846 / 180), e2 = 0.00669437999014;
    double w2 = 1 - e2 * pow(sin(rad), 2), n = 6378137.0 / sqrt(w2);
    *east = n * cos(rad) * (3.14159265358979323846 / 180);
    *north = n * (1 - e2) / w2 * (3.14159265358979323846 / 180);
}

static double to_segment_m(struct mw_point p, struct mw_point a, struct mw_point b)
{
    double east, north;
    degree_m(p.lat_deg, &east, &north);
    double ax = (a.lon_deg - p.lon_deg) * east, ay = (a.lat_deg - p.lat_deg) * north;
    double bx = (b.lon_deg - p.lon_deg) * east, by = (b.lat_deg - p.lat_deg) * north;
    double square = pow(bx - ax, 2) + pow(by - ay, 2);
    double t = square > 0 ? -(ax * (bx - ax) + ay * (by - ay)) / square : 0;
    t = fmax(0, fmin(1, t));
    return hypot(ax + t * (bx - ax), ay + t * (by - ay));
}

/* How far a place is out of a corridor or circle, negative inside; of a polygon, from its border. */
static double outside_m(const struct mw_shape *shape, struct mw_point p)
{
    double least = HUGE_VAL;
    for (uint32_t k = 0; k < shape->part_count; k++) {
        const struct mw_part *part = &shape->parts[k];
        for (uint32_t i = 0; i < part->count; i++) {
            least =
                fmin(least, to_segment_m(p, part->points[i], part->points[i + 1 < part->count ? i + 1 : i]));
        }
    }
    return least - (shape->kind == MW_SHAPE_POLYGON ? 0 : shape->radius_m);
}

struct ride {
    const struct mw_shape *shape;
    struct mw_point from, to;
    double long_m, room_m; /* its length; how far the plane in which the index measures may be off */
    uint64_t seed;
};

static void complain(const struct ride *r, const char *what, double t, double m)
{
    fail_msg("seed %llu: from %.9f %.9f to %.9f %.9f: %s at %.9f, %.4f m outside, room %.4f",
             (unsigned long long)r->seed, r->from.lat_deg, r->from.lon_deg, r->to.lat_deg, r->to.lon_deg,
             what, t, m, r->room_m);
}

/* At its border, or at an end of the path that lies inside. */
static void check_end(const struct ride *r, const char *what, double t, bool at_end)
{
    double out_m = outside_m(r->shape, at_share(r->from, r->to, t));
    if (!(t >= 0 && t <= 1) || out_m > r->room_m || (!at_end && out_m < -r->room_m))
        complain(r, what, t, out_m);
}

/* A cell whose middle is farther from the border than its ends are from the middle lies on one side of it. */
static void check_between(const struct ride *r, const struct mw_crossing *c)
{
    double sure = 0, doubtful = 0, half_m = r->long_m / CELLS / 2;
    for (int i = 0; i < CELLS; i++) {
        double t = (i + 0.5) / CELLS, out_m = outside_m(r->shape, at_share(r->from, r->to, t));
        bool inside = out_m < -r->room_m - half_m;
        sure += inside;
        doubtful += !inside && out_m <= r->room_m + half_m;
        if (out_m < -r->room_m && (c == NULL || t < c->enter || t > c->leave))
            complain(r, c == NULL ? "not met" : "not between", t, out_m);
    }
    double told = c == NULL ? 0 : c->inside_m, cell_m = r->long_m / CELLS,
           rounding_m = 1e-3 * r->long_m + 1e-6;
    if (told < sure * cell_m - rounding_m || told > (sure + doubtful) * cell_m + rounding_m)
        complain(r, "length inside", told, sure * cell_m);
}

static void check_ride(const struct mw_index *index, struct ride *r)
{
    struct mw_crossing c;
    double east, north;
    degree_m((r->from.lat_deg + r->to.lat_deg) / 2, &east, &north);
    r->long_m = hypot((r->to.lon_deg - r->from.lon_deg) * east, (r->to.lat_deg - r->from.lat_deg) * north);
    size_t met = mw_index_path(index, r->from, r->to, &c, 1);
    check_between(r, met ? &c : NULL);
    if (met) {
        check_end(r, "enter", c.enter, c.inside_from && c.enter == 0);
        check_end(r, "leave", c.leave, c.inside_to && c.leave == 1);
        assert_true(c.enter <= c.leave);
        assert_int_equal(c.inside_from, mw_index_point(index, r->from, NULL, 0) == 1);
        assert_int_equal(c.inside_to, mw_index_point(index, r->to, NULL, 0) == 1);
    }
}

static void corridors_are_met_where_their_lines_are_near(void **state)
{
    struct owned_shape *s = calloc(1, sizeof *s);
    uint32_t lines = 0;
    for (uint64_t seed = 1; lines < 120; seed++) {
        struct rng rng = {seed * 15485863};
        struct mw_point middle = {rng_between(&rng, -65, 65), rng_between(&rng, -170, 170)};
        double size = pow(10, rng_between(&rng, -3.5, -1.7));
        shape_random(&rng, middle, size, s);
        struct mw_index *index = s->shape.kind != MW_SHAPE_POLYGON ? index_of(&s->shape) : NULL;
        if (index == NULL)
            continue;
        lines++;
        /* The scale changes by tan(lat) a radian; what is measured across is one radius, what lies between is
         * a few times the size. */
        double change = (1 + tan(fabs(middle.lat_deg) * 0.0174533)) * 4 * size * 0.0174533;
        struct ride r = {.shape = &s->shape, .room_m = 1e-4 + 2 * change * s->shape.radius_m, .seed = seed};
        for (int k = 0; k < 20; k++) {
            double reach = size * rng_between(&rng, 0.1, 1.5);
            r.from = (struct mw_point){middle.lat_deg + rng_between(&rng, -reach, reach),
                                       middle.lon_deg + rng_between(&rng, -reach, reach)};
            r.to = (struct mw_point){middle.lat_deg + rng_between(&rng, -reach, reach),
                                     middle.lon_deg + rng_between(&rng, -reach, reach)};
            if (rng_below(&rng, 4) == 0) /* on the line itself, at a corner of it, at its border */
                r.to = point_random(&rng, s);
            check_ride(index, &r);
        }
        mw_index_free(index);
    }
    free(s);
}

/* ---- distances ---- */

/* What is asked as yes or no is what the distance says, to the last bit of the limit. */
static void check_shortcuts(const struct mw_index *index, struct mw_point p, double max_m)
{
    struct mw_distance d = {0}, far;
    assert_true(mw_index_distance(index, 0, p, 1e7, &far));
    bool within = mw_index_distance(index, 0, p, 0, &d);
    const double limits_m[] = {0, max_m, fabs(far.distance_m), nextafter(fabs(far.distance_m), 0),
                               nextafter(fabs(far.distance_m), 1e9)};
    for (size_t i = 0; i < sizeof limits_m / sizeof limits_m[0]; i++) {
        assert_int_equal(mw_index_near(index, 0, p, limits_m[i]),
                         mw_index_distance(index, 0, p, limits_m[i], &far));
        assert_int_equal(mw_index_deep(index, 0, p, limits_m[i]), within && -d.distance_m > limits_m[i]);
    }
}

/* Of any shape, told up to a bound: by what the lines of its border are away, and on which side it lies. */
static void distances_are_to_the_nearest_border(void **state)
{
    struct owned_shape *s = calloc(1, sizeof *s);
    for (uint64_t seed = 1; seed <= 900; seed++) {
        struct rng rng = {seed * 49979687};
        struct mw_point middle = {rng_between(&rng, -65, 65), rng_between(&rng, -170, 170)};
        double size = pow(10, rng_between(&rng, -3.5, -1.7));
        shape_random(&rng, middle, size, s);
        struct mw_index *index = index_of(&s->shape);
        if (index == NULL)
            continue;
        double change = (1 + tan(fabs(middle.lat_deg) * 0.0174533)) * 4 * size * 0.0174533;
        for (int k = 0; k < 60; k++) {
            struct mw_point p = point_random(&rng, s);
            struct mw_distance d;
            bool within = mw_index_point(index, p, NULL, 0) == 1;
            double line_m = outside_m(&s->shape, p);
            double want = s->shape.kind == MW_SHAPE_POLYGON && within ? -line_m : line_m;
            double room_m = 1e-4 + 2 * change * (fabs(line_m) + s->shape.radius_m);
            double max_m = rng_between(&rng, 0, 2) * fabs(want);
            check_shortcuts(index, p, max_m);
            bool told = mw_index_distance(index, 0, p, max_m, &d);
            if ((told &&
                 (want > max_m + room_m || fabs(d.distance_m - want) > room_m || d.within != within)) ||
                (!told && want < max_m - room_m)) {
                fail_msg("seed %llu: %.17g %.17g is %.6f m away, within %d, not %.6f, within %d; up to %.6f",
                         (unsigned long long)seed, p.lat_deg, p.lon_deg, told ? d.distance_m : (double)NAN,
                         told && d.within, want, within, max_m);
            }
        }
        mw_index_free(index);
    }
    free(s);
}

/* ---- polygons on a lattice ---- */

/* Seven decimals and seven bits after the point: exact as the index keeps them, and as doubles. */
#define STEP_DEG 0.0078125
#define SIDE     7

struct spot {
    int x, y;
};

struct lattice {
    struct spot ring[12];
    int count;
    double step_deg;
};

static struct mw_point place(const struct lattice *l, struct spot p)
{
    return (struct mw_point){30 + p.y * l->step_deg, 104 + p.x * l->step_deg};
}

static int turn(struct spot a, struct spot b, struct spot c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* Where the path meets the line through an edge within the edge; false where it does not, or runs along. */
static bool meets(struct spot from, struct spot to, struct spot a, struct spot b, double *out_t)
{
    int left = turn(a, b, from), right = turn(a, b, to), before = turn(from, to, a),
        behind = turn(from, to, b);
    if (left == right || (left > 0 && right > 0) || (left < 0 && right < 0) || (before > 0 && behind > 0) ||
        (before < 0 && behind < 0))
        return false;
    *out_t = (double)left / (left - right);
    return true;
}

/* By counting edges to the east; the place lies on none. */
static bool lattice_holds(const struct lattice *l, double x, double y)
{
    bool inside = false;
    for (int i = 0; i < l->count; i++) {
        struct spot a = l->ring[i], b = l->ring[(i + 1) % l->count];
        if ((a.y > y) != (b.y > y))
            inside ^= x < a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
    }
    return inside;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

struct stretch_sum {
    bool inside_from, inside_to;
    double enter, leave; /* of what lies within */
    double first, last;  /* with corners that are only touched, which need not be told */
    double inside;
};

/* Tests the middle of each stretch between places where the path meets an edge. False: it runs along one, and
 * on which side of it that counts is not said. */
static bool judge(const struct lattice *l, struct spot from, struct spot to, struct stretch_sum *out)
{
    double at[16] = {0, 1};
    int count = 2;
    *out = (struct stretch_sum){.enter = 2, .leave = -1, .first = 2, .last = -1};
    for (int i = 0; i < l->count; i++) {
        struct spot a = l->ring[i], b = l->ring[(i + 1) % l->count];
        if (turn(from, to, a) == 0 && turn(from, to, b) == 0)
            return false;
        count += meets(from, to, a, b, &at[count]);
    }
    qsort(at, (size_t)count, sizeof *at, ascending);
    for (int i = 0; i < count; i++) {
        /* Each place but the ends is one on the border, and the border is inside. */
        bool border = i > 0 && i + 1 < count;
        double next = i + 1 < count ? at[i + 1] : 1, middle = (at[i] + next) / 2;
        bool within = next > at[i] &&
                      lattice_holds(l, from.x + middle * (to.x - from.x), from.y + middle * (to.y - from.y));
        if (within) {
            out->inside += next - at[i];
            out->enter = fmin(out->enter, at[i]);
            out->leave = fmax(out->leave, next);
        }
        out->first = border || within ? fmin(out->first, at[i]) : out->first;
        out->last = within ? fmax(out->last, next) : border ? fmax(out->last, at[i]) : out->last;
    }
    out->inside_from = out->first == 0;
    out->inside_to = out->last == 1;
    return true;
}

/* Between a first and a last place. */
static bool in_range(double told, double a, double b)
{
    return told > a - 1e-9 && told < b + 1e-9;
}

static void check_lattice_path(const struct lattice *l, const struct mw_index *index, struct spot from,
                               struct spot to, uint64_t seed)
{
    struct stretch_sum want;
    struct mw_crossing c;
    if ((from.x == to.x && from.y == to.y) || !judge(l, from, to, &want))
        return;
    struct mw_point a = place(l, from), b = place(l, to);
    bool met = mw_index_path(index, a, b, &c, 1) == 1;
    double share = met ? c.inside_m / mw_distance_m(a, b) : 0;
    bool same = met ? c.inside_from == want.inside_from && c.inside_to == want.inside_to &&
                          fabs(share - want.inside) < 1e-3
                    : !want.inside_from && !want.inside_to && want.inside == 0;
    if (same && met && want.inside > 0) {
        same = in_range(c.enter, want.first, want.inside_from ? 0 : want.enter) &&
               in_range(c.leave, want.inside_to ? 1 : want.leave, want.last);
    }
    if (!same) {
        fail_msg("seed %llu: from %d,%d to %d,%d: %d %d %.6f %.6f %.6f, not %d %d %.6f %.6f %.6f",
                 (unsigned long long)seed, from.x, from.y, to.x, to.y, met && c.inside_from,
                 met && c.inside_to, met ? c.enter : -1, met ? c.leave : -1, share, want.inside_from,
                 want.inside_to, want.enter, want.leave, want.inside);
    }
}

static void paths_that_end_on_a_border_are_cut_to_the_bit(void **state)
{
    uint32_t polygons = 0;
    for (uint64_t seed = 1; polygons < 400; seed++) {
        struct rng rng = {seed * 32452843};
        struct lattice l = {.count = 3 + (int)rng_below(&rng, 6), .step_deg = STEP_DEG};
        struct mw_point points[13];
        struct mw_part part = {points, 0, false};
        if (rng_below(&rng, 3) == 0)
            l.step_deg /= 1024; /* more decimals than are kept short */
        for (int i = 0; i < l.count; i++) {
            l.ring[i] = (struct spot){(int)rng_below(&rng, SIDE), (int)rng_below(&rng, SIDE)};
            points[part.count++] = place(&l, l.ring[i]);
        }
        points[part.count++] = points[0];
        struct mw_index *index = index_of(&(struct mw_shape){MW_SHAPE_POLYGON, &part, 1, 0});
        if (index == NULL)
            continue; /* it crosses itself */
        polygons++;
        for (int from = 0; from < SIDE * SIDE; from++) {
            for (int to = 0; to < SIDE * SIDE; to++) {
                check_lattice_path(&l, index, (struct spot){from % SIDE, from / SIDE},
                                   (struct spot){to % SIDE, to / SIDE}, seed);
            }
        }
        mw_index_free(index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corridors_are_met_where_their_lines_are_near),
        cmocka_unit_test(distances_are_to_the_nearest_border),
        cmocka_unit_test(paths_that_end_on_a_border_are_cut_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
