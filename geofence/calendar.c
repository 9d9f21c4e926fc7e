/*
 * calendar: holidays and make-up working days, a bit for each day of a fixed range of years.
 *
 * 23 KB once a world, and every question is one look at a bit. Rejected: a sorted list of days, which is
 * smaller but turns each question into a search on the path of a fix.
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
    calendar->known[year - MW_CALENDAR_FIRST_YEAR] = true;
    return MW_CALENDAR_OK;
}

enum mw_calendar_status mw_calendar_add_day(struct mw_calendar *calendar, int year, int month, int day,
                                            bool is_off)
{
    if (!year_in_table(year) || !mw_civil_date_valid(year, month, day))
        return MW_CALENDAR_BAD_DATE;
    int32_t days = mw_civil_to_days(year, month, day);
    if (calendar_look(calendar, days) == (is_off ? CALENDAR_WORKED : CALENDAR_OFF))
        return MW_CALENDAR_CONFLICT;
    (is_off ? calendar->off : calendar->worked)[days / 64] |= UINT64_C(1) << (days % 64);
    if (days > calendar->last_marked)
        calendar->last_marked = days;
    return MW_CALENDAR_OK;
}

bool mw_calendar_has_year(const struct mw_calendar *calendar, int year)
{
    return calendar != NULL && year_in_table(year) && calendar->known[year - MW_CALENDAR_FIRST_YEAR];
}

int32_t calendar_next_marked(const struct mw_calendar *calendar, int32_t after)
{
    if (calendar == NULL || after >= calendar->last_marked)
        return INT32_MAX;
    int32_t from = after < 0 ? 0 : after + 1;
    uint64_t mask = UINT64_MAX << (from % 64);
    for (int32_t word = from / 64; word <= calendar->last_marked / 64; word++, mask = UINT64_MAX) {
        uint64_t bits = (calendar->off[word] | calendar->worked[word]) & mask;
        if (bits != 0)
            return word * 64 + (int32_t)__builtin_ctzll(bits);
    }
    return INT32_MAX;
}
