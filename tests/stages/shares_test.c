/*
 * A vehicle's share of what is written: at once, on and on, and of others that are remembered.
 */
#include "../cmocka_all.h"
#include "shares.h"

static struct mono at(int64_t ms)
{
    return (struct mono){ms};
}

static void a_vehicle_pays_off_what_it_took(void **state)
{
    struct shares s = {.count = 0};
    int64_t ms = 5000;
    assert_false(shares_take(&s, 7, SHARE_AT_ONCE, at(ms)));
    assert_false(shares_over(&s, 7, at(ms)));
    assert_true(shares_take(&s, 7, 2 * SHARE_PER_S, at(ms)));
    assert_true(shares_over(&s, 7, at(ms + 1999)));
    assert_false(shares_over(&s, 8, at(ms)));
    assert_false(shares_over(&s, 7, at(ms + 2000)));
    assert_true(shares_take(&s, 7, 1 << 20, at(ms + 2000)));
    assert_true(shares_over(&s, 7, at(ms + 2999))); /* what was paid off before is not paid twice */
    assert_false(shares_over(&s, 7, at(ms + 3000)));
}

/* As much each second as is paid off: never over, and not little by little either. */
static void a_steady_vehicle_is_never_over(void **state)
{
    struct shares s = {.count = 0};
    for (int64_t i = 0; i < 10000; i++)
        assert_false(shares_take(&s, 1, SHARE_PER_S / 10, at(i * 100)));
    assert_true(s.count <= 1);
    for (int64_t i = 0; i < 10000; i++)
        assert_false(shares_take(&s, (uint32_t)i, SHARE_NOTED - 1, at(1000000)));
    assert_true(s.count <= 1);
}

/* More of them than are remembered: the one that took most is. */
static void the_worst_is_remembered(void **state)
{
    struct shares s = {.count = 0};
    assert_true(shares_take(&s, 1000, SHARE_AT_ONCE + (1 << 20), at(0)));
    for (uint32_t i = 0; i < 10 * SHARES_MAX; i++)
        shares_take(&s, i, SHARE_NOTED, at(10));
    assert_true(shares_over(&s, 1000, at(10)));
    assert_int_equal(s.count, SHARES_MAX);
    assert_false(shares_take(&s, 5, SHARE_NOTED, at(3600000)));
    assert_int_equal(s.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vehicle_pays_off_what_it_took),
        cmocka_unit_test(a_steady_vehicle_is_never_over),
        cmocka_unit_test(the_worst_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
