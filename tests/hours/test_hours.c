/*
 * Time windows by example: the boundary cases that people ask about, and every kind of error with its place.
 */
#include "cmocka_all.h"

#include <muckwatch/hours.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void a_span_belongs_to_the_day_it_starts_on(void **state)
{
    const char *exams = "22:00-06:00; 2026 Jun 07-09 off";
    expect(exams, "2026-06-07 01:00", true, "2026-06-07 06:00"); /* the night of the 6th ends as always */
    expect(exams, "2026-06-07 06:00", false, "2026-06-10 22:00");
    expect(exams, "2026-06-10 01:00", false, "2026-06-10 22:00"); /* the night of the 9th is cancelled */
    expect("Mo-Fr 22:00-06:00", "2026-06-05 23:00", true, "2026-06-06 06:00"); /* a Friday */
    expect("Mo-Fr 22:00-06:00", "2026-06-06 05:00", true, "2026-06-06 06:00");
    expect("Mo-Fr 22:00-06:00", "2026-06-06 23:00", false, "2026-06-08 22:00");
    expect("Mo-Fr 22:00-06:00", "2026-06-08 03:00", false, "2026-06-08 22:00");
    /* Taking away works on the day's own spans, also past midnight. */
    expect("22:00-06:00; Fr 23:00-26:00 off", "2026-06-05 22:30", true, "2026-06-05 23:00");
    expect("22:00-06:00; Fr 23:00-26:00 off", "2026-06-05 23:00", false, "2026-06-06 02:00");
    expect("22:00-06:00; Fr 23:00-26:00 off", "2026-06-06 02:00", true, "2026-06-06 06:00");
    expect("22:00-06:00; Fr 00:00-03:00 off", "2026-06-05 01:00", true, "2026-06-05 06:00");
    /* An override that starts on the day replaces that day's spans only. */
    expect("22:00-06:00; Sa 10:00-12:00", "2026-06-06 05:00", true, "2026-06-06 06:00");
    expect("22:00-06:00; Sa 10:00-12:00", "2026-06-06 12:00", false, "2026-06-07 22:00");
}

static void equal_ends(void **state)
{
    expect("00:00-24:00", "2026-06-01 00:00", true, NULL);
    expect("22:00-22:00", "2026-06-01 00:00", true, NULL);
    expect("Mo 22:00-22:00", "2026-06-01 21:59:59", false, "2026-06-01 22:00");
    expect("Mo 22:00-22:00", "2026-06-01 22:00", true, "2026-06-02 22:00");
    expect("Mo 00:00-00:00", "2026-06-01 00:00", true, "2026-06-02 00:00");
    expect("Mo 00:00-24:00", "2026-06-01 23:59:59", true, "2026-06-02 00:00");
    expect("20:00-26:00", "2026-06-02 01:59:59", true, "2026-06-02 02:00");
    expect("Mo 00:00-48:00", "2026-06-02 12:00", true, "2026-06-03 00:00");
    expect("06:00-06:00", "2026-06-01 06:00", true, NULL);
    expect("06:00-06:00; 2026 Jun 07-08 off", "2026-06-07 05:59", true, "2026-06-07 06:00");
    expect("06:00-06:00; 2026 Jun 07-08 off", "2026-06-07 06:00", false, "2026-06-09 06:00");
    expect("2026 Jun 07 06:00-06:00", "2026-06-01 06:00", false, "2026-06-07 06:00");
    expect("2026 Jun 07 06:00-06:00", "2026-06-07 06:00", true, "2026-06-08 06:00");
    expect("24/7", "1970-01-02 00:00", true, NULL);
    expect("off", "2026-06-01 00:00", false, NULL);
    expect("24/7 off", "2026-06-01 00:00", false, NULL);
    expect("24/7; Mo-Su 00:00-24:00", "2026-06-01 00:00", true, NULL);
    expect("Mo-Fr 00:00-24:00; Sa-Su 00:00-24:00", "2026-06-01 00:00", true, NULL);
    expect("00:00-12:00,12:00-24:00", "2026-06-01 00:00", true, NULL);
}

static void holidays_of_2026(void **state)
{
    /* A Friday before a holiday, a holiday, a make-up Saturday; 2026 as published by the State Council. */
    expect("PH off", "2026-06-01 00:00", false, NULL);
    expect("Fr,PH -1 day 16:00-21:00", "2026-09-29 12:00", false,
           "2026-09-30 16:00"); /* eve of National Day */
    expect("Fr,PH -1 day 16:00-21:00", "2026-10-06 21:00", false, "2026-10-09 16:00");
    expect("Fr 22:00-06:00; PH off", "2026-05-01 00:00", false, "2026-05-08 22:00"); /* 1 May is a Friday */
    expect("22:00-06:00; PH off", "2026-05-01 03:00", true,
           "2026-05-01 06:00"); /* the night into a holiday */
    expect("22:00-06:00; PH off", "2026-05-01 06:00", false, "2026-05-06 22:00");
    expect("WD 07:00-09:00", "2026-05-08 09:00", false, "2026-05-09 07:00"); /* a Saturday that is worked */
    expect("Mo-Fr 07:00-09:00", "2026-05-08 09:00", false, "2026-05-11 07:00"); /* the weekday itself */
    expect("WD 07:00-09:00", "2026-09-30 09:00", false, "2026-10-08 07:00");
    expect("PH 10:00-12:00", "2026-06-21 12:00", false, "2026-09-25 10:00");
    expect("2026 Oct PH,Mo 10:00-12:00", "2026-10-07 12:00", false, "2026-10-12 10:00");
}

