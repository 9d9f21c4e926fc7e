/*
 * redo: what it takes from a checkpoint and from the vehicle as it stands, which fixes are part of it, and what it
 * judges where the world changes, where the stretch ends and where several fixes are of one time.
 */
#include "../cmocka_all.h"

#include "redo.h"

#include "late.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 20:26:40 UTC; the hours of the ban end 200 s later. */
#define T0         INT64_C(1780000000000)
#define STEP_MS    INT64_C(10000)
#define EDGE_MS    (T0 + 200000)
#define SETTLED_MS (T0 + 300000)

enum { NEW_WORLD_BATCH = 100 };

static struct names *names;
static struct outcome *out;
static struct redo redo;
static struct checkpoint from;
static uint32_t vehicle;

struct side {
    struct world *world;
    struct engine *engine;
};

static struct side banned, banned_by_hours, free_side;

/* A ban around 30.02 N 114 E; a cut antenna that counts after three seconds. */
static struct side side_of(bool has_ban, const char *hours)
{
    struct side side;
    struct world_error error = {0};
    struct world_builder *b = world_builder_new(names);
    const struct mw_point middle = {30.02, 114};
    struct mw_part part = {&middle, 1, false};
    const struct fence_spec ban = {.id = TEXT("ban"),
                                   .reason = TEXT("school"),
                                   .kind = FENCE_BANNED,
                                   .hours = text_of(hours),
                                   .shape = {MW_SHAPE_CIRCLE, &part, 1, 1500}};
    struct rule_settings tamper = kind_settings_initial(KIND_TAMPER);
    tamper.confirm_ms = 3000;
    tamper.confirm_fixes = 1;
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    assert_int_equal(world_builder_rule(b, KIND_TAMPER, TEXT(""), &tamper, &error), WORLD_OK);
    if (has_ban)
        assert_int_equal(world_builder_fence(b, &ban, &error), WORLD_OK);
    assert_int_equal(world_builder_build(b, &side.world, &error), WORLD_OK);
    world_builder_free(b);
    side.engine = engine_new();
    assert_true(engine_set_world(side.engine, side.world));
    return side;
}

static int begin_all(void **state)
{
    names = names_new(100);
    names_intern(names, TEXT("truck"), &vehicle);
    out = calloc(1, sizeof *out);
    banned = side_of(true, NULL);
    banned_by_hours = side_of(true, "18:00-20:30");
    free_side = side_of(false, NULL);
    return out == NULL;
}

static void side_free(struct side *side)
{
    engine_free(side->engine);
    world_free(side->world);
}

static int end_all(void **state)
{
    side_free(&banned);
    side_free(&banned_by_hours);
    side_free(&free_side);
    free(out);
    names_free(names);
    return 0;
}

static int setup(void **state)
{
    from = (struct checkpoint){.upto_ms = TIME_NONE};
    vehicle_init(&from.state, vehicle);
    return 0;
}

static int teardown(void **state)
{
    redo_fini(&redo);
    return 0;
}

/* Under one world, or under two that change at a batch. */
static void begin(const struct side *before, const struct side *after)
{
    const struct redo_world worlds[] = {{before->engine, 0, TIME_NONE},
                                        {after == NULL ? NULL : after->engine, NEW_WORLD_BATCH, SETTLED_MS}};
    redo_init(&redo, names, &from, out);
    redo_set_worlds(&redo, worlds, after == NULL ? 1 : 2);
}

/* North at 10 m/s: within the ban from the 9th to the 36th. */
static struct late_fix fix_of(int k, enum late_mark mark)
{
    struct late_fix f = {.received_ms = T0 + k * STEP_MS, .batch = 1, .mark = (uint8_t)mark};
    f.fix.time.ms = T0 + k * STEP_MS;
    f.fix.lat_deg = 30 + 0.0009 * k;
    f.fix.lon_deg = 114;
    f.fix.speed_mps = 10;
    f.fix.track_deg = 0;
    f.fix.eph_m = 5;
    f.fix.mode = FIX_MODE_3D;
    f.fix.has = FIX_HAS_POSITION | FIX_HAS_SPEED | FIX_HAS_TRACK | FIX_HAS_EPH | FIX_HAS_MODE;
    f.fix.sensors = sensors_none();
    return f;
}

static void add(struct late_fix f)
{
    assert_true(redo_add(&redo, &f));
}

static void drive(int first, int last, uint64_t batch)
{
    for (int k = first; k <= last; k++) {
        struct late_fix f = fix_of(k, LATE_NOT);
        f.batch = batch;
        add(f);
    }
}

