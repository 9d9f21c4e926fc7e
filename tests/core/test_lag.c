/*
 * lag: over random units, ways and clocks, a clock that is behind is told and its offset measured, and no
 * backlog is taken for one, however it is delivered.
 */
#include "cmocka_all.h"

#include "fleet.h"
#include "lag.h"
#include "names.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define START_MS  INT64_C(1780000000000)

static uint64_t random_state;

static int64_t random_below(int64_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(random_state >> 20) % n;
}

struct bench {
    struct names *names;
    struct world *world;
    struct fleet *fleet;
    uint32_t place;
    int64_t clock_ms; /* arrivals never go back */
    uint32_t told;    /* times no_fix opened with reason clock */
    double value;
    struct outcome out;
};

static void bench_init(struct bench *b)
{
    struct world_error error;
    *b = (struct bench){.names = names_new(1000)};
    struct world_builder *builder = world_builder_new(b->names);
    assert_int_equal(world_builder_zone(builder, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    assert_int_equal(world_builder_build(builder, &b->world, &error), WORLD_OK);
    world_builder_free(builder);
    b->fleet = fleet_new(b->names, (struct fleet_options){.vehicle_limit = 1});
    assert_true(fleet_set_world(b->fleet, b->world));
    assert_true(fleet_place(b->fleet, TEXT("t"), &b->place));
}

static void bench_fini(struct bench *b)
{
    fleet_free(b->fleet);
    world_free(b->world);
    names_free(b->names);
}

static void look(struct bench *b)
{
    for (uint32_t i = 0; i < b->out.transition_count; i++) {
        const struct transition *t = &b->out.transitions[i];
        if (t->kind != KIND_NO_FIX || t->cause != CAUSE_CLOCK || t->event != TRANSITION_OPENED)
            continue;
        b->told++;
        b->value = (double)t->value;
        assert_true(t->start_ms <= t->at_ms);
    }
}

/* A fix made at `made_ms` by a clock that is off by so much, and come after `way_ms`. */
static enum verdict give(struct bench *b, int64_t made_ms, int64_t off_ms, int64_t way_ms, bool assumed)
{
    struct fix fix = {.time = {made_ms + off_ms},
                      .lat_deg = 30 + (double)(made_ms % 1000000) * 1e-8,
                      .lon_deg = 114,
                      .has = FIX_HAS_POSITION,
                      .sensors = sensors_none()};
    if (made_ms + way_ms > b->clock_ms)
        b->clock_ms = made_ms + way_ms;
    struct arrival arrival = {b->clock_ms, b->clock_ms, assumed};
    bool again;
    do {
        again = fleet_take_fix(b->fleet, b->place, &fix, arrival, &b->out);
        look(b);
    } while (again);
    return b->out.verdict;
}

static bool is_told(const struct bench *b)
{
    return lag_told(fleet_state(b->fleet, b->place));
}

static void a_clock_behind_is_told_with_its_offset(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        random_state = seed;
        struct bench b;
        bench_init(&b);
        int64_t every_ms = 1000 + random_below(10 * MINUTE_MS), now_ms = START_MS;
        int64_t off_ms = -(15 * MINUTE_MS + 6000 + random_below(random_below(2) ? DAY_MS : 100 * DAY_MS));
        int64_t way_ms = random_below(5000), jitter_ms = 1 + random_below(9990);
        for (int64_t i = random_below(3) * 5; i > 0; i--, now_ms += every_ms) /* right before, or not */
            give(&b, now_ms, 0, way_ms + random_below(jitter_ms), false);
        int n = 0;
        for (; n < 30 && !is_told(&b); n++, now_ms += every_ms)
            give(&b, now_ms, off_ms, way_ms + random_below(jitter_ms), false);
        if (n > 10 + (int)(LAG_LEAST_MS / 90 / every_ms) || b.told != 1 ||
            b.value * 1000 < (double)off_ms - 15000 || b.value * 1000 > (double)off_ms + 1000)
            fail_msg("seed %lu: told %u times after %d, %.0f s of %.0f s, each %.0f s", (unsigned long)seed,
                     b.told, n, b.value, (double)off_ms / 1000, (double)every_ms / 1000);
        assert_int_equal(give(&b, now_ms, off_ms, way_ms, false), VERDICT_CLOCK);
        assert_int_equal(give(&b, now_ms + every_ms, 0, way_ms, false), VERDICT_JUDGED);
        assert_false(is_told(&b));
        bench_fini(&b);
    }
}

/* Ten messages, each with what a minute made. */
static void fixes_sent_together_are_live_too(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (int64_t minute = 1; minute <= 11; minute++)
        for (int64_t s = 60; s > 0; s -= 10)
            give(&b, START_MS + minute * MINUTE_MS - s * 1000 + 10000, -8 * HOUR_MS, s * 1000 - 10000 + 700,
                 false);
    assert_int_equal(b.told, 1);
    assert_true(b.value == -28800);
    bench_fini(&b);
}

/* Delivered at the pace at which it was made, or faster; and what comes after it is live. */
static void a_backlog_is_no_clock(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        random_state = seed;
        struct bench b;
        bench_init(&b);
        int64_t every_ms = 1000 + random_below(MINUTE_MS),
                silence_ms = 5 * MINUTE_MS + random_below(seed % 2 == 0 ? HOUR_MS : 2 * DAY_MS);
        int64_t pace = 1 + random_below(3) * random_below(100), at_ms = START_MS;
        for (int64_t i = 0; i < 5; i++, at_ms += every_ms)
            assert_int_equal(give(&b, at_ms, 0, random_below(3000), false), VERDICT_JUDGED);
        int64_t from_ms = at_ms, comes_ms = at_ms + silence_ms;
        for (int n = 0; n < 300 && at_ms < comes_ms; n++, at_ms += every_ms)
            assert_int_equal(give(&b, at_ms, 0, comes_ms + (at_ms - from_ms) / pace - at_ms, false),
                             VERDICT_JUDGED);
        assert_int_equal(b.told, 0);
        bench_fini(&b);
    }
}

