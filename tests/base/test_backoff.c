/*
 * backoff: the waits double up to their bound, and chance moves only the second half of each.
 */
#include "backoff.h"

#include "cmocka_all.h"

#include <stdbool.h>

static void waits_double_to_the_bound(void **state)
{
    const uint32_t expected[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct backoff b;
        backoff_init(&b, 500, 30000, seed);
        for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
            uint32_t wait_ms = backoff_next_ms(&b);
            assert_in_range(wait_ms, expected[i] / 2, expected[i]);
        }
    }
}

static void both_ends_of_a_wait_are_reached(void **state)
{
    struct backoff b;
    bool lowest = false, highest = false;
    (void)state;
    backoff_init(&b, 10, 10, 7);
    for (int i = 0; i < 1000; i++) {
        uint32_t wait_ms = backoff_next_ms(&b);
        lowest = lowest || wait_ms == 5;
        highest = highest || wait_ms == 10;
    }
    assert_true(lowest && highest);
}

static void never_stops_after_many_failures(void **state)
{
    struct backoff b;
    (void)state;
    backoff_init(&b, (1u << BACKOFF_DOUBLINGS) - 1, UINT32_MAX, 3);
    for (int i = 0; i < 100000; i++)
        assert_true(backoff_next_ms(&b) > 0);
    assert_true(backoff_next_ms(&b) >= UINT32_MAX / 2);
}

static void begins_anew_after_a_success(void **state)
{
    struct backoff b;
    (void)state;
    backoff_init(&b, 100, 5000, 1);
    for (int i = 0; i < 20; i++)
        backoff_next_ms(&b);
    backoff_reset(&b);
    assert_in_range(backoff_next_ms(&b), 50, 100);
}

static void two_seeds_part(void **state)
{
    struct backoff a, b;
    int same = 0;
    (void)state;
    backoff_init(&a, 500, 30000, 1);
    backoff_init(&b, 500, 30000, 2);
    for (int i = 0; i < 100; i++)
        same += backoff_next_ms(&a) == backoff_next_ms(&b);
    assert_true(same < 10);
}

static void a_bound_of_nothing_is_no_wait(void **state)
{
    struct backoff b;
    (void)state;
    backoff_init(&b, 100, 0, 0);
    for (int i = 0; i < 40; i++)
        assert_int_equal(backoff_next_ms(&b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_to_the_bound),
        cmocka_unit_test(both_ends_of_a_wait_are_reached),
        cmocka_unit_test(never_stops_after_many_failures),
        cmocka_unit_test(begins_anew_after_a_success),
        cmocka_unit_test(two_seeds_part),
        cmocka_unit_test(a_bound_of_nothing_is_no_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
