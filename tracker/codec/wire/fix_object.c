#include "fix_object.h"

#include "fix_content.h"
#include "fix_fields.h"
#include "fix_keys.h"
#include "fix_lane.h"
#include "vehicle_id.h"

#include <assert.h>

/* What one object has shown so far. */
struct reading {
    struct fix_record record;
    struct fix_line *line; /* NULL: vehicle and received are keys like any unknown one */
    unsigned seen;         /* a bit for each enum fix_key */
    unsigned present;      /* seen, and not null */
    unsigned whole;        /* present, and what follows the value ends it: a torn 123 may have been 1234 */
    unsigned beyond;       /* of lat and lon: not on the globe */
};

static enum json_fault read_vehicle(struct reading *r)
{
    struct text id = {0};
    enum json_fault fault = fix_read_plain(&r->record, "vehicle", &id);
    if (fault != JSON_FAULT_NONE || id.data == NULL)
        return fault;
    if (vehicle_id_valid(id))
        r->line->vehicle = id;
    else
        fix_refuse(&r->record, FIX_NO_VEHICLE, "vehicle");
    return JSON_FAULT_NONE;
}

static enum json_fault read_received(struct reading *r)
{
    struct wall received = {INT64_MIN};
    enum json_fault fault = fix_read_time(&r->record, "received", TIME_UNIT_MS, &received);
    if (received.ms != INT64_MIN) {
        r->line->has_received = true;
        r->line->received = received;
    }
    return fault;
}

static enum json_fault read_small(struct fix_record *r, const struct fix_field *field)
{
    struct fix *fix = &r->item->fix;
    uint64_t max = (uint64_t)field->max, v = max + 1;
    assert(max <= UINT8_MAX);
    struct fix_whole_range range = {field->name.data, 0, max, field->bit};
    enum json_fault fault = fix_read_integer(r, &range, &v);
    if (v <= max) {
        *((uint8_t *)fix + field->offset) = (uint8_t)v;
        fix->has = (uint16_t)(fix->has | field->bit);
    }
    return fault;
}

static enum json_fault read_form(struct fix_record *r, const struct fix_field *field)
{
    void *at = (char *)&r->item->fix + field->offset;
    const char *name = field->name.data;
    switch (field->form) {
    case FORM_TIME:
        return fix_read_time(r, name, TIME_UNIT_S, at);
    case FORM_FLOAT:
        return fix_read_float(r, &(struct fix_range){name, field->min, field->max, field->bit}, at);
    case FORM_TRACK:
        return fix_read_track(r, name);
    case FORM_SMALL:
        return read_small(r, field);
    case FORM_SEQ:
        return fix_read_integer(r, &(struct fix_whole_range){name, 1, FIX_SEQ_MAX, 0}, at);
    default:
        return fix_read_boot(r, name);
    }
}

/* Whether it may be missing is known only at the end, when `mode` has been read. */
static enum json_fault read_degrees(struct reading *r, enum fix_key k)
{
    const struct fix_field *field = &fix_fields[k];
    double v = 0;
    enum json_fault fault = fix_read_number(&r->record, field->name.data, &v);
    if (v >= field->min && v <= field->max)
        *(double *)((char *)&r->record.item->fix + field->offset) = v;
    else
        r->beyond |= 1u << k;
    return fault;
}

static enum json_fault read_value(struct reading *r, enum fix_key k)
{
    switch (k) {
    case KEY_LAT:
    case KEY_LON:
        return read_degrees(r, k);
    case KEY_SENSORS:
        return fix_read_sensors(&r->record, "sensors");
    case KEY_MEDIA:
        return fix_read_media(&r->record, "media");
    case KEY_VEHICLE:
        return read_vehicle(r);
    case KEY_RECEIVED:
        return read_received(r);
    case KEY_NONE:
        return json_scan_skip(&r->record.scan, r->record.depth);
    default:
        return read_form(&r->record, &fix_fields[k]);
    }
}

static enum json_fault read_field(struct reading *r, enum fix_key k)
{
    struct fix_record *rec = &r->record;
    unsigned bit = 1u << k;
    assert(r->line != NULL || k < KEY_VEHICLE || k == KEY_NONE); /* others have no line to fill */
    if (k != KEY_NONE && r->seen & bit) {
        r->present &= ~bit; /* which of two boots or numbers is meant cannot be known */
        return fix_refuse_value(rec, FIX_DUPLICATE_KEY, fix_fields[k].name.data);
    }
    r->seen |= bit;
    if (json_scan_peek(&rec->scan) == 'n')
        return json_scan_word(&rec->scan, TEXT("null"));
    r->present |= bit;
    return read_value(r, k);
}

/* The field whose name it is, tried from `guess` on round the table. */
static enum fix_key find_key(const struct json_string *key, enum fix_key guess, enum fix_key count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned k = guess + i < count ? guess + i : guess + i - count;
        if (json_string_equal(key, fix_fields[k].name))
            return (enum fix_key)k;
    }
    return KEY_NONE;
}

#define KEY_BIT(k) (1u << (k))

