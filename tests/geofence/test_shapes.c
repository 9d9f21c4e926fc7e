/* What the builder refuses and where it says the fault lies; the border rule; the index's own account of its
 * fences. */
#include <muckwatch/geofence.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))
#define RING(array)                                                                                          \
    {                                                                                                        \
        (array), COUNT(array), false                                                                         \
    }
#define HOLE(array)                                                                                          \
    {                                                                                                        \
        (array), COUNT(array), true                                                                          \
    }

static struct mw_shape_error problem_of(enum mw_shape_kind kind, const struct mw_part *parts, uint32_t count,
                                        double radius_m)
{
    struct mw_builder *builder = mw_builder_new();
    struct mw_shape_error error = {MW_SHAPE_FINE, 0, 0, {0, 0}};
    enum mw_error result =
        mw_builder_add(builder, &(struct mw_shape){kind, parts, count, radius_m}, NULL, &error);
    assert_int_equal(result, error.problem ? MW_BAD_SHAPE : MW_OK);
    struct mw_index *index;
    assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    assert_int_equal(mw_index_fence_count(index), error.problem ? 0 : 1);
    mw_index_free(index);
    mw_builder_free(builder);
    return error;
}

static void bad_rings_are_refused_with_their_place(void **state)
{
    static const struct mw_point open[] = {{0, 0}, {0, 1}, {1, 1}, {1, 0}};
    static const struct mw_point three[] = {{0, 0}, {0, 1}, {1, 1}};
    static const struct mw_point few[] = {{0, 0}, {0, 1}, {0, 1}, {0, 0}};
    static const struct mw_point flat[] = {{0, 0}, {0, 1}, {0, 2}, {0, 0}};
    static const struct mw_point bow[] = {{0, 0}, {1, 1}, {0.1, 0.9}, {1, 0.2}, {0, 0}};
    static const struct mw_point nan[] = {{0, 0}, {0, 1}, {NAN, 1}, {0, 0}};
    static const struct mw_point far[] = {{0, 0}, {0, 1}, {91, 100}, {0, 0}};
    static const struct mw_point beyond[] = {{0, 179}, {0, 180}, {1, 180.5}, {0, 179}};
    static const struct mw_point metres[] = {
        {3580000, 11600000}, {3580000, 11600900}, {3580900, 11600900}, {3580000, 11600000}};
    static const struct mw_point swapped[] = {{31, 121}, {31, 122}, {121, 31}, {31, 121}};
    static const struct mw_point pole[] = {{31, 89}, {31, 90}, {121, 90}, {31, 89}};
    static const struct mw_point around[] = {{0, 179}, {0, -179}, {1, -179}, {0, 179}};
    static const struct {
        const struct mw_point *points;
        uint32_t count;
        enum mw_shape_problem problem;
        uint32_t point;
    } cases[] = {
        {open, COUNT(open), MW_SHAPE_UNCLOSED, 3},
        {three, COUNT(three), MW_SHAPE_TOO_FEW_POINTS, 0},
        {few, COUNT(few), MW_SHAPE_TOO_FEW_POINTS, 0},
        {flat, COUNT(flat), MW_SHAPE_NO_AREA, 0},
        {bow, COUNT(bow), MW_SHAPE_SELF_CROSSING, 0},
        {nan, COUNT(nan), MW_SHAPE_NOT_FINITE, 2},
        {far, COUNT(far), MW_SHAPE_OUT_OF_RANGE, 2},
        {beyond, COUNT(beyond), MW_SHAPE_BEYOND_180, 2},
        {metres, COUNT(metres), MW_SHAPE_NOT_DEGREES, 0},
        {swapped, COUNT(swapped), MW_SHAPE_SWAPPED, 2},
        {pole, COUNT(pole), MW_SHAPE_SWAPPED, 2},
        {around, COUNT(around), MW_SHAPE_CROSSES_ANTIMERIDIAN, 1},
        {open, 0, MW_SHAPE_TOO_FEW_POINTS, 0},
    };
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        struct mw_part part = {cases[i].points, cases[i].count, false};
        struct mw_shape_error error = problem_of(MW_SHAPE_POLYGON, &part, 1, 0);
        assert_int_equal(error.problem, cases[i].problem);
        assert_int_equal(error.point, cases[i].point);
        assert_true(strlen(mw_shape_problem_text(error.problem)) > 10);
    }
    struct mw_part part = RING(bow);
    struct mw_point at = problem_of(MW_SHAPE_POLYGON, &part, 1, 0).at;
    assert_true(fabs(at.lat_deg - 0.55) < 1e-12 && fabs(at.lon_deg - 0.55) < 1e-12);
}

