#include "fix_json.h"

#include "fix_fields.h"
#include "hash.h"
#include "vehicle_id.h"

#include <stddef.h>

enum reader_state { READER_START, READER_ARRAY_FIRST, READER_ARRAY_NEXT, READER_TAIL, READER_DONE };

const char *fix_error_name(enum fix_error error)
{
    static const char *const names[FIX_ERROR_COUNT] = {
        [FIX_OK] = "ok",
        [FIX_TOO_LARGE] = "too_large",
        [FIX_NOT_JSON] = "not_json",
        [FIX_TOO_DEEP] = "too_deep",
        [FIX_WRONG_TYPE] = "wrong_type",
        [FIX_OUT_OF_RANGE] = "out_of_range",
        [FIX_TOO_OLD] = "too_old",
        [FIX_DUPLICATE_KEY] = "duplicate_key",
        [FIX_NO_TIME] = "no_time",
        [FIX_NO_POSITION] = "no_position",
        [FIX_UNPAIRED_SEQ] = "unpaired_seq",
        [FIX_NO_VEHICLE] = "no_vehicle",
    };
    return (unsigned)error < FIX_ERROR_COUNT ? names[error] : "?";
}

/* The keys of a fix, in the order of the contract, in which most units write them. */
enum key {
    KEY_TIME,
    KEY_LAT,
    KEY_LON,
    KEY_SPEED,
    KEY_TRACK,
    KEY_ALT,
    KEY_EPH,
    KEY_MODE,
    KEY_SATS,
    KEY_BOOT,
    KEY_SEQ,
    KEY_SENSORS,
    KEY_MEDIA,
    KEY_VEHICLE, /* this and the next only in a line */
    KEY_RECEIVED,
    KEY_NONE
};

/* What a field holds. */
enum form { FORM_NONE, FORM_TIME, FORM_DOUBLE, FORM_FLOAT, FORM_TRACK, FORM_SMALL, FORM_SEQ, FORM_BOOT };

/*
 * The ranges: 150 m/s is more than any road vehicle does and less than a broken counter says; altitudes leave
 * room for what a receiver makes of two dimensions; an error over 1000 km is no measurement.
 */
static const struct field {
    struct text name;
    char opening[9]; /* how it begins in a text without spaces; empty: not for the quick lane */
    uint8_t form;
    uint16_t offset; /* in struct fix */
    uint16_t bit;    /* of enum fix_has */
    double min, max;
} fields[KEY_NONE + 1] = {
#define AT(member) offsetof(struct fix, member)
    [KEY_TIME] = {TEXT("time"), "\"time\":", FORM_TIME, AT(time), 0, 0, 0},
    [KEY_LAT] = {TEXT("lat"), "\"lat\":", FORM_DOUBLE, AT(lat_deg), 0, -90, 90},
    [KEY_LON] = {TEXT("lon"), "\"lon\":", FORM_DOUBLE, AT(lon_deg), 0, -180, 180},
    [KEY_SPEED] = {TEXT("speed"), "\"speed\":", FORM_FLOAT, AT(speed_mps), FIX_HAS_SPEED, 0, 150},
    [KEY_TRACK] = {TEXT("track"), "\"track\":", FORM_TRACK, AT(track_deg), FIX_HAS_TRACK, 0, 360},
    [KEY_ALT] = {TEXT("alt"), "\"alt\":", FORM_FLOAT, AT(alt_m), FIX_HAS_ALT, -1000, 20000},
    [KEY_EPH] = {TEXT("eph"), "\"eph\":", FORM_FLOAT, AT(eph_m), FIX_HAS_EPH, 0, 1000000},
    [KEY_MODE] = {TEXT("mode"), "\"mode\":", FORM_SMALL, AT(mode), FIX_HAS_MODE, 0, FIX_MODE_3D},
    [KEY_SATS] = {TEXT("sats"), "\"sats\":", FORM_SMALL, AT(sats), FIX_HAS_SATS, 0, 255},
    [KEY_BOOT] = {TEXT("boot"), "\"boot\":", FORM_BOOT, AT(boot), 0, 1, FIX_BOOT_MAX},
    [KEY_SEQ] = {TEXT("seq"), "\"seq\":", FORM_SEQ, AT(seq), 0, 1, FIX_SEQ_MAX},
    [KEY_SENSORS] = {.name = TEXT("sensors")},
    [KEY_MEDIA] = {.name = TEXT("media")},
    [KEY_VEHICLE] = {.name = TEXT("vehicle")},
    [KEY_RECEIVED] = {.name = TEXT("received")},
    [KEY_NONE] = {.name = TEXT("")},
#undef AT
};

