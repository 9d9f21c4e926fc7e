/*
 * Time windows by example: the boundary cases that people ask about, and every kind of error with its place.
 */
#include <muckwatch/hours.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct mw_zone *china;
static struct mw_calendar *calendar_2026;

static struct mw_hours *parse(const char *text)
{
    struct mw_hours *hours = NULL;
    struct mw_hours_error error;
    if (mw_hours_parse(text, strlen(text), &hours, &error) != MW_HOURS_OK)
        fail_msg("'%s': %s at %zu", text, error.text, error.at);
    return hours;
}

/* "2026-06-07 22:00[:30]", local time in China. */
static int64_t at(const char *text)
{
    int year, month, day, hour, minute, second = 0;
    if (sscanf(text, "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second) < 5)
        fail_msg("bad time '%s'", text);
    int64_t local_s =
        (int64_t)mw_civil_to_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return mw_zone_local_to_ms(china, local_s * 1000);
}

static struct mw_hours_answer ask(const char *expression, const char *when)
{
    struct mw_hours *hours = parse(expression);
    struct mw_hours_answer answer;
    mw_hours_at(hours, calendar_2026, china, at(when), &answer);
    mw_hours_free(hours);
    assert_true(answer.since_ms <= at(when));
    assert_true(answer.until_ms > at(when));
    assert_true(answer.reask_ms > at(when) && answer.reask_ms <= answer.until_ms);
    return answer;
}

static void expect(const char *expression, const char *when, bool open, const char *until)
{
    struct mw_hours_answer answer = ask(expression, when);
    int64_t until_ms = until != NULL ? at(until) : INT64_MAX;
    if (answer.open != open || answer.until_ms != until_ms)
        fail_msg("'%s' at %s: open %d until %lld, expected %d until %s", expression, when, answer.open,
                 (long long)answer.until_ms, open, until != NULL ? until : "ever");
}

static void night_window(void **state)
{
    expect("22:00-06:00", "2026-06-01 21:59:59", false, "2026-06-01 22:00");
    expect("22:00-06:00", "2026-06-01 22:00:00", true, "2026-06-02 06:00");
    expect("22:00-06:00", "2026-06-02 05:59:59", true, "2026-06-02 06:00");
    expect("22:00-06:00", "2026-06-02 06:00:00", false, "2026-06-02 22:00");
}

static int set_up(void **state)
{
    china = mw_zone_fixed(8 * 3600);
    calendar_2026 = mw_calendar_new();
    return china == NULL || calendar_2026 == NULL;
}

static int tear_down(void **state)
{
    mw_zone_free(china);
    mw_calendar_free(calendar_2026);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(night_window),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
