/*
 * hours_days: the properties of a day that rules test, and whether a rule applies to a day.
 *
 * Every evaluation looks at a day or two, so these functions are inline, and a property that no rule of the
 * expression tests is not computed.
 */
#ifndef MW_HOURS_DAYS_H
#define MW_HOURS_DAYS_H

#include "calendar_internal.h"
#include "hours_internal.h"

struct day_facts {
    int32_t day;
    int32_t month_day; /* month * 32 + day, as in struct hours_dates */
    uint16_t kinds;    /* the bit of its weekday, and the bits that the calendar gives it */
    uint16_t nth;      /* which weekday of its month it is, as in struct hours_nth */
    uint8_t weekday;
    uint8_t week; /* of ISO 8601 */
};

/* The week of ISO 8601: it begins on a Monday and belongs to the year of its Thursday. */
static inline int iso_week(int32_t day)
{
    int year, month, month_day;
    int32_t thursday = day - mw_civil_weekday(day) + 3;
    mw_civil_from_days(thursday, &year, &month, &month_day);
    return (thursday - mw_civil_to_days(year, 1, 1)) / 7 + 1;
}

static inline uint16_t nth_of(int year, int month, int month_day)
{
    int from_end = mw_civil_month_days(year, month) - month_day;
    return (uint16_t)(1u << (month_day - 1) / 7 | 32u << from_end / 7);
}

static inline uint16_t calendar_kinds(const struct mw_hours *hours, const struct mw_calendar *calendar,
                                      int32_t day, int weekday)
{
    uint16_t kinds = 0;
    if (hours->uses_holidays) {
        enum calendar_day today = calendar_look(calendar, day);
        if (today == CALENDAR_OFF)
            kinds |= DAYS_HOLIDAY;
        if (today == CALENDAR_WORKED || (today == CALENDAR_PLAIN && weekday < 5))
            kinds |= DAYS_WORKING;
        if (calendar_look(calendar, day + 1) == CALENDAR_OFF)
            kinds |= DAYS_EVE;
    }
    if (hours->uses_school && calendar_is_school_holiday(calendar, day))
        kinds |= DAYS_SCHOOL;
    return kinds;
}

static inline struct day_facts look_at_day(const struct mw_hours *hours, const struct mw_calendar *calendar,
                                           int32_t day)
{
    int weekday = mw_civil_weekday(day);
    struct day_facts facts = {.day = day, .kinds = (uint16_t)(1u << weekday), .weekday = (uint8_t)weekday};
    if (hours->uses_holidays || hours->uses_school)
        facts.kinds |= calendar_kinds(hours, calendar, day, weekday);
    if (hours->uses_dates || hours->uses_nths) {
        int year, month, month_day;
        mw_civil_from_days(day, &year, &month, &month_day);
        facts.month_day = month * 32 + month_day;
        if (hours->uses_nths)
            facts.nth = nth_of(year, month, month_day);
    }
    if (hours->uses_weeks)
        facts.week = (uint8_t)iso_week(day);
    return facts;
}

/* Whether the day is one of these weekdays of its month; the shift is left aside. */
static inline bool is_nth(const struct hours_nth *nth, int32_t day)
{
    int year, month, month_day;
    mw_civil_from_days(day, &year, &month, &month_day);
    return mw_civil_weekday(day) == nth->weekday && (nth->which & nth_of(year, month, month_day)) != 0;
}

static inline bool in_nths(const struct mw_hours *hours, const struct hours_rule *rule,
                           const struct day_facts *facts)
{
    for (unsigned i = 0; i < rule->nth_count; i++) {
        const struct hours_nth *nth = &hours->nths[rule->first_nth + i];
        if (nth->shift == 0 ? facts->weekday == nth->weekday && (facts->nth & nth->which) != 0
                            : is_nth(nth, facts->day - nth->shift))
            return true;
    }
    return false;
}

static inline bool in_dates(const struct hours_dates *dates, const struct day_facts *facts)
{
    if (!dates->yearly)
        return facts->day >= dates->from && facts->day <= dates->to;
    if (dates->from <= dates->to)
        return facts->month_day >= dates->from && facts->month_day <= dates->to;
    return facts->month_day >= dates->from || facts->month_day <= dates->to;
}

static inline bool rule_applies(const struct mw_hours *hours, const struct hours_rule *rule,
                                const struct day_facts *facts)
{
    if ((rule->days | rule->nth_count) != 0 && (rule->days & facts->kinds) == 0 &&
        !in_nths(hours, rule, facts))
        return false;
    if (rule->holidays != 0 && (rule->holidays & facts->kinds) == 0)
        return false;
    if (rule->weeks != 0 && (rule->weeks >> facts->week & 1) == 0)
        return false;
    if (rule->dates_count == 0)
        return true;
    for (unsigned i = 0; i < rule->dates_count; i++)
        if (in_dates(&hours->dates[rule->first_dates + i], facts))
            return true;
    return false;
}

#endif
