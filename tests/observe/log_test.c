#include "log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static char lines[64][4096];
static int line_count;
static int64_t now_ms;

static void keep(const char *line, size_t len)
{
    assert_true(len < sizeof lines[0]);
    memcpy(lines[line_count], line, len);
    lines[line_count++][len] = '\0';
}

static struct wall now(void)
{
    return (struct wall){now_ms};
}

static int fresh(void **state)
{
    line_count = 0;
    now_ms = 1794452051123; /* 2026-11-12T02:54:11.123Z */
    log_set_sink(keep, now);
    log_set_level(LOG_LEVEL_INFO);
    return 0;
}

static void test_line(void **state)
{
    log_warn("redis_lost", LOG_STR("reason", "gone"), LOG_INT("pending", -3), LOG_REAL("seconds", 0.25));
    log_debug("hidden");
    assert_int_equal(line_count, 1);
    assert_string_equal(
        lines[0], "2026-11-12T02:54:11.123Z warn redis_lost reason=\"gone\" pending=-3 seconds=0.250\n");
}

/* What a stranger sends can neither end the line, nor its quotes, nor fill the disk. */
static void test_untrusted(void **state)
{
    char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    log_info("x", LOG_TEXT("v", ((struct text){all, 128})), LOG_TEXT("w", ((struct text){all + 128, 128})));
    char big[5000];
    memset(big, '"', sizeof big);
    log_info("y", LOG_TEXT("v", ((struct text){big, sizeof big})));
    assert_int_equal(line_count, 2);
    for (int i = 0; i < 2; i++) {
        size_t len = strlen(lines[i]);
        assert_true(len < 2048);
        for (size_t k = 0; k + 1 < len; k++)
            assert_in_range((unsigned char)lines[i][k], 0x20, 0x7e);
        assert_int_equal(lines[i][len - 1], '\n');
    }
    assert_non_null(strstr(lines[0], "\\x0a"));
    assert_non_null(strstr(lines[1], "\\\"...\"\n"));
}

static void test_allowance(void **state)
{
    for (int i = 0; i < 25; i++)
        log_info("storm");
    assert_int_equal(line_count, LOG_BURST);
    log_info("other");
    assert_int_equal(line_count, LOG_BURST + 1);
    now_ms += LOG_PERIOD_MS;
    log_info("storm");
    assert_non_null(strstr(lines[LOG_BURST + 1], "suppressed=15"));
    now_ms -= 3600 * 1000; /* the clock is set back: still no silence */
    log_info("storm");
    assert_int_equal(line_count, LOG_BURST + 3);
}

static void test_levels(void **state)
{
    enum log_level level;
    assert_true(log_level_find(TEXT("debug"), &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_false(log_level_find(TEXT("loud"), &level));
    log_set_level(LOG_LEVEL_ERROR);
    log_warn("no");
    log_error("yes");
    assert_int_equal(line_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_line, fresh),
        cmocka_unit_test_setup(test_untrusted, fresh),
        cmocka_unit_test_setup(test_allowance, fresh),
        cmocka_unit_test_setup(test_levels, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
