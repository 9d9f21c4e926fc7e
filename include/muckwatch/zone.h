/*
 * zone: civil dates and time zones, as pure arithmetic.
 *
 * A zone is built once, from the bytes of a TZif file (RFC 8536) that the caller read, and is immutable
 * after: any thread may ask it. Nothing here looks at TZ, at files or at a clock.
 *
 * Local time is written as milliseconds since 1970-01-01T00:00 on the wall clock ("local_ms"). Where the wall
 * clock is put forward, the local times it skips all mean the instant of the change; where it is put back, a
 * local time that comes twice means its first coming. So the way from local time to instants never runs
 * backwards.
 *
 * Years 1 to 9999; times outside are clamped. A zone whose file ends in a yearly rule follows it to 2199.
 */
#ifndef MW_ZONE_H
#define MW_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MW_DAY_MS 86400000

/* A moment as the wall clock and the calendar show it. */
struct mw_civil {
    int year, month, day; /* 1..9999, 1..12, 1..31 */
    int hour, minute, second, millisecond;
    int weekday;      /* 0 Monday .. 6 Sunday */
    int32_t offset_s; /* local time minus UTC */
};

/* Whether the proleptic Gregorian calendar has this date, within the years 1 to 9999. */
bool mw_civil_date_valid(int year, int month, int day);

/* How many days the month has. `month` is 1..12. */
int mw_civil_month_days(int year, int month);

/* Days since 1970-01-01. A day beyond the month's end runs on into the next month. */
int32_t mw_civil_to_days(int year, int month, int day);

/* The date of a day number. */
void mw_civil_from_days(int32_t days, int *out_year, int *out_month, int *out_day);

/* 0 Monday .. 6 Sunday. */
int mw_civil_weekday(int32_t days);

struct mw_zone;

enum mw_zone_status {
    MW_ZONE_OK = 0,
    MW_ZONE_BROKEN, /* not a TZif file, cut short, against RFC 8536, with leap seconds, over 4096 changes */
    MW_ZONE_NO_MEMORY,
};

/* Builds a zone from the `size` bytes of a TZif file, version 1 to 4. The caller frees it. */
enum mw_zone_status mw_zone_parse(const void *bytes, size_t size, struct mw_zone **out_zone);

/* A zone that is always `offset_s` ahead of UTC; |offset_s| < 26 h. NULL when memory is short. */
struct mw_zone *mw_zone_fixed(int32_t offset_s);

void mw_zone_free(struct mw_zone *zone);

/* Local time minus UTC at an instant, in seconds. A NULL zone is UTC, here and below. */
int32_t mw_zone_offset_s(const struct mw_zone *zone, int64_t t_ms);

/* What clock and calendar show at an instant. */
void mw_civil_from_ms(const struct mw_zone *zone, int64_t t_ms, struct mw_civil *out_civil);

/* The first instant at which the wall clock shows `local_ms` or, where it skips it, has passed it. */
int64_t mw_zone_local_to_ms(const struct mw_zone *zone, int64_t local_ms);

/* The furthest that the wall clock has come up to this instant: the local time itself, except that it stands
 * still from the moment the clock is put back until the clock has caught up. */
int64_t mw_zone_furthest_local_ms(const struct mw_zone *zone, int64_t t_ms);

/* The first instant of a local day. `valid_to` a date that includes its day: the start of day + 1,
 * exclusive. */
int64_t mw_zone_day_start_ms(const struct mw_zone *zone, int32_t days);

#endif