static void an_unknown_year_is_said(void **state)
{
    struct mw_hours_answer answer = ask("PH 10:00-12:00", "2026-10-07 12:00");
    assert_false(answer.open || answer.guessed);
    assert_true(answer.until_ms == INT64_MAX && answer.reask_ms == at("2026-12-31 00:00"));
    answer = ask("PH 10:00-12:00", "2026-12-31 00:00"); /* could the first of January be a holiday? */
    assert_true(answer.guessed);
    answer = ask("PH 10:00-12:00", "2027-03-01 11:00");
    assert_true(answer.guessed && !answer.open);
    answer = ask("WD 10:00-12:00", "2027-03-01 11:00"); /* a Monday */
    assert_true(answer.guessed && answer.open);
    answer = ask("Mo-Fr 10:00-12:00", "2027-03-01 11:00");
    assert_false(answer.guessed);
    answer = ask("PH 22:00-06:00", "2026-01-01 01:00"); /* leans on the last night of 2025 */
    assert_true(answer.guessed && answer.reask_ms <= at("2026-01-02 00:00"));
    answer = ask("PH 08:00-10:00", "2026-01-01 01:00");
    assert_false(answer.guessed);
}

static void dates(void **state)
{
    expect("Feb 29 10:00-11:00", "2026-03-01 00:00", false, "2028-02-29 10:00");
    expect("Feb 29 Mo 10:00-11:00", "2026-03-01 00:00", false, "2044-02-29 10:00");
    expect("Feb 29 Mo 10:00-11:00", "2072-03-01 00:00", false, "2112-02-29 10:00"); /* 2100 has none */
    expect("Feb 29-Mar 01 10:00-11:00", "2026-02-28 12:00", false, "2026-03-01 10:00");
    expect("Feb 20-29", "2026-02-28 12:00", true, "2026-03-01 00:00");
    expect("Feb", "2028-02-28 12:00", true, "2028-03-01 00:00");
    expect("2027 Feb", "2027-02-28 12:00", true, "2027-03-01 00:00");
    expect("Dec 30-Jan 02", "2026-12-31 12:00", true, "2027-01-03 00:00");
    expect("2026 Dec 30-2027 Jan 02", "2027-01-03 00:00", false, NULL);
    expect("2026 Jun 12-Jul 02", "2026-06-11 12:00", false, "2026-06-12 00:00");
    expect("Jun-May", "2026-12-31 12:00", true, NULL);
    expect("Nov-Feb Sa 10:00-12:00", "2026-03-01 00:00", false, "2026-11-07 10:00");
    expect("Jun 07,09-10 10:00-12:00", "2026-06-07 12:00", false, "2026-06-09 10:00");
    expect("2026 Jun 07,09 10:00-12:00", "2026-06-09 12:00", false, NULL);
    /* A year holds until another is named. */
    expect("2026 Jun 07,Jun 09 10:00-12:00", "2026-06-07 12:00", false, "2026-06-09 10:00");
    expect("2026 Jun 07,Jun 09 10:00-12:00", "2026-06-09 12:00", false, NULL);
    expect("2026 Jun 07,Jul 01-03,05,2027 Jun,Aug 10:00-12:00", "2026-07-05 12:00", false,
           "2027-06-01 10:00");
    expect("2026 Jun 07,Jul 01-03,05,2027 Jun,Aug 10:00-12:00", "2027-06-30 12:00", false,
           "2027-08-01 10:00");
    expect("2026 Jun 07,Jul 01-03,05,2027 Jun,Aug 10:00-12:00", "2027-08-31 12:00", false, NULL);
    expect("2026 Dec 30-2027 Jan 02,Jan 05 10:00-12:00", "2027-01-02 12:00", false, "2027-01-05 10:00");
    expect("Jun 07,2026 Jun 09 10:00-12:00", "2026-06-09 12:00", false, "2027-06-07 10:00");
    expect("Fr-Mo 10:00-12:00", "2026-06-01 12:00", false, "2026-06-05 10:00");
    expect("2900 Jun 07 10:00-12:00", "2026-06-01 12:00", false, NULL); /* beyond the horizon */
}

