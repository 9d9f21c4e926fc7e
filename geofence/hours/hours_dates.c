/*
 * hours_dates: the dates and weeks of a rule.
 *
 *   dates = date { "," date }
 *   date  = [ year ] month [ "-" [ year ] month ]
 *         | [ year ] month day [ "-" ( day | [ year ] month day ) ] { "," day [ "-" day ] }
 *   weeks = "week" week { "," [ "week" ] week }
 *   week  = number [ "-" number [ "/" number ] ]
 *
 * A year also counts for the dates that follow in the list, up to the next year: "2026 Jun 07,Jun 09" are two
 * days of 2026.
 */
#include "hours_parser.h"

struct date {
    int year, month, day; /* 0: not given */
    size_t at;            /* where it is written */
};

static bool check_date(struct hours_parser *p, const struct date *d, size_t day_at)
{
    if (d->year != 0 && (d->year < 1900 || d->year > 2999))
        return hours_fail(p, MW_HOURS_SYNTAX, d->at, 4, "years go from 1900 to 2999");
    if (d->day != 0 || day_at != 0) {
        int year = d->year != 0 ? d->year : 2000; /* any leap year: 29 February is a date without a year */
        if (!mw_civil_date_valid(year, d->month, d->day))
            return hours_fail(p, MW_HOURS_SYNTAX, day_at, hours_thing_length(p, day_at),
                              "the month has no such day");
    }
    return true;
}

/* Reads the day of a month if one follows. A number that is the hour of a time is not one. */
static bool parse_month_day(struct hours_parser *p, struct date *d)
{
    size_t at = p->at;
    if (hours_peek_number(p) != THING_NUMBER) {
        p->at = at;
        return check_date(p, d, 0);
    }
    at = p->at;
    d->day = hours_take_number(p);
    return check_date(p, d, at);
}

/* Reads a date. `year` is used if the date has no year of its own; 0 means every year. */
static bool parse_date(struct hours_parser *p, int year, struct date *out)
{
    enum hours_thing next = hours_peek(p);
    *out = (struct date){.year = year, .at = p->at};
    if (next == THING_YEAR) {
        out->year = hours_take_number(p);
        next = hours_peek(p);
    }
    if (next != THING_MONTH)
        return hours_fail_expected(p, "a month (Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)");
    out->month = hours_find_name(p, hours_month_names, HOURS_MONTHS) + 1;
    p->at += 3;
    return parse_month_day(p, out);
}

static bool add_dates(struct hours_parser *p, struct hours_rule *rule, const struct date *from,
                      const struct date *to)
{
    int to_day = to->day != 0 ? to->day : to->year != 0 ? mw_civil_month_days(to->year, to->month) : 31;
    int from_day = from->day != 0 ? from->day : 1;
    struct hours_dates dates = {.yearly = from->year == 0};
    if (dates.yearly) {
        dates.from = from->month * 32 + from_day;
        dates.to = to->month * 32 + to_day;
    } else {
        dates.from = mw_civil_to_days(from->year, from->month, from_day);
        dates.to = mw_civil_to_days(to->year, to->month, to_day);
        if (dates.to < dates.from)
            return hours_fail(p, MW_HOURS_SYNTAX, to->at, p->at - to->at,
                              "the range ends before it begins; into the next year it needs that year, too");
    }
    if (p->dates_count >= HOURS_MAX_DATES)
        return hours_fail(p, MW_HOURS_LIMIT, p->at, 0, "too many dates");
    p->dates[p->dates_count++] = dates;
    rule->dates_count++;
    return true;
}

