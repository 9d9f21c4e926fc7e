/*
 * zone: converts instants to local time and back.
 *
 * A zone is a list of segments with constant offset; an instant is converted by a search in it. A local time
 * L is converted to the first instant at which the wall clock shows L or more. If the clock skips L, that is
 * the instant at which it is put forward; if it shows L twice, that is the first time. This function is
 * monotonous, and mw_zone_furthest_local_ms is its counterpart: local_to_ms(L) <= t exactly if L <=
 * furthest_local(t). Time windows rely on this: they are evaluated in local time alone, and their edges are
 * converted to instants afterwards.
 */
#include "zone_internal.h"

#include <stdlib.h>

/* 0001-01-01 and 9999-12-31T23:59:59.999, UTC. Within these no computation overflows. */
#define FIRST_MS  INT64_C(-62135596800000)
#define LAST_MS   INT64_C(253402300799999)
#define SPREAD_MS ((int64_t)(ZONE_MAX_OFFSET_S + 1) * 1000)

static int64_t clamp_ms(int64_t ms)
{
    return ms < FIRST_MS ? FIRST_MS : ms > LAST_MS ? LAST_MS : ms;
}

struct segments {
    const struct zone_segment *at;
    uint32_t count;
};

static struct segments segments_of(const struct mw_zone *zone)
{
    static const struct zone_segment utc = {INT64_MIN, 0};
    return zone == NULL ? (struct segments){&utc, 1} : (struct segments){zone->segments, zone->count};
}

/* The segment that holds t. The last one is tried first: most zones had their last change long ago. */
static uint32_t find_segment(struct segments s, int64_t t_ms)
{
    uint32_t low = 0, high = s.count - 1;
    if (t_ms >= s.at[high].from_ms)
        return high;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (t_ms >= s.at[middle].from_ms)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct mw_zone *mw_zone_fixed(int32_t offset_s)
{
    if (offset_s < -ZONE_MAX_OFFSET_S || offset_s > ZONE_MAX_OFFSET_S)
        return NULL;
    struct mw_zone *zone = malloc(sizeof *zone + sizeof zone->segments[0]);
    if (zone == NULL)
        return NULL;
    zone->count = 1;
    zone->segments[0] = (struct zone_segment){INT64_MIN, offset_s};
    return zone;
}

void mw_zone_free(struct mw_zone *zone)
{
    free(zone);
}

int32_t mw_zone_offset_s(const struct mw_zone *zone, int64_t t_ms)
{
    struct segments s = segments_of(zone);
    return s.at[find_segment(s, clamp_ms(t_ms))].offset_s;
}

int64_t mw_zone_local_to_ms(const struct mw_zone *zone, int64_t local_ms)
{
    struct segments s = segments_of(zone);
    local_ms = clamp_ms(local_ms);
    uint32_t i = find_segment(s, local_ms - SPREAD_MS);
    for (; i + 1 < s.count; i++)
        if (local_ms < s.at[i + 1].from_ms + s.at[i].offset_s * INT64_C(1000))
            break;
    int64_t t_ms = local_ms - s.at[i].offset_s * INT64_C(1000);
    return t_ms < s.at[i].from_ms ? s.at[i].from_ms : t_ms; /* skipped: the instant of the change */
}

int64_t mw_zone_furthest_local_ms(const struct mw_zone *zone, int64_t t_ms)
{
    struct segments s = segments_of(zone);
    t_ms = clamp_ms(t_ms);
    uint32_t i = find_segment(s, t_ms);
    int64_t furthest = t_ms + s.at[i].offset_s * INT64_C(1000);
    /* Only before changes of the last two days can the clock have shown a later time than now. */
    for (; i > 0 && s.at[i].from_ms > t_ms - 2 * SPREAD_MS; i--) {
        int64_t before = s.at[i].from_ms - 1 + s.at[i - 1].offset_s * INT64_C(1000);
        if (before > furthest)
            furthest = before;
    }
    return furthest;
}

int64_t mw_zone_day_start_ms(const struct mw_zone *zone, int32_t days)
{
    return mw_zone_local_to_ms(zone, (int64_t)days * MW_DAY_MS);
}

void mw_civil_from_ms(const struct mw_zone *zone, int64_t t_ms, struct mw_civil *out_civil)
{
    t_ms = clamp_ms(t_ms);
    int32_t offset_s = mw_zone_offset_s(zone, t_ms);
    int64_t local_ms = t_ms + offset_s * INT64_C(1000);
    int64_t days = local_ms / MW_DAY_MS;
    if (days * MW_DAY_MS > local_ms)
        days--;
    int rest_ms = (int)(local_ms - days * MW_DAY_MS);
    struct mw_civil c = {.offset_s = offset_s, .weekday = mw_civil_weekday((int32_t)days)};
    mw_civil_from_days((int32_t)days, &c.year, &c.month, &c.day);
    c.hour = rest_ms / 3600000;
    c.minute = rest_ms / 60000 % 60;
    c.second = rest_ms / 1000 % 60;
    c.millisecond = rest_ms % 1000;
    *out_civil = c;
}