static void run(void)
{
    redo_plan(&redo);
    while (redo_run(&redo, 3)) {
    }
    assert_false(redo.too_much || redo.failed);
}

/* The vehicle as it stands where the redo has come to; its clock began with T0. */
static struct vehicle_state present_of(void)
{
    struct vehicle_state present = redo.state;
    present.clock_ms = redo.state.time_ms - T0;
    return present;
}

static void finish_at(int64_t ms)
{
    struct vehicle_state present = present_of();
    redo_finish(&redo, &present, ms - T0);
}

/* ---- checkpoints ---- */

/* All that a redo takes from the vehicle as it stands goes, and nothing else. */
static void test_strip(void **state)
{
    const uint32_t of_arrival =
        VEHICLE_ONLINE | VEHICLE_OFF | VEHICLE_LAGS | VEHICLE_LATE | VEHICLE_TOOK_BACK;
    struct vehicle_state s, none;
    vehicle_init(&none, vehicle);
    memset(&s, 0x55, sizeof s);
    s.vehicle = vehicle;
    s.flags = of_arrival | VEHICLE_SEEN | VEHICLE_MOVED;
    struct vehicle_state want = s;
    want.flags = VEHICLE_SEEN | VEHICLE_MOVED;
    want.heard = none.heard;
    want.live_ms = none.live_ms;
    want.journal = none.journal;
    want.lag = none.lag;
    want.late = none.late;
    memcpy(want.recent, none.recent, sizeof want.recent);
    want.recent_count = want.recent_next = 0;
    checkpoint_strip(&s);
    assert_memory_equal(&s, &want, sizeof s);
}

static void test_begins_without_what_depends_on_arrival(void **state)
{
    const enum kind kinds[] = {KIND_OFFLINE, KIND_SPEEDING, KIND_NO_FIX, KIND_TAMPER};
    for (uint32_t i = 0; i < 4; i++)
        from.state.episodes[i] = (struct episode){.kind = (uint8_t)kinds[i], .subject = CAUSE_CLOCK};
    from.state.episode_count = 4;
    from.state.flags = VEHICLE_SEEN | VEHICLE_LATE | VEHICLE_TOOK_BACK;
    from.state.late.from_ms = 5;
    begin(&banned, NULL);
    assert_int_equal(redo.state.episode_count, 2);
    assert_int_equal(redo.state.episodes[0].kind, KIND_SPEEDING);
    assert_int_equal(redo.state.episodes[1].kind, KIND_TAMPER);
    assert_int_equal(redo.state.flags, VEHICLE_SEEN);
    assert_int_equal(redo.state.late.from_ms, 0);
}

/* ---- which fixes ---- */

static void test_what_the_checkpoint_has(void **state)
{
    from.state.flags = VEHICLE_SEEN;
    from.state.time_ms = T0 + 5 * STEP_MS;
    begin(&banned, NULL);
    add(fix_of(4, LATE_LATE));
    add(fix_of(5, LATE_NOT));
    assert_int_equal(redo.count, 0);
    add(fix_of(6, LATE_NOT));
    assert_int_equal(redo.count, 1);
}

/* By the newest that was judged, not by one of a wrong clock. */
static void test_beyond_the_horizon(void **state)
{
    begin(&banned, NULL);
    redo.horizon_ms = 20 * STEP_MS;
    add(fix_of(30, LATE_NOT));
    add(fix_of(90, LATE_CLOCK));
    add(fix_of(10, LATE_LATE));
    assert_int_equal(redo.count, 3);
    add(fix_of(9, LATE_LATE));
    assert_int_equal(redo.count, 3);
    add(fix_of(9, LATE_NOT)); /* it was judged, and is part of what was told */
    assert_int_equal(redo.count, 4);
}

static void test_what_nobody_has_judged(void **state)
{
    begin(&banned, NULL);
    redo.redone_batch = 7;
    struct late_fix f = fix_of(3, LATE_LATE);
    f.batch = 7;
    add(f);
    drive(4, 5, 9);
    assert_int_equal(redo_plan(&redo), 0);
    f = fix_of(2, LATE_LATE);
    f.batch = 8;
    add(f);
    assert_int_equal(redo_plan(&redo), 1);
}

/* ---- what is found ---- */

static void test_what_opened_before(void **state)
{
    begin(&banned, NULL);
    drive(0, 20, 1);
    run();
    assert_int_equal(redo.episode_count, 1);
    assert_true(redo.episodes[0].has_opened);
    assert_int_equal(redo.episodes[0].last.event, TRANSITION_OPENED);
    from.state = redo.state;
    from.upto_ms = redo.state.time_ms;
    redo_fini(&redo);
    begin(&banned, NULL);
    drive(21, 60, 1);
    run();
    assert_int_equal(redo.episode_count, 1);
    assert_false(redo.episodes[0].has_opened);
    assert_int_equal(redo.episodes[0].last.event, TRANSITION_CLOSED);
}