/* Whether the crossing's place lies on the edge from this point of the part to the next, as they were given.
 */
static bool on_edge(const struct mw_part *part, struct mw_shape_error error)
{
    const struct mw_point *next = &part->points[error.point + 1];
    struct mw_point a = part->points[error.point];
    next += next->lat_deg == a.lat_deg && next->lon_deg == a.lon_deg; /* a repeated point */
    struct mw_point b = *next;
    double along = fabs(b.lon_deg - a.lon_deg) + fabs(b.lat_deg - a.lat_deg);
    double cross = (b.lon_deg - a.lon_deg) * (error.at.lat_deg - a.lat_deg) -
                   (b.lat_deg - a.lat_deg) * (error.at.lon_deg - a.lon_deg);
    return along > 0 && fabs(cross) < 1e-12 && fabs(error.at.lon_deg - a.lon_deg) <= along &&
           fabs(error.at.lat_deg - a.lat_deg) <= along;
}

/* Rings of either winding, each in every rotation; a repeated point is counted as it was given. */
static void a_crossing_names_the_points_of_the_file(void **state)
{
    static const struct mw_point loop[] = {{0, 0}, {0, 3}, {3, 3}, {1, 3.5}, {1, 3.5}, {3, 0}};
    for (uint32_t turn = 0; turn < COUNT(loop); turn++) {
        for (int reversed = 0; reversed < 2; reversed++) {
            struct mw_point points[COUNT(loop) + 1];
            for (uint32_t i = 0; i <= COUNT(loop); i++) {
                uint32_t at = (turn + i) % COUNT(loop);
                points[i] = loop[reversed ? COUNT(loop) - 1 - at : at];
            }
            struct mw_part part = RING(points);
            struct mw_shape_error error = problem_of(MW_SHAPE_POLYGON, &part, 1, 0);
            assert_int_equal(error.problem, MW_SHAPE_SELF_CROSSING);
            assert_true(on_edge(&part, error));
        }
    }
}

static void bad_holes_lines_and_circles_are_refused(void **state)
{
    static const struct mw_point outer[] = {{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0}};
    static const struct mw_point away[] = {{2, 2}, {2, 3}, {3, 3}, {2, 2}};
    static const struct mw_point over[] = {{0.5, 0.5}, {0.5, 2}, {0.6, 2}, {0.5, 0.5}};
    /* Its first two points on the ring, and wound the wrong way for a hole. */
    static const struct mw_point partly[] = {{0, 0.5}, {0, 0.5}, {0, 0.6}, {-1, 0.6}, {-1, 0.5}, {0, 0.5}};
    static const struct mw_point turned[] = {{0, 0.5}, {-1, 0.5}, {-1, 0.6}, {0, 0.6}, {0, 0.6}, {0, 0.5}};
    static const struct mw_point same[] = {{5, 5}, {5, 5}}, pole[] = {{88.99, 5}}, edge[] = {{5, 179.9999}};
    struct mw_part first[] = {HOLE(outer)}, outside[] = {RING(outer), HOLE(away)},
                   across[] = {RING(outer), HOLE(over)};
    struct mw_part hanging[2][2] = {{RING(outer), HOLE(partly)}, {RING(outer), HOLE(turned)}};
    struct mw_part still = RING(same), polar = RING(pole), eastern = RING(edge);
    assert_int_equal(problem_of(MW_SHAPE_POLYGON, first, 1, 0).problem, MW_SHAPE_HOLE_FIRST);
    assert_int_equal(problem_of(MW_SHAPE_POLYGON, outside, 2, 0).problem, MW_SHAPE_HOLE_OUTSIDE);
    assert_int_equal(problem_of(MW_SHAPE_POLYGON, outside, 2, 0).part, 1);
    for (uint32_t i = 0; i < 2; i++) {
        struct mw_shape_error error = problem_of(MW_SHAPE_POLYGON, hanging[i], 2, 0);
        assert_int_equal(error.problem, MW_SHAPE_HOLE_OUTSIDE);
        assert_true(hanging[i][1].points[error.point].lat_deg == error.at.lat_deg);
        assert_true(hanging[i][1].points[error.point].lon_deg == error.at.lon_deg);
    }
    assert_int_equal(problem_of(MW_SHAPE_POLYGON, across, 2, 0).problem, MW_SHAPE_SELF_CROSSING);
    assert_int_equal(problem_of(MW_SHAPE_POLYGON, across, 0, 0).problem, MW_SHAPE_NO_PARTS);
    assert_int_equal(problem_of(MW_SHAPE_CORRIDOR, &still, 1, 30).problem, MW_SHAPE_TOO_FEW_POINTS);
    assert_int_equal(problem_of(MW_SHAPE_CIRCLE, &polar, 1, 3000).problem, MW_SHAPE_NEAR_POLE);
    assert_int_equal(problem_of(MW_SHAPE_CIRCLE, &eastern, 1, 30).problem, MW_SHAPE_CROSSES_ANTIMERIDIAN);
    assert_int_equal(problem_of(MW_SHAPE_CIRCLE, &eastern, 1, 5).problem, MW_SHAPE_FINE);
    const struct mw_part middle = {&(struct mw_point){30.6, 104}, 1, false};
    const double too_far_m = nextafter(MW_RADIUS_MAX_M, HUGE_VAL);
    assert_int_equal(problem_of(MW_SHAPE_CIRCLE, &middle, 1, MW_RADIUS_MAX_M).problem, MW_SHAPE_FINE);
    assert_int_equal(problem_of(MW_SHAPE_CIRCLE, &middle, 1, too_far_m).problem, MW_SHAPE_BAD_RADIUS);
    assert_int_equal(problem_of(MW_SHAPE_CIRCLE, &polar, 1, NAN).problem, MW_SHAPE_BAD_RADIUS);
    assert_int_equal(problem_of(MW_SHAPE_CIRCLE, &polar, 1, 0).problem, MW_SHAPE_BAD_RADIUS);
    assert_int_equal(problem_of(MW_SHAPE_NONE, &polar, 1, 1).problem, MW_SHAPE_UNKNOWN_KIND);
}