/* Reads the end of a range, behind its '-'. */
static bool parse_range_end(struct hours_parser *p, const struct date *from, struct date *to)
{
    if (hours_peek_number(p) == THING_NUMBER && from->day != 0) {
        *to = *from;
        to->at = p->at;
        if (!parse_month_day(p, to))
            return false;
        if (to->day < from->day)
            return hours_fail(p, MW_HOURS_SYNTAX, to->at, p->at - to->at, "the range ends before it begins");
        return true;
    }
    if (!parse_date(p, from->year, to))
        return false;
    if ((to->day != 0) != (from->day != 0))
        return hours_fail(p, MW_HOURS_SYNTAX, to->at, p->at - to->at,
                          "a range goes from month to month or from day to day");
    if (to->year != 0 && from->year == 0)
        return hours_fail(p, MW_HOURS_SYNTAX, to->at, 4,
                          "a year at the end of a range needs one at its beginning");
    return true;
}

static bool parse_date_range(struct hours_parser *p, struct hours_rule *rule, struct date *from)
{
    struct date to = *from;
    if (hours_take_char(p, '-') && !parse_range_end(p, from, &to))
        return false;
    if (!add_dates(p, rule, from, &to))
        return false;
    *from = to;
    return true;
}

bool hours_parse_dates(struct hours_parser *p, struct hours_rule *rule)
{
    struct date date = {0};
    for (;;) {
        enum hours_thing next = hours_peek_number(p);
        if (next == THING_NUMBER && date.day != 0) { /* "Jun 07,09": the same month again */
            date.at = p->at;
            if (!parse_month_day(p, &date))
                return false;
        } else if (next != THING_MONTH && next != THING_YEAR) {
            return hours_fail_expected(p, "another date after ','; a further rule begins after ';'");
        } else if (!parse_date(p, date.year, &date)) {
            return false;
        }
        if (!parse_date_range(p, rule, &date))
            return false;
        if (!hours_take_char(p, ','))
            return true;
    }
}

/* ---- weeks ---- */

static bool take_week(struct hours_parser *p, int *out)
{
    hours_skip_blanks(p);
    size_t at = p->at, length = hours_thing_length(p, at);
    if (!hours_is_digit(hours_char(p, at)))
        return hours_fail_expected(p, "the number of a week, 1 to 53");
    *out = hours_take_number(p);
    if (length > 2 || *out < 1 || *out > 53)
        return hours_fail(p, MW_HOURS_SYNTAX, at, length, "weeks go from 1 to 53");
    return true;
}

/* Reads the step, behind the '/'. */
static bool take_step(struct hours_parser *p, int *out)
{
    hours_skip_blanks(p);
    size_t at = p->at, length = hours_thing_length(p, at);
    if (!hours_is_digit(hours_char(p, at)))
        return hours_fail_expected(p, "a step, as in week 1-53/2");
    *out = hours_take_number(p);
    if (length > 2 || *out < 2 || *out > 26)
        return hours_fail(p, MW_HOURS_SYNTAX, at, length, "a step goes from 2 to 26 weeks");
    return true;
}

static bool parse_week_range(struct hours_parser *p, struct hours_rule *rule)
{
    int from, to, step = 1;
    if (!take_week(p, &from))
        return false;
    to = from;
    if (hours_take_char(p, '-')) {
        hours_skip_blanks(p);
        size_t at = p->at;
        if (!take_week(p, &to))
            return false;
        if (to < from)
            return hours_fail(p, MW_HOURS_SYNTAX, at, p->at - at,
                              "the range ends before it begins; over New Year it is week 50-53,1-3");
        if (hours_take_char(p, '/') && !take_step(p, &step))
            return false;
    } else if (hours_char(p, p->at) == '/') {
        return hours_fail(p, MW_HOURS_SYNTAX, p->at, 1, "a step belongs to a range: week 1-53/2");
    }
    for (int week = from; week <= to; week += step)
        rule->weeks |= UINT64_C(1) << week;
    return true;
}

bool hours_parse_weeks(struct hours_parser *p, struct hours_rule *rule)
{
    hours_take_word(p, "week");
    for (;;) {
        if (!parse_week_range(p, rule))
            return false;
        if (!hours_take_char(p, ','))
            return true;
        hours_take_word(p, "week");
        if (hours_peek_number(p) != THING_NUMBER)
            return hours_fail_expected(p, "another week after ','; a further rule begins after ';'");
    }
}
