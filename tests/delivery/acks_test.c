#include "../cmocka_all.h"
#include "../codec/random.h"
#include "acks.h"
#include "attended.h"

/* At most one a unit in 200 ms, and none that is owed is forgotten for longer. */
static void test_pace(void **state)
{
    enum { UNITS = 50 };
    struct random r = random_seeded(5);
    struct acks a;
    acks_init(&a);
    int64_t sent[UNITS], owed_since[UNITS];
    for (int i = 0; i < UNITS; i++)
        sent[i] = owed_since[i] = INT64_MIN / 2;
    for (int64_t now = 1000; now < 20000; now++) {
        for (unsigned n = random_below(&r, 4); n > 0; n--) {
            uint32_t unit = random_below(&r, UNITS);
            assert_true(acks_owe(&a, unit, now));
            if (owed_since[unit] < 0)
                owed_since[unit] = now;
        }
        uint32_t unit;
        while (acks_next(&a, now, &unit)) {
            assert_true(now - sent[unit] >= ACK_EVERY_MS);
            assert_true(owed_since[unit] > 0);
            sent[unit] = now;
            owed_since[unit] = INT64_MIN / 2;
        }
        for (int i = 0; i < UNITS; i++)
            assert_true(owed_since[i] < 0 || now - owed_since[i] < ACK_EVERY_MS);
        assert_true(acks_due_ms(&a) > now);
    }
    acks_clear(&a);
    assert_true(acks_due_ms(&a) == INT64_MAX);
    assert_true(acks_owe(&a, 3, 20000));
    assert_int_equal(acks_due_ms(&a), 20000);
    /* What was owed when all was forgotten does not wait for what was sent before. */
    uint32_t unit;
    assert_true(acks_owe(&a, 7, 30000) && acks_next(&a, 30000, &unit) && acks_next(&a, 30000, &unit));
    assert_true(acks_owe(&a, 7, 30001));
    assert_int_equal(acks_due_ms(&a), 30200);
    acks_clear(&a);
    assert_true(acks_owe(&a, 7, 30002));
    assert_int_equal(acks_due_ms(&a), 30002);
    acks_fini(&a);
}

static void test_attended(void **state)
{
    struct attended a = {.counted_ms = 5000};
    assert_int_equal(attended_ms(&a, (struct wall){777}), 5000);
    attended_start(&a, (struct wall){1000}, (struct mono){10});
    attended_start(&a, (struct wall){1100}, (struct mono){110}); /* twice is once */
    assert_int_equal(attended_ms(&a, (struct wall){1500}), 5500);
    attended_stop(&a, (struct wall){1500});
    attended_stop(&a, (struct wall){9000});
    assert_int_equal(attended_ms(&a, (struct wall){90000}), 5500);
    attended_start(&a, (struct wall){100000}, (struct mono){0});
    assert_int_equal(attended_ms(&a, (struct wall){100001}), 5501);
}

/* A wall clock that is set forward an hour, or back two, adds and takes nothing. */
static void test_attended_over_jumps(void **state)
{
    struct attended a = {.counted_ms = 100};
    attended_start(&a, (struct wall){50000}, (struct mono){0});
    attended_follow(&a, (struct wall){51000}, (struct mono){1000});
    assert_int_equal(attended_ms(&a, (struct wall){51000}), 1100);
    attended_follow(&a, (struct wall){52000 + 3600000}, (struct mono){2000});
    assert_int_equal(attended_ms(&a, (struct wall){52000 + 3600000}), 2100);
    attended_follow(&a, (struct wall){53000 - 7200000}, (struct mono){3000});
    assert_int_equal(attended_ms(&a, (struct wall){53000 - 7200000}), 3100);
    /* A slow drift within the bound is followed as it is. */
    attended_follow(&a, (struct wall){54010 - 7200000}, (struct mono){4000});
    assert_int_equal(attended_ms(&a, (struct wall){54010 - 7200000}), 4110);
}

/* Steps too small to be told from a drift: the count never goes back, and they add up to nothing. */
static void test_attended_over_steps(void **state)
{
    struct attended a = {.counted_ms = 100};
    int64_t wall_ms = 50000, shown_ms = 100, steps_ms[] = {-900, 0, -400, 0, -700, 900, 0, -999, 950, 300};
    attended_start(&a, (struct wall){wall_ms}, (struct mono){0});
    for (int64_t i = 1; i <= 10; i++) {
        wall_ms += 100 + steps_ms[i - 1];
        attended_follow(&a, (struct wall){wall_ms}, (struct mono){i * 100});
        assert_true(attended_ms(&a, (struct wall){wall_ms}) >= shown_ms);
        shown_ms = attended_ms(&a, (struct wall){wall_ms});
        assert_in_range(shown_ms + 2000, i * 100 + 1000, i * 100 + 3200);
    }
    attended_follow(&a, (struct wall){wall_ms - 500}, (struct mono){1000});
    assert_int_equal(attended_ms(&a, (struct wall){wall_ms - 500}), shown_ms);
    assert_int_equal(attended_ms(&a, (struct wall){wall_ms - 450}), shown_ms + 50);
}

static void test_marks(void **state)
{
    struct attended_mark m = {.known = true, .received_ms = 1000, .clock_ms = 50, .running = true};
    assert_int_equal(attended_expected(&m, 1700), 750);
    m.running = false;
    assert_int_equal(attended_expected(&m, 1700), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pace), cmocka_unit_test(test_attended),
                                       cmocka_unit_test(test_attended_over_jumps),
                                       cmocka_unit_test(test_attended_over_steps),
                                       cmocka_unit_test(test_marks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