/* What one object has shown so far. */
struct reading {
    struct fix_record record;
    struct fix_line *line; /* NULL: vehicle and received are keys like any unknown one */
    unsigned seen;         /* a bit for each enum key */
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

static enum json_fault read_small(struct fix_record *r, const struct field *field)
{
    struct fix *fix = &r->item->fix;
    uint64_t max = (uint64_t)field->max, v = max + 1;
    enum json_fault fault = fix_read_integer(r, field->name.data, 0, max, field->bit, &v);
    if (v <= max) {
        *((uint8_t *)fix + field->offset) = (uint8_t)v;
        fix->has = (uint16_t)(fix->has | field->bit);
    }
    return fault;
}

static enum json_fault read_form(struct fix_record *r, const struct field *field)
{
    void *at = (char *)&r->item->fix + field->offset;
    switch (field->form) {
    case FORM_TIME:
        return fix_read_time(r, field->name.data, TIME_UNIT_S, at);
    case FORM_FLOAT:
        return fix_read_float(r, field->name.data, field->min, field->max, field->bit, at);
    case FORM_TRACK:
        return fix_read_track(r, field->name.data);
    case FORM_SMALL:
        return read_small(r, field);
    case FORM_SEQ:
        return fix_read_integer(r, field->name.data, 1, FIX_SEQ_MAX, 0, at);
    default:
        return fix_read_boot(r, field->name.data);
    }
}

/* Whether it may be missing is known only at the end, when `mode` has been read. */
static enum json_fault read_degrees(struct reading *r, enum key k)
{
    const struct field *field = &fields[k];
    double v = 0;
    enum json_fault fault = fix_read_number(&r->record, field->name.data, &v);
    if (v >= field->min && v <= field->max)
        *(double *)((char *)&r->record.item->fix + field->offset) = v;
    else
        r->beyond |= 1u << k;
    return fault;
}

static enum json_fault read_value(struct reading *r, enum key k)
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
        return read_form(&r->record, &fields[k]);
    }
}

static enum json_fault read_field(struct reading *r, enum key k)
{
    struct fix_record *rec = &r->record;
    unsigned bit = 1u << k;
    if (k != KEY_NONE && r->seen & bit) {
        r->present &= ~bit; /* which of two boots or numbers is meant cannot be known */
        return fix_refuse_value(rec, FIX_DUPLICATE_KEY, fields[k].name.data);
    }
    r->seen |= bit;
    if (json_scan_peek(&rec->scan) == 'n')
        return json_scan_word(&rec->scan, TEXT("null"));
    r->present |= bit;
    return read_value(r, k);
}

/*
 * The quick lane: fields in the usual order, plainly written and good, one after the other, with everything
 * that matters in registers; going through struct json_scan for each step makes every step wait for the one
 * before. It decides nothing: what it does not take exactly as the readers above would is left to them, from
 * that field's key on. The functions are inlined with a constant field each, so that the table above turns
 * into code.
 */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct lane {
    const char *p, *end;
    unsigned seen, taken; /* a bit a key: before the lane, and in it */
    unsigned has;
    bool closed; /* the object's brace has been passed */
};

ALWAYS_INLINE const char *lane_time(const char *p, const char *end, struct wall *out)
{
    struct text text;
    struct wall t;
    p = json_string_quick(p, end, &text);
    if (p == NULL || time_text_read(text, &t) != TIME_OK || t.ms < FIX_TIME_MIN_MS || t.ms >= FIX_TIME_END_MS)
        return NULL;
    *out = t;
    return p;
}

ALWAYS_INLINE const char *lane_boot(const char *p, const char *end, struct text *out)
{
    struct text text;
    p = json_string_quick(p, end, &text);
    if (p == NULL || text.len < 1 || text.len > FIX_BOOT_MAX || memchr(text.data, 0x7f, text.len) != NULL)
        return NULL;
    *out = text;
    return p;
}

