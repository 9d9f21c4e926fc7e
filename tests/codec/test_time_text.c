/* time_text: RFC 3339 and numbers to milliseconds, against libc's calendar. */
#include "time_text.h"

#include "../cmocka_all.h"
#include "random.h"

#include <stdlib.h>
#include <time.h>

static void expect(const char *text, enum time_error error, int64_t ms)
{
    struct wall t = {-77};
    enum time_error got = time_text_read(text_of(text), &t);
    if (got != error || t.ms != (error == TIME_OK ? ms : -77))
        fail_msg("%s: error %d, %lld ms", text, (int)got, (long long)t.ms);
}

static void test_forms(void **state)
{
    expect("1970-01-01T00:00:00Z", TIME_OK, 0);
    expect("1970-01-01t00:00:00z", TIME_OK, 0);
    expect("1970-01-01T08:00:00+08:00", TIME_OK, 0);
    expect("1969-12-31T16:00:00-08:00", TIME_OK, 0);
    expect("1970-01-01T00:00:00-00:00", TIME_OK, 0);
    expect("1970-01-01T00:00:00.5Z", TIME_OK, 500);
    expect("1970-01-01T00:00:00.0019999999999999999999999Z", TIME_OK, 1);
    expect("1969-12-31T23:59:59.9999Z", TIME_OK, -1);
    expect("2000-02-29T00:00:00Z", TIME_OK, 951782400000);
    expect("1900-02-29T00:00:00Z", TIME_RANGE, 0);
    expect("2026-00-01T00:00:00Z", TIME_RANGE, 0);
    expect("2026-13-01T00:00:00Z", TIME_RANGE, 0);
    expect("2026-04-31T00:00:00Z", TIME_RANGE, 0);
    expect("2026-04-00T00:00:00Z", TIME_RANGE, 0);
    expect("2026-05-01T24:00:00Z", TIME_RANGE, 0);
    expect("2026-05-01T00:60:00Z", TIME_RANGE, 0);
    expect("2026-05-01T00:00:61Z", TIME_RANGE, 0);
    expect("2026-05-01T00:00:00+24:00", TIME_RANGE, 0);
    expect("2026-05-01T00:00:00+08:60", TIME_RANGE, 0);
    static const char *const bad[] = {"",
                                      "2026-05-01",
                                      "2026-05-01T00:00:00",
                                      "2026-05-01T00:00:00.Z",
                                      "2026-05-01T00:00:00,5Z",
                                      "2026-05-01 00:00:00Z",
                                      "2026-05-01T00:00Z",
                                      "2026-5-01T00:00:00Z",
                                      "2026-05-01T00:00:00ZZ",
                                      "2026-05-01T00:00:00+0800",
                                      "2026-05-01T00:00:00+08",
                                      "2026-05-01T00:00:00+08:00 ",
                                      " 2026-05-01T00:00:00Z",
                                      "+026-05-01T00:00:00Z",
                                      "1777593600"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect(bad[i], TIME_SYNTAX, 0);
}

/* Every byte in every place: a digit where a digit stood, T or t, the same separator, and nothing else. */
static void test_every_byte(void **state)
{
    static const char good[] = "2011-11-11T11:11:11Z";
    for (size_t i = 0; i + 1 < sizeof good; i++)
        for (int c = 0; c < 256; c++) {
            char text[sizeof good];
            struct wall t;
            memcpy(text, good, sizeof good);
            text[i] = (char)c;
            bool digit = good[i] >= '0' && good[i] <= '9';
            bool letter = good[i] == 'T' || good[i] == 'Z';
            bool fits = digit    ? c >= '0' && c <= '9'
                        : letter ? c == good[i] || c == good[i] + 0x20
                                 : c == good[i];
            enum time_error error = time_text_read((struct text){text, sizeof good - 1}, &t);
            if ((error != TIME_SYNTAX) != fits)
                fail_msg("byte %d at %zu: error %d", c, i, (int)error);
        }
}

static void test_leap_seconds(void **state)
{
    expect("2016-12-31T23:59:60Z", TIME_OK, 1483228799999);
    expect("2016-12-31T23:59:60.7Z", TIME_OK, 1483228799999);
    expect("2017-01-01T07:59:60+08:00", TIME_OK, 1483228799999);
    expect("1969-12-31T23:59:60Z", TIME_OK, -1);
    expect("1969-06-30T23:59:60Z", TIME_OK, -15897600001);
    expect("1969-12-31T23:58:60Z", TIME_RANGE, 0);
    expect("2016-12-31T23:58:60Z", TIME_RANGE, 0);
    expect("2016-12-31T23:59:60+08:00", TIME_RANGE, 0);
}

/* Random instants written by libc in random offsets. */
static void test_against_libc(void **state)
{
    struct random r = random_seeded(7);
    for (int i = 0; i < 200000; i++) {
        int64_t seconds = (int64_t)random_between(&r, -62135510400.0, 253402214400.0);
        int ms = (int)random_below(&r, 1000), offset_min = (int)random_below(&r, 2879) - 1439;
        time_t local = seconds + offset_min * 60;
        struct tm tm;
        char text[64], date[32];
        gmtime_r(&local, &tm);
        strftime(date, sizeof date, "-%m-%dT%H:%M:%S", &tm);
        snprintf(text, sizeof text, "%04d%s.%03d%c%02d:%02d", tm.tm_year + 1900, date, ms,
                 offset_min < 0 ? '-' : '+', abs(offset_min) / 60, abs(offset_min) % 60);
        expect(text, TIME_OK, seconds * 1000 + ms);
    }
}

static void test_written_text_reads_back(void **state)
{
    struct random r = random_seeded(8);
    char bytes[40];
    struct buf b = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    for (int i = 0; i < 100000; i++) {
        struct wall t = {(int64_t)random_between(&r, -62135510400000.0, 253402214400000.0)}, back;
        if (i % 3 == 0)
            t.ms -= t.ms % 1000;
        buf_clear(&b);
        time_text_write(t, &b);
        assert_true(buf_ok(&b));
        assert_int_equal(time_text_read(buf_text(&b), &back), TIME_OK);
        assert_int_equal(back.ms, t.ms);
        assert_int_equal(b.len, t.ms % 1000 == 0 ? 20 : 24);
    }
    buf_clear(&b);
    time_text_write((struct wall){1777593600120}, &b);
    assert_true(text_equal(buf_text(&b), TEXT("2026-05-01T00:00:00.120Z")));
}

static void expect_number(const char *text, enum time_unit unit, enum time_error error, int64_t ms)
{
    struct json_scan s = json_scan_of(text_of(text));
    struct json_number n;
    struct wall t = {-77};
    assert_int_equal(json_scan_number(&s, &n), JSON_FAULT_NONE);
    assert_int_equal(time_number_read(&n, unit, &t), error);
    assert_int_equal(t.ms, error == TIME_OK ? ms : -77);
}

static void test_numbers(void **state)
{
    expect_number("0", TIME_UNIT_S, TIME_OK, 0);
    expect_number("-0", TIME_UNIT_S, TIME_OK, 0);
    expect_number("1700000000.123", TIME_UNIT_S, TIME_OK, 1700000000123);
    expect_number("1700000000.1239", TIME_UNIT_S, TIME_OK, 1700000000123);
    expect_number("1.7000000001239e9", TIME_UNIT_S, TIME_OK, 1700000000123);
    expect_number("-0.0001", TIME_UNIT_S, TIME_OK, -1);
    expect_number("-1.001", TIME_UNIT_S, TIME_OK, -1001);
    expect_number("-1.0000000000000000000000000000000001", TIME_UNIT_S, TIME_OK, -1001);
    expect_number("1e-1000000000", TIME_UNIT_S, TIME_OK, 0);
    expect_number("0e1000000000", TIME_UNIT_S, TIME_OK, 0);
    expect_number("1e12", TIME_UNIT_S, TIME_RANGE, 0);
    expect_number("1e1000000000", TIME_UNIT_S, TIME_RANGE, 0);
    expect_number("123456789012345678901234567890", TIME_UNIT_MS, TIME_RANGE, 0);
    expect_number("1700000000123.9", TIME_UNIT_MS, TIME_OK, 1700000000123);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_leap_seconds),
        cmocka_unit_test(test_against_libc),
        cmocka_unit_test(test_written_text_reads_back),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
