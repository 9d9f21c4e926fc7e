/* gpsd_line: what is handed to libgps, and what is not. */
#include "../cmocka_all.h"
#include "gpsd_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct buf out;
static int sats;

static enum gpsd_line take(const char *line)
{
    sats = -1;
    buf_clear(&out);
    return gpsd_line_read(text_of(line), &out, &sats);
}

static void test_a_position_report(void **state)
{
    assert_int_equal(
        take("{\"class\":\"TPV\",\"device\":\"/dev/ttyS0\",\"status\":2,\"mode\":3,"
             "\"time\":\"2026-05-03T10:00:00.000Z\",\"lat\":31.2,\"lon\":-121.5e0,\"altMSL\":4.1,"
             "\"eph\":5,\"speed\":0.0,\"track\":359.9,\"ecefx\":1.5,\"new\":{\"a\":[1,{}]}}\r\n"),
        GPSD_LINE_POSITION);
    assert_string_equal(out.data,
                        "{\"class\":\"TPV\",\"time\":\"2026-05-03T10:00:00.000Z\",\"mode\":3,\"lat\":31.2,"
                        "\"lon\":-121.5e0,\"altMSL\":4.1,\"eph\":5,\"speed\":0.0,\"track\":359.9}\n");
}

static void test_members_that_are_not_what_they_should_be_are_left_out(void **state)
{
    assert_int_equal(
        take("{\"class\":\"TPV\",\"mode\":\"3\",\"time\":\"now\",\"lat\":null,\"lon\":[1],\"speed\":1}"),
        GPSD_LINE_POSITION);
    assert_string_equal(out.data, "{\"class\":\"TPV\",\"speed\":1}\n");
    char line[400], digits[100];
    memset(digits, '1', sizeof digits);
    snprintf(line, sizeof line, "{\"class\":\"TPV\",\"lat\":%.99s,\"time\":\"%.99s\"}", digits, digits);
    assert_int_equal(take(line), GPSD_LINE_POSITION);
    assert_string_equal(out.data, "{\"class\":\"TPV\"}\n");
}

static void test_the_longest_report_fits(void **state)
{
    static const char *const names[] = {"mode", "lat", "lon", "alt",   "altHAE", "altMSL",
                                        "eph",  "epx", "epy", "speed", "track"};
    char line[2048] = "{\"class\":\"TPV\",\"time\":\"2026-05-03T10:00:00.0000000000000000000Z\"";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char member[80];
        snprintf(member, sizeof member, ",\"%s\":1.%038d", names[i], 0);
        strcat(line, member);
    }
    strcat(line, "}");
    assert_int_equal(take(line), GPSD_LINE_POSITION);
    assert_true(out.len < GPSD_POSITION_MAX);
}

static void test_satellites(void **state)
{
    assert_int_equal(
        take("{\"class\":\"SKY\",\"satellites\":[{\"PRN\":1,\"used\":true},{\"PRN\":2,\"used\":false},"
             "{\"used\":true}]}"),
        GPSD_LINE_SKY);
    assert_int_equal(sats, 2);
    assert_int_equal(take("{\"class\":\"SKY\",\"nSat\":20,\"uSat\":11,\"satellites\":[]}"), GPSD_LINE_SKY);
    assert_int_equal(sats, 11);
    assert_int_equal(take("{\"class\":\"SKY\"}"), GPSD_LINE_SKY);
    assert_int_equal(sats, 0);
}

static void test_lines_that_break_off(void **state)
{
    static const char whole[] = "{\"class\":\"TPV\",\"mode\":3,\"satellites\":[{\"used\":true}],\"lat\":1.5}";
    for (size_t n = 1; n < sizeof whole - 1; n++) {
        char *line = malloc(n); /* to the byte */
        memcpy(line, whole, n);
        assert_int_equal(gpsd_line_read((struct text){line, n}, &out, &sats), GPSD_LINE_BAD);
        free(line);
    }
    assert_int_equal(take(whole), GPSD_LINE_POSITION);
}

static void test_others(void **state)
{
    assert_int_equal(take(""), GPSD_LINE_OTHER);
    assert_int_equal(take("\r\n"), GPSD_LINE_OTHER);
    assert_int_equal(take("{\"class\":\"VERSION\",\"release\":\"3.22\"}"), GPSD_LINE_OTHER);
    assert_int_equal(take("{}"), GPSD_LINE_OTHER);
    assert_int_equal(take("[]"), GPSD_LINE_BAD);
    assert_int_equal(take("?WATCH;"), GPSD_LINE_BAD);
    assert_int_equal(take("{\"class\":\"TPV\"} {}"), GPSD_LINE_BAD);
    assert_int_equal(take("{\"class\":\"DEVICES\",\"devices\":[{\"class\":\"DEVICE\""), GPSD_LINE_BAD);
}

static int make(void **state)
{
    buf_init(&out, GPSD_POSITION_MAX);
    return 0;
}

static int drop(void **state)
{
    buf_fini(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_position_report),
        cmocka_unit_test(test_members_that_are_not_what_they_should_be_are_left_out),
        cmocka_unit_test(test_the_longest_report_fits),
        cmocka_unit_test(test_satellites),
        cmocka_unit_test(test_lines_that_break_off),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