/* By even and odd a ring that runs round twice holds nothing, in whatever way that is drawn. */
static void rings_that_run_round_twice_are_refused(void **state)
{
    static const struct mw_point twice[] = {{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0},
                                            {0, 1}, {1, 1}, {1, 0}, {0, 0}};
    static const struct mw_point split[] = {{0, 0},     {0, 1},     {1, 1},     {1, 0}, {0, 0},
                                            {0, 0.375}, {0, 1},     {0.375, 1}, {1, 1}, {1, 0.375},
                                            {1, 0},     {0.375, 0}, {0, 0}};
    static const struct mw_point thrice[] = {{0, 0}, {0, 1}, {1, 1}, {0, 0}, {0, 1},
                                             {1, 1}, {0, 0}, {0, 1}, {1, 1}, {0, 0}};
    static const struct {
        const struct mw_point *points;
        uint32_t count, point;
    } cases[] = {{twice, COUNT(twice), 4}, {split, COUNT(split), 4}, {thrice, COUNT(thrice), 3}};
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        struct mw_part part = {cases[i].points, cases[i].count, false};
        struct mw_shape_error error = problem_of(MW_SHAPE_POLYGON, &part, 1, 0);
        assert_int_equal(error.problem, MW_SHAPE_TRACED_TWICE);
        assert_int_equal(error.point, cases[i].point);
    }
    /* A spur there and back, and a loop that touches, are drawn by people and hold what they hold. */
    static const struct mw_point spur[] = {{0, 0}, {0, 1}, {0, 2}, {0, 1}, {1, 1}, {1, 0}, {0, 0}};
    static const struct mw_point loop[] = {{0, 0}, {0, 2}, {1, 1}, {2, 2}, {2, 0}, {1, 1}, {0, 0}};
    struct mw_part sound[] = {RING(spur), RING(loop)};
    assert_int_equal(problem_of(MW_SHAPE_POLYGON, &sound[0], 1, 0).problem, MW_SHAPE_FINE);
    assert_int_equal(problem_of(MW_SHAPE_POLYGON, &sound[1], 1, 0).problem, MW_SHAPE_FINE);
}

