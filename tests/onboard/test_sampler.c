/* sampler: what is kept of a drive, and what is not believed, on virtual clocks. */
#include "sampler.h"

#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct sampler_options defaults = {
    .every_ms = 10000, .turn_deg = 20, .distance_m = 200, .standing_ms = 60000};

static const struct wall floor_2026 = {INT64_C(1767225600000)};
static const int64_t t0 = INT64_C(1780000000000);

static struct sensors no_sensors;
static struct sampler s;
static struct sampler_now now;
static struct fix out;
static enum sampler_verdict verdict;

static int set_up(void **state)
{
    sampler_init(&s, &defaults, floor_2026, (struct mono){-60000});
    now = (struct sampler_now){{t0}, {0}};
    no_sensors = sensors_none();
    return 0;
}

/* At t0 + s seconds, `north_m` metres north of a place in Shanghai. */
static struct fix at(double seconds, double north_m, float speed_mps, float track_deg)
{
    return (struct fix){.time = {t0 + (int64_t)(seconds * 1000)},
                        .lat_deg = 31.2 + north_m / 111194.93,
                        .lon_deg = 121.5,
                        .speed_mps = speed_mps,
                        .track_deg = track_deg,
                        .eph_m = 5,
                        .mode = FIX_MODE_3D,
                        .has = FIX_HAS_POSITION | FIX_HAS_SPEED | FIX_HAS_TRACK | FIX_HAS_EPH | FIX_HAS_MODE};
}

/* What the sampler makes of a position; its verdict is kept. */
static bool give(const struct fix *p, const struct sensors *sensors)
{
    struct sampler_taken taken = sampler_take(&s, p, sensors, now, &out);
    verdict = taken.verdict;
    return taken.given;
}

/* The system's clock goes with the fix. */
static bool take(struct fix p)
{
    now.mono.ms += p.time.ms - now.wall.ms;
    now.wall.ms = p.time.ms;
    return give(&p, &no_sensors);
}

/* The system's clock stays. */
static bool take_at(struct fix p, double wall_seconds)
{
    now.mono.ms += t0 + (int64_t)(wall_seconds * 1000) - now.wall.ms;
    now.wall.ms = t0 + (int64_t)(wall_seconds * 1000);
    return give(&p, &no_sensors);
}

static void keeps_one_each_ten_seconds(void **state)
{
    int kept = 0;
    for (int i = 0; i <= 100; i++)
        kept += take(at(i, i * 5, 5, 0));
    assert_int_equal(kept, 11);
    assert_int_equal(s.counts[SAMPLER_THINNED], 90);
}

static void keeps_one_each_two_hundred_metres(void **state)
{
    int kept = 0;
    for (int i = 0; i <= 100; i++)
        kept += take(at(i, i * 25.01, 25, 0));
    assert_int_equal(kept, 1 + 100 / 8);
}

static void keeps_turns_and_not_the_noise_of_standing(void **state)
{
    assert_true(take(at(0, 0, 10, 350)));
    assert_false(take(at(1, 10, 10, 0)));
    assert_false(take(at(2, 20, 10, 9.9f)));
    assert_true(take(at(3, 30, 10, 10)));
    assert_false(take(at(4, 40, 1.9f, 200)));
}

static void standing_thins_to_one_a_minute(void **state)
{
    int kept = 0;
    assert_true(take(at(0, 0, 10, 0)));
    assert_true(take(at(1, 3, 0.3f, 0))); /* that it stopped is news */
    for (int i = 2; i <= 601; i++)
        kept += take(at(i, 3 + (i % 3) * 0.2, (float)(i % 5) * 0.25f, (float)(i * 37 % 360)));
    assert_int_equal(kept, 10);
    assert_true(take(at(620, 20, 3, 0))); /* off again, and more than ten seconds since the last */
}

/* Receivers at rest wander up to half a metre a second; a truck that creeps in a queue does not stand. */
static void creeping_is_not_standing(void **state)
{
    assert_true(take(at(0, 0, 10, 0)));
    assert_false(take(at(1, 1, 0.81f, 0)));
    assert_false(take(at(2, 2, 1.4f, 0)));
    assert_true(take(at(3, 2, 0.79f, 0)));  /* stands */
    assert_false(take(at(4, 2, 1.49f, 0))); /* on */
    assert_false(take(at(14, 2, 1.49f, 0)));
    assert_true(take(at(15, 4, 1.51f, 0))); /* and no longer */
    assert_false(take(at(16, 5, 0.81f, 0)));
    assert_true(take(at(25, 12, 0.81f, 0)));
}

