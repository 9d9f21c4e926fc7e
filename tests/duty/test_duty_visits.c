/*
 * Which stop served which point: against trying every way there is, and the states at the edges of their windows.
 */
#include "cmocka_all.h"

#include "dice.h"
#include "duty_visits.h"

#include <stdlib.h>
#include <string.h>

enum { POINTS = 5, STOPS = 6 };

/* Points and stops lie on a line, so many metres north. */
static struct mw_point north(double m)
{
    return (struct mw_point){30 + m / 110852.0, 104};
}

struct case_ {
    struct visit_point points[POINTS];
    struct duty_stop stops[STOPS];
    uint32_t point_count, stop_count;
};

static struct case_ any_case(struct dice *d)
{
    struct case_ c = {.point_count = 1 + dice_below(d, POINTS), .stop_count = dice_below(d, STOPS + 1)};
    for (uint32_t i = 0; i < c.point_count; i++) {
        int64_t from_ms = (int64_t)i * 180000 + dice_below(d, 120000);
        c.points[i] = (struct visit_point){.at = north(i * 40.0 + dice_between(d, 0, 30)),
                                           .radius_m = 30,
                                           .from_ms = from_ms,
                                           .to_ms = from_ms + 300000,
                                           .grace_ms = 60000,
                                           .min_stop_ms = 20000};
    }
    for (uint32_t k = 0; k < c.stop_count; k++) {
        int64_t at_ms = dice_below(d, 12) * INT64_C(100000);
        c.stops[k] = (struct duty_stop){.at = north(dice_between(d, -20, POINTS * 40.0)),
                                        .arrived_ms = at_ms,
                                        .left_ms = at_ms + 10000 + dice_below(d, 40000),
                                        .id = k,
                                        .vehicle = k + 1,
                                        .error_m = 5};
    }
    return c;
}

/* Puts the stops on a board; out[i].stop is then the place among those given. */
static void assign(const struct visit_order *order, const struct duty_stop *stops, uint32_t count,
                   struct point_visit *out)
{
    struct visit_board b = {0};
    assert_true(visit_board_begin(&b, order));
    for (uint32_t k = 0; k < count; k++)
        assert_true(visit_board_put(&b, order, &stops[k]));
    assert_int_equal(b.count, count);
    visit_board_assign(&b, order, out);
    for (uint32_t i = 0; i < order->point_count; i++)
        for (uint32_t k = 0; k < count && out[i].stop != VISIT_NOBODY; k++)
            if (stops[k].id == b.stops[out[i].stop].stop.id) {
                out[i].stop = k;
                break;
            }
    visit_board_fini(&b);
}

static bool can_serve(const struct visit_point *p, const struct duty_stop *s)
{
    return mw_distance_m(p->at, s->at) <= p->radius_m + (double)s->error_m &&
           s->left_ms - s->arrived_ms >= p->min_stop_ms;
}

/* Every way: for each point one of the stops, or none; arrivals never run back. */
static void try_all(const struct case_ *c, uint32_t point, int64_t after_ms, uint64_t last_id,
                    uint32_t served, int64_t off_ms, uint32_t *best_served, int64_t *best_ms)
{
    if (point == c->point_count) {
        if (served > *best_served || (served == *best_served && off_ms < *best_ms)) {
            *best_served = served;
            *best_ms = off_ms;
        }
        return;
    }
    try_all(c, point + 1, after_ms, last_id, served, off_ms, best_served, best_ms);
    for (uint32_t k = 0; k < c->stop_count; k++) {
        const struct duty_stop *s = &c->stops[k];
        bool forward = s->arrived_ms > after_ms || (s->arrived_ms == after_ms && s->id >= last_id);
        if (forward && can_serve(&c->points[point], s))
            try_all(c, point + 1, s->arrived_ms, s->id, served + 1,
                    off_ms + llabs(s->arrived_ms - c->points[point].from_ms), best_served, best_ms);
    }
}

static void test_every_way(void **state)
{
    (void)state;
    struct dice d = dice_of(19, 7);
    uint32_t all = 0;
    for (int turn = 0; turn < 3000; turn++) {
        struct case_ c = any_case(&d);
        struct visit_order order = {.points = c.points, .point_count = c.point_count};
        struct point_visit out[POINTS];
        uint32_t best_served = 0, served = 0;
        int64_t best_ms = 0, off_ms = 0, after_ms = INT64_MIN;
        try_all(&c, 0, INT64_MIN, 0, 0, 0, &best_served, &best_ms);
        assign(&order, c.stops, c.stop_count, out);
        for (uint32_t i = 0; i < c.point_count; i++) {
            assert_int_equal(out[i].state == POINT_MISSED, out[i].stop == VISIT_NOBODY);
            if (out[i].stop == VISIT_NOBODY)
                continue;
            const struct duty_stop *s = &c.stops[out[i].stop];
            assert_true(can_serve(&c.points[i], s) && s->arrived_ms >= after_ms);
            after_ms = s->arrived_ms;
            off_ms += llabs(s->arrived_ms - c.points[i].from_ms);
            served++;
        }
        assert_int_equal(served, best_served);
        assert_true(served == 0 || off_ms == best_ms);
        all += served;
    }
    assert_true(all > 3000);
}

