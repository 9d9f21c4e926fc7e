/*
 * Coverage: sums that were worked out by hand, and what holds for any set of intervals: their order plays no part, each
 * metre that is asked for has one number of passes, and more work never makes less.
 */
#include "cmocka_all.h"

#include "dice.h"
#include "duty_coverage.h"

#include <math.h>
#include <string.h>

static const struct coverage_asked day = {.to_ms = 86400000};

/* Along a road of 200 m at 2 m/s. */
static struct coverage_interval drive(double from_m, double to_m, int64_t start_ms, enum work_side side)
{
    return (struct coverage_interval){.vehicle = 7,
                                      .id = (uint64_t)start_ms,
                                      .start_ms = start_ms,
                                      .end_ms = start_ms + llround(fabs(to_m - from_m) * 500),
                                      .from_m = (float)from_m,
                                      .to_m = (float)to_m,
                                      .side = (uint8_t)side};
}

static struct coverage sum(struct coverage_plan plan, struct coverage_interval *list, size_t count,
                           struct coverage_asked window)
{
    struct coverage out;
    window.plan = &plan;
    window.segment_count = 1;
    window.enough = 0.9;
    window.new_pass_ms = 300000;
    duty_coverage_sum(&window, list, count, &out);
    return out;
}

static const struct coverage_plan both = {.length_m = 200, .width_m = 12, .sides = SIDES_BOTH, .passes = 1},
                                  right = {.length_m = 200, .width_m = 12, .sides = SIDES_RIGHT, .passes = 1},
                                  twice = {.length_m = 200, .width_m = 12, .sides = SIDES_RIGHT, .passes = 2};

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) < 0.01);
}

static void test_distinct_length(void **state)
{
    (void)state;
    struct coverage_interval list[] = {drive(0, 100, 0, SIDE_RIGHT), drive(0, 100, 1000000, SIDE_RIGHT),
                                       drive(0, 100, 2000000, SIDE_RIGHT)};
    struct coverage c = sum(right, list, 3, day);
    assert_near(c.planned_m, 200);
    assert_near(c.done_m, 100);
    assert_near(c.planned_m2, 1200);
    assert_near(c.done_m2, 600);
    assert_near(c.passes_m[0], 100);
    assert_near(c.passes_m[3], 100);
    assert_int_equal(c.unswept_count, 1);
    assert_int_equal(c.unswept[0].side, SIDE_RIGHT);
    list[0] = drive(0, 182, 0, SIDE_RIGHT);
    assert_int_equal(sum(right, list, 1, day).unswept_count, 0); /* 90 % */
}

static void test_a_new_pass(void **state)
{
    (void)state;
    struct coverage_interval list[] = {drive(0, 200, 0, SIDE_RIGHT), drive(0, 200, 299999, SIDE_RIGHT)};
    assert_near(sum(twice, list, 2, day).done_m, 0);
    list[1] = drive(0, 200, 300000, SIDE_RIGHT);
    assert_near(sum(twice, list, 2, day).done_m, 200);
    list[1] = drive(0, 200, 150000, SIDE_RIGHT);
    list[1].vehicle = 8;
    assert_near(sum(twice, list, 2, day).done_m, 200);
    list[1] = drive(200, 0, 150000, SIDE_RIGHT); /* against the traffic, but the other way */
    assert_near(sum(twice, list, 2, day).done_m, 200);
}

static void test_sides(void **state)
{
    (void)state;
    struct coverage_interval list[] = {drive(0, 200, 0, SIDE_RIGHT), drive(0, 200, 1000000, SIDE_UNKNOWN)};
    struct coverage c = sum(both, list, 2, day);
    assert_near(c.done_m, 400);
    assert_near(c.unknown_side_m, 200);
    list[0] = drive(0, 200, 0, SIDE_UNKNOWN);
    assert_near(sum(both, list, 1, day).done_m, 200); /* once */
    assert_near(sum(both, list, 2, day).done_m, 400);
    list[0] = drive(200, 0, 0, SIDE_LEFT);
    assert_near(sum(right, list, 1, day).done_m, 0);
    list[1] = drive(0, 200, 0, SIDE_UNKNOWN); /* one known later than one unknown comes first all the same */
    list[0] = drive(0, 200, 1000000, SIDE_LEFT);
    assert_near(sum(both, list, 2, day).done_m, 400);
}