static void standing_is_seen_without_a_speed(void **state)
{
    int kept = 0;
    for (int i = 0; i <= 120; i++) {
        struct fix p = at(i, (i % 4) * 3.0, 0, 0);
        p.has = (uint16_t)(p.has & ~(FIX_HAS_SPEED | FIX_HAS_TRACK));
        kept += take(p);
    }
    assert_in_range(kept, 3, 4);
}

static void a_sensor_takes_the_next_position(void **state)
{
    assert_true(take(at(0, 0, 5, 0)));
    assert_false(take(at(1, 5, 5, 0)));
    struct sensors open = no_sensors;
    open.cover = COVER_OPEN;
    sampler_sensor_changed(&s, now.mono);
    struct fix p = at(2, 10, 5, 0);
    now.mono.ms += 1000;
    now.wall.ms += 1000;
    assert_true(give(&p, &open));
    assert_int_equal(out.sensors.cover, COVER_OPEN);
    assert_true(fix_has(&out, FIX_HAS_SENSORS | FIX_HAS_POSITION));
    assert_false(take(at(3, 15, 5, 0)));
}

static void a_sensor_without_positions_goes_out_alone(void **state)
{
    assert_true(take(at(0, 0, 5, 0)));
    sampler_sensor_changed(&s, now.mono);
    now.mono.ms += 1499;
    now.wall.ms += 1499;
    assert_false(sampler_tick(&s, &no_sensors, false, now, &out));
    now.mono.ms += 1;
    now.wall.ms += 1;
    assert_true(sampler_tick(&s, &no_sensors, false, now, &out));
    assert_false(fix_has(&out, FIX_HAS_POSITION));
    assert_int_equal(out.mode, FIX_MODE_NONE);
    assert_int_equal(out.time.ms, t0 + 1500);
    assert_false(sampler_tick(&s, &no_sensors, false, now, &out));
}

static void no_fix_sends_one_a_minute_without_position(void **state)
{
    int kept = 0;
    for (int i = 0; i <= 600; i++) {
        struct fix p = at(i, 0, 0, 0);
        p.mode = i % 2 == 0 ? FIX_MODE_NONE : FIX_MODE_UNKNOWN;
        bool sent = take(p);
        assert_int_equal(verdict, SAMPLER_NO_FIX);
        if (sent) {
            assert_false(fix_has(&out, FIX_HAS_POSITION));
            assert_int_equal(out.mode, FIX_MODE_NONE);
            assert_int_equal(out.time.ms, now.wall.ms);
        }
        kept += sent;
    }
    assert_int_equal(kept, 11);
    assert_int_equal(s.blind, 11);
}

static void the_first_minute_waits_for_a_position(void **state)
{
    sampler_init(&s, &defaults, floor_2026, now.mono);
    now.mono.ms += 59999;
    assert_false(sampler_tick(&s, &no_sensors, true, now, &out));
    now.mono.ms += 1;
    assert_true(sampler_tick(&s, &no_sensors, true, now, &out));
}

/* The system's clock may run ahead of the receiver's: what comes after a fix without position must not be
 * late. */
static void without_a_position_the_receivers_clock_goes_on(void **state)
{
    assert_true(take_at(at(0, 0, 5, 0), 120));
    now.mono.ms += 60000;
    now.wall.ms += 60000;
    assert_true(sampler_tick(&s, &no_sensors, true, now, &out));
    assert_int_equal(out.time.ms, t0 + 60000);
}

static void a_silent_receiver_is_told_each_minute(void **state)
{
    int told = 0;
    assert_true(take(at(0, 0, 5, 0)));
    for (int i = 1; i <= 300; i++) {
        now.mono.ms += 1000;
        now.wall.ms += 1000;
        told += sampler_tick(&s, &no_sensors, true, now, &out);
    }
    assert_int_equal(told, 5);
}

static enum sampler_verdict judged(struct fix p, double wall_seconds)
{
    bool kept = take_at(p, wall_seconds);
    if (kept && verdict != SAMPLER_KEPT)
        assert_false(fix_has(&out, FIX_HAS_POSITION));
    return verdict;
}