/* The ban is gone in the world that came: what was open under it closes when the vehicle was settled. */
static void test_settled(void **state)
{
    for (int more = 0; more < 2; more++) {
        begin(&banned, &free_side);
        drive(0, 20, 1);
        if (more > 0)
            drive(50, 52, NEW_WORLD_BATCH);
        run();
        finish_at(T0 + 60 * STEP_MS);
        assert_int_equal(redo.episode_count, 1);
        assert_int_equal(redo.episodes[0].last.reason, CLOSE_SUBJECT_GONE);
        assert_int_equal(redo.episodes[0].last.at_ms, SETTLED_MS);
        redo_fini(&redo);
    }
}

/* What was due before that was judged under the world of then. */
static void test_due_before_it_was_settled(void **state)
{
    begin(&banned_by_hours, &free_side);
    drive(0, 19, 1);
    drive(50, 52, NEW_WORLD_BATCH);
    run();
    assert_int_equal(redo.episode_count, 1);
    assert_int_equal(redo.episodes[0].last.event, TRANSITION_CLOSED);
    assert_int_equal(redo.episodes[0].last.at_ms, EDGE_MS);
    assert_int_not_equal(redo.episodes[0].last.reason, CLOSE_SUBJECT_GONE);
}

/* With deadlines up to now, and no further. */
static void test_due_at_the_end(void **state)
{
    for (int64_t over_ms = -1; over_ms <= 0; over_ms++) {
        begin(&banned_by_hours, NULL);
        drive(0, 19, 1);
        run();
        finish_at(EDGE_MS + over_ms);
        assert_int_equal(redo.episode_count, 1);
        assert_int_equal(redo.episodes[0].last.event, over_ms == 0 ? TRANSITION_CLOSED : TRANSITION_OPENED);
        redo_fini(&redo);
    }
}

/* ---- of one time ---- */

static struct late_fix addition_of(int k, int64_t after_ms)
{
    struct late_fix f = fix_of(k, LATE_NOT);
    f.received_ms += after_ms;
    f.fix.sensors.antenna = ANTENNA_CUT;
    return f;
}

static int64_t cut_since_ms(void)
{
    finish_at(T0 + 20 * STEP_MS);
    assert_int_equal(redo.episode_count, 1);
    assert_int_equal(redo.episodes[0].last.kind, KIND_TAMPER);
    return redo.episodes[0].last.start_ms;
}

/* An addition is judged as long after its fix as it came. */
static void test_addition(void **state)
{
    begin(&free_side, NULL);
    drive(0, 5, 1);
    add(addition_of(5, 4000));
    run();
    assert_int_equal(cut_since_ms(), T0 + 5 * STEP_MS + 4000);
}

/* A fix with a place takes that of one without, of the same time; when it came says nothing, as it was late. */
static void test_place_for_none(void **state)
{
    begin(&free_side, NULL);
    drive(0, 4, 1);
    struct late_fix dark = fix_of(5, LATE_NOT);
    dark.fix.has = FIX_HAS_MODE;
    dark.fix.mode = FIX_MODE_NONE;
    add(dark);
    struct late_fix late = fix_of(5, LATE_LATE);
    late.received_ms += 1000;
    add(late);
    add(addition_of(5, 6000));
    run();
    assert_int_equal(redo.state.place_ms, T0 + 5 * STEP_MS);
    assert_int_equal(cut_since_ms(), T0 + 5 * STEP_MS);
}

/* ---- the end ---- */