static void holes_that_are_none_are_refused(void **state)
{
    static const struct mw_point outer[] = {{0, 0}, {0, 4}, {4, 4}, {4, 0}, {0, 0}};
    static const struct mw_point same[] = {{4, 4}, {4, 0}, {0, 0}, {0, 4}, {4, 4}};
    static const struct mw_point left[] = {{0, 0}, {0, 2}, {4, 2}, {4, 0}, {0, 0}};
    static const struct mw_point right[] = {{0, 2}, {0, 4}, {4, 4}, {4, 2}, {0, 2}};
    static const struct mw_point low[] = {{1, 1}, {1, 2.5}, {3, 2.5}, {3, 1}, {1, 1}};
    static const struct mw_point high[] = {{1, 2}, {1, 3}, {3, 3}, {3, 2}, {1, 2}};
    static const struct mw_point inner[] = {{1.5, 1.5}, {1.5, 2}, {2, 2}, {1.5, 1.5}};
    static const struct mw_point notched[] = {{0, 0}, {0, 4}, {4, 4}, {2, 2}, {4, 0}, {0, 0}};
    static const struct mw_point notch[] = {{4, 4}, {2, 2}, {4, 0}, {4, 4}};
    static const struct mw_point diamond[] = {{0, 2}, {2, 4}, {4, 2}, {2, 0}, {0, 2}};
    struct {
        struct mw_part parts[3];
        uint32_t count;
        enum mw_shape_problem problem;
        uint32_t part;
    } cases[] = {
        {{RING(outer), HOLE(same)}, 2, MW_SHAPE_HOLE_FILLS, 1},
        {{RING(outer), HOLE(left), HOLE(right)}, 3, MW_SHAPE_HOLE_FILLS, 2},
        {{RING(outer), HOLE(inner), HOLE(inner)}, 3, MW_SHAPE_HOLE_IN_HOLE, 2},
        {{RING(outer), HOLE(low), HOLE(inner)}, 3, MW_SHAPE_HOLE_IN_HOLE, 2},
        {{RING(outer), HOLE(inner), HOLE(low)}, 3, MW_SHAPE_HOLE_IN_HOLE, 2},
        {{RING(outer), HOLE(low), HOLE(high)}, 3, MW_SHAPE_HOLE_IN_HOLE, 2},
        {{RING(notched), HOLE(notch)}, 2, MW_SHAPE_HOLE_OUTSIDE, 1},
        {{RING(outer), HOLE(notch)}, 2, MW_SHAPE_FINE, 0},
        {{RING(outer), HOLE(left)}, 2, MW_SHAPE_FINE, 0},
        {{RING(outer), HOLE(diamond)}, 2, MW_SHAPE_FINE, 0},
        {{RING(outer), HOLE(inner), HOLE(high)}, 3, MW_SHAPE_FINE, 0},
    };
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        struct mw_shape_error error = problem_of(MW_SHAPE_POLYGON, cases[i].parts, cases[i].count, 0);
        assert_int_equal(error.problem, cases[i].problem);
        assert_int_equal(error.part, cases[i].part);
    }
}

static struct mw_index *build(const struct mw_shape *shapes, uint32_t count)
{
    struct mw_builder *builder = mw_builder_new();
    for (uint32_t i = 0; i < count; i++) {
        uint32_t fence;
        assert_int_equal(mw_builder_add(builder, &shapes[i], &fence, NULL), MW_OK);
        assert_int_equal(fence, i);
    }
    struct mw_index *index;
    assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    return index;
}