static void bad_positions_are_no_fix(void **state)
{
    struct fix p = at(0, 0, 5, 0);
    p.lat_deg = NAN;
    assert_int_equal(judged(p, 0), SAMPLER_NO_FIX);
    p.lat_deg = 90.0001;
    assert_int_equal(judged(p, 0), SAMPLER_NO_FIX);
    p = at(0, 0, 5, 0);
    p.lon_deg = INFINITY;
    assert_int_equal(judged(p, 0), SAMPLER_NO_FIX);
    p = at(0, 0, 5, 0);
    p.has = (uint16_t)(p.has & ~FIX_HAS_POSITION);
    assert_int_equal(judged(p, 0), SAMPLER_NO_FIX);
}

static void times_that_cannot_be_are_refused(void **state)
{
    struct fix p = at(0, 0, 5, 0);
    p.time.ms = 0;
    assert_int_equal(judged(p, 0), SAMPLER_NO_TIME);
    p.time.ms = SAMPLER_TIME_MIN_MS - 1;
    assert_int_equal(judged(p, 0), SAMPLER_NO_TIME);
    p.time.ms = t0 - SAMPLER_ROLLOVER_MS;
    assert_int_equal(judged(p, 3), SAMPLER_NO_TIME); /* 2006 */
    p.time.ms = t0 + SAMPLER_ROLLOVER_MS;
    assert_int_equal(judged(p, 3), SAMPLER_ROLLOVER);
    p.time.ms = t0 + SAMPLER_ROLLOVER_MS - 18000;
    assert_int_equal(judged(p, 3), SAMPLER_ROLLOVER);
    p.time.ms = t0 + 3000 + SAMPLER_FUTURE_MS + 1;
    assert_int_equal(judged(p, 3), SAMPLER_FUTURE);
    p.time.ms = t0 + 3000 + SAMPLER_FUTURE_MS;
    assert_int_equal(judged(p, 3), SAMPLER_KEPT);
    /* A fix that is merely old is none of our business. */
    set_up(NULL);
    p.time.ms = t0 - INT64_C(86400000) * 400;
    assert_int_equal(judged(p, 3), SAMPLER_KEPT);
}

static void a_rolled_over_receiver_in_2038_is_seen(void **state)
{
    /* 2019-04-06 is week 0 again; a receiver of that age shows 2019 in late 2038. */
    struct fix p = at(0, 0, 5, 0);
    now.wall.ms = INT64_C(1554595200000) + SAMPLER_ROLLOVER_MS;
    p.time.ms = INT64_C(1554595200000) - 18000;
    assert_true(give(&p, &no_sensors));
    assert_int_equal(verdict, SAMPLER_ROLLOVER);
    assert_false(fix_has(&out, FIX_HAS_POSITION));
    assert_int_equal(out.time.ms, now.wall.ms);
}

static void a_clock_before_the_program_is_not_believed(void **state)
{
    now.wall.ms = 0; /* 1970: no battery */
    struct fix p = at(0, 0, 5, 0);
    assert_true(give(&p, &no_sensors));
    assert_int_equal(verdict, SAMPLER_KEPT);
    /* Without the system's clock, the receiver's time before the program's age is a rollover. */
    sampler_init(&s, &defaults, floor_2026, (struct mono){-60000});
    p.time.ms = t0 - INT64_C(86400000) * 400;
    assert_false(give(&p, &no_sensors));
    assert_int_equal(verdict, SAMPLER_ROLLOVER);
    /* And no time is known to tell of it with. */
    assert_int_equal(s.blind, 0);
}

static void receiver_clock_believes_the_receiver_alone(void **state)
{
    struct sampler_options options = defaults;
    options.receiver_clock = true;
    sampler_init(&s, &options, floor_2026, (struct mono){-60000});
    assert_true(take_at(at(90000000, 0, 5, 0), 0)); /* three years ahead of the system's clock */
    struct fix p = at(90000001, 5, 5, 0);
    p.mode = FIX_MODE_NONE;
    take_at(p, 61);
    assert_int_equal(verdict, SAMPLER_NO_FIX);
    assert_int_equal(out.time.ms, t0 + INT64_C(90000061000)); /* by the receiver's clock */
}