static void weekdays_of_a_month(void **state)
{
    expect("Mo[1] 10:00-12:00", "2026-06-01 12:00", false, "2026-07-06 10:00");
    expect("Sa[1,3] 10:00-12:00", "2026-06-06 12:00", false, "2026-06-20 10:00");
    expect("Sa[1,3] 10:00-12:00", "2026-06-20 12:00", false, "2026-07-04 10:00");
    expect("Mo[1-2] 10:00-12:00", "2026-06-01 12:00", false, "2026-06-08 10:00");
    expect("Mo[1-2] 10:00-12:00", "2026-06-08 12:00", false, "2026-07-06 10:00");
    expect("Mo[-1] 10:00-12:00", "2026-06-01 00:00", false, "2026-06-29 10:00");
    expect("Mo[ 1 , -1 ],We 10:00-12:00", "2026-06-24 12:00", false, "2026-06-29 10:00");
    expect("Mo[5] 10:00-12:00", "2026-03-30 12:00", false, "2026-06-29 10:00");
    expect("Mo[-5] 10:00-12:00", "2026-03-02 12:00", false, "2026-06-01 10:00");
    expect("Th[1] 22:00-06:00", "2026-12-31 00:00", false, "2027-01-07 22:00");
    expect("Fr[-1] 22:00-06:00", "2026-12-26 00:00", true, "2026-12-26 06:00");
    expect("Fr[-1] 22:00-06:00", "2026-12-26 06:00", false, "2027-01-29 22:00");
    /* Shifted: the day itself decides about dates, and a shift may leave the month. */
    expect("Mo[1] +1 day 10:00-12:00", "2026-06-01 00:00", false, "2026-06-02 10:00");
    expect("Mo[1] -2 days 10:00-12:00", "2026-06-01 00:00", false, "2026-07-04 10:00");
    expect("Jan Mo[1] -3 days 10:00-12:00", "2026-01-01 00:00", false, "2026-01-02 10:00");
    expect("Jan Mo[1] -3 days 10:00-12:00", "2026-01-02 12:00", false, "2026-01-30 10:00");
    expect("Feb Mo[5] 10:00-11:00", "2026-03-01 00:00", false, "2044-02-29 10:00");
    expect("Feb Mo[5] 10:00-11:00", "2072-03-01 00:00", false, "2112-02-29 10:00");
    expect("Mo[1],Mo-Su", "2026-06-01 00:00", true, NULL);
    expect("22:00-06:00; Sa[-1] off", "2026-06-27 05:00", true, "2026-06-27 06:00");
    expect("22:00-06:00; Sa[-1] off", "2026-06-27 06:00", false, "2026-06-28 22:00");
}

static void weeks_of_a_year(void **state)
{
    expect("week 10", "2026-01-01 00:00", false, "2026-03-02 00:00");
    expect("week 10", "2026-03-02 00:00", true, "2026-03-09 00:00");
    expect("week 1 Mo 10:00-12:00", "2026-01-01 00:00", false, "2027-01-04 10:00");
    expect("week 01", "2025-12-29 00:00", true, "2026-01-05 00:00"); /* begins in the year before */
    expect("week 53", "2021-01-04 00:00", false, "2026-12-28 00:00");
    expect("week 53", "2027-01-03 23:59", true, "2027-01-04 00:00");
    expect("week 53", "2027-01-04 00:00", false, "2032-12-27 00:00");
    expect("week 1-53/2 Mo 10:00-12:00", "2026-01-01 00:00", false, "2026-01-12 10:00");
    expect("week 1-53/2 Mo 10:00-12:00", "2026-12-28 10:00", true, "2026-12-28 12:00");
    expect("week 1-53/2 Mo 10:00-12:00", "2026-12-28 12:00", false, "2027-01-04 10:00"); /* 53, then 1 */
    expect("week 2-53/2 Mo 10:00-12:00", "2026-12-21 12:00", false, "2027-01-11 10:00");
    expect("week 1,3-5,week 8 Mo 10:00-12:00", "2026-01-26 12:00", false, "2026-02-16 10:00");
    expect("week 52-53,1 Su 22:00-06:00", "2027-01-04 05:00", true, "2027-01-04 06:00");
    expect("week 1-53", "2026-01-01 00:00", true, NULL);
    expect("Jan week 53", "2026-01-01 00:00", false, "2027-01-01 00:00");
    expect("week 53 Jan 02-03", "2027-01-01 12:00", false, "2027-01-02 00:00");
    expect("2026 Jan-Dec week 1", "2026-01-05 00:00", false, NULL); /* the dates are the calendar's */
    expect("week 53 Jan 01 Sa", "2089-01-02 00:00", false, "2129-01-01 00:00");
    expect("week 10 off; Mo 10:00-12:00", "2026-02-23 12:00", false, "2026-03-02 10:00");
    expect("Mo 10:00-12:00; week 10 off", "2026-02-23 12:00", false, "2026-03-09 10:00");
}

