/* core/late: from when on a stretch is to be judged again, when that may be, and what was taken back. */
#include "../cmocka_all.h"

#include "late.h"

#include <stdlib.h>

#define T0   INT64_C(1780000000000)
#define HOUR INT64_C(3600000)

static const struct late_settings settings = {
    .horizon_ms = 24 * HOUR, .quiet_ms = 10000, .max_wait_ms = 60000, .checkpoint_ms = 900000};

static struct outcome *out;

static void note(struct vehicle_state *s, int64_t ms, int64_t clock_ms)
{
    struct fix fix = {.time.ms = T0 + ms};
    late_note(s, &fix, (struct arrival){.clock_ms = clock_ms, .received_ms = T0 + clock_ms},
              settings.horizon_ms, out);
}

static void test_waits(void **state)
{
    struct vehicle_state s;
    vehicle_init(&s, 1);
    s.flags = VEHICLE_SEEN;
    s.time_ms = T0;
    assert_int_equal(late_due_ms(&s, &settings), TIME_NEVER);
    note(&s, -5000, 100000);
    assert_int_equal(out->late_fate, LATE_FATE_WAITS);
    assert_int_equal(late_due_ms(&s, &settings), 110000);
    note(&s, -9000, 105000);
    note(&s, -7000, 109000);
    assert_int_equal(s.late.from_ms, T0 - 9000);
    assert_int_equal(late_due_ms(&s, &settings), 119000);
    for (int64_t clock = 110000; clock < 200000; clock += 9000)
        note(&s, -8000, clock);
    assert_int_equal(late_due_ms(&s, &settings), 160000); /* not longer after the first */
    late_done(&s);
    assert_int_equal(late_due_ms(&s, &settings), TIME_NEVER);
    assert_int_equal(s.late.from_ms, 0);
    note(&s, -1000, 300000);
    assert_int_equal(late_due_ms(&s, &settings), 310000);
}

static void test_horizon(void **state)
{
    struct vehicle_state s;
    vehicle_init(&s, 1);
    note(&s, 0, 1);
    assert_int_equal(out->late_fate, LATE_FATE_HORIZON); /* of a vehicle that was never judged */
    s.flags = VEHICLE_SEEN;
    s.time_ms = T0;
    note(&s, -24 * HOUR - 1, 2);
    assert_int_equal(out->late_fate, LATE_FATE_HORIZON);
    assert_false(s.flags & VEHICLE_LATE);
    note(&s, -24 * HOUR, 3);
    assert_int_equal(out->late_fate, LATE_FATE_WAITS);
    s.flags = VEHICLE_SEEN;
    out->late_fate = LATE_FATE_STAYS;
    struct fix fix = {.time.ms = T0 - 1};
    late_note(&s, &fix, (struct arrival){0}, 0, out);
    assert_int_equal(out->late_fate, LATE_FATE_STAYS);
    assert_false(s.flags & VEHICLE_LATE);
    struct late_settings off = settings;
    s.flags |= VEHICLE_LATE; /* left by a tracker with other settings */
    off.horizon_ms = 0;
    assert_int_equal(late_due_ms(&s, &off), TIME_NEVER);
}

/* While it may be a wrong clock it waits longer, counted from the last. */
static void test_doubt(void **state)
{
    struct vehicle_state s;
    vehicle_init(&s, 1);
    s.flags = VEHICLE_SEEN | VEHICLE_LAGS;
    s.lag.stage = LAG_BEHIND;
    s.time_ms = T0;
    note(&s, -HOUR, 100000);
    note(&s, -HOUR, 130000);
    assert_int_equal(late_due_ms(&s, &settings), 130000 + 5 * 60000);
    s.lag.stage = LAG_BACKLOG;
    assert_int_equal(late_due_ms(&s, &settings), 140000);
}

static void test_withdrawn(void **state)
{
    struct vehicle_state s;
    vehicle_init(&s, 1);
    assert_int_equal(late_again(&s, KIND_SPEEDING, T0), 0);
    assert_true(late_withdraw(&s, KIND_SPEEDING, T0, 3));
    assert_true(late_withdraw(&s, KIND_SPEEDING, T0 + 1, 4));
    assert_true(late_withdraw(&s, KIND_NONE, T0, 5)); /* a trip */
    assert_true(s.flags & VEHICLE_TOOK_BACK);
    assert_int_equal(late_again(&s, KIND_OVERSTAY, T0), 0);
    assert_int_equal(late_again(&s, KIND_SPEEDING, T0), 3);
    assert_int_equal(late_again(&s, KIND_SPEEDING, T0), 0);
    assert_int_equal(late_again(&s, KIND_NONE, T0), 5);
    assert_true(s.flags & VEHICLE_TOOK_BACK);
    assert_int_equal(late_again(&s, KIND_SPEEDING, T0 + 1), 4);
    assert_false(s.flags & VEHICLE_TOOK_BACK);
    for (int i = 0; i < LATE_WITHDRAWN_MAX; i++)
        assert_int_equal(s.late.withdrawn[i], 0);
}

/* Once more withdrawn has the higher revision; more than there is room for forgets what began first. */
static void test_withdrawn_full(void **state)
{
    struct vehicle_state s;
    vehicle_init(&s, 1);
    for (int i = 0; i < LATE_WITHDRAWN_MAX; i++)
        assert_true(late_withdraw(&s, KIND_SPEEDING, T0 + i % 2 * 100 + i, (uint32_t)i + 2));
    assert_true(late_withdraw(&s, KIND_SPEEDING, T0 + 2, 9));
    for (int i = 1; i < LATE_WITHDRAWN_MAX; i++)
        assert_true(s.late.withdrawn[i - 1] > s.late.withdrawn[i]);
    assert_false(late_withdraw(&s, KIND_SPEEDING, T0 + 1000, 2));
    assert_int_equal(late_again(&s, KIND_SPEEDING, T0), 0); /* forgotten */
    assert_int_equal(late_again(&s, KIND_SPEEDING, T0 + 2), 9);
    assert_int_equal(late_again(&s, KIND_SPEEDING, T0 + 1000), 2);
    late_withdraw(&s, KIND_TAMPER, T0, 1000); /* revisions are kept as far as they fit */
    assert_int_equal(late_again(&s, KIND_TAMPER, T0), 255);
}

static void test_kinds_of_arrival(void **state)
{
    assert_true(late_leaves(KIND_OFFLINE, CAUSE_NONE));
    assert_true(late_leaves(KIND_NO_FIX, CAUSE_CLOCK));
    assert_false(late_leaves(KIND_NO_FIX, CAUSE_POSITION));
    assert_false(late_leaves(KIND_TAMPER, CAUSE_CLOCK));
}

static int setup(void **state)
{
    out = calloc(1, sizeof *out);
    return out == NULL;
}

static int teardown(void **state)
{
    free(out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits),          cmocka_unit_test(test_horizon),
        cmocka_unit_test(test_doubt),          cmocka_unit_test(test_withdrawn),
        cmocka_unit_test(test_withdrawn_full), cmocka_unit_test(test_kinds_of_arrival),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
