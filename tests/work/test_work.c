/*
 * What one drive gives, road by road: turns, ends, sides, signals and speeds. The plan (metres east and north of a corner):
 *
 *      (0,100) ---- c ---- (200,100)     a: from (0,0) to (100,0), both ways      d: from (100,0) to (100,-90), a dead end
 *         |                              b: from (100,0) to (200,0), both ways    c: from (200,100) to (0,100), one way
 *      (0,0) --a-- (100,0) --b-- (200,0)
 *                     |d
 */
#include "cmocka_all.h"

#include "arena.h"
#include "work.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LAT 30.5
#define LON 104.0

enum { A, B, C, D, ROADS };

struct bench {
    struct arena arena;
    const struct roads *roads;
    struct work_state state;
    struct work_fix fix;
    double east_m, north_m;
    char told[1000];
};

static const uint32_t symbols[ROADS] = {11, 12, 13, 14};

static uint32_t find(const void *context, uint32_t symbol)
{
    (void)context;
    return symbol - 11;
}

static struct mw_point at(double east_m, double north_m)
{
    return (struct mw_point){LAT + north_m / 110852.0, LON + east_m / 95990.0};
}

static void bench_init(struct bench *b, float width_m)
{
    struct mw_point lines[ROADS][2] = {{at(0, 0), at(100, 0)},
                                       {at(100, 0), at(200, 0)},
                                       {at(200, 100), at(0, 100)},
                                       {at(100, 0), at(100, -90)}};
    struct road_spec specs[ROADS];
    for (uint32_t i = 0; i < ROADS; i++)
        specs[i] = (struct road_spec){
            .fence = i, .count = 2, .points = lines[i], .oneway = i == C, .width_m = i == C ? width_m : 0};
    *b = (struct bench){.fix = {.ms = 1000, .error_m = 4, .speed_mps = 2, .modes = 1u << MODE_SWEEPING}};
    arena_init(&b->arena);
    b->roads = roads_make(specs, ROADS, &b->arena);
    assert_non_null(b->roads);
    work_init(&b->state);
}

static void hear(struct bench *b, const struct work_ended *ended)
{
    for (uint32_t i = 0; i < ended->count; i++) {
        const struct work_interval *w = &ended->list[i];
        size_t len = strlen(b->told);
        snprintf(b->told + len, sizeof b->told - len, "%c %s %.0f-%.0f %s %s; ", 'a' + (int)w->road,
                 work_side_name(w->side), (double)w->from_m, (double)w->to_m, work_mode_name(w->mode),
                 work_how_name(w->how));
        assert_true(w->start_ms < w->end_ms && w->end_ms <= b->fix.ms && w->fixes > 1);
    }
}

static void tell(struct bench *b, double east_m, double north_m)
{
    struct work_world world = {.roads = b->roads, .symbols = symbols, .find = find};
    struct work_ended ended;
    struct mw_point p = at(east_m, north_m);
    b->fix.lat_deg = p.lat_deg;
    b->fix.lon_deg = p.lon_deg;
    b->east_m = east_m;
    b->north_m = north_m;
    work_step(&b->state, &world, &b->fix, &ended);
    hear(b, &ended);
}

/* Drives there in a straight line, a fix each 5 s, from where it is. */
static void drive(struct bench *b, double east_m, double north_m, double mps)
{
    double from_e = b->east_m, from_n = b->north_m, way_m = hypot(east_m - from_e, north_m - from_n);
    int steps = (int)ceil(way_m / mps / 5);
    b->fix.speed_mps = (float)mps;
    for (int i = 1; i <= steps; i++) {
        b->fix.ms += 5000;
        tell(b, from_e + (east_m - from_e) * i / steps, from_n + (north_m - from_n) * i / steps);
    }
}

static void expect(struct bench *b, const char *want)
{
    struct work_world world = {.roads = b->roads, .symbols = symbols, .find = find};
    struct work_ended ended;
    work_end(&b->state, &world, &ended);
    hear(b, &ended);
    assert_string_equal(b->told, want);
    arena_fini(&b->arena);
}