ALWAYS_INLINE const char *lane_number(const char *p, const char *end, const struct field *field,
                                      struct fix *fix)
{
    struct json_number n;
    void *at = (char *)fix + field->offset;
    p = json_number_quick(p, end, &n);
    if (p == NULL || n.digits > UINT64_C(1) << 53 || (field->form >= FORM_SMALL && n.exp10 != 0))
        return NULL;
    double v = field->form >= FORM_SMALL ? (double)(int64_t)n.digits : json_number_double(&n);
    if (!(v >= field->min && v <= field->max) || (field->form >= FORM_SMALL && n.negative))
        return NULL;
    if (field->form == FORM_DOUBLE)
        *(double *)at = v;
    else if (field->form == FORM_SMALL)
        *(uint8_t *)at = (uint8_t)n.digits;
    else if (field->form == FORM_SEQ)
        *(uint64_t *)at = n.digits;
    else
        *(float *)at = field->form == FORM_TRACK && (float)v >= 360 ? 0 : (float)v;
    return p;
}

/* Takes the field if it stands here. False: the lane ends here, at its key or past the object. */
ALWAYS_INLINE bool lane_take(struct lane *l, struct fix *fix, enum key k)
{
    static const unsigned char ones[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    const struct field *field = &fields[k];
    size_t length = strlen(field->opening);
    uint64_t text, opening, mask;
    if (l->end - l->p < 9) /* the opening and a byte of the value */
        return false;
    memcpy(&text, l->p, sizeof text);
    memcpy(&opening, field->opening, sizeof opening);
    memcpy(&mask, ones + 8 - length, sizeof mask);
    if ((text & mask) != opening)
        return true;
    const char *p = l->p + length;
    p += *p == ' ';
    if (field->form == FORM_TIME)
        p = lane_time(p, l->end, &fix->time);
    else if (field->form == FORM_BOOT)
        p = lane_boot(p, l->end, &fix->boot);
    else
        p = lane_number(p, l->end, field, fix);
    if (p == NULL || p == l->end || (*p != ',' && *p != '}') || l->seen & 1u << k)
        return false;
    l->taken |= 1u << k;
    l->has |= field->bit;
    l->closed = *p == '}';
    l->p = p + 1;
    l->p += !l->closed && l->p < l->end && *l->p == ' ';
    return !l->closed;
}

/* From the key at the scanner on. Stops at the first key it leaves, or past the object's closing brace: then
 * true. */
static bool read_quick(struct reading *r)
{
    struct fix *fix = &r->record.item->fix;
    struct lane l = {.p = r->record.scan.at, .end = r->record.scan.end, .seen = r->seen};
    (void)(lane_take(&l, fix, KEY_TIME) && lane_take(&l, fix, KEY_LAT) && lane_take(&l, fix, KEY_LON) &&
           lane_take(&l, fix, KEY_SPEED) && lane_take(&l, fix, KEY_TRACK) && lane_take(&l, fix, KEY_ALT) &&
           lane_take(&l, fix, KEY_EPH) && lane_take(&l, fix, KEY_MODE) && lane_take(&l, fix, KEY_SATS) &&
           lane_take(&l, fix, KEY_BOOT) && lane_take(&l, fix, KEY_SEQ));
    r->record.scan.at = l.p;
    r->seen |= l.taken;
    r->present |= l.taken;
    r->whole = r->present;
    fix->has = (uint16_t)(fix->has | l.has);
    return l.closed;
}

/* The field whose name it is, tried from `guess` on round the table. */
static enum key find_key(const struct json_string *key, enum key guess, enum key count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned k = guess + i < count ? guess + i : guess + i - count;
        if (json_string_equal(key, fields[k].name))
            return (enum key)k;
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
    enum key count = r->line != NULL ? KEY_NONE : KEY_VEHICLE, guess = KEY_TIME;
    json_scan_space(s);
    if (json_scan_take(s, '}'))
        return JSON_FAULT_NONE;
    for (;;) {
        struct json_string key;
        if (read_quick(r))
            return JSON_FAULT_NONE;
        json_scan_space(s);
        const char *start = s->at;
        if (json_scan_key(s, &key) != JSON_FAULT_NONE)
            return JSON_FAULT_SYNTAX;
        enum key k = find_key(&key, guess < count ? guess : KEY_TIME, count);
        enum json_fault fault = read_field(r, k);
        if (fault != JSON_FAULT_NONE)
            return fault;
        guess = k == KEY_NONE ? guess : (enum key)(k + 1);
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

/* Fixed keys: hashes are kept with the state, and who makes two of its own fixes collide harms itself. */
uint64_t fix_content(struct text json)
{
    return hash_bytes((struct hash_key){5, 6}, json.data, json.len);
}

uint64_t fix_line_content(const struct fix_line *line, struct text text)
{
    const struct text *first = &line->added[0], *second = &line->added[1];
    if (second->data != NULL && (first->data == NULL || second->data < first->data)) {
        first = &line->added[1];
        second = &line->added[0];
    }
    const char *at = text.data, *end = text.data + text.len;
    uint64_t hash = 0;
    for (int i = 0; i < 3; i++) {
        const struct text *cut = i == 0 ? first : second;
        const char *to = i < 2 && cut->data != NULL ? cut->data : end;
        hash = hash_bytes((struct hash_key){hash, (uint64_t)i}, at, (size_t)(to - at));
        at = to == end ? end : to + cut->len;
    }
    return hash;
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

/*
 * One element, from where `scan` stands: an object, or anything else, refused. On a fault the item's bytes
 * are the rest of the text and `scan` stands at the end.
 */
static void read_element(struct json_scan *scan, unsigned depth, struct fix_line *line, struct fix_item *out)
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

/* Refuses all from here to the end. */
static void read_rest(struct json_scan *scan, enum fix_error error, struct fix_item *out)
{
    *out = (struct fix_item){.error = error,
                             .field = "",
                             .json = {scan->at, (size_t)(scan->end - scan->at)},
                             .fix.sensors = sensors_none()};
    scan->at = scan->end;
}

void fix_reader_init(struct fix_reader *reader, struct text payload)
{
    *reader = (struct fix_reader){.scan = json_scan_of(payload), .payload = payload, .state = READER_START};
}

/* After an element of the array: its comma, its bracket, or a fault. */
static bool next_in_array(struct fix_reader *reader, struct fix_item *out)
{
    struct json_scan *s = &reader->scan;
    json_scan_space(s);
    bool first = reader->state == READER_ARRAY_FIRST;
    if (json_scan_take(s, ']')) {
        reader->state = READER_TAIL;
        return fix_reader_next(reader, out);
    }
    if (!first && !json_scan_take(s, ',')) {
        reader->state = READER_DONE;
        read_rest(s, FIX_NOT_JSON, out);
        return true;
    }
    json_scan_space(s);
    read_element(s, 1, NULL, out);
    bool lost = out->error == FIX_NOT_JSON || out->error == FIX_TOO_DEEP;
    reader->state = lost ? READER_DONE : READER_ARRAY_NEXT;
    return true;
}

bool fix_reader_next(struct fix_reader *reader, struct fix_item *out)
{
    struct json_scan *s = &reader->scan;
    switch (reader->state) {
    case READER_START:
        if (reader->payload.len > FIX_PAYLOAD_MAX) {
            reader->state = READER_DONE;
            read_rest(s, FIX_TOO_LARGE, out);
            return true;
        }
        json_scan_space(s);
        if (json_scan_take(s, '[')) {
            reader->state = READER_ARRAY_FIRST;
            return next_in_array(reader, out);
        }
        reader->state = READER_TAIL;
        read_element(s, 0, NULL, out);
        return true;
    case READER_ARRAY_FIRST:
    case READER_ARRAY_NEXT:
        return next_in_array(reader, out);
    case READER_TAIL:
        reader->state = READER_DONE;
        json_scan_space(s);
        if (s->at == s->end)
            return false;
        read_rest(s, FIX_NOT_JSON, out);
        return true;
    default:
        return false;
    }
}

enum fix_error fix_line_read(struct text line, struct fix_line *out)
{
    *out = (struct fix_line){.item = {.json = line}};
    struct json_scan s = json_scan_of(line);
    if (line.len > FIX_PAYLOAD_MAX) {
        read_rest(&s, FIX_TOO_LARGE, &out->item);
        return FIX_TOO_LARGE;
    }
    json_scan_space(&s);
    read_element(&s, 0, out, &out->item);
    json_scan_space(&s);
    if (s.at != s.end)
        read_rest(&s, FIX_NOT_JSON, &out->item);
    return out->item.error;
}