/* Two squares that share an edge, the left one with a hole. */
static struct mw_index *two_squares(void)
{
    static const struct mw_point left[] = {{0, 0}, {1, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    static const struct mw_point hole[] = {
        {0.25, 0.25}, {0.25, 0.75}, {0.75, 0.75}, {0.75, 0.25}, {0.25, 0.25}};
    static const struct mw_point right[] = {{0, 1}, {0, 2}, {1, 2}, {1, 1}, {0, 1}};
    const struct mw_part parts[] = {RING(left), HOLE(hole)}, other = RING(right);
    const struct mw_shape shapes[] = {{MW_SHAPE_POLYGON, parts, 2, 0}, {MW_SHAPE_POLYGON, &other, 1, 0}};
    return build(shapes, 2);
}

/* Over the antimeridian the short way counts: for metres, and for what a path meets. */
static void the_antimeridian_is_a_line_like_any_other(void **state)
{
    const struct mw_point west = {-17, 179.99}, east = {-17, -179.99};
    assert_true(fabs(mw_distance_m(west, east) -
                     mw_distance_m((struct mw_point){-17, 0}, (struct mw_point){-17, 0.02})) < 1e-6);
    assert_true(mw_east_deg(west, east) > 0 && mw_east_deg(east, west) < 0);
    assert_true(fabs(mw_east_deg(west, east) - 0.02) < 1e-12);
    /* A strip with parts on both sides of it, a square beyond it, and one far away on the long way round. */
    static const struct mw_point near[] = {
        {-18, 179.995}, {-18, 180}, {-16, 180}, {-16, 179.995}, {-18, 179.995}};
    static const struct mw_point beyond[] = {
        {-18, -180}, {-18, -179.995}, {-16, -179.995}, {-16, -180}, {-18, -180}};
    static const struct mw_point square[] = {
        {-18, -179.997}, {-18, -179.98}, {-16, -179.98}, {-16, -179.997}, {-18, -179.997}};
    static const struct mw_point far[] = {{-18, -1}, {-18, 1}, {-16, 1}, {-16, -1}, {-18, -1}};
    const struct mw_part strip[] = {RING(near), RING(beyond)}, other = RING(square), away = RING(far);
    struct mw_index *index = build((const struct mw_shape[]){{MW_SHAPE_POLYGON, &away, 1, 0},
                                                             {MW_SHAPE_POLYGON, strip, 2, 0},
                                                             {MW_SHAPE_POLYGON, &other, 1, 0}},
                                   3);
    struct mw_crossing met[4];
    assert_int_equal(mw_index_path(index, west, east, met, 4), 2);
    assert_int_equal(met[0].fence, 1);
    assert_true(!met[0].inside_from && !met[0].inside_to);
    assert_true(fabs(met[0].enter - 0.25) < 1e-9 && fabs(met[0].leave - 0.75) < 1e-9);
    assert_true(fabs(met[0].inside_m - mw_distance_m(west, east) / 2) < 0.01);
    assert_int_equal(met[1].fence, 2);
    assert_true(!met[1].inside_from && met[1].inside_to);
    assert_true(fabs(met[1].enter - 0.65) < 1e-9 && met[1].leave == 1);
    assert_int_equal(mw_index_path(index, east, west, met, 4), 2);
    assert_true(met[1].inside_from && !met[1].inside_to && fabs(met[1].leave - 0.35) < 1e-9);
    assert_int_equal(mw_index_path(index, west, east, NULL, 0), 3);
    size_t meets = 0;
    for (uint32_t i = 0; i < mw_index_fence_count(index); i++)
        meets += mw_index_path_meets(index, i, west, east) && mw_index_path_meets(index, i, east, west);
    assert_int_equal(meets, 2); /* the strip and the square */
    assert_int_equal(mw_index_path(index, west, east, met, 1), 3);
    mw_index_free(index);
}

static void border_is_inside_on_both_sides(void **state)
{
    struct mw_index *index = two_squares();
    static const struct {
        struct mw_point p;
        unsigned held; /* bit by fence */
    } table[] = {
        {{0, 0}, 1},          {{0, 0.5}, 1},     {{1, 0.5}, 1},        {{0.5, 0}, 1},     {{0.5, 1}, 3},
        {{0, 1}, 3},          {{1, 1}, 3},       {{0.5, 1.5}, 2},      {{0.5, 2}, 2},     {{1, 2}, 2},
        {{0.5, 0.5}, 0},      {{0.25, 0.25}, 1}, {{0.5, 0.25}, 1},     {{0.75, 0.5}, 1},  {{0.5, 0.75}, 1},
        {{0.26, 0.26}, 0},    {{0.1, 0.5}, 1},   {{-1e-9, 0.5}, 0},    {{0.5, -1e-9}, 0}, {{1 + 1e-9, 1}, 0},
        {{0.5, 2 + 1e-9}, 0}, {{NAN, 0.5}, 0},   {{0.5, INFINITY}, 0},
    };
    for (uint32_t i = 0; i < COUNT(table); i++) {
        uint32_t fences[2];
        size_t count = mw_index_point(index, table[i].p, fences, 2);
        unsigned held = 0;
        for (size_t k = 0; k < count; k++)
            held |= 1u << fences[k];
        assert_int_equal(held, table[i].held);
    }
    assert_int_equal(mw_index_point(index, (struct mw_point){0.5, 1}, NULL, 0), 2);
    mw_index_free(index);
}

static void iteration_gives_back_what_was_given(void **state)
{
    struct mw_index *index = two_squares();
    bool hole;
    assert_int_equal(mw_index_part_count(index, 0, 0, &hole), 4);
    assert_false(hole);
    assert_int_equal(mw_index_part_count(index, 0, 1, &hole), 4);
    assert_true(hole);
    /* Given clockwise, kept counterclockwise from the same first point. */
    struct mw_point p = mw_index_part_point(index, 0, 0, 1);
    assert_true(p.lat_deg == 0 && p.lon_deg == 1);
    struct mw_fence_info info = mw_index_fence_info(index, 0);
    assert_int_equal(info.kind, MW_SHAPE_POLYGON);
    assert_int_equal(info.part_count, 2);
    struct mw_bounds bounds = mw_index_fence_bounds(index, 1);
    assert_true(fabs(bounds.south_west.lon_deg - 1) < 3e-7 && bounds.south_west.lon_deg <= 1);
    assert_true(fabs(bounds.north_east.lat_deg - 1) < 3e-7 && bounds.north_east.lat_deg >= 1);
    assert_true(mw_index_memory_bytes(index) > 0);
    mw_index_free(index);
}

static void corridors_tell_distance_and_progress(void **state)
{
    /* A degree of latitude at the equator is 110,574.3 m, one of longitude 111,319.5 m. */
    static const struct mw_point first[] = {{0, 0}, {0, 0.01}}, second[] = {{0.01, 0.01}, {0.02, 0.01}};
    const struct mw_part parts[] = {RING(first), RING(second)};
    struct mw_index *index = build(&(struct mw_shape){MW_SHAPE_CORRIDOR, parts, 2, 50}, 1);
    struct mw_hit hit;
    assert_int_equal(mw_index_point_detail(index, (struct mw_point){0.015, 0.0101}, &hit, 1), 1);
    assert_true(fabs((double)hit.distance_m - 11.13) < 0.01);
    assert_true(fabs((double)hit.progress_m - (1113.195 + 552.87)) < 0.02);
    struct mw_distance distance;
    assert_true(mw_index_distance(index, 0, (struct mw_point){0.001, 0.005}, 100, &distance));
    assert_true(!distance.within && fabs(distance.distance_m - 60.574) < 0.001);
    assert_true(fabs(distance.progress_m - 556.6) < 0.01);
    assert_false(mw_index_distance(index, 0, (struct mw_point){0.001, 0.005}, 60, &distance));
    struct mw_crossing crossing;
    assert_int_equal(
        mw_index_path(index, (struct mw_point){-0.001, 0.005}, (struct mw_point){0.001, 0.005}, &crossing, 1),
        1);
    assert_true(!crossing.inside_from && !crossing.inside_to);
    assert_true(fabs(crossing.inside_m - 100) < 0.01 && fabs(crossing.enter + crossing.leave - 1) < 1e-6);
    mw_index_free(index);
}

static void a_hundred_thousand_vertices_load(void **state)
{
    uint32_t count = 100001;
    struct mw_point *points = calloc(count, sizeof *points);
    for (uint32_t i = 0; i < count; i++) {
        double angle = 6.283185307179586 * (i % (count - 1)) / (count - 1),
               r = 0.1 + (i % 2 && i ? 0.0001 : 0);
        points[i] = (struct mw_point){31 + r * sin(angle), 121 + r * cos(angle)};
    }
    struct mw_part part = {points, count, false};
    struct mw_index *index = build(&(struct mw_shape){MW_SHAPE_POLYGON, &part, 1, 0}, 1);
    uint32_t fence;
    assert_int_equal(mw_index_point(index, (struct mw_point){31.05, 121.05}, &fence, 1), 1);
    assert_int_equal(mw_index_point(index, (struct mw_point){31.08, 121.08}, &fence, 1), 0);
    mw_index_free(index);
    free(points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_rings_are_refused_with_their_place),
        cmocka_unit_test(a_crossing_names_the_points_of_the_file),
        cmocka_unit_test(bad_holes_lines_and_circles_are_refused),
        cmocka_unit_test(rings_that_run_round_twice_are_refused),
        cmocka_unit_test(holes_that_are_none_are_refused),
        cmocka_unit_test(the_antimeridian_is_a_line_like_any_other),
        cmocka_unit_test(border_is_inside_on_both_sides),
        cmocka_unit_test(iteration_gives_back_what_was_given),
        cmocka_unit_test(corridors_tell_distance_and_progress),
        cmocka_unit_test(a_hundred_thousand_vertices_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
