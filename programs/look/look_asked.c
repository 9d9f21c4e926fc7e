#include "look_asked.h"

#include "line_fix.h"

#include <muckwatch/geofence.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { RADIUS_MAX_M = 100000 };
static const double metres_a_degree =
    111000; /* less than any degree of latitude has: boxes are rather too large */

struct look_asked look_asked_all(void)
{
    return (struct look_asked){.radius = {100, 1, RADIUS_MAX_M}, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
}

bool look_asked_is_all(const struct look_asked *a)
{
    return a->vehicle == NULL && a->from == NULL && a->to == NULL && a->near == NULL;
}

static bool read_place(const char *text, double *out_lat, double *out_lon)
{
    char *end;
    *out_lat = strtod(text, &end);
    if (end == text || *end != ',')
        return false;
    const char *second = end + 1;
    *out_lon = strtod(second, &end);
    return end != second && *end == '\0' && fabs(*out_lat) <= 90 && fabs(*out_lon) <= 180;
}

bool look_asked_read(const char *command, struct look_asked *a)
{
    if (a->since != NULL && !look_parse_since(command, a->since, &a->since_ms))
        return false;
    if (a->from != NULL && !look_parse_time(command, "from", a->from, &a->from_ms))
        return false;
    if (a->to != NULL && !look_parse_time(command, "to", a->to, &a->to_ms))
        return false;
    if (a->near == NULL || read_place(a->near, &a->lat_deg, &a->lon_deg))
        return true;
    fprintf(stderr, "%s: --near '%.80s': expected LATITUDE,LONGITUDE in degrees, like 30.4,112.9\n", command,
            a->near);
    return false;
}

static bool is_near(const struct look_asked *a, double lat_deg, double lon_deg)
{
    return mw_distance_m((struct mw_point){a->lat_deg, a->lon_deg}, (struct mw_point){lat_deg, lon_deg}) <=
           a->radius.value;
}

static bool is_there(const struct look_asked *a, const struct reply *fields, const char *lat, const char *lon)
{
    struct text north = reply_field(fields, lat), east = reply_field(fields, lon);
    /* A value of the store, and of an archive, ends with a zero. */
    return north.len > 0 && east.len > 0 && is_near(a, strtod(north.data, NULL), strtod(east.data, NULL));
}

static int64_t time_of(const struct reply *fields, const char *const names[2])
{
    struct text value = reply_field(fields, names[0]);
    if (value.len == 0)
        value = reply_field(fields, names[1]);
    return text_whole(value);
}

bool look_asked_entry(const struct look_asked *a, const struct look_asked_span *span,
                      const struct reply *fields)
{
    if (a->vehicle != NULL && !text_equal(reply_field(fields, "vehicle"), text_of(a->vehicle)))
        return false;
    if (time_of(fields, span->first) >= a->to_ms || time_of(fields, span->last) < a->from_ms)
        return false;
    return a->near == NULL || is_there(a, fields, "lat", "lon") ||
           is_there(a, fields, "start_lat", "start_lon");
}

bool look_asked_line(const struct look_asked *a, struct text line)
{
    struct fix_line read;
    if (look_asked_is_all(a))
        return true;
    if (!line_fix_read(line, &read))
        return false;
    const struct fix *fix = &read.item.fix;
    if (fix->time.ms < a->from_ms || fix->time.ms >= a->to_ms)
        return false;
    return a->near == NULL || (fix_has(fix, FIX_HAS_POSITION) && is_near(a, fix->lat_deg, fix->lon_deg));
}

bool look_asked_box(const struct look_asked *a, struct archive_box *out)
{
    if (a->near == NULL)
        return false;
    double north = a->radius.value / metres_a_degree, lat = fabs(a->lat_deg) + north;
    double east = lat < 89 ? north / cos(lat * M_PI / 180) : 360;
    /* Over the antimeridian every longitude is asked: the boxes do not go round. */
    bool round = a->lon_deg - east < -180 || a->lon_deg + east > 180;
    *out = (struct archive_box){a->lat_deg - north, a->lat_deg + north, round ? -180 : a->lon_deg - east,
                                round ? 180 : a->lon_deg + east};
    return true;
}

int look_asked_show(struct look *look, const char *command, look_asked_shown *show, void *context)
{
    int code = look_open(look, command);
    if (code == EX_OK)
        code = show(look, context);
    code = look_end(look, code);
    look_close(look);
    return code;
}