static void school_holidays(void **state)
{
    expect("SH", "2026-07-01 00:00", false, "2026-07-04 00:00");
    expect("SH", "2026-07-04 00:00", true, "2026-09-01 00:00");
    expect("Mo-Fr 07:00-08:30; SH off", "2026-07-02 12:00", false, "2026-07-03 07:00");
    expect("Mo-Fr 07:00-08:30; SH off", "2026-07-03 12:00", false, "2026-09-01 07:00");
    expect("SH Mo-Fr 10:00-12:00", "2026-07-01 00:00", false, "2026-07-06 10:00");
    expect("SH Mo[1] 10:00-12:00", "2026-07-06 12:00", false, "2026-08-03 10:00");
    expect("PH,SH 10:00-12:00", "2026-06-21 12:00", false, "2026-07-04 10:00");
    expect("PH Mo-Fr 10:00-12:00", "2026-10-02 12:00", false, "2026-10-05 10:00");
    expect("PH -1 day,SH We 10:00-12:00", "2026-08-26 12:00", false, "2026-09-30 10:00");
    expect("SH WD 10:00-12:00", "2026-07-31 12:00", false, "2026-08-03 10:00");
    expect("22:00-06:00; SH off", "2026-07-04 05:59", true, "2026-07-04 06:00");
    struct mw_hours_answer answer = ask("SH 22:00-06:00", "2027-01-01 01:00");
    assert_true(answer.guessed && !answer.open);
    answer = ask("SH 10:00-12:00", "2026-12-31 01:00"); /* SH has no eve */
    assert_true(!answer.guessed && answer.reask_ms == at("2027-01-01 00:00"));
    answer = ask("PH 10:00-12:00", "2026-12-30 01:00");
    assert_false(answer.guessed);
    struct mw_hours *school = parse("SH Mo"), *holidays = parse("WD");
    assert_true(mw_hours_uses_school_holidays(school) && !mw_hours_uses_holidays(school));
    assert_true(mw_hours_uses_holidays(holidays) && !mw_hours_uses_school_holidays(holidays));
    mw_hours_free(school);
    mw_hours_free(holidays);
}

static void states_and_colons(void **state)
{
    expect("open", "2026-06-01 00:00", true, NULL);
    expect("closed", "2026-06-01 00:00", false, NULL);
    expect("24/7 open", "2026-06-01 00:00", true, NULL);
    expect("24/7 closed", "2026-06-01 00:00", false, NULL);
    expect("open; Mo closed", "2026-06-01 00:00", false, "2026-06-02 00:00");
    expect("10:00-12:00 open; Mo 10:00-11:00 closed", "2026-06-01 00:00", false, "2026-06-01 11:00");
    expect("off, Mo open", "2026-06-01 00:00", true, "2026-06-02 00:00");
    expect("Jun-Aug: 06:00-20:00", "2026-06-01 00:00", false, "2026-06-01 06:00");
    expect("Jun-Aug:06:00-20:00", "2026-06-01 06:00", true, "2026-06-01 20:00");
    expect("Jun-Aug : Mo-Fr: 06:00-20:00", "2026-06-05 20:00", false, "2026-06-08 06:00");
    expect("Jun 07: 06:00-20:00", "2026-06-05 20:00", false, "2026-06-07 06:00");
    expect("Jun 07:06:00-20:00", "2026-06-05 20:00", false, "2026-06-07 06:00");
    expect("Jun 07:06-20:00", "2026-06-05 20:00", false, "2026-06-06 07:06"); /* in June, from 07:06 */
    expect("Jun 07-09: 06:00-20:00", "2026-06-07 20:00", false, "2026-06-08 06:00");
    expect("Jun 07,09:06:00-20:00", "2026-06-07 20:00", false, "2026-06-09 06:00");
    expect("week 24: Mo 06:00-20:00", "2026-06-05 20:00", false, "2026-06-08 06:00");
    expect("week 24:06:00-20:00", "2026-06-05 20:00", false, "2026-06-08 06:00");
    expect("22:00-06:00; PH: off", "2026-09-30 22:00", true, "2026-10-01 06:00");
    expect("Jun-Aug: closed", "2026-06-05 20:00", false, NULL);
}

/* What input methods and office programs make of ':' ',' ';' '-', digits and blanks. */
static void full_width_forms(void **state)
{
    expect("22：00-06：00；2026 Jun 07，Jun 09：off", "2026-06-07 06:00", false, "2026-06-08 22:00");
    expect("Mo，We、Fr　１０：００－１２：００", "2026-06-01 12:00", false, "2026-06-03 10:00");
    expect("Ｓａ［１，３］ 10:00～12:00", "2026-06-06 12:00", false, "2026-06-20 10:00");
    expect("Mo–Fr 10:00—12:00", "2026-06-05 12:00", false, "2026-06-08 10:00");
    expect("10:00——12:00", "2026-06-05 12:00", false, "2026-06-06 10:00"); /* a Chinese dash */
    expect("10:00~12:00", "2026-06-05 12:00", false, "2026-06-06 10:00");
    expect("Mo\xc2\xa0"
           "10:00〜12:00",
           "2026-06-05 12:00", false, "2026-06-08 10:00"); /* a blank that does not break */
    expect("week 1－53／2 Mo 10∶00−12∶00", "2026-01-12 12:00", false, "2026-01-26 10:00");
}

/* Only what is left over on a Monday morning opens, and the one Sunday before it is off: a week must be
 * looked at whole. */