static void test_order_of_coming(void **state)
{
    (void)state;
    struct dice d = dice_of(19, 8);
    for (int turn = 0; turn < 500; turn++) {
        struct case_ c = any_case(&d);
        struct visit_order order = {.points = c.points, .point_count = c.point_count, .free = turn % 2 == 0};
        struct point_visit out[POINTS], again[POINTS];
        uint64_t ids[POINTS];
        assign(&order, c.stops, c.stop_count, out);
        for (uint32_t i = 0; i < c.point_count; i++)
            ids[i] = out[i].stop == VISIT_NOBODY ? UINT64_MAX : c.stops[out[i].stop].id;
        for (uint32_t i = 0; i < c.stop_count / 2; i++) {
            struct duty_stop s = c.stops[i];
            c.stops[i] = c.stops[c.stop_count - 1 - i];
            c.stops[c.stop_count - 1 - i] = s;
        }
        assign(&order, c.stops, c.stop_count, again);
        for (uint32_t i = 0; i < c.point_count; i++) {
            assert_true(ids[i] == (again[i].stop == VISIT_NOBODY ? UINT64_MAX : c.stops[again[i].stop].id));
            assert_int_equal(again[i].state, out[i].state);
        }
    }
}

static enum point_state state_at(int64_t arrived_ms)
{
    struct visit_point p = {.at = north(0),
                            .radius_m = 30,
                            .from_ms = 1000000,
                            .to_ms = 1600000,
                            .grace_ms = 300000,
                            .min_stop_ms = 20000};
    struct duty_stop s = {.at = north(10), .arrived_ms = arrived_ms, .left_ms = arrived_ms + 20000};
    struct visit_order order = {.points = &p, .point_count = 1};
    struct point_visit out;
    assign(&order, &s, 1, &out);
    return out.state;
}

static void test_states(void **state)
{
    (void)state;
    assert_int_equal(state_at(699999), POINT_EARLY);
    assert_int_equal(state_at(700000), POINT_ON_TIME);
    assert_int_equal(state_at(1900000), POINT_ON_TIME);
    assert_int_equal(state_at(1900001), POINT_LATE);
}

/* Two points 20 m apart, three minutes after one another: the second was skipped. */
static void test_near_points(void **state)
{
    (void)state;
    struct visit_point p[2] = {
        {.at = north(0), .radius_m = 30, .from_ms = 0, .to_ms = 60000, .min_stop_ms = 20000},
        {.at = north(20), .radius_m = 30, .from_ms = 180000, .to_ms = 240000, .min_stop_ms = 20000}};
    struct duty_stop s[2] = {{.at = north(2), .arrived_ms = 5000, .left_ms = 50000, .id = 1},
                             {.at = north(19), .arrived_ms = 185000, .left_ms = 230000, .id = 2}};
    struct visit_order order = {.points = p, .point_count = 2};
    struct point_visit out[2];
    assign(&order, s, 2, out);
    assert_true(out[0].stop == 0 && out[1].stop == 1);
    assert_true(out[0].state == POINT_ON_TIME && out[1].state == POINT_ON_TIME);
    assign(&order, s, 1, out); /* one stop may serve both: a position cannot tell */
    assert_true(out[0].stop == 0 && out[1].stop == 0 && out[1].state == POINT_EARLY);
}

/* A way that is told in words: who serves each point, with the latecomers. */
static void tell(struct visit_board *b, const struct visit_order *order, uint64_t *ids)
{
    struct point_visit out[POINTS];
    visit_board_assign(b, order, out);
    visit_board_add_latecomers(b, order, out);
    for (uint32_t i = 0; i < order->point_count; i++)
        ids[i] = out[i].stop == VISIT_NOBODY ? UINT64_MAX : b->stops[out[i].stop].stop.id;
}

