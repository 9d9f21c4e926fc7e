/* sim_chance: the same seed gives the same numbers, and they are spread as they are meant to be. */
#include "sim_chance.h"

#include "cmocka_all.h"

static void the_same_seed_gives_the_same_numbers(void **state)
{
    uint64_t a = 7, b = 7, c = 8;
    unsigned other = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = sim_random_u64(&a);
        assert_true(x == sim_random_u64(&b));
        other += x != sim_random_u64(&c);
    }
    assert_int_equal(other, 1000);
}

/* The first outputs for seed 0, as the authors' splitmix64.c gives them. */
static void is_splitmix64(void **state)
{
    uint64_t s = 0;
    (void)state;
    assert_true(sim_random_u64(&s) == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(sim_random_u64(&s) == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(sim_random_u64(&s) == UINT64_C(0x06c45d188009454f));
}

static void a_unit_is_between_its_ends(void **state)
{
    uint64_t s = 1;
    double sum = 0;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        double v = sim_random_unit(&s);
        assert_true(v > 0 && v < 1);
        sum += v;
    }
    assert_true(sum > 49500 && sum < 50500);
}

static void waits_have_the_mean_that_was_asked_for(void **state)
{
    uint64_t s = 1;
    double sum_s = 0;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        int64_t at_ms = sim_random_after_ms(&s, 5000, 60);
        assert_true(at_ms >= 5000);
        sum_s += (double)(at_ms - 5000) / 1000;
    }
    assert_true(sum_s > 100000 * 59.0 && sum_s < 100000 * 61.0);
    assert_true(sim_random_after_ms(&s, 5000, 0) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(is_splitmix64),
        cmocka_unit_test(a_unit_is_between_its_ends),
        cmocka_unit_test(waits_have_the_mean_that_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
