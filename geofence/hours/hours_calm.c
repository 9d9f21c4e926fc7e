/*
 * hours_calm: from a day on, how long the same rules apply if weekdays are left aside.
 *
 * The search for the next change (hours.c) uses this to leave out days. Other rules can begin to apply only
 * on certain days: the first day of a range of dates and the day after its last; a Monday that begins another
 * week; a weekday of a month, as "the first Monday", and the day after it; a holiday, its eve and the day
 * after it. If a day is named that changes nothing, this only costs time. If a day were missed, an answer
 * would be wrong.
 */
#include "hours_days.h"

static int32_t sooner(int32_t best, int32_t day, int32_t after)
{
    return day > after && day < best ? day : best;
}

static int32_t yearly_turn(const struct hours_dates *dates, int32_t day, int year)
{
    int32_t best = INT32_MAX;
    for (int y = year; y <= year + 1; y++) {
        best = sooner(best, mw_civil_to_days(y, dates->from / 32, dates->from % 32), day);
        int last = mw_civil_month_days(y, dates->to / 32);
        int to = dates->to % 32 < last ? dates->to % 32 : last;
        best = sooner(best, mw_civil_to_days(y, dates->to / 32, to) + 1, day);
    }
    return best;
}

static int32_t dates_turn(const struct mw_hours *hours, const struct hours_rule *rule, int32_t day, int year)
{
    int32_t best = INT32_MAX;
    for (unsigned i = 0; i < rule->dates_count; i++) {
        const struct hours_dates *dates = &hours->dates[rule->first_dates + i];
        if (dates->yearly) {
            best = sooner(best, yearly_turn(dates, day, year), day);
        } else {
            best = sooner(best, dates->from, day);
            best = sooner(best, dates->to + 1, day);
        }
    }
    return best;
}

/* The next day that is such a weekday of a month, or the day after one. */
static int32_t nth_turn(const struct hours_nth *nth, int32_t day)
{
    enum { MAX_WEEKS = 20 }; /* at most fourteen weeks pass until a month has five of a weekday */
    int32_t base = day - nth->shift;
    if (is_nth(nth, base))
        return day + 1;
    int ahead = (nth->weekday - mw_civil_weekday(base) + 7) % 7;
    int32_t next = base + (ahead == 0 ? 7 : ahead);
    for (int i = 0; i < MAX_WEEKS && !is_nth(nth, next); i++)
        next += 7;
    return next + nth->shift;
}

static int32_t nths_turn(const struct mw_hours *hours, const struct hours_rule *rule, int32_t day)
{
    int32_t best = INT32_MAX;
    for (unsigned i = 0; i < rule->nth_count && best > day + 1; i++)
        best = sooner(best, nth_turn(&hours->nths[rule->first_nth + i], day), day);
    return best;
}

/* The next Monday that begins a week for which other rules may apply, or an ISO year. */
static int32_t week_turn(const struct mw_hours *hours, int32_t day)
{
    int week = iso_week(day), next = 54;
    int32_t monday = day - mw_civil_weekday(day);
    uint64_t later = hours->week_turns >> (week + 1);
    if (later != 0)
        next = week + 1 + __builtin_ctzll(later);
    int32_t week_53 = monday + 7 * (53 - week);
    if (next >= 53 && iso_week(week_53) == 1) /* the year has 52 weeks */
        return week_53;
    return monday + 7 * (next - week);
}

static int32_t calendar_turn(const struct mw_hours *hours, const struct mw_calendar *calendar, int32_t day)
{
    int32_t best = INT32_MAX;
    if (hours->uses_school)
        best = calendar_next_school_turn(calendar, day);
    if (!hours->uses_holidays)
        return best;
    int32_t marked = calendar_next_marked(calendar, day - 1);
    if (marked <= day + 1)
        return day + 1;
    return marked == INT32_MAX ? best : sooner(best, marked - 1, day); /* its eve */
}

int32_t hours_calm_end(const struct mw_hours *hours, const struct mw_calendar *calendar, int32_t day)
{
    int32_t best = calendar_turn(hours, calendar, day);
    if (hours->uses_weeks)
        best = sooner(best, week_turn(hours, day), day);
    if (!hours->uses_dates && !hours->uses_nths)
        return best;
    int year, month, month_day;
    mw_civil_from_days(day, &year, &month, &month_day);
    for (unsigned i = 0; i < hours->rule_count && best > day + 1; i++) {
        const struct hours_rule *rule = &hours->rules[i];
        best = sooner(best, dates_turn(hours, rule, day, year), day);
        best = sooner(best, nths_turn(hours, rule, day), day);
    }
    return best;
}