/* Of a unit that nobody knew: at twice its pace at least, it cannot be live. */
static void a_backlog_of_a_stranger_is_no_clock(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        random_state = seed;
        struct bench b;
        bench_init(&b);
        int64_t every_ms = 1000 + random_below(MINUTE_MS), pace = 2 + random_below(200);
        int64_t comes_ms = START_MS + HOUR_MS + random_below(30 * DAY_MS);
        for (int64_t n = 0; n < 300; n++)
            give(&b, START_MS + n * every_ms, 0, comes_ms + n * every_ms / pace - START_MS - n * every_ms,
                 false);
        if (b.told != 0)
            fail_msg("seed %lu: %d times the pace, each %.0f s", (unsigned long)seed, (int)pace,
                     (double)every_ms / 1000);
        bench_fini(&b);
    }
}

static void a_right_clock_and_a_bad_way_are_no_clock(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        random_state = seed;
        struct bench b;
        bench_init(&b);
        int64_t at_ms = START_MS, off_ms = random_below(10 * MINUTE_MS) - 5 * MINUTE_MS;
        for (int i = 0; i < 300; i++, at_ms += 1000 + random_below(20000))
            give(&b, at_ms, off_ms, random_below(9 * MINUTE_MS), false);
        assert_int_equal(b.told, 0);
        bench_fini(&b);
    }
}

/* A file of old fixes without arrivals: two vehicles an hour apart, say. */
static void an_arrival_that_nobody_knows_tells_no_lag(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(give(&b, START_MS + i * 10000, 0, HOUR_MS, true), VERDICT_JUDGED);
    assert_int_equal(b.told, 0);
    bench_fini(&b);
}

/* An arrival beside the others, whose width is more than the contract's but not twice it, begins the run
 * anew. */
static void one_beside_the_others_is_left_behind(void **state)
{
    (void)state;
    for (int64_t beside_ms = 10500; beside_ms < 40000; beside_ms += 3500) {
        struct bench b;
        bench_init(&b);
        int64_t now_ms = START_MS, off_ms = -HOUR_MS;
        int n = 0;
        for (; n < 4; n++, now_ms += MINUTE_MS)
            give(&b, now_ms, 0, 1000, false);
        for (n = 0; n < 4; n++, now_ms += MINUTE_MS)
            give(&b, now_ms, off_ms, 1000, false);
        give(&b, now_ms, off_ms, 1000 + beside_ms, false);
        now_ms += MINUTE_MS;
        for (n = 0; n < 30 && !is_told(&b); n++, now_ms += MINUTE_MS)
            give(&b, now_ms, off_ms, 1000, false);
        if (n > LAG_FIXES + 1)
            fail_msg("%lld ms beside: not told after %d", (long long)beside_ms, n);
        bench_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_behind_is_told_with_its_offset),
        cmocka_unit_test(one_beside_the_others_is_left_behind),
        cmocka_unit_test(fixes_sent_together_are_live_too),
        cmocka_unit_test(a_backlog_is_no_clock),
        cmocka_unit_test(a_backlog_of_a_stranger_is_no_clock),
        cmocka_unit_test(a_right_clock_and_a_bad_way_are_no_clock),
        cmocka_unit_test(an_arrival_that_nobody_knows_tells_no_lag),
    };
    return cmocka_run_group_tests_name("core lag", tests, NULL, NULL);
}