/* Stops that come in any order, last longer than they did, and go again: what stands is that of a board that never knew. */
static void test_changes(void **state)
{
    (void)state;
    struct dice d = dice_of(19, 9);
    uint32_t served = 0, dropped = 0;
    for (int turn = 0; turn < 1000; turn++) {
        struct case_ c = any_case(&d);
        struct visit_order order = {.points = c.points, .point_count = c.point_count, .free = turn % 3 == 0};
        struct visit_board changed = {0};
        assert_true(visit_board_begin(&changed, &order));
        bool there[STOPS] = {false};
        for (int change = 0; change < 20 && c.stop_count > 0; change++) {
            uint32_t k = dice_below(&d, c.stop_count);
            there[k] = dice_below(&d, 4) > 0;
            c.stops[k].left_ms = c.stops[k].arrived_ms + 10000 + dice_below(&d, 40000);
            dropped += !there[k];
            assert_true(there[k] ? visit_board_put(&changed, &order, &c.stops[k])
                                 : visit_board_drop(&changed, &order, &c.stops[k]));
            struct visit_board fresh = {0};
            uint64_t is[POINTS], should[POINTS];
            assert_true(visit_board_begin(&fresh, &order));
            for (uint32_t i = 0; i < c.stop_count; i++)
                assert_true(!there[i] || visit_board_put(&fresh, &order, &c.stops[i]));
            assert_int_equal(changed.count, fresh.count);
            tell(&changed, &order, is);
            tell(&fresh, &order, should);
            assert_memory_equal(is, should, c.point_count * sizeof *is);
            for (uint32_t i = 0; i < c.point_count; i++)
                served += is[i] != UINT64_MAX;
            visit_board_fini(&fresh);
        }
        visit_board_fini(&changed);
    }
    assert_true(served > 10000 && dropped > 1000);
}

/* Left out, and somebody came back when all else was done: by a stop that serves nothing else, and no other. */
static void test_latecomer(void **state)
{
    (void)state;
    struct visit_point p[2] = {
        {.at = north(0), .radius_m = 30, .from_ms = 0, .to_ms = 60000, .min_stop_ms = 20000},
        {.at = north(400), .radius_m = 30, .from_ms = 180000, .to_ms = 240000, .min_stop_ms = 20000}};
    struct duty_stop s[2] = {{.at = north(401), .arrived_ms = 185000, .left_ms = 230000, .id = 1},
                             {.at = north(3), .arrived_ms = 900000, .left_ms = 950000, .id = 1}};
    struct visit_order order = {.points = p, .point_count = 2};
    struct visit_board b = {0};
    struct point_visit out[2];
    assert_true(visit_board_begin(&b, &order) && visit_board_put(&b, &order, &s[0]) &&
                visit_board_put(&b, &order, &s[1]));
    visit_board_assign(&b, &order, out);
    assert_int_equal(out[0].stop == VISIT_NOBODY, out[1].stop == 0);
    visit_board_add_latecomers(&b, &order, out);
    assert_true(out[0].stop == 1 && out[0].state == POINT_LATE && out[1].stop == 0);
    assert_true(visit_board_drop(&b, &order, &s[1]));
    visit_board_assign(&b, &order, out);
    visit_board_add_latecomers(&b, &order, out);
    assert_true(out[0].stop == VISIT_NOBODY && out[1].stop == 0 && out[1].state == POINT_ON_TIME);
    visit_board_fini(&b);
}

/* Two that were left out, 10 m apart, and one stop for both behind all else: it is the first one's. */
static void test_one_latecomer(void **state)
{
    (void)state;
    struct visit_point p[5];
    struct duty_stop s[4];
    struct visit_board b = {0};
    struct point_visit out[5];
    for (int i = 0; i < 5; i++)
        p[i] = (struct visit_point){.at = north(i < 2 ? i * 10 : i * 400),
                                    .radius_m = 30,
                                    .from_ms = i * 180000,
                                    .to_ms = i * 180000 + 60000,
                                    .min_stop_ms = 20000};
    struct visit_order order = {.points = p, .point_count = 5};
    assert_true(visit_board_begin(&b, &order));
    for (int k = 0; k < 4; k++) {
        int64_t at_ms = k < 3 ? (k + 2) * 180000 : 2000000;
        s[k] = (struct duty_stop){
            .at = north(k < 3 ? (k + 2) * 400 : 5), .arrived_ms = at_ms, .left_ms = at_ms + 30000};
        assert_true(visit_board_put(&b, &order, &s[k]));
    }
    visit_board_assign(&b, &order, out);
    assert_true(out[0].stop == VISIT_NOBODY && out[1].stop == VISIT_NOBODY && out[4].stop == 2);
    visit_board_add_latecomers(&b, &order, out);
    assert_true(out[0].stop == 3 && out[1].stop == VISIT_NOBODY);
    visit_board_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way),    cmocka_unit_test(test_order_of_coming),
        cmocka_unit_test(test_states),       cmocka_unit_test(test_near_points),
        cmocka_unit_test(test_changes),      cmocka_unit_test(test_latecomer),
        cmocka_unit_test(test_one_latecomer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
