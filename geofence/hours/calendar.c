/*
 * calendar: holidays and make-up working days, of everybody and of the schools, a bit for each day of a fixed
 * range of years.
 *
 * It takes 46 KB, once for a world, and every question reads one bit. Rejected: a sorted list of days, which
 * is smaller, but then every question is a search, on the path of every fix.
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

static enum mw_calendar_status add_year(struct calendar_part *part, int year)
{
    if (!year_in_table(year))
        return MW_CALENDAR_BAD_DATE;
    part->known[year - MW_CALENDAR_FIRST_YEAR] = true;
    return MW_CALENDAR_OK;
}

enum mw_calendar_status mw_calendar_add_year(struct mw_calendar *calendar, int year)
{
    return add_year(&calendar->days, year);
}

enum mw_calendar_status mw_calendar_add_school_year(struct mw_calendar *calendar, int year)
{
    return add_year(&calendar->school, year);
}

static enum mw_calendar_status add_day(struct calendar_part *part, int year, int month, int day, bool is_off)
{
    if (!year_in_table(year) || !mw_civil_date_valid(year, month, day))
        return MW_CALENDAR_BAD_DATE;
    int32_t days = mw_civil_to_days(year, month, day);
    if (calendar_part_look(part, days) == (is_off ? CALENDAR_WORKED : CALENDAR_OFF))
        return MW_CALENDAR_CONFLICT;
    (is_off ? part->off : part->worked)[days / 64] |= UINT64_C(1) << (days % 64);
    if (days > part->last_marked)
        part->last_marked = days;
    return MW_CALENDAR_OK;
}

enum mw_calendar_status mw_calendar_add_day(struct mw_calendar *calendar, int year, int month, int day,
                                            bool is_off)
{
    return add_day(&calendar->days, year, month, day, is_off);
}

enum mw_calendar_status mw_calendar_add_school_day(struct mw_calendar *calendar, int year, int month, int day,
                                                   bool is_off)
{
    return add_day(&calendar->school, year, month, day, is_off);
}

bool mw_calendar_has_year(const struct mw_calendar *calendar, int year)
{
    return calendar != NULL && year_in_table(year) && calendar->days.known[year - MW_CALENDAR_FIRST_YEAR];
}

bool mw_calendar_has_school_year(const struct mw_calendar *calendar, int year)
{
    return calendar != NULL && year_in_table(year) && calendar->school.known[year - MW_CALENDAR_FIRST_YEAR];
}

int32_t calendar_next_marked(const struct mw_calendar *calendar, int32_t after)
{
    if (calendar == NULL || after >= calendar->days.last_marked)
        return INT32_MAX;
    const struct calendar_part *part = &calendar->days;
    int32_t from = after < 0 ? 0 : after + 1;
    uint64_t mask = UINT64_MAX << (from % 64);
    for (int32_t word = from / 64; word <= part->last_marked / 64; word++, mask = UINT64_MAX) {
        uint64_t bits = (part->off[word] | part->worked[word]) & mask;
        if (bits != 0)
            return word * 64 + (int32_t)__builtin_ctzll(bits);
    }
    return INT32_MAX;
}

int32_t calendar_next_school_turn(const struct mw_calendar *calendar, int32_t day)
{
    if (calendar == NULL)
        return INT32_MAX;
    const struct calendar_part *part = &calendar->school;
    bool on = calendar_is_school_holiday(calendar, day);
    uint64_t turned = on ? UINT64_MAX : 0;
    int32_t from = day < 0 ? 0 : day + 1;
    uint64_t mask = UINT64_MAX << (from % 64);
    for (int32_t word = from / 64; word <= part->last_marked / 64; word++, mask = UINT64_MAX) {
        uint64_t bits = (part->off[word] ^ turned) & mask;
        if (bits != 0)
            return word * 64 + (int32_t)__builtin_ctzll(bits);
    }
    return on ? (part->last_marked / 64 + 1) * 64 : INT32_MAX;
}
