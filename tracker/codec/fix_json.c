#include "fix_json.h"

#include "fix_fields.h"

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

/*
 * The keys of a fix. Units write them in the same order every time, most in the order of the contract, so the
 * key after the last one read is tried first, as one masked 8-byte comparison with its closing quote.
 */
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

static const struct {
    char quoted[9]; /* with the closing quote, as it stands in the text */
    uint8_t len;
} keys[KEY_NONE] = {
    [KEY_TIME] = {"time\"", 5},   [KEY_LAT] = {"lat\"", 4},         [KEY_LON] = {"lon\"", 4},
    [KEY_SPEED] = {"speed\"", 6}, [KEY_TRACK] = {"track\"", 6},     [KEY_ALT] = {"alt\"", 4},
    [KEY_EPH] = {"eph\"", 4},     [KEY_MODE] = {"mode\"", 5},       [KEY_SATS] = {"sats\"", 5},
    [KEY_BOOT] = {"boot\"", 5},   [KEY_SEQ] = {"seq\"", 4},         [KEY_SENSORS] = {"sensors\"", 8},
    [KEY_MEDIA] = {"media\"", 6}, [KEY_VEHICLE] = {"vehicle\"", 8}, [KEY_RECEIVED] = {"received", 9},
};

static const char *const field_names[KEY_NONE + 1] = {
    "time", "lat",  "lon", "speed",   "track", "alt",     "eph",      "mode",
    "sats", "boot", "seq", "sensors", "media", "vehicle", "received", "",
};

static inline bool key_matches(const char *p, enum key k)
{
    static const unsigned char ones[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    uint64_t text, want, mask;
    memcpy(&text, p, sizeof text);
    memcpy(&want, keys[k].quoted, sizeof want);
    memcpy(&mask, ones + 8 - keys[k].len, sizeof mask);
    return (text & mask) == want;
}

static enum key find_key(const struct json_string *key, enum key count)
{
    for (unsigned k = 0; k < count; k++)
        if (json_string_equal(key, text_of(field_names[k])))
            return (enum key)k;
    return KEY_NONE;
}

/* A key, its colon and the space around it. */
static inline enum json_fault read_key(struct json_scan *s, enum key guess, enum key count, enum key *out)
{
    if (guess < KEY_RECEIVED && s->end - s->at > 10 && *s->at == '"' && key_matches(s->at + 1, guess)) {
        s->at += keys[guess].len + 1;
        json_scan_space(s);
        if (!json_scan_take(s, ':'))
            return JSON_FAULT_SYNTAX;
        json_scan_space(s);
        *out = guess;
        return JSON_FAULT_NONE;
    }
    struct json_string key;
    if (json_scan_key(s, &key) != JSON_FAULT_NONE)
        return JSON_FAULT_SYNTAX;
    *out = find_key(&key, count);
    return JSON_FAULT_NONE;
}

/* What one object has shown so far. */
struct reading {
    struct fix_record record;
    struct fix_line *line; /* NULL: vehicle and received are keys like any unknown one */
    unsigned seen;         /* a bit for each enum key */
    unsigned present;      /* seen, and not null */
    unsigned whole;        /* present, and what follows the value ends it: a torn 123 may have been 1234 */
};

bool vehicle_id_valid(struct text id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '_' && c != '-')
            return false;
    }
    return id.len >= 1 && id.len <= VEHICLE_ID_MAX;
}

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

static enum json_fault read_small(struct fix_record *r, const char *field, uint64_t max, unsigned bit,
                                  uint8_t *out)
{
    uint64_t v = max + 1;
    enum json_fault fault = fix_read_integer(r, field, 0, max, &v);
    if (v <= max) {
        *out = (uint8_t)v;
        r->item->fix.has = (uint16_t)(r->item->fix.has | bit);
    }
    return fault;
}

/*
 * The ranges: 150 m/s is more than any road vehicle does and less than a broken counter says; altitudes leave
 * room for what a receiver makes of two dimensions; an error over 1000 km is no measurement.
 */
