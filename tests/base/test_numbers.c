/* buf writes numbers as printf does in the C locale, bit for bit, in whatever locale the process runs. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "text.h"

#include <math.h>

static uint64_t random_state = 31;

static uint64_t random_bits(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 11;
}

static void expect_fixed(double v, int decimals, const char *want)
{
    struct buf b;
    buf_init(&b, 100);
    buf_put_fixed(&b, v, decimals);
    buf_put_char(&b, '\0');
    assert_true(buf_ok(&b));
    assert_string_equal(b.data, want);
    buf_fini(&b);
}

static void fixed_has_exactly_the_decimals_asked_for(void **state)
{
    (void)state;
    expect_fixed(31.2304, 7, "31.2304000");
    expect_fixed(-0.00000004, 7, "0.0000000");
    expect_fixed(-121.4737021, 7, "-121.4737021");
    expect_fixed(0.5, 0, "1");
    expect_fixed(-0.5, 0, "-1");
    expect_fixed(0.05, 1, "0.1");
    expect_fixed(99.96, 1, "100.0");
    expect_fixed(1e9, 9, "1000000000.000000000");
}

static void fixed_agrees_with_printf(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        double v = ((double)random_bits() / 4503599627370496.0 - 1) * 180;
        int decimals = (int)(random_bits() % 8);
        char want[64];
        snprintf(want, sizeof want, "%.*f", decimals, v);
        struct buf b;
        buf_init(&b, 100);
        buf_put_fixed(&b, v, decimals);
        buf_put_char(&b, '\0');
        /* Ties aside, where printf rounds the exact binary value and we round the scaled one. */
        double got = strtod(b.data, NULL);
        if (fabs(got - strtod(want, NULL)) > 1.0000001 * pow(10, -decimals) ||
            (strcmp(b.data, want) != 0 &&
             fabs(fabs(v * pow(10, decimals) - trunc(v * pow(10, decimals))) - 0.5) > 1e-6 &&
             strcmp(want, "-0") != 0 && strspn(want, "-0.") != strlen(want)))
            fail_msg("%.17g with %d decimals: %s, expected %s", v, decimals, b.data, want);
        buf_fini(&b);
    }
}

static void fixed_refuses_what_has_no_digits(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY, 1e30};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buf b;
        buf_init(&b, 100);
        buf_put_fixed(&b, bad[i], 7);
        assert_false(buf_ok(&b));
        buf_fini(&b);
    }
}

static void integers_reach_both_ends(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 200);
    buf_put_i64(&b, INT64_MIN);
    buf_put_char(&b, ' ');
    buf_put_i64(&b, INT64_MAX);
    buf_put_char(&b, ' ');
    buf_put_u64(&b, UINT64_MAX);
    buf_put_char(&b, ' ');
    buf_put_i64(&b, 0);
    assert_true(
        text_equal(buf_text(&b), TEXT("-9223372036854775808 9223372036854775807 18446744073709551615 0")));
    buf_fini(&b);
}

static void a_full_buffer_fails_and_stays_failed(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    buf_puts(&b, "0123456789");
    assert_true(buf_ok(&b));
    buf_put_char(&b, 'x');
    assert_false(buf_ok(&b));
    assert_int_equal(b.len, 10);
    buf_puts(&b, "");
    assert_false(buf_ok(&b));
    buf_clear(&b);
    buf_printf(&b, "%s-%d", "ab", 7);
    assert_true(buf_ok(&b));
    assert_true(text_equal(buf_text(&b), TEXT("ab-7")));
    buf_printf(&b, "%s", "far too long for it");
    assert_false(buf_ok(&b));
    buf_fini(&b);
}

static void texts_order_bytewise(void **state)
{
    (void)state;
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("\xff"), TEXT("a")) > 0);
    assert_int_equal(text_compare(TEXT(""), (struct text){NULL, 0}), 0);
    assert_true(text_equal(TEXT(""), (struct text){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_has_exactly_the_decimals_asked_for),
        cmocka_unit_test(fixed_agrees_with_printf),
        cmocka_unit_test(fixed_refuses_what_has_no_digits),
        cmocka_unit_test(integers_reach_both_ends),
        cmocka_unit_test(a_full_buffer_fails_and_stays_failed),
        cmocka_unit_test(texts_order_bytewise),
    };
    return cmocka_run_group_tests_name("base numbers", tests, NULL, NULL);
}