static void test_takes_over(void **state)
{
    begin(&free_side, NULL);
    drive(0, 9, 1);
    run();
    struct vehicle_state present;
    memset(&present, 0x33, sizeof present);
    present.vehicle = vehicle;
    present.flags = VEHICLE_SEEN | VEHICLE_OFF | VEHICLE_LAGS | VEHICLE_LATE;
    present.time_ms = redo.state.time_ms - 7000;
    present.clock_ms = 50000;
    present.episode_count = present.opening_count = 0;
    present.deadline_ms = TIME_NEVER;
    redo.state.flags |= VEHICLE_ONLINE | VEHICLE_TOOK_BACK;
    redo_finish(&redo, &present, 50000);
    const struct vehicle_state *s = &redo.state;
    assert_int_equal(s->flags &
                         (VEHICLE_ONLINE | VEHICLE_OFF | VEHICLE_LAGS | VEHICLE_LATE | VEHICLE_TOOK_BACK),
                     VEHICLE_OFF | VEHICLE_LAGS | VEHICLE_LATE);
    assert_int_equal(s->clock_ms, 57000); /* it came so much farther */
    assert_int_equal(s->received_ms, present.received_ms);
    assert_int_equal(s->message_clock_ms, present.message_clock_ms);
    assert_int_equal(s->live_ms, present.live_ms);
    assert_memory_equal(&s->heard, &present.heard, sizeof s->heard);
    assert_memory_equal(&s->journal, &present.journal, sizeof s->journal);
    assert_memory_equal(&s->lag, &present.lag, sizeof s->lag);
    assert_memory_equal(&s->late, &present.late, sizeof s->late);
    assert_memory_equal(s->recent, present.recent, sizeof s->recent);
    assert_int_equal(s->recent_count, present.recent_count);
    assert_int_equal(s->recent_next, present.recent_next);
}

/* Episodes of silence are those of the vehicle as it stands, and so is its deadline if it comes first. */
static void test_silence_goes_on(void **state)
{
    begin(&free_side, NULL);
    drive(0, 9, 1);
    run();
    struct vehicle_state present = present_of();
    present.episodes[0] = (struct episode){.kind = KIND_SPEEDING};
    present.episodes[1] = (struct episode){.kind = KIND_OFFLINE, .start_ms = 77};
    present.episode_count = 2;
    present.deadline_ms = redo.state.time_ms + 1;
    redo_finish(&redo, &present, present.clock_ms);
    assert_int_equal(redo.state.episode_count, 1);
    assert_int_equal(redo.state.episodes[0].start_ms, 77);
    assert_int_equal(redo.state.deadline_ms, present.deadline_ms);
}

static uint32_t opening(uint32_t hour, enum kind kind)
{
    return hour << 6 | (uint32_t)kind;
}

/* Of silence those of the vehicle as it stands count, of all else those of the redo. */
static void test_openings(void **state)
{
    begin(&free_side, NULL);
    drive(0, 1, 1);
    run();
    struct vehicle_state present = present_of();
    const uint32_t own[] = {opening(10, KIND_SPEEDING), opening(12, KIND_OFFLINE), opening(14, KIND_TAMPER)};
    const uint32_t theirs[] = {opening(11, KIND_OFFLINE), opening(13, KIND_SPEEDING),
                               opening(15, KIND_OFFLINE)};
    const uint32_t want[] = {own[0], theirs[0], own[2], theirs[2]};
    memcpy(redo.state.openings, own, sizeof own);
    memcpy(present.openings, theirs, sizeof theirs);
    redo.state.opening_count = present.opening_count = 3;
    redo_finish(&redo, &present, present.clock_ms);
    assert_int_equal(redo.state.opening_count, 4);
    assert_memory_equal(redo.state.openings, want, sizeof want);
}

/* Of more than there is room for the first ones are forgotten. */
static void test_too_many_openings(void **state)
{
    begin(&free_side, NULL);
    drive(0, 1, 1);
    run();
    struct vehicle_state present = present_of();
    for (uint32_t i = 0; i < VEHICLE_OPENINGS_MAX; i++)
        redo.state.openings[i] = opening(100 + i, KIND_SPEEDING);
    present.openings[0] = opening(1000, KIND_OFFLINE);
    redo.state.opening_count = VEHICLE_OPENINGS_MAX;
    present.opening_count = 1;
    redo_finish(&redo, &present, present.clock_ms);
    assert_int_equal(redo.state.opening_count, VEHICLE_OPENINGS_MAX);
    assert_int_equal(redo.state.openings[0], opening(101, KIND_SPEEDING));
    assert_int_equal(redo.state.openings[VEHICLE_OPENINGS_MAX - 1], opening(1000, KIND_OFFLINE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strip),
        TEST(test_begins_without_what_depends_on_arrival),
        TEST(test_what_the_checkpoint_has),
        TEST(test_beyond_the_horizon),
        TEST(test_what_nobody_has_judged),
        TEST(test_what_opened_before),
        TEST(test_settled),
        TEST(test_due_before_it_was_settled),
        TEST(test_due_at_the_end),
        TEST(test_addition),
        TEST(test_place_for_none),
        TEST(test_takes_over),
        TEST(test_silence_goes_on),
        TEST(test_openings),
        TEST(test_too_many_openings),
    };
    return cmocka_run_group_tests(tests, begin_all, end_all);
}
