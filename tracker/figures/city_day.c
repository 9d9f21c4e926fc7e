#include "city_day.h"

#include <stdio.h>

static bool two_digits(const char *p, int *out)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return false;
    *out = (p[0] - '0') * 10 + p[1] - '0';
    return true;
}

bool city_day_ends_read(struct text t, int64_t *out_ms)
{
    int hour, minute;
    if (t.len != 5 || t.data[2] != ':' || !two_digits(t.data, &hour) || !two_digits(t.data + 3, &minute) ||
        hour > 23 || minute > 59)
        return false;
    *out_ms = ((int64_t)hour * 60 + minute) * 60000;
    return true;
}

bool city_day_read(struct text t, int32_t *out_first, int32_t *out_last)
{
    int century, year, month, day = 1;
    if ((t.len != 7 && t.len != 10) || !two_digits(t.data, &century) || !two_digits(t.data + 2, &year) ||
        t.data[4] != '-' || !two_digits(t.data + 5, &month))
        return false;
    if (t.len == 10 && (t.data[7] != '-' || !two_digits(t.data + 8, &day)))
        return false;
    year += century * 100;
    if (!mw_civil_date_valid(year, month, day))
        return false;
    *out_first = mw_civil_to_days(year, month, day);
    *out_last = t.len == 10 ? *out_first : *out_first + mw_civil_month_days(year, month) - 1;
    return true;
}

int64_t city_day_start_ms(const struct city_days *days, int32_t day)
{
    return mw_zone_local_to_ms(days->zone, (int64_t)day * MW_DAY_MS + days->ends_ms);
}

int32_t city_day_of(const struct city_days *days, int64_t ms)
{
    int64_t local_ms = ms + (int64_t)mw_zone_offset_s(days->zone, ms) * 1000 - days->ends_ms;
    int32_t day = (int32_t)(local_ms / MW_DAY_MS);
    /* Where the clock is put back or forward at the day's end the local time alone does not tell. */
    while (ms < city_day_start_ms(days, day))
        day--;
    while (ms >= city_day_start_ms(days, day + 1))
        day++;
    return day;
}

void city_day_name(int32_t day, char out[CITY_DAY_NAME])
{
    int year, month, number;
    mw_civil_from_days(day, &year, &month, &number);
    snprintf(out, CITY_DAY_NAME, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)number % 100);
}