static void test_straight_on(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 0);
    tell(&b, 2, -2);
    drive(&b, 198, -2, 2);
    expect(&b, "a right 0-100 sweeping speed; b right 0-100 sweeping speed; ");
}

static void test_the_other_way(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 0);
    b.fix.left_traffic = true;
    tell(&b, 198, 2);
    drive(&b, 40, 2, 2);
    expect(&b, "b right 100-0 sweeping speed; a right 100-40 sweeping speed; ");
}

static void test_a_turn_in_the_middle(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 0);
    tell(&b, 2, -2);
    drive(&b, 60, -2, 2);
    drive(&b, 2, 2, 2);
    expect(&b, "a right 0-60 sweeping speed; a left 60-0 sweeping speed; ");
}

static void test_a_dead_end(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 0);
    tell(&b, 30, -2);
    drive(&b, 98, -2, 2);
    drive(&b, 98, -88, 2);
    drive(&b, 102, -2, 2);
    expect(&b, "a right 30-100 sweeping speed; d right 0-90 sweeping speed; d left 90-0 sweeping speed; ");
}

static void test_one_way(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 0);
    tell(&b, 198, 100);
    drive(&b, 2, 100, 2);
    expect(&b, "c unknown 0-200 sweeping speed; ");
    bench_init(&b, 0);
    tell(&b, 2, 100);
    drive(&b, 198, 100, 2); /* against it */
    expect(&b, "");
    bench_init(&b, 24);
    tell(&b, 198, 106);
    drive(&b, 2, 106, 2);
    expect(&b, "c right 0-200 sweeping speed; ");
    bench_init(&b, 24);
    b.fix.error_m = 6;
    tell(&b, 198, 108);
    drive(&b, 2, 108, 2);
    expect(&b, "c unknown 0-200 sweeping speed; ");
}

static void test_signals_and_speeds(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 0);
    tell(&b, 2, -2);
    drive(&b, 198, -2, 8); /* it drives home */
    expect(&b, "");
    bench_init(&b, 0);
    b.fix.signal = WORK_OFF;
    tell(&b, 2, -2);
    drive(&b, 198, -2, 2);
    expect(&b, "");
    bench_init(&b, 0);
    b.fix.signal = WORK_WASHING; /* which no duty expects of it */
    tell(&b, 2, -2);
    drive(&b, 198, -2, 2);
    expect(&b, "");
    bench_init(&b, 0);
    b.fix.signal = WORK_SWEEPING;
    tell(&b, 2, -2);
    drive(&b, 60, -2, 4.5); /* faster than the band, but the brooms are down */
    b.fix.signal = WORK_OFF;
    drive(&b, 198, -2, 2);
    expect(&b, "a right 0-60 sweeping signal; ");
    bench_init(&b, 0);
    b.fix.signal = WORK_OFF;
    b.state.signal = WORK_OFF;
    b.state.unchanged_s = 24 * 3600; /* of movement: it says nothing any more */
    tell(&b, 2, -2);
    drive(&b, 98, -2, 2);
    expect(&b, "a right 0-100 sweeping speed; ");
}

static void test_gaps(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 0);
    tell(&b, 2, -2);
    drive(&b, 40, -2, 2);
    b.fix.ms += 60000;
    tell(&b, 80, -2); /* still a path */
    b.fix.ms += 60001;
    tell(&b, 120, -2);
    drive(&b, 198, -2, 2);
    expect(&b, "a right 0-80 sweeping speed; b right 20-100 sweeping speed; ");
    bench_init(&b, 0);
    tell(&b, 2, -2);
    drive(&b, 40, -2, 2);
    for (int i = 0; i < 40; i++) { /* a light, and a jam */
        b.fix.ms += 5000;
        b.fix.speed_mps = 0;
        tell(&b, 41, -2);
    }
    drive(&b, 98, -2, 2);
    expect(&b, "a right 0-100 sweeping speed; ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_straight_on),
                                       cmocka_unit_test(test_the_other_way),
                                       cmocka_unit_test(test_a_turn_in_the_middle),
                                       cmocka_unit_test(test_a_dead_end),
                                       cmocka_unit_test(test_one_way),
                                       cmocka_unit_test(test_signals_and_speeds),
                                       cmocka_unit_test(test_gaps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