static void test_a_window_cuts(void **state)
{
    (void)state;
    struct coverage_interval list[] = {drive(0, 200, 0, SIDE_RIGHT)}; /* until 100,000 */
    list[0].fast_m = 100;
    struct coverage c = sum(right, list, 1, (struct coverage_asked){.from_ms = 25000, .to_ms = 75000});
    assert_near(c.done_m, 100);
    assert_near(c.fast_m, 50);
    c = sum(right, list, 1, (struct coverage_asked){.from_ms = 0, .to_ms = 100000});
    assert_near(c.done_m, 200);
    assert_near(sum(right, list, 1, (struct coverage_asked){.from_ms = 100000, .to_ms = 200000}).done_m, 0);
    list[0] = drive(200, 0, 0, SIDE_RIGHT);
    assert_near(sum(right, list, 1, (struct coverage_asked){.from_ms = -1000, .to_ms = 45000}).done_m, 90);
}

static void shuffle(struct dice *d, struct coverage_interval *list, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = dice_below(d, (uint32_t)i);
        struct coverage_interval t = list[i - 1];
        list[i - 1] = list[k];
        list[k] = t;
    }
}

static void test_any_set(void **state)
{
    (void)state;
    enum { SEGMENTS = 4, MOST = 30 };
    struct dice d = dice_of(19, 4);
    for (int turn = 0; turn < 2000; turn++) {
        struct coverage_plan plan[SEGMENTS];
        struct coverage_interval list[MOST];
        struct coverage c, again, less;
        double planned_m = 0, counted_m = 0;
        for (int i = 0; i < SEGMENTS; i++) {
            plan[i] = (struct coverage_plan){.length_m = (float)dice_between(&d, 20, 2000),
                                             .width_m = 10,
                                             .sides = (uint8_t)(1 + dice_below(&d, 3)),
                                             .passes = (uint8_t)(1 + dice_below(&d, 3))};
            planned_m += (double)plan[i].length_m * (plan[i].sides == SIDES_BOTH ? 2 : 1);
        }
        const struct coverage_asked asked = {plan, SEGMENTS, 0, 86400000, 0.9, 300000};
        size_t count = dice_below(&d, MOST + 1);
        for (size_t i = 0; i < count; i++) {
            uint32_t segment = dice_below(&d, SEGMENTS);
            double length_m = (double)plan[segment].length_m;
            list[i] = drive(dice_between(&d, 0, length_m), dice_between(&d, 0, length_m),
                            dice_below(&d, 5000000), (enum work_side)dice_below(&d, 3));
            list[i].segment = segment;
            list[i].vehicle = dice_below(&d, 2);
            list[i].id = i;
        }
        duty_coverage_sum(&asked, list, count, &c);
        for (int i = 0; i <= COVERAGE_PASSES_MAX; i++)
            counted_m += c.passes_m[i];
        assert_true(fabs(counted_m - planned_m) < 0.1 && fabs(c.planned_m - planned_m) < 0.1);
        assert_true(c.done_m <= c.planned_m + 0.01 && c.done_m >= 0);
        shuffle(&d, list, count);
        duty_coverage_sum(&asked, list, count, &again);
        assert_memory_equal(&again, &c, sizeof c);
        duty_coverage_sum(&asked, list, count / 2, &less); /* of some segments all, of others none */
        assert_true(less.done_m <= c.done_m + 0.01);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distinct_length),
                                       cmocka_unit_test(test_a_new_pass), cmocka_unit_test(test_sides),
                                       cmocka_unit_test(test_a_window_cuts), cmocka_unit_test(test_any_set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
