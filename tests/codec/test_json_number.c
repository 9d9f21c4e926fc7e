/* json_number: the nearest double for every text, against libc's strtod. */
#include "json_scan.h"

#include "../cmocka_all.h"
#include "random.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

static void expect_strtod(const char *text)
{
    struct json_scan s = json_scan_of(text_of(text));
    struct json_number n;
    if (json_scan_number(&s, &n) != JSON_FAULT_NONE || s.at != s.end)
        fail_msg("%s: not read whole", text);
    double got = json_number_double(&n), want = strtod(text, NULL);
    if (memcmp(&got, &want, sizeof got) != 0)
        fail_msg("%s: %a, strtod %a", text, got, want);
}

/* The same number in front of other things. */
static void expect_strtod_before(const char *text, size_t len)
{
    char longer[128];
    memcpy(longer, text, len);
    memcpy(longer + len, ",\"b\":12345678901234567890123456", 32);
    struct json_scan s = json_scan_of((struct text){longer, len + 31});
    struct json_number n;
    assert_int_equal(json_scan_number(&s, &n), JSON_FAULT_NONE);
    assert_ptr_equal(s.at, longer + len);
    double got = json_number_double(&n), want = strtod(text, NULL);
    if (memcmp(&got, &want, sizeof got) != 0)
        fail_msg("%s, in front of others: %a, strtod %a", text, got, want);
}

static void test_hard_ones(void **state)
{
    static const char *const hard[] = {
        "0",
        "-0",
        "0.0e-5",
        "1",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.0",
        "9007199254740991.4",
        "-74.04126339999999",
        "121.52721059999999",
        "9999999999999999999",
        "18446744073709551615",
        "18446744073709551616",
        "0.1",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e309",
        "-1e999999999",
        "1e-999999999",
        "0.000000000000000000000000000000000000000000000001e48",
        "100000000000000000000000000000000000000000000000e-47",
        "0e999999999999",
        "9007199254740992.99999999999999999999999999999999999999999999999999999",
        "9007199254740993.00000000000000000000000000000000000000000000000000000000000000000001",
    };
    for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++)
        expect_strtod(hard[i]);
}

/* A halfway point between doubles has up to 767 digits; one more digit far behind decides. */
static void test_long_halfway(void **state)
{
    char text[2000];
    long double below = 0x1.0000000000001p-1022L, above = 0x1.0000000000002p-1022L;
    if (LDBL_MANT_DIG <= DBL_MANT_DIG)
        skip(); /* no type here holds the halfway point */
    size_t n = (size_t)snprintf(text, sizeof text, "%.1100Lf", (below + above) / 2);
    for (unsigned tail = 0; tail < 3; tail++) {
        memset(text + n, '0', 600);
        text[n + 600] = (char)('0' + tail);
        text[n + 601] = '\0';
        expect_strtod(text);
    }
}

static void test_random(void **state)
{
    struct random r = random_seeded(11);
    char text[512];
    for (int i = 0; i < 400000; i++) {
        uint64_t bits = random_next(&r);
        double d;
        memcpy(&d, &bits, sizeof d);
        int decimals = (int)random_below(&r, 20);
        if (i % 4 == 0 && isfinite(d))
            snprintf(text, sizeof text, "%.*e", decimals, d);
        else if (i % 4 == 1)
            snprintf(text, sizeof text, "%.*f", decimals, random_between(&r, -200, 200));
        else if (i % 4 == 2)
            snprintf(text, sizeof text, "%.17g", random_between(&r, -1e6, 1e6));
        else
            snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(bits >> random_below(&r, 64)),
                     (unsigned long long)random_next(&r), (int)random_below(&r, 80) - 40);
        expect_strtod(text);
    }
}

/* Every number of digits before and behind the point, least, largest and any: what fits into a word of a lane
 * differs from one to the next. */
static void test_every_length(void **state)
{
    struct random r = random_seeded(12);
    char text[64];
    for (unsigned whole = 1; whole <= 21; whole++)
        for (unsigned decimals = 0; decimals <= 21; decimals++)
            for (int i = 0; i < 30; i++) {
                unsigned at = 0;
                for (unsigned k = 0; k < whole + decimals; k++) {
                    if (k == whole)
                        text[at++] = '.';
                    bool first = k == 0 && whole > 1;
                    text[at++] = (char)(i == 0   ? '9'
                                        : i == 1 ? (first ? '1' : '0')
                                                 : '0' + first + random_below(&r, 10 - first));
                }
                /* With and without more text behind it, which the quick lane may read. */
                text[at] = '\0';
                expect_strtod(text);
                expect_strtod_before(text, at);
            }
}

static void test_locale_does_not_matter(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ru_RU.UTF-8"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]) != NULL;
    if (!found) {
        print_message("no locale with a decimal comma is installed\n");
        skip();
    }
    struct json_scan s = json_scan_of(TEXT("1.00000000000000000000000005e5"));
    struct json_number n;
    assert_int_equal(json_scan_number(&s, &n), JSON_FAULT_NONE);
    double got = json_number_double(&n);
    setlocale(LC_NUMERIC, "C");
    assert_true(got == 1e5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hard_ones),
        cmocka_unit_test(test_long_halfway),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
