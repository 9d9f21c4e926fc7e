/*
 * zone_tzif: a zone from the bytes of a TZif file (RFC 8536), versions 1 to 4.
 *
 * A file lists transitions. From version 2 on it ends in a yearly rule, in the notation of POSIX TZ, for the
 * time after the last transition. The rule is expanded into transitions up to 2199, so that every instant is
 * found by the same search. Files that count leap seconds ("right/" zones) are refused, since the tracker's
 * time is POSIX time.
 *
 * The bytes are not trusted: every count is compared with the number of bytes that are left before it is
 * used.
 */
#include "zone_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TRANSITIONS = 4096, FIRST_RULE_YEAR = 1900, LAST_RULE_YEAR = 2199 };

/* 0001-01-01 and 9999-12-31, in seconds. Earlier times are moved here: some files begin with the Big Bang. */
#define FIRST_S INT64_C(-62135596800)
#define LAST_S  INT64_C(253402300799)

struct reader {
    const unsigned char *at;
    size_t left;
};

static int64_t big_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = (bytes[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

struct header {
    unsigned char version; /* 0, or an ASCII digit */
    size_t isut_count, isstd_count, leap_count, time_count, type_count, char_count;
};

static bool read_header(struct reader *r, struct header *out)
{
    if (r->left < 44 || memcmp(r->at, "TZif", 4) != 0)
        return false;
    size_t counts[6];
    for (size_t i = 0; i < 6; i++) {
        int64_t n = big_endian(r->at + 20 + 4 * i, 4);
        if (n < 0 || n > 65536)
            return false;
        counts[i] = (size_t)n;
    }
    *out = (struct header){r->at[4], counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
    r->at += 44;
    r->left -= 44;
    return true;
}

static size_t block_size(const struct header *h, size_t time_size)
{
    return h->time_count * (time_size + 1) + h->type_count * 6 + h->char_count +
           h->leap_count * (time_size + 4) + h->isstd_count + h->isut_count;
}

/* Adds a segment that begins at `from_s`. If the last segment begins at the same time, the new one replaces
 * it. */
static bool push(struct mw_zone *zone, size_t room, int64_t from_s, int64_t offset_s)
{
    int64_t from_ms = (from_s < FIRST_S ? FIRST_S : from_s > LAST_S ? LAST_S : from_s) * 1000;
    if (offset_s < -ZONE_MAX_OFFSET_S || offset_s > ZONE_MAX_OFFSET_S)
        return false;
    while (zone->count > 1 && zone->segments[zone->count - 1].from_ms >= from_ms)
        zone->count--;
    if (zone->segments[zone->count - 1].offset_s == offset_s)
        return true;
    if (zone->count >= room)
        return false;
    zone->segments[zone->count++] = (struct zone_segment){from_ms, (int32_t)offset_s};
    return true;
}

static bool read_block(const struct reader *r, const struct header *h, size_t time_size, size_t room,
                       struct mw_zone *zone)
{
    const unsigned char *times = r->at, *kinds = times + h->time_count * time_size,
                        *types = kinds + h->time_count;
    int64_t before = INT64_MIN;
    zone->count = 1;
    zone->segments[0] = (struct zone_segment){INT64_MIN, (int32_t)big_endian(types, 4)};
    if (zone->segments[0].offset_s < -ZONE_MAX_OFFSET_S || zone->segments[0].offset_s > ZONE_MAX_OFFSET_S)
        return false;
    for (size_t i = 0; i < h->time_count; i++) {
        int64_t from_s = big_endian(times + i * time_size, time_size);
        if (kinds[i] >= h->type_count || (i > 0 && from_s <= before))
            return false;
        if (!push(zone, room, from_s, big_endian(types + 6 * (size_t)kinds[i], 4)))
            return false;
        before = from_s;
    }
    return true;
}

/* ---- the yearly rule ---- */

struct rule_day {
    char kind;            /* 'M' month.week.weekday, 'J' day 1..365 without 29 February, 'N' day 0..365 */
    int month, week, day; /* day: of the week, 0 Sunday, or of the year */
    int32_t at_s;         /* wall clock seconds from the start of the day, may be negative or over a day */
};

struct yearly_rule {
    int32_t std_offset_s, dst_offset_s;
    bool has_dst;
    struct rule_day start, end;
};

static bool take(struct reader *r, char c)
{
    if (r->left == 0 || *r->at != (unsigned char)c)
        return false;
    r->at++;
    r->left--;
    return true;
}

static bool take_number(struct reader *r, int max, int *out)
{
    int value = 0;
    size_t digits = 0;
    for (; r->left > 0 && *r->at >= '0' && *r->at <= '9' && digits < 4; digits++, r->at++, r->left--)
        value = value * 10 + (*r->at - '0');
    if (digits == 0 || value > max)
        return false;
    *out = value;
    return true;
}

static bool take_name(struct reader *r)
{
    bool quoted = take(r, '<');
    size_t length = 0;
    for (; r->left > 0; length++, r->at++, r->left--) {
        unsigned char c = *r->at;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-')))
            break;
    }
    return length >= 3 && (!quoted || take(r, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct reader *r, int max_hours, int32_t *out_s)
{
    int hours, minutes = 0, seconds = 0;
    bool negative = take(r, '-');
    if (!negative)
        take(r, '+');
    if (!take_number(r, max_hours, &hours))
        return false;
    if (take(r, ':') && !take_number(r, 59, &minutes))
        return false;
    if (take(r, ':') && !take_number(r, 59, &seconds))
        return false;
    int32_t s = hours * 3600 + minutes * 60 + seconds;
    *out_s = negative ? -s : s;
    return true;
}

static bool take_rule_day(struct reader *r, struct rule_day *out)
{
    *out = (struct rule_day){.kind = 'N', .at_s = 2 * 3600}; /* two o'clock if no time is given */
    if (!take(r, ','))
        return false;
    if (take(r, 'M')) {
        out->kind = 'M';
        if (!take_number(r, 12, &out->month) || out->month < 1 || !take(r, '.') ||
            !take_number(r, 5, &out->week) || out->week < 1 || !take(r, '.') || !take_number(r, 6, &out->day))
            return false;
    } else {
        if (take(r, 'J'))
            out->kind = 'J';
        if (!take_number(r, 365, &out->day) || (out->kind == 'J' && out->day < 1))
            return false;
    }
    return !take(r, '/') || take_time(r, 167, &out->at_s);
}

static bool take_rule(struct reader *r, struct yearly_rule *out)
{
    int32_t west_s;
    *out = (struct yearly_rule){0};
    if (!take_name(r) || !take_time(r, 24, &west_s))
        return false;
    out->std_offset_s = -west_s; /* POSIX counts to the west */
    if (r->left == 0)
        return true;
    out->has_dst = true;
    out->dst_offset_s = out->std_offset_s + 3600;
    if (!take_name(r))
        return false;
    if (r->left > 0 && *r->at != ',') {
        if (!take_time(r, 24, &west_s))
            return false;
        out->dst_offset_s = -west_s;
    }
    return take_rule_day(r, &out->start) && take_rule_day(r, &out->end) && r->left == 0;
}

static int64_t rule_instant_s(const struct rule_day *d, int year, int32_t offset_s)
{
    int32_t day = mw_civil_to_days(year, 1, 1);
    if (d->kind == 'N') {
        day += d->day;
    } else if (d->kind == 'J') {
        day += d->day - 1 + (d->day >= 60 && mw_civil_month_days(year, 2) == 29);
    } else {
        int32_t first = mw_civil_to_days(year, d->month, 1);
        day = first + (d->day + 6 - mw_civil_weekday(first)) % 7 + 7 * (d->week - 1);
        if (day >= first + mw_civil_month_days(year, d->month)) /* week 5 means the last one of the month */
            day -= 7;
    }
    return day * INT64_C(86400) + d->at_s - offset_s;
}

static bool apply_rule(const struct yearly_rule *rule, struct mw_zone *zone, size_t room)
{
    int year = FIRST_RULE_YEAR;
    int64_t last_s = INT64_MIN;
    if (zone->count > 1) {
        struct mw_civil last;
        last_s = zone->segments[zone->count - 1].from_ms / 1000;
        mw_civil_from_ms(NULL, last_s * 1000, &last);
        year = last.year;
    } else if (!rule->has_dst) {
        zone->segments[0].offset_s = rule->std_offset_s;
        return true;
    }
    for (; rule->has_dst && year <= LAST_RULE_YEAR; year++) {
        int64_t start_s = rule_instant_s(&rule->start, year, rule->std_offset_s);
        int64_t end_s = rule_instant_s(&rule->end, year, rule->dst_offset_s);
        for (int i = 0; i < 2; i++) {
            bool to_dst = (i == 0) == (start_s < end_s);
            int64_t from_s = to_dst ? start_s : end_s;
            if (from_s > last_s &&
                !push(zone, room, from_s, to_dst ? rule->dst_offset_s : rule->std_offset_s))
                return false;
        }
    }
    return true;
}

/* Reads the rule, which stands between two line feeds. If nothing stands between them there is no rule. */
static bool read_footer(struct reader *r, struct mw_zone *zone, size_t room)
{
    if (!take(r, '\n'))
        return false;
    const unsigned char *end = memchr(r->at, '\n', r->left);
    if (end == NULL)
        return false;
    struct reader line = {r->at, (size_t)(end - r->at)};
    struct yearly_rule rule;
    return line.left == 0 || (take_rule(&line, &rule) && apply_rule(&rule, zone, room));
}

enum mw_zone_status mw_zone_parse(const void *bytes, size_t size, struct mw_zone **out_zone)
{
    struct reader r = {bytes, size};
    struct header h;
    size_t time_size = 4;
    if (!read_header(&r, &h) || block_size(&h, time_size) > r.left)
        return MW_ZONE_BROKEN;
    bool has_footer = h.version >= '2';
    if (has_footer) { /* a second block with 64-bit times, then the rule */
        r.at += block_size(&h, 4);
        r.left -= block_size(&h, 4);
        time_size = 8;
        if (!read_header(&r, &h) || block_size(&h, time_size) > r.left)
            return MW_ZONE_BROKEN;
    }
    if (h.type_count == 0 || h.leap_count != 0 || h.time_count > MAX_TRANSITIONS)
        return MW_ZONE_BROKEN;
    size_t room = 1 + h.time_count + 2 * (LAST_RULE_YEAR - FIRST_RULE_YEAR + 1);
    struct mw_zone *zone = malloc(sizeof *zone + room * sizeof zone->segments[0]);
    if (zone == NULL)
        return MW_ZONE_NO_MEMORY;
    bool good = read_block(&r, &h, time_size, room, zone);
    r.at += block_size(&h, time_size);
    r.left -= block_size(&h, time_size);
    if (!good || (has_footer && !read_footer(&r, zone, room))) {
        free(zone);
        return MW_ZONE_BROKEN;
    }
    struct mw_zone *fitted = realloc(zone, sizeof *zone + zone->count * sizeof zone->segments[0]);
    *out_zone = fitted != NULL ? fitted : zone;
    return MW_ZONE_OK;
}