static void left_over_only(void **state)
{
    const char *text = "Su 22:00-26:00; Su 22:00-24:00 off; 2026 Jun 07 off";
    expect(text, "2026-06-06 12:00", false, "2026-06-15 00:00");
    expect(text, "2026-06-15 01:59", true, "2026-06-15 02:00");
}

static void rules_combine(void **state)
{
    expect("08:00-18:00; We 10:00-12:00", "2026-06-03 09:00", false, "2026-06-03 10:00");
    expect("08:00-18:00, We 06:00-07:00", "2026-06-03 06:30", true, "2026-06-03 07:00");
    expect("08:00-18:00; 12:00-13:00 off", "2026-06-03 12:30", false, "2026-06-03 13:00");
    expect("08:00-10:00; 12:00-13:00", "2026-06-03 08:30", false, "2026-06-03 12:00");
    /* As in the reference implementation: a rule for all days adds to one for certain days right before it.
     */
    expect("We 08:00-10:00; 12:00-13:00", "2026-06-03 08:30", true, "2026-06-03 10:00");
    expect("We off; 12:00-13:00", "2026-06-03 12:30", true, "2026-06-03 13:00");
    expect("Mo off, Mo 10:00-12:00", "2026-06-01 00:00", false, "2026-06-01 10:00");
    expect("  Mo - Fr  08:00 - 12:00 , 14:00-18:00 ;\tSa   off ", "2026-06-01 12:00", false,
           "2026-06-01 14:00");
    expect("Mo08:00-12:00", "2026-06-01 08:00", true, "2026-06-01 12:00");
}

struct bad {
    const char *text;
    size_t at, length;
    const char *words; /* part of the message */
};

