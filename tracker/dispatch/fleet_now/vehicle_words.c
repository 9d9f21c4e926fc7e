/*
 * vehicle_words: a row of `live`, and a vehicle's hash, as numbers. Both are the tracker's; what cannot be read is passed over,
 * since the next row says how things stand.
 */
#include "fleet_now_state.h"

#include "json_scan.h"

#include <math.h>

/* `text_compare` and `strcmp` order by the same bytes, since no id has a zero. */
static bool take_id(struct text id, struct vehicle_now *out)
{
    if (id.len == 0 || id.len > VEHICLE_NOW_ID_MAX || memchr(id.data, '\0', id.len) != NULL)
        return false;
    memcpy(out->id, id.data, id.len);
    return true;
}

/* ---- a row ---- */

/* A number, or null; behind it the comma or the end of the row. */
static bool read_value(struct json_scan *s, double *out)
{
    struct json_number number;
    json_scan_space(s);
    if (!json_scan_take(s, ','))
        return false;
    json_scan_space(s);
    *out = NAN;
    if (json_scan_peek(s) == 'n')
        return json_scan_word(s, TEXT("null")) == JSON_FAULT_NONE;
    if (!json_scan_at_number(s) || json_scan_number(s, &number) != JSON_FAULT_NONE)
        return false;
    *out = json_number_double(&number);
    return true;
}

static double within(double v, double low, double high)
{
    return v >= low && v <= high ? v : NAN;
}

/* A later tracker may say more in a row than is read here. */
static bool read_row(struct json_scan s, struct vehicle_now *out)
{
    struct json_string id;
    double time_ms, flags;
    *out = (struct vehicle_now){0};
    json_scan_take(&s, '[');
    json_scan_space(&s);
    if (json_scan_peek(&s) != '"' || json_scan_string(&s, &id) != JSON_FAULT_NONE || id.escaped ||
        !take_id(id.raw, out) || !read_value(&s, &out->lat_deg) || !read_value(&s, &out->lon_deg) ||
        !read_value(&s, &out->speed_kmh) || !read_value(&s, &out->track_deg) || !read_value(&s, &time_ms) ||
        !read_value(&s, &flags))
        return false;
    out->lat_deg = within(out->lat_deg, -90, 90);
    out->lon_deg = within(out->lon_deg, -180, 180);
    out->speed_kmh = within(out->speed_kmh, 0, 1e6);
    out->track_deg = within(out->track_deg, 0, 360);
    out->time_ms = isnan(within(time_ms, 0, 1e15)) ? 0 : (int64_t)time_ms;
    out->flags = isnan(within(flags, 0, UINT32_MAX)) ? 0 : (uint32_t)flags;
    return true;
}

bool fleet_now_take_moves(struct fleet_now *f, uint32_t partition, struct text moves)
{
    struct json_scan s = json_scan_of(moves);
    struct vehicle_now told;
    json_scan_space(&s);
    if (!json_scan_take(&s, '[')) {
        f->strange++;
        return true;
    }
    json_scan_space(&s);
    while (json_scan_peek(&s) == '[') {
        const char *begin = s.at;
        if (json_scan_skip(&s, 1) != JSON_FAULT_NONE)
            break;
        const struct json_scan row = {begin, s.at};
        json_scan_space(&s);
        json_scan_take(&s, ',');
        json_scan_space(&s);
        if (!read_row(row, &told)) {
            f->strange++;
            continue;
        }
        told.partition = partition;
        if (!fleet_now_put(f, &told, true))
            return false;
    }
    f->strange += json_scan_peek(&s) != ']';
    return true;
}

/* ---- a hash ---- */

static double number_of(struct fields hash, const char *name, double low, double high)
{
    struct text t = fields_value(hash, name);
    struct json_scan s = json_scan_of(t);
    struct json_number number;
    if (!json_scan_at_number(&s) || json_scan_number_slow(&s, &number) != JSON_FAULT_NONE || s.at != s.end)
        return NAN;
    return within(json_number_double(&number), low, high);
}

static bool says(struct fields hash, const char *name, const char *word)
{
    return text_equal(fields_value(hash, name), text_of(word));
}

static uint32_t sensor_flags(struct fields hash)
{
    static const char *const sensors[] = {"cover", "body", "load", "power", "antenna", "work"};
    struct text work = fields_value(hash, "work");
    bool works = work.len > 0 && !says(hash, "work", "off") && !says(hash, "work", "fault");
    bool loaded = says(hash, "load", "loaded") || says(hash, "load", "over");
    uint32_t flags = 0;
    for (size_t i = 0; i < sizeof sensors / sizeof *sensors; i++)
        flags |= says(hash, sensors[i], "fault") ? NOW_FAULT : 0;
    return flags | (says(hash, "ignition", "1") ? NOW_IGNITION : 0) |
           (says(hash, "cover", "open") ? NOW_OPEN_COVER : 0) |
           (says(hash, "body", "raised") ? NOW_RAISED : 0) | (loaded ? NOW_LOADED : 0) |
           (says(hash, "spill", "1") ? NOW_SPILL : 0) | (works ? NOW_WORKING : 0);
}

/* What a hash does not tell, whether it moves, is not set: the next row does. */
bool vehicle_now_read_hash(struct text id, struct fields hash, struct vehicle_now *out)
{
    bool live = fields_value(hash, "live_time").len > 0;
    uint32_t worst = says(hash, "worst", "critical") ? 3
                     : says(hash, "worst", "major")  ? 2
                     : says(hash, "worst", "minor")  ? 1
                                                     : 0;
    *out = (struct vehicle_now){0};
    if (!take_id(id, out))
        return false;
    out->lat_deg = number_of(hash, live ? "live_lat" : "lat", -90, 90);
    out->lon_deg = number_of(hash, live ? "live_lon" : "lon", -180, 180);
    out->speed_kmh = live ? NAN : number_of(hash, "speed", 0, 1e6);
    out->track_deg = live ? NAN : number_of(hash, "track", 0, 360);
    out->time_ms = fields_whole(hash, live ? "live_time" : "time", 0);
    bool placed = !isnan(out->lat_deg) && (says(hash, "mode", "2") || says(hash, "mode", "3"));
    out->flags = sensor_flags(hash) | (says(hash, "online", "1") ? NOW_ONLINE : 0) |
                 (placed ? NOW_PLACED : 0) | (fields_value(hash, "trip").len > 0 ? NOW_HAULING : 0) |
                 (live ? NOW_LIVE : 0) | worst << NOW_WORST_AT;
    return true;
}

/* ---- a row as it is told ---- */

static void write_number(struct json_writer *w, double v, int decimals)
{
    if (isnan(v))
        json_write_null(w);
    else
        json_write_fixed(w, v, decimals);
}

void vehicle_now_write(const struct vehicle_now *v, uint32_t flags, struct json_writer *w)
{
    json_write_string(w, text_of(v->id));
    write_number(w, v->lat_deg, 7);
    write_number(w, v->lon_deg, 7);
    write_number(w, v->speed_kmh, 1);
    write_number(w, v->track_deg, 1);
    if (v->time_ms == 0)
        json_write_null(w);
    else
        json_write_i64(w, v->time_ms);
    json_write_u64(w, flags);
}
