/*
 * city_day: days as a city counts them: by its zone, and ending when it says (city.day_ends), since a night's work that
 * is cut at midnight is two halves. A day has the number, and the name, of the local date on which it begins.
 */
#ifndef MW_CITY_DAY_H
#define MW_CITY_DAY_H

#include "text.h"

#include <muckwatch/zone.h>

struct city_days {
    const struct mw_zone *zone; /* borrowed; NULL: UTC */
    int64_t ends_ms;            /* after local midnight, from 0 to before 24 h */
};

/* "HH:MM", from 00:00 to 23:59. */
bool city_day_ends_read(struct text t, int64_t *out_ms);
/* "YYYY-MM-DD" or, a whole month, "YYYY-MM". False where there is no such day. */
bool city_day_read(struct text t, int32_t *out_first, int32_t *out_last);

/* The first instant of a day; the day before is over with it. */
int64_t city_day_start_ms(const struct city_days *days, int32_t day);
/* The day that an instant is in. */
int32_t city_day_of(const struct city_days *days, int64_t ms);

enum { CITY_DAY_NAME = 11 };
void city_day_name(int32_t day, char out[CITY_DAY_NAME]);

#endif