static void errors_point_at_the_place(void **state)
{
    static const struct bad cases[] = {
        {"", 0, 0, "expected a rule"},
        {"22:00-", 6, 0, "the expression ends"},
        {"22:00", 5, 0, "'-'"},
        {"22:00-6:00", 6, 1, "a time such as 08:00"},
        {"22:60-06:00", 3, 2, "minutes"},
        {"24:00-26:00", 0, 5, "23:59"},
        {"22:00-48:01", 6, 5, "48:00"},
        {"22:00-06:000", 6, 6, "two digits"},
        {"22:00-06:00;", 12, 0, "expected a rule"},
        {"22:00-06:00,", 12, 0, "expected a rule"},
        {"22:00-06:00 Mo", 12, 2, "';' or ','"},
        {"22:00-06:00 close", 12, 5, "'open', 'off', ';' or ',', found 'close'"},
        {"Mo off open", 7, 4, "';' or ',', found"},
        {"10:00+", 5, 1, "'+'"},
        {"sunrise-sunset", 0, 7, "sunrise"},
        {"mo 10:00-12:00", 0, 2, "found 'mo': write 'Mo'"},
        {"Week 10", 0, 4, "found 'Week': write 'week'"},
        {"Mo OFF", 3, 3, "found 'OFF': write 'off'"},
        {"JUN 07", 0, 3, "found 'JUN': write 'Jun'"},
        {"Mo-10:00", 3, 2, "weekday"},
        {"Mo,", 3, 0, "weekday"},
        {"Mo[0] 10:00-12:00", 3, 1, "1 to 5"},
        {"Mo[6]", 3, 1, "1 to 5"},
        {"Mo[-6]", 4, 1, "1 to 5"},
        {"Mo[01]", 3, 2, "1 to 5"},
        {"Mo[]", 3, 1, "a number from 1 to 5"},
        {"Mo[1", 4, 0, "',' or ']'"},
        {"Mo[1,]", 5, 1, "a number from 1 to 5"},
        {"Mo[3-1]", 5, 1, "before it begins"},
        {"Mo[-2--1]", 5, 1, "',' or ']'"},
        {"Mo-Fr[1]", 5, 1, "not to a range"},
        {"Mo[1]-Fr", 6, 2, "a shift, as in Mo[1] +1 day"},
        {"Mo[1] +7 days", 7, 1, "1 to 6 days"},
        {"Mo[1] +1", 8, 0, "'day'"},
        {"Mo +1 day", 3, 1, "'+'"},
        {"PH[1]", 2, 1, "'['"},
        {"Mo 24/7", 3, 2, "24"},
        {"PH +1 day off", 3, 1, "'+'"},
        {"PH -2 days off", 4, 1, "PH -1 day"},
        {"PH -1 days off", 6, 4, "day"},
        {"SH -1 day off", 3, 1, "'-'"},
        {"Mo SH 10:00-12:00", 3, 2, "SH"},
        {"SH PH 10:00-12:00", 3, 2, "narrow"},
        {"PH Mo,SH", 6, 2, "narrow"},
        {"PH,Mo Tu", 6, 2, "Tu"},
        {"week", 4, 0, "the number of a week"},
        {"week Mo", 5, 2, "the number of a week"},
        {"week 0", 5, 1, "1 to 53"},
        {"week 54", 5, 2, "1 to 53"},
        {"week 010", 5, 3, "1 to 53"},
        {"week 50-3", 8, 1, "week 50-53,1-3"},
        {"week 1/2", 6, 1, "belongs to a range"},
        {"week 1-53/1", 10, 1, "2 to 26"},
        {"week 1-24/7 24/7", 12, 2, "found '24'"},
        {"week 1-53/27", 10, 2, "2 to 26"},
        {"week 1-53/", 10, 0, "a step"},
        {"week 10, Mo off", 9, 2, "another week"},
        {"week 10 week 12", 8, 4, "week"},
        {"weeks 10", 0, 5, "weeks"},
        {"Jun-Aug:", 8, 0, "after ':'"},
        {"Mo:; Tu 10:00-12:00", 3, 1, "after ':'"},
        {":10:00-12:00", 0, 1, "':'"},
        {"24/7: off", 4, 1, "':'"},
        {"2026 10:00-12:00", 5, 2, "month"},
        {"2026-2027 Jun", 4, 1, "month"},
        {"1899 Jun", 0, 4, "1900"},
        {"Feb 30 off", 4, 2, "no such day"},
        {"2026 Feb 29 off", 9, 2, "no such day"},
        {"Jun 00", 4, 2, "no such day"},
        {"Jun 09-07", 7, 2, "before it begins"},
        {"2026 Jun 09-May 07", 12, 6, "before it begins"},
        {"Jun 09-2026 Jul 07", 7, 4, "year"},
        {"Jun-Jul 05", 4, 6, "month to month"},
        {"Jun 07, Mo 10:00-12:00", 8, 2, "another date"},
        {"Jun 07,10:00-12:00", 7, 2, "another date"},
        {"22:00-06:00 || off", 12, 1, "'|'"},
        {"22:00-06:00 \"x\"", 12, 1, "'\"'"},
        /* Places and quotes are of what was written. */
        {"22：00－6：00", 10, 1, "found '6'"},
        {"Mo，Ｍｏｎ", 5, 9, "found 'Ｍｏｎ'"},
        {"２２：６０", 9, 6, "minutes"},
        {"22:00-06:00。", 11, 3, "found '。'"},
        {"22:00———06:00", 11, 3, "found '—'"},
        {"22:00——6:00", 11, 1, "found '6'"},
        {"周一", 0, 3, "found '周'"},
        {"22:00-06:00；", 14, 0, "the expression ends"},
        {"22:00\xe2\x80\x8b-06:00", 5, 3, "found U+200B, which cannot be seen"},
        {"\xef\xbb\xbf"
         "22:00-06:00",
         0, 3, "U+FEFF"},
        {"22:00\xa0", 5, 1, "0xa0"},
        {"22:00\xe0\x80\xac", 5, 3, "expected '-'"}, /* a comma in more bytes than it needs */
        {"22:00\xef\xbc", 5, 2, "expected '-'"},
        {"22:00\x80", 5, 1, "0x80"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct bad *c = &cases[i];
        struct mw_hours *hours = NULL;
        struct mw_hours_error error;
        assert_int_equal(mw_hours_parse(c->text, strlen(c->text), &hours, &error), MW_HOURS_SYNTAX);
        assert_null(hours);
        if (error.at != c->at || error.length != c->length || strstr(error.text, c->words) == NULL)
            fail_msg("'%s': at %zu, %zu bytes: %s", c->text, error.at, error.length, error.text);
        assert_int_equal(mw_hours_parse(c->text, strlen(c->text), &hours, NULL), MW_HOURS_SYNTAX);
    }
}

/* "off;off;...;off", `rules` of them, padded with blanks to `length`. */
static enum mw_hours_status parse_many(size_t rules, size_t length)
{
    char text[4096];
    struct mw_hours *hours = NULL;
    size_t used = 0;
    for (size_t i = 0; i < rules; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, i > 0 ? ";off" : "off");
    memset(text + used, ' ', sizeof text - used);
    enum mw_hours_status status = mw_hours_parse(text, length > used ? length : used, &hours, NULL);
    mw_hours_free(hours);
    return status;
}

static void limits(void **state)
{
    char text[MW_HOURS_MAX_LENGTH + 1];
    struct mw_hours *hours = NULL;
    assert_int_equal(parse_many(64, 0), MW_HOURS_OK);
    assert_int_equal(parse_many(65, 0), MW_HOURS_LIMIT);
    assert_int_equal(parse_many(1, 1024), MW_HOURS_OK);
    assert_int_equal(parse_many(1, 1025), MW_HOURS_LIMIT);
    /* The most spans and the most dates that 1 KiB can hold. */
    size_t used = 0;
    while (used + 12 <= MW_HOURS_MAX_LENGTH)
        used += (size_t)sprintf(text + used, used > 0 ? ",00:00-01:00" : "00:00-01:00");
    assert_int_equal(mw_hours_parse(text, used, &hours, NULL), MW_HOURS_OK);
    mw_hours_free(hours);
    for (used = 0; used + 4 <= MW_HOURS_MAX_LENGTH;)
        used += (size_t)sprintf(text + used, used > 0 ? ",Jan" : "Jan");
    assert_int_equal(mw_hours_parse(text, used, &hours, NULL), MW_HOURS_OK);
    mw_hours_free(hours);
    for (used = 0; used + 12 <= MW_HOURS_MAX_LENGTH;) { /* each of its own */
        static const char *const names[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
        size_t n = used / 12;
        used += (size_t)sprintf(text + used, "%s%s[1]%+dday", used > 0 ? "," : "", names[n % 7],
                                (int)(n / 7 % 13) - 6 != 0 ? (int)(n / 7 % 13) - 6 : 1);
    }
    assert_int_equal(mw_hours_parse(text, used, &hours, NULL), MW_HOURS_OK);
    mw_hours_free(hours);
    mw_hours_free(NULL);
}

/* Cuts that double the number of spans: the day's list stays within its bound. */
static void most_cuts(void **state)
{
    char text[MW_HOURS_MAX_LENGTH + 1];
    size_t used = (size_t)sprintf(text, "00:00-24:00; ");
    for (int i = 0; used + 20 <= MW_HOURS_MAX_LENGTH; i++)
        used += (size_t)sprintf(text + used, "%s%02d:%02d-%02d:%02d", i > 0 ? "," : "", i / 4, i % 4 * 15,
                                i / 4, i % 4 * 15 + 1);
    sprintf(text + used, " off");
    expect(text, "2026-06-01 00:00:59", false, "2026-06-01 00:01");
    expect(text, "2026-06-01 00:01", true, "2026-06-01 00:15");
    expect(text, "2026-06-01 20:31", true, "2026-06-02 00:00");
}

static void the_cache_is_kept(void **state)
{
    struct mw_hours *hours = parse("22:00-06:00; PH off");
    struct mw_hours_answer cache = {0}, fresh;
    for (int64_t t_ms = at("2026-09-20 00:00"); t_ms < at("2026-10-12 00:00"); t_ms += 7 * 60000) {
        const struct mw_hours_answer *answer = mw_hours_at_cached(&cache, hours, calendar_2026, china, t_ms);
        mw_hours_at(hours, calendar_2026, china, t_ms, &fresh);
        assert_int_equal(answer->open, fresh.open);
        assert_int_equal(answer->until_ms, fresh.until_ms);
    }
    mw_hours_at_cached(&cache, hours, calendar_2026, china, at("2026-09-20 00:00")); /* back in time */
    assert_int_equal(cache.until_ms, at("2026-09-20 06:00"));
    mw_hours_free(hours);
}

/* Whoever asks of an earlier time than the last one is answered from the cache, back to `since`. */
static void the_answer_holds_since(void **state)
{
    assert_int_equal(ask("08:00-10:00", "2026-06-01 10:00").since_ms, at("2026-06-01 10:00"));
    assert_int_equal(ask("08:00-10:00", "2026-06-01 12:00").since_ms, at("2026-06-01 10:00"));
    assert_int_equal(ask("08:00-10:00", "2026-06-01 09:59:59").since_ms, at("2026-06-01 08:00"));
    /* Spans that touch are one. */
    assert_int_equal(ask("08:00-10:00,10:00-12:00", "2026-06-01 11:00").since_ms, at("2026-06-01 08:00"));
}

/* Days that are all alike are passed over up to the day before the next that is not: the list of that day matters. */
static void what_precedes_a_change_is_seen(void **state)
{
    /* New Year's Day of 2029 is a Monday. */
    expect("Mo-Sa 00:00-24:00; Su 00:00-26:00; 2029 Jan 01 off", "2028-12-01 12:00", true,
           "2029-01-01 02:00");
    expect("PH -1 day 16:00-21:00", "2026-07-01 12:00", false, "2026-09-24 16:00");
    /* Open without a break into the morning after the first Monday; the next day begins closed. */
    expect("06:00-24:00; Mo[1] 00:00-30:00", "2026-05-31 07:00", true, "2026-06-03 00:00");
}

static void times_beyond_all_years(void **state)
{
    static const char *const texts[] = {"22:00-06:00", "24/7", "PH off, Mo 10:00-12:00",
                                        "Feb 29",      "WD",   "off"};
    static const int64_t instants_ms[] = {INT64_MIN, INT64_MIN + 1, 0, INT64_C(253402300799999),
                                          INT64_MAX - 1};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct mw_hours *hours = parse(texts[i]);
        for (size_t k = 0; k < sizeof instants_ms / sizeof instants_ms[0]; k++) {
            struct mw_hours_answer answer;
            mw_hours_at(hours, NULL, NULL, instants_ms[k], &answer);
            assert_true(answer.since_ms <= instants_ms[k] && answer.until_ms > instants_ms[k]);
        }
        mw_hours_free(hours);
    }
}

static void calendar_refuses(void **state)
{
    struct mw_calendar *calendar = mw_calendar_new();
    assert_int_equal(mw_calendar_add_day(calendar, 2026, 2, 29, true), MW_CALENDAR_BAD_DATE);
    assert_int_equal(mw_calendar_add_day(calendar, 1969, 12, 31, true), MW_CALENDAR_BAD_DATE);
    assert_int_equal(mw_calendar_add_day(calendar, 2226, 1, 1, true), MW_CALENDAR_BAD_DATE);
    assert_int_equal(mw_calendar_add_year(calendar, 2226), MW_CALENDAR_BAD_DATE);
    assert_int_equal(mw_calendar_add_day(calendar, 2024, 12, 31, true), MW_CALENDAR_OK);
    assert_int_equal(mw_calendar_add_day(calendar, 2024, 12, 31, true), MW_CALENDAR_OK);
    assert_int_equal(mw_calendar_add_day(calendar, 2024, 12, 31, false), MW_CALENDAR_CONFLICT);
    assert_false(mw_calendar_has_year(calendar, 2024)); /* single days do not make a year known */
    assert_int_equal(mw_calendar_add_year(calendar, 2024), MW_CALENDAR_OK);
    assert_true(mw_calendar_has_year(calendar, 2024));
    assert_false(mw_calendar_has_year(calendar, 5000) || mw_calendar_has_year(NULL, 2024));
    mw_calendar_free(calendar);
    mw_calendar_free(NULL);
}

static void school_calendar_is_another(void **state)
{
    struct mw_calendar *calendar = mw_calendar_new();
    assert_int_equal(mw_calendar_add_school_day(calendar, 2026, 2, 29, true), MW_CALENDAR_BAD_DATE);
    assert_int_equal(mw_calendar_add_school_year(calendar, 2226), MW_CALENDAR_BAD_DATE);
    assert_int_equal(mw_calendar_add_day(calendar, 2026, 7, 6, false), MW_CALENDAR_OK);
    assert_int_equal(mw_calendar_add_school_day(calendar, 2026, 7, 6, true), MW_CALENDAR_OK);
    assert_int_equal(mw_calendar_add_school_day(calendar, 2026, 7, 6, false), MW_CALENDAR_CONFLICT);
    assert_int_equal(mw_calendar_add_school_year(calendar, 2026), MW_CALENDAR_OK);
    assert_true(mw_calendar_has_school_year(calendar, 2026) && !mw_calendar_has_year(calendar, 2026));
    assert_false(mw_calendar_has_school_year(calendar, 2025) || mw_calendar_has_school_year(NULL, 2026));
    mw_calendar_free(calendar);
}

static void add_days(int month, int from, int to, bool is_off)
{
    for (int day = from; day <= to; day++)
        assert_int_equal(mw_calendar_add_day(calendar_2026, 2026, month, day, is_off), MW_CALENDAR_OK);
}

static int set_up(void **state)
{
    static const int off[][3] = {{1, 1, 3},   {2, 15, 23}, {4, 4, 6}, {5, 1, 5},
                                 {6, 19, 21}, {9, 25, 27}, {10, 1, 7}};
    static const int worked[][2] = {{1, 4}, {2, 14}, {2, 28}, {5, 9}, {9, 20}, {10, 10}};
    china = mw_zone_fixed(8 * 3600);
    calendar_2026 = mw_calendar_new();
    if (china == NULL || calendar_2026 == NULL || mw_calendar_add_year(calendar_2026, 2026) != MW_CALENDAR_OK)
        return -1;
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        add_days(off[i][0], off[i][1], off[i][2], true);
    for (size_t i = 0; i < sizeof worked / sizeof worked[0]; i++)
        add_days(worked[i][0], worked[i][1], worked[i][1], false);
    mw_calendar_add_school_year(calendar_2026, 2026);
    for (int32_t day = mw_civil_to_days(2026, 7, 4); day <= mw_civil_to_days(2026, 8, 31); day++) {
        int year, month, month_day;
        mw_civil_from_days(day, &year, &month, &month_day);
        mw_calendar_add_school_day(calendar_2026, year, month, month_day, true);
    }
    return 0;
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
        cmocka_unit_test(a_span_belongs_to_the_day_it_starts_on),
        cmocka_unit_test(equal_ends),
        cmocka_unit_test(holidays_of_2026),
        cmocka_unit_test(an_unknown_year_is_said),
        cmocka_unit_test(dates),
        cmocka_unit_test(weekdays_of_a_month),
        cmocka_unit_test(weeks_of_a_year),
        cmocka_unit_test(school_holidays),
        cmocka_unit_test(states_and_colons),
        cmocka_unit_test(full_width_forms),
        cmocka_unit_test(left_over_only),
        cmocka_unit_test(rules_combine),
        cmocka_unit_test(errors_point_at_the_place),
        cmocka_unit_test(limits),
        cmocka_unit_test(most_cuts),
        cmocka_unit_test(the_cache_is_kept),
        cmocka_unit_test(the_answer_holds_since),
        cmocka_unit_test(what_precedes_a_change_is_seen),
        cmocka_unit_test(times_beyond_all_years),
        cmocka_unit_test(calendar_refuses),
        cmocka_unit_test(school_calendar_is_another),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