/* What only the whole object can tell. */
static void check_whole(struct reading *r)
{
    struct fix_record *rec = &r->record;
    struct fix *fix = &rec->item->fix;
    bool lat = r->present & KEY_BIT(KEY_LAT), lon = r->present & KEY_BIT(KEY_LON);
    bool boot = r->present & KEY_BIT(KEY_BOOT), seq = r->present & KEY_BIT(KEY_SEQ);
    bool may_lack = fix->has & FIX_HAS_MODE && fix->mode <= FIX_MODE_NONE;
    if (r->beyond != 0 && !may_lack)
        fix_refuse(rec, FIX_OUT_OF_RANGE, r->beyond & KEY_BIT(KEY_LAT) ? "lat" : "lon");
    if (r->line != NULL && r->line->vehicle.len == 0)
        fix_refuse(rec, FIX_NO_VEHICLE, "vehicle");
    if (!(r->present & KEY_BIT(KEY_TIME)))
        fix_refuse(rec, FIX_NO_TIME, "time");
    if (boot != seq)
        fix_refuse(rec, FIX_UNPAIRED_SEQ, boot ? "seq" : "boot");
    if (!(lat && lon) && !may_lack)
        fix_refuse(rec, FIX_NO_POSITION, lat ? "lon" : "lat");
    if (r->beyond != 0)
        rec->item->unknown |= FIX_HAS_POSITION;
    else if (lat && lon)
        fix->has |= FIX_HAS_POSITION;
}

/* A fix that was refused keeps its number, if it has a whole one, and nothing else. */
static void finish(struct reading *r)
{
    struct fix_item *item = r->record.item;
    unsigned both = KEY_BIT(KEY_BOOT) | KEY_BIT(KEY_SEQ);
    bool numbered = (r->whole & both) == both && item->fix.boot.len > 0 && item->fix.seq > 0;
    if (item->error != FIX_OK) {
        struct fix kept = {.sensors = sensors_none()};
        if (numbered) {
            kept.boot = item->fix.boot;
            kept.seq = item->fix.seq;
        }
        item->fix = kept;
        item->unknown = 0;
    }
    if (numbered)
        item->fix.has |= FIX_HAS_SEQ;
}

/* The fields of an object whose brace has been taken, and its closing brace. */
static enum json_fault read_fields(struct reading *r)
{
    struct json_scan *s = &r->record.scan;
    enum fix_key count = r->line != NULL ? KEY_NONE : KEY_VEHICLE, guess = KEY_TIME;
    json_scan_space(s);
    if (json_scan_take(s, '}'))
        return JSON_FAULT_NONE;
    for (;;) {
        struct json_string key;
        unsigned taken;
        bool closed = fix_lane_read(s, r->seen, &r->record.item->fix, &taken);
        r->seen |= taken;
        r->present |= taken;
        r->whole = r->present;
        if (closed)
            return JSON_FAULT_NONE;
        json_scan_space(s);
        const char *start = s->at;
        if (json_scan_key(s, &key) != JSON_FAULT_NONE)
            return JSON_FAULT_SYNTAX;
        enum fix_key k = find_key(&key, guess < count ? guess : KEY_TIME, count);
        enum json_fault fault = read_field(r, k);
        if (fault != JSON_FAULT_NONE)
            return fault;
        guess = k == KEY_NONE ? guess : (enum fix_key)(k + 1);
        if (k == KEY_VEHICLE || k == KEY_RECEIVED)
            r->line->added[k - KEY_VEHICLE] = (struct text){start, (size_t)(s->at - start)};
        json_scan_space(s);
        char c = json_scan_peek(s);
        if (c != ',' && c != '}')
            return JSON_FAULT_SYNTAX;
        r->whole = r->present;
        s->at++;
        if (c == '}')
            return JSON_FAULT_NONE;
        json_scan_space(s);
    }
}

/* In two halves, since each is small enough for the compiler to write out; a string instruction would take as
 * long as several fields. */
static inline void clear_item(struct fix_item *item)
{
    enum { HALF = sizeof *item / 2 };
    memset(item, 0, HALF);
    memset((char *)item + HALF, 0, sizeof *item - HALF);
    item->field = "";
    item->fix.sensors = sensors_none();
}

void fix_object_read(struct json_scan *scan, unsigned depth, struct fix_line *line, struct fix_item *out)
{
    const char *start = scan->at;
    clear_item(out);
    struct reading r = {.record = {.scan = *scan, .item = out, .depth = depth + 1}, .line = line};
    enum json_fault fault;
    if (json_scan_take(&r.record.scan, '{')) {
        fault = read_fields(&r);
        if (fault == JSON_FAULT_NONE)
            check_whole(&r);
    } else {
        r.record.depth = depth;
        fault = fix_refuse_value(&r.record, FIX_WRONG_TYPE, "");
    }
    assert(r.record.scan.at <= scan->end);
    scan->at = r.record.scan.at;
    if (fault != JSON_FAULT_NONE) {
        out->error = fault == JSON_FAULT_DEPTH ? FIX_TOO_DEEP : FIX_NOT_JSON;
        out->field = "";
        scan->at = scan->end;
    }
    finish(&r);
    out->json = (struct text){start, (size_t)(scan->at - start)};
    if (out->error == FIX_OK && !fix_has(&out->fix, FIX_HAS_SEQ))
        out->fix.content = line != NULL ? fix_line_content(line, out->json) : fix_content(out->json);
}
