/*
 * A vehicle's share of what is written, and of what is read: at once, on and on, and of others that are remembered.
 */
#include "../cmocka_all.h"
#include "shares.h"

static struct mono at(int64_t ms)
{
    return (struct mono){ms};
}

static bool take(struct shares *s, uint32_t place, enum share_of kind, int64_t weight, int64_t ms)
{
    size_t weights[SHARE_KINDS] = {0};
    weights[kind] = (size_t)weight;
    return shares_take(s, place, weights, at(ms));
}

static void a_vehicle_pays_off_what_it_took(void **state)
{
    for (enum share_of k = 0; k < SHARE_KINDS; k++) {
        const struct share_bound *bound = &share_bounds[k];
        struct shares s = {.count = 0};
        int64_t ms = 5000;
        assert_false(take(&s, 7, k, bound->at_once, ms));
        assert_false(shares_over(&s, 7, k, 0, at(ms)));
        assert_true(shares_over(&s, 7, k, 1, at(ms)));
        assert_true(take(&s, 7, k, 2 * bound->per_s, ms));
        assert_true(shares_over(&s, 7, k, 0, at(ms + 1999)));
        assert_false(shares_over(&s, 8, k, 0, at(ms)));
        assert_false(shares_over(&s, 7, (enum share_of) !k, 0, at(ms)));
        assert_false(shares_over(&s, 7, k, 0, at(ms + 2000)));
        assert_true(take(&s, 7, k, bound->per_s, ms + 2000));
        assert_true(shares_over(&s, 7, k, 0, at(ms + 2999))); /* what was paid off before is not paid twice */
        assert_false(shares_over(&s, 7, k, 0, at(ms + 3000)));
    }
}

/* As much each second as is paid off: never over, and not little by little either. */
static void a_steady_vehicle_is_never_over(void **state)
{
    for (enum share_of k = 0; k < SHARE_KINDS; k++) {
        struct shares s = {.count = 0};
        for (int64_t i = 0; i < 10000; i++)
            assert_false(take(&s, 1, k, share_bounds[k].per_s / 10, i * 100));
        assert_true(s.count <= 1);
        for (int64_t i = 0; i < 10000; i++)
            assert_false(take(&s, (uint32_t)i, k, SHARE_NOTED - 1, 1000000));
        assert_true(s.count <= 1);
    }
}

/* More of them than are remembered: the one that took most is. */
static void the_worst_is_remembered(void **state)
{
    for (enum share_of k = 0; k < SHARE_KINDS; k++) {
        struct shares s = {.count = 0};
        assert_true(take(&s, 1000, k, share_bounds[k].at_once + (1 << 20), 0));
        for (uint32_t i = 0; i < 10 * SHARES_MAX; i++)
            take(&s, i, k, SHARE_NOTED, 10);
        assert_true(shares_over(&s, 1000, k, 0, at(10)));
        assert_int_equal(s.count, SHARES_MAX);
        assert_false(take(&s, 5, k, SHARE_NOTED, 3600000));
        assert_int_equal(s.count, 1);
    }
}

/* Nothing is saved up: while it owes of the one, time that it does not use of the other is gone. */
static void time_gives_no_credit(void **state)
{
    for (enum share_of k = 0; k < SHARE_KINDS; k++) {
        enum share_of other = (enum share_of) !k;
        struct shares s = {.count = 0};
        take(&s, 7, k, 20 * share_bounds[k].per_s, 0);
        assert_false(shares_over(&s, 7, other, (size_t)share_bounds[other].at_once, at(10000)));
        assert_true(shares_over(&s, 7, other, (size_t)share_bounds[other].at_once + 1, at(10000)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vehicle_pays_off_what_it_took),
        cmocka_unit_test(a_steady_vehicle_is_never_over),
        cmocka_unit_test(the_worst_is_remembered),
        cmocka_unit_test(time_gives_no_credit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
