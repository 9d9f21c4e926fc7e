/*
 * clip against what its header promises: the place where an edge meets a border does not depend on the edge's
 * direction; an outline that runs round a box does not cross it; a segment has a part in a span, or none.
 */
#include "../cmocka_all.h"
#include "clip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000, POINTS_MAX = 64 };

static uint64_t seed = 20261130;

/* From -1 to 1. */
static double draw(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (double)(seed * 2685821657736338717u >> 11) / (double)(UINT64_C(1) << 52) - 1;
}

/* A box of the four that a cut makes, along x and then along y. */
static uint32_t cut(const struct geo_corner *in, uint32_t count, const struct geo_halves *halves, int quarter,
                    struct geo_corner *out)
{
    static struct geo_corner x[2][POINTS_MAX * 4], y[2][POINTS_MAX * 8];
    struct geo_half by_x[2] = {{x[0], 0}, {x[1], 0}}, by_y[2] = {{y[0], 0}, {y[1], 0}};
    geo_clip_halves(in, count, 0, halves, by_x);
    const struct geo_half *column = &by_x[quarter & 1];
    if (column->count == 0)
        return 0;
    geo_clip_halves(column->points, column->count, 1, halves, by_y);
    const struct geo_half *found = &by_y[quarter >> 1];
    memcpy(out, found->points, found->count * sizeof *out);
    return found->count;
}

static const struct geo_halves middle = {{-0.5, -0.25}, {0.25, 0.5}};

static bool has(const struct geo_corner *points, uint32_t count, struct geo_corner p)
{
    for (uint32_t i = 0; i < count; i++)
        if (points[i].x == p.x && points[i].y == p.y)
            return true;
    return false;
}

static void direction_does_not_matter(void **state)
{
    (void)state;
    uint32_t met = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct geo_corner there[3], back[3], a[POINTS_MAX], b[POINTS_MAX];
        for (int i = 0; i < 3; i++)
            back[2 - i] = there[i] = (struct geo_corner){.x = draw(), .y = draw()};
        for (int quarter = 0; quarter < 4; quarter++) {
            uint32_t a_count = cut(there, 3, &middle, quarter, a);
            uint32_t b_count = cut(back, 3, &middle, quarter, b);
            for (uint32_t i = 0; i < a_count; i++)
                assert_true(has(b, b_count, a[i]));
            for (uint32_t i = 0; i < b_count; i++)
                assert_true(has(a, a_count, b[i]));
            met += a_count;
        }
    }
    assert_true(met > ROUNDS);
}

static void what_runs_round_a_box_does_not_cross_it(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct geo_corner ring[POINTS_MAX], cut_out[POINTS_MAX];
        uint32_t count = 6 + (uint32_t)(fabs(draw()) * 20);
        for (uint32_t i = 0; i < count; i++) {
            /* The chords, six or more, stay outside a circle of 1, and so outside the boxes. */
            double angle = 2 * M_PI * i / count, radius = 1.2 + fabs(draw()) * (round % 2);
            ring[i] = (struct geo_corner){.x = radius * cos(angle), .y = radius * sin(angle)};
        }
        int quarter = round / 2 % 4;
        uint32_t found = cut(ring, count, &middle, quarter, cut_out);
        struct geo_xy inside = {middle.low[quarter & 1] + 0.3, middle.low[quarter >> 1] + 0.3};
        assert_true(found >= 4);
        assert_false(geo_clip_crossed(cut_out, found));
        assert_true(geo_clip_odd(cut_out, found, inside));
    }
}

static bool holds(const struct geo_span *span, struct geo_xy p, double slack)
{
    return p.x >= span->west - slack && p.x <= span->east + slack && p.y >= span->south - slack &&
           p.y <= span->north + slack;
}

/* Sampled densely: no part is missed that is longer than a step. */
static void a_segment_has_a_part_in_a_span_or_none(void **state)
{
    (void)state;
    const struct geo_span span = {.west = -0.4, .east = 0.3, .south = -0.2, .north = 0.5};
    uint32_t some = 0, none = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct geo_xy from = {draw(), draw()}, to = {draw(), draw()}, a = from, b = to;
        bool near = false, inside = false;
        for (int i = 0; i <= 200; i++) {
            struct geo_xy p = {from.x + (to.x - from.x) * i / 200, from.y + (to.y - from.y) * i / 200};
            near |= holds(&span, p, 0.02);
            inside |= holds(&span, p, -1e-9);
        }
        bool found = geo_clip_segment(&a, &b, &span);
        assert_true(found ? near : !inside);
        if (!found) {
            none++;
            continue;
        }
        some++;
        assert_true(holds(&span, a, 1e-12) && holds(&span, b, 1e-12));
        double dx = to.x - from.x, dy = to.y - from.y;
        assert_true(fabs(dx * (a.y - from.y) - dy * (a.x - from.x)) < 1e-12);
        assert_true(fabs(dx * (b.y - from.y) - dy * (b.x - from.x)) < 1e-12);
        assert_true(holds(&span, from, 0) ? a.x == from.x && a.y == from.y : true);
        assert_true(holds(&span, to, 0) ? b.x == to.x && b.y == to.y : true);
    }
    assert_true(some > ROUNDS / 10 && none > ROUNDS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direction_does_not_matter),
        cmocka_unit_test(what_runs_round_a_box_does_not_cross_it),
        cmocka_unit_test(a_segment_has_a_part_in_a_span_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
