#include "owntracks.h"

#include "fix_content.h"
#include "fix_fields.h"

enum own_key { OWN_TYPE, OWN_TST, OWN_LAT, OWN_LON, OWN_VEL, OWN_COG, OWN_ACC, OWN_ALT, OWN_NONE };

static const struct text own_names[OWN_NONE] = {
    TEXT("_type"), TEXT("tst"), TEXT("lat"), TEXT("lon"), TEXT("vel"), TEXT("cog"), TEXT("acc"), TEXT("alt"),
};

/* km/h in a m/s. */
static const double kmh_per_mps = 3.6;

static enum json_fault read_velocity(struct fix_record *r)
{
    float kmh = 0;
    enum json_fault fault = fix_read_float(r, &(struct fix_range){"vel", 0, 540, FIX_HAS_SPEED}, &kmh);
    r->item->fix.speed_mps = (float)((double)kmh / kmh_per_mps);
    return fault;
}

static enum json_fault read_type(struct fix_record *r, bool *out_location)
{
    struct json_string type;
    if (json_scan_peek(&r->scan) != '"')
        return json_scan_skip(&r->scan, r->depth);
    enum json_fault fault = json_scan_string(&r->scan, &type);
    if (fault == JSON_FAULT_NONE)
        *out_location = json_string_equal(&type, TEXT("location"));
    return fault;
}

static enum json_fault read_value(struct fix_record *r, enum own_key k, bool *out_location)
{
    struct fix *fix = &r->item->fix;
    const char *name = k < OWN_NONE ? own_names[k].data : "";
    switch (k) {
    case OWN_TYPE:
        return read_type(r, out_location);
    case OWN_TST:
        return fix_read_time(r, name, TIME_UNIT_S, &fix->time);
    case OWN_LAT:
        return fix_read_double(r, name, -90, 90, &fix->lat_deg);
    case OWN_LON:
        return fix_read_double(r, name, -180, 180, &fix->lon_deg);
    case OWN_VEL:
        return read_velocity(r);
    case OWN_COG:
        return fix_read_track(r, name);
    case OWN_ACC:
        return fix_read_float(r, &(struct fix_range){name, 0, 1000000, FIX_HAS_EPH}, &fix->eph_m);
    case OWN_ALT:
        return fix_read_float(r, &(struct fix_range){name, -1000, 20000, FIX_HAS_ALT}, &fix->alt_m);
    default:
        return json_scan_skip(&r->scan, r->depth);
    }
}

static enum json_fault read_member(struct fix_record *r, unsigned *seen, unsigned *present,
                                   bool *out_location)
{
    struct json_string key;
    if (json_scan_key(&r->scan, &key) != JSON_FAULT_NONE)
        return JSON_FAULT_SYNTAX;
    unsigned k = 0;
    while (k < OWN_NONE && !json_string_equal(&key, own_names[k]))
        k++;
    if (k < OWN_NONE && *seen & 1u << k)
        return fix_refuse_value(r, FIX_DUPLICATE_KEY, own_names[k].data);
    *seen |= 1u << k;
    if (json_scan_peek(&r->scan) == 'n')
        return json_scan_word(&r->scan, TEXT("null"));
    *present |= 1u << k;
    return read_value(r, (enum own_key)k, out_location);
}

static enum json_fault read_object(struct fix_record *r, unsigned *present, bool *out_location)
{
    unsigned seen = 0;
    struct json_scan *s = &r->scan;
    json_scan_space(s);
    if (!json_scan_take(s, '{')) {
        *out_location = true; /* not even an object: refused, not ignored */
        return fix_refuse_value(r, FIX_WRONG_TYPE, "");
    }
    json_scan_space(s);
    if (json_scan_take(s, '}'))
        return JSON_FAULT_NONE;
    for (;;) {
        enum json_fault fault = read_member(r, &seen, present, out_location);
        if (fault != JSON_FAULT_NONE)
            return fault;
        json_scan_space(s);
        if (!json_scan_take(s, ','))
            return json_scan_take(s, '}') ? JSON_FAULT_NONE : JSON_FAULT_SYNTAX;
        json_scan_space(s);
    }
}

bool owntracks_read(struct text payload, struct fix_item *out)
{
    struct fix_item item = {.field = "", .json = payload, .fix.sensors = sensors_none()};
    struct fix_record r = {.scan = json_scan_of(payload), .item = &item, .depth = 1};
    unsigned present = 0;
    bool location = false;
    enum json_fault fault = JSON_FAULT_NONE;
    if (payload.len > FIX_PAYLOAD_MAX)
        fix_refuse(&r, FIX_TOO_LARGE, "");
    else
        fault = read_object(&r, &present, &location);
    json_scan_space(&r.scan);
    if (fault == JSON_FAULT_NONE && item.error != FIX_TOO_LARGE && r.scan.at != r.scan.end)
        fault = JSON_FAULT_SYNTAX;
    if (fault != JSON_FAULT_NONE) {
        item.error = fault == JSON_FAULT_DEPTH ? FIX_TOO_DEEP : FIX_NOT_JSON;
        item.field = "";
    } else if (item.error != FIX_TOO_LARGE && !location) {
        return false;
    }
    if (!(present & 1u << OWN_TST))
        fix_refuse(&r, FIX_NO_TIME, "tst");
    if (!(present & 1u << OWN_LAT) || !(present & 1u << OWN_LON))
        fix_refuse(&r, FIX_NO_POSITION, present & 1u << OWN_LAT ? "lon" : "lat");
    item.fix.has |= FIX_HAS_POSITION;
    if (item.error != FIX_OK) {
        item.fix = (struct fix){.sensors = sensors_none()};
        item.unknown = 0;
    } else
        item.fix.content = fix_content(payload);
    *out = item;
    return true;
}
