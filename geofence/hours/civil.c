/*
 * civil: day numbers and dates of the proleptic Gregorian calendar.
 *
 * Years begin in March, so that the leap day is the last day of its year and one linear formula gives the
 * lengths of the months. Counting in eras of 400 years (146,097 days) keeps the operands of all divisions
 * non-negative. The algorithms are those of H. Hinnant, "chrono-compatible low-level date algorithms".
 */
#include <muckwatch/zone.h>

enum { DAYS_PER_ERA = 146097, EPOCH_SHIFT = 719468 /* 0000-03-01 to 1970-01-01 */ };

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int mw_civil_month_days(int year, int month)
{
    static const int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool mw_civil_date_valid(int year, int month, int day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= mw_civil_month_days(year, month);
}

int32_t mw_civil_to_days(int year, int month, int day)
{
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT;
}

void mw_civil_from_days(int32_t days, int *out_year, int *out_month, int *out_day)
{
    int shifted = days + EPOCH_SHIFT;
    int era = (shifted >= 0 ? shifted : shifted - DAYS_PER_ERA + 1) / DAYS_PER_ERA;
    int day_of_era = shifted - era * DAYS_PER_ERA;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_of_year = (5 * day_of_year + 2) / 153;
    int month = month_of_year < 10 ? month_of_year + 3 : month_of_year - 9;
    *out_day = day_of_year - (153 * month_of_year + 2) / 5 + 1;
    *out_month = month;
    *out_year = year_of_era + era * 400 + (month <= 2);
}

int mw_civil_weekday(int32_t days)
{
    int weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return weekday < 0 ? weekday + 7 : weekday;
}