static enum json_fault read_value(struct reading *r, enum key k)
{
    struct fix_record *rec = &r->record;
    struct fix *fix = &rec->item->fix;
    const char *name = field_names[k];
    switch (k) {
    case KEY_TIME:
        return fix_read_time(rec, name, TIME_UNIT_S, &fix->time);
    case KEY_LAT:
        return fix_read_double(rec, name, -90, 90, &fix->lat_deg);
    case KEY_LON:
        return fix_read_double(rec, name, -180, 180, &fix->lon_deg);
    case KEY_SPEED:
        return fix_read_float(rec, name, 0, 150, FIX_HAS_SPEED, &fix->speed_mps);
    case KEY_TRACK:
        return fix_read_track(rec, name);
    case KEY_ALT:
        return fix_read_float(rec, name, -1000, 20000, FIX_HAS_ALT, &fix->alt_m);
    case KEY_EPH:
        return fix_read_float(rec, name, 0, 1000000, FIX_HAS_EPH, &fix->eph_m);
    case KEY_MODE:
        return read_small(rec, name, FIX_MODE_3D, FIX_HAS_MODE, &fix->mode);
    case KEY_SATS:
        return read_small(rec, name, 255, FIX_HAS_SATS, &fix->sats);
    case KEY_BOOT:
        return fix_read_boot(rec, name);
    case KEY_SEQ:
        return fix_read_integer(rec, name, 1, FIX_SEQ_MAX, &fix->seq);
    case KEY_SENSORS:
        return fix_read_sensors(rec, name);
    case KEY_MEDIA:
        return fix_read_media(rec, name);
    case KEY_VEHICLE:
        return read_vehicle(r);
    case KEY_RECEIVED:
        return read_received(r);
    default:
        return json_scan_skip(&rec->scan, rec->depth);
    }
}

static enum json_fault read_field(struct reading *r, enum key k)
{
    struct fix_record *rec = &r->record;
    unsigned bit = 1u << k;
    if (k != KEY_NONE && r->seen & bit) {
        r->present &= ~bit; /* which of two boots or numbers is meant cannot be known */
        return fix_refuse_value(rec, FIX_DUPLICATE_KEY, field_names[k]);
    }
    r->seen |= bit;
    if (json_scan_peek(&rec->scan) == 'n')
        return json_scan_word(&rec->scan, TEXT("null"));
    r->present |= bit;
    return read_value(r, k);
}

#define KEY_BIT(k) (1u << (k))

/* What only the whole object can tell. */
static void check_whole(struct reading *r)
{
    struct fix_record *rec = &r->record;
    struct fix *fix = &rec->item->fix;
    bool lat = r->present & KEY_BIT(KEY_LAT), lon = r->present & KEY_BIT(KEY_LON);
    bool boot = r->present & KEY_BIT(KEY_BOOT), seq = r->present & KEY_BIT(KEY_SEQ);
    if (r->line != NULL && r->line->vehicle.len == 0)
        fix_refuse(rec, FIX_NO_VEHICLE, "vehicle");
    if (!(r->present & KEY_BIT(KEY_TIME)))
        fix_refuse(rec, FIX_NO_TIME, "time");
    if (boot != seq)
        fix_refuse(rec, FIX_UNPAIRED_SEQ, boot ? "seq" : "boot");
    bool may_lack = fix->has & FIX_HAS_MODE && fix->mode <= FIX_MODE_NONE;
    if (!(lat && lon) && !may_lack)
        fix_refuse(rec, FIX_NO_POSITION, lat ? "lon" : "lat");
    if (lat && lon)
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
    }
    if (numbered)
        item->fix.has |= FIX_HAS_SEQ;
}

/* The fields of an object whose brace has been taken, and its closing brace. */
static enum json_fault read_fields(struct reading *r)
{
    struct json_scan *s = &r->record.scan;
    enum key guess = r->line != NULL ? KEY_VEHICLE : KEY_TIME;
    enum key count = r->line != NULL ? KEY_NONE : KEY_VEHICLE;
    json_scan_space(s);
    if (json_scan_take(s, '}'))
        return JSON_FAULT_NONE;
    for (;;) {
        enum key k;
        if (read_key(s, guess, count, &k) != JSON_FAULT_NONE)
            return JSON_FAULT_SYNTAX;
        enum json_fault fault = read_field(r, k);
        if (fault != JSON_FAULT_NONE)
            return fault;
        guess = k == KEY_NONE ? guess : k == KEY_VEHICLE ? KEY_TIME : (enum key)(k + 1);
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

/*
 * One element, from where `scan` stands: an object, or anything else, refused. On a fault the item's bytes
 * are the rest of the text and `scan` stands at the end.
 */
static void read_element(struct json_scan *scan, unsigned depth, struct fix_line *line, struct fix_item *out)
{
    const char *start = scan->at;
    *out = (struct fix_item){.field = "", .fix.sensors = sensors_none()};
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
