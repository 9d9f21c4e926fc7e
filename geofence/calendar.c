/*
 * calendar: holidays and make-up working days, as bits of a year.
 *
 * A fixed table of years costs 25 KB once a world, and every question is one look into it. Rejected: a sorted
 * list of days, which is smaller but turns each question into a search on the path of a fix.
 */
#include "calendar_internal.h"

#include <stdlib.h>

struct mw_calendar *mw_calendar_new(void)
{
    return calloc(1, sizeof(struct mw_calendar));
}

void mw_calendar_free(struct mw_calendar *calendar)
{
    free(calendar);
}

static bool year_in_table(int year)
{
    return year >= MW_CALENDAR_FIRST_YEAR && year <= MW_CALENDAR_LAST_YEAR;
}

enum mw_calendar_status mw_calendar_add_year(struct mw_calendar *calendar, int year)
{
    if (!year_in_table(year))
        return MW_CALENDAR_BAD_DATE;
    calendar->years[year - MW_CALENDAR_FIRST_YEAR].known = true;
    return MW_CALENDAR_OK;
}

enum mw_calendar_status mw_calendar_add_day(struct mw_calendar *calendar, int year, int month, int day,
                                            bool is_off)
{
    if (!year_in_table(year) || !mw_civil_date_valid(year, month, day))
        return MW_CALENDAR_BAD_DATE;
    int in_year = mw_civil_to_days(year, month, day) - mw_civil_to_days(year, 1, 1);
    struct calendar_year *y = &calendar->years[year - MW_CALENDAR_FIRST_YEAR];
    uint64_t bit = UINT64_C(1) << (in_year % 64);
    if (((is_off ? y->worked : y->off)[in_year / 64] & bit) != 0)
        return MW_CALENDAR_CONFLICT;
    (is_off ? y->off : y->worked)[in_year / 64] |= bit;
    return MW_CALENDAR_OK;
}

bool mw_calendar_has_year(const struct mw_calendar *calendar, int year)
{
    return calendar != NULL && year_in_table(year) && calendar->years[year - MW_CALENDAR_FIRST_YEAR].known;
}

enum calendar_day calendar_look(const struct mw_calendar *calendar, int32_t days)
{
    int year, month, day;
    if (calendar == NULL)
        return CALENDAR_PLAIN;
    mw_civil_from_days(days, &year, &month, &day);
    if (!year_in_table(year))
        return CALENDAR_PLAIN;
    int in_year = days - mw_civil_to_days(year, 1, 1);
    const struct calendar_year *y = &calendar->years[year - MW_CALENDAR_FIRST_YEAR];
    uint64_t bit = UINT64_C(1) << (in_year % 64);
    if ((y->off[in_year / 64] & bit) != 0)
        return CALENDAR_OFF;
    return (y->worked[in_year / 64] & bit) != 0 ? CALENDAR_WORKED : CALENDAR_PLAIN;
}

/* The first marked day of the year at or after day `from` of it, or -1. */
static int next_in_year(const struct calendar_year *y, int from)
{
    for (int word = from / 64; word < CALENDAR_WORDS; word++) {
        uint64_t bits = y->off[word] | y->worked[word];
        if (word == from / 64)
            bits &= UINT64_MAX << (from % 64);
        for (int bit = 0; bits != 0; bit++, bits >>= 1)
            if ((bits & 1) != 0)
                return word * 64 + bit;
    }
    return -1;
}

int32_t calendar_next_marked(const struct mw_calendar *calendar, int32_t after)
{
    int year, month, day;
    if (calendar == NULL)
        return INT32_MAX;
    mw_civil_from_days(after + 1, &year, &month, &day);
    int from = after + 1 - mw_civil_to_days(year, 1, 1);
    if (year < MW_CALENDAR_FIRST_YEAR) {
        year = MW_CALENDAR_FIRST_YEAR;
        from = 0;
    }
    for (; year <= MW_CALENDAR_LAST_YEAR; year++, from = 0) {
        int found = next_in_year(&calendar->years[year - MW_CALENDAR_FIRST_YEAR], from);
        if (found >= 0)
            return mw_civil_to_days(year, 1, 1) + found;
    }
    return INT32_MAX;
}