static void repeated_and_backward_times(void **state)
{
    assert_int_equal(judged(at(100, 0, 5, 0), 100), SAMPLER_KEPT);
    assert_int_equal(judged(at(100, 0, 5, 0), 100), SAMPLER_REPEATED);
    assert_int_equal(judged(at(99.9, 0, 5, 0), 100), SAMPLER_BACKWARDS);
    assert_int_equal(judged(at(101, 5, 5, 0), 101), SAMPLER_THINNED);
    /* The receiver was three minutes ahead and has found out. */
    for (int i = 0; i < 9; i++)
        assert_int_equal(judged(at(50 + i, 0, 5, 0), 102 + i), SAMPLER_BACKWARDS);
    assert_int_equal(judged(at(59, 0, 5, 0), 111), SAMPLER_KEPT);
    assert_int_equal(judged(at(60, 5, 5, 0), 112), SAMPLER_THINNED);
}

static void one_outlier_is_left_out_and_three_are_the_truth(void **state)
{
    assert_int_equal(judged(at(0, 0, 5, 0), 0), SAMPLER_KEPT);
    assert_int_equal(judged(at(1, 4000, 5, 0), 1), SAMPLER_JUMP);
    assert_int_equal(judged(at(2, 10, 5, 0), 2), SAMPLER_THINNED);
    assert_int_equal(judged(at(3, 4000, 5, 0), 3), SAMPLER_JUMP);
    assert_int_equal(judged(at(4, -4000, 5, 0), 4), SAMPLER_JUMP);
    assert_int_equal(judged(at(5, 4000, 5, 0), 5), SAMPLER_JUMP);
    assert_int_equal(judged(at(6, 4005, 5, 0), 6), SAMPLER_JUMP);
    assert_int_equal(judged(at(7, 4010, 5, 0), 7), SAMPLER_KEPT);
    assert_int_equal(judged(at(8, 4015, 5, 0), 8), SAMPLER_THINNED);
}

static void the_bound_of_a_jump(void **state)
{
    /* 60 m/s for a second and twice 5 m of error. */
    assert_int_equal(judged(at(0, 0, 5, 0), 0), SAMPLER_KEPT);
    assert_int_equal(judged(at(1, 71, 5, 0), 1), SAMPLER_JUMP);
    set_up(NULL);
    assert_int_equal(judged(at(0, 0, 5, 0), 0), SAMPLER_KEPT);
    assert_int_equal(judged(at(1, 69, 5, 0), 1), SAMPLER_THINNED);
}

/* Whatever comes in, what goes out is in order, within the contract's bounds, and not more often than
 * promised. */
static void any_input_gives_lawful_output(void **state)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        uint64_t r = seed;
        set_up(NULL);
        int64_t last_ms = 0;
        bool accepted_backwards = false;
        for (int i = 0; i < 500; i++) {
            struct fix p = at(i, (double)random_below(&r, 40) * i * 0.1, (float)random_below(&r, 30),
                              (float)random_below(&r, 360));
            switch (random_below(&r, 12)) {
            case 0:
                p.time.ms = (int64_t)(random_u64(&r) % 8000000000000u) - 1000000000000;
                break;
            case 1:
                p.mode = (uint8_t)random_below(&r, 4);
                break;
            case 2:
                p.lat_deg = random_below(&r, 2) == 0 ? NAN : 1e300;
                break;
            case 3:
                p.has = (uint16_t)(p.has & random_u64(&r));
                break;
            case 4:
                sampler_sensor_changed(&s, now.mono);
                break;
            default:
                break;
            }
            bool kept = take_at(p, i);
            if (!kept)
                kept = sampler_tick(&s, &no_sensors, random_below(&r, 2) == 0, now, &out);
            if (!kept)
                continue;
            assert_true(out.time.ms >= SAMPLER_TIME_MIN_MS &&
                        out.time.ms <= now.wall.ms + 2 * SAMPLER_FUTURE_MS);
            accepted_backwards = s.kept.time.ms < last_ms && fix_has(&out, FIX_HAS_POSITION);
            assert_true(out.time.ms > last_ms || accepted_backwards);
            last_ms = out.time.ms;
            if (fix_has(&out, FIX_HAS_POSITION)) {
                assert_true(fabs(out.lat_deg) <= 90 && fabs(out.lon_deg) <= 180);
                assert_true(out.mode >= FIX_MODE_2D);
            } else {
                assert_int_equal(out.mode, FIX_MODE_NONE);
            }
        }
    }
}

