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
    acks_fini(&a);
}

static void test_attended(void **state)
{
    struct attended a = {.counted_ms = 5000};
    assert_int_equal(attended_ms(&a, 777), 5000);
    attended_start(&a, 1000);
    attended_start(&a, 1100); /* twice is once */
    assert_int_equal(attended_ms(&a, 1500), 5500);
    attended_stop(&a, 1500);
    attended_stop(&a, 9000);
    assert_int_equal(attended_ms(&a, 90000), 5500);
    attended_start(&a, 100000);
    assert_int_equal(attended_ms(&a, 100001), 5501);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pace), cmocka_unit_test(test_attended)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