/* A sensor that flickers is told as late after its first change as one that does not. */
static void a_flicker_does_not_put_off(void **state)
{
    struct sensors changed = sensors_none();
    changed.body = BODY_RAISED;
    for (int64_t ms = 0; ms < SAMPLER_SENSOR_WAIT_MS; ms += 300) {
        now.mono.ms = ms;
        sampler_sensor_changed(&s, now.mono);
        assert_false(sampler_tick(&s, &changed, false, now, &out));
    }
    now.mono.ms = SAMPLER_SENSOR_WAIT_MS;
    assert_true(sampler_tick(&s, &changed, false, now, &out));
    assert_int_equal(out.sensors.body, BODY_RAISED);
}

/* Places on both sides of the antimeridian are near each other, and no jump. */
static void the_antimeridian_is_no_jump(void **state)
{
    for (int side = -1; side <= 1; side += 2) {
        set_up(NULL);
        for (int i = 0; i < 20; i++) {
            struct fix p = at(i * 10, 0, 10, 90);
            double lon_deg = 180 + side * (i - 10) * 0.001;
            p.lon_deg = lon_deg > 180 ? lon_deg - 360 : lon_deg;
            take(p);
            assert_int_equal(verdict, SAMPLER_KEPT);
        }
    }
}

/* The system's clock is set back between two words of a sensor, and no receiver says what time it is. */
static void blind_fixes_are_each_newer_than_the_last(void **state)
{
    struct sensors changed = sensors_none();
    int64_t last_ms = 0;
    for (int i = 0; i < 5; i++) {
        changed.body = i % 2 ? BODY_DOWN : BODY_RAISED;
        sampler_sensor_changed(&s, now.mono);
        now.mono.ms += SAMPLER_SENSOR_WAIT_MS;
        now.wall.ms = t0 - i * 7000;
        assert_true(sampler_tick(&s, &changed, false, now, &out));
        assert_true(out.time.ms > last_ms);
        last_ms = out.time.ms;
    }
    assert_int_equal(last_ms, t0 + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keeps_one_each_ten_seconds, set_up),
        cmocka_unit_test_setup(keeps_one_each_two_hundred_metres, set_up),
        cmocka_unit_test_setup(keeps_turns_and_not_the_noise_of_standing, set_up),
        cmocka_unit_test_setup(standing_thins_to_one_a_minute, set_up),
        cmocka_unit_test_setup(creeping_is_not_standing, set_up),
        cmocka_unit_test_setup(a_flicker_does_not_put_off, set_up),
        cmocka_unit_test_setup(the_antimeridian_is_no_jump, set_up),
        cmocka_unit_test_setup(blind_fixes_are_each_newer_than_the_last, set_up),
        cmocka_unit_test_setup(standing_is_seen_without_a_speed, set_up),
        cmocka_unit_test_setup(a_sensor_takes_the_next_position, set_up),
        cmocka_unit_test_setup(a_sensor_without_positions_goes_out_alone, set_up),
        cmocka_unit_test_setup(no_fix_sends_one_a_minute_without_position, set_up),
        cmocka_unit_test_setup(the_first_minute_waits_for_a_position, set_up),
        cmocka_unit_test_setup(without_a_position_the_receivers_clock_goes_on, set_up),
        cmocka_unit_test_setup(a_silent_receiver_is_told_each_minute, set_up),
        cmocka_unit_test_setup(bad_positions_are_no_fix, set_up),
        cmocka_unit_test_setup(times_that_cannot_be_are_refused, set_up),
        cmocka_unit_test_setup(a_rolled_over_receiver_in_2038_is_seen, set_up),
        cmocka_unit_test_setup(a_clock_before_the_program_is_not_believed, set_up),
        cmocka_unit_test_setup(receiver_clock_believes_the_receiver_alone, set_up),
        cmocka_unit_test_setup(repeated_and_backward_times, set_up),
        cmocka_unit_test_setup(one_outlier_is_left_out_and_three_are_the_truth, set_up),
        cmocka_unit_test_setup(the_bound_of_a_jump, set_up),
        cmocka_unit_test_setup(any_input_gives_lawful_output, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
