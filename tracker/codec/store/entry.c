#include "entry.h"

#include "json_write.h"

#include <assert.h>
#include <math.h>

static void entry_init(struct entry *e)
{
    e->count = 0;
    e->store = (struct buf){.data = e->bytes, .cap = sizeof e->bytes, .limit = sizeof e->bytes};
}

static void put(struct entry *e, const char *name, struct text value, bool number)
{
    if (value.len == 0)
        return;
    assert(e->count < ENTRY_FIELDS_MAX);
    e->fields[e->count++] = (struct entry_field){name, value, number};
}

static void put_text(struct entry *e, const char *name, struct text value)
{
    put(e, name, value, false);
}

static void put_word(struct entry *e, const char *name, const char *value)
{
    put(e, name, text_of(value), false);
}

/* What was appended to the store since it was `from` bytes long. */
static struct text stored(const struct entry *e, size_t from)
{
    /* The store is sized for the longest of everything: see the bounds of phrases and numbers. */
    assert(buf_ok(&e->store));
    return (struct text){e->store.data + from, e->store.len - from};
}

static void put_i64(struct entry *e, const char *name, int64_t value)
{
    size_t from = e->store.len;
    buf_put_i64(&e->store, value);
    put(e, name, stored(e, from), true);
}

static void put_time(struct entry *e, const char *name, int64_t ms)
{
    if (ms != TIME_NONE && ms != TIME_NEVER)
        put_i64(e, name, ms);
}

static void put_fixed(struct entry *e, const char *name, double value, int decimals)
{
    if (!(fabs(value) < 1e9))
        return; /* unknown, or nothing that was ever measured */
    size_t from = e->store.len;
    buf_put_fixed(&e->store, value, decimals);
    put(e, name, stored(e, from), true);
}

static void put_trip_id(struct entry *e, struct text vehicle, int64_t start_ms)
{
    if (start_ms == TIME_NONE)
        return;
    char id[VIOLATION_ID_LENGTH + 1];
    trip_id_write(vehicle, start_ms, id);
    size_t from = e->store.len;
    buf_puts(&e->store, id);
    put_text(e, "trip", stored(e, from));
}

void trip_id_write(struct text vehicle, int64_t start_ms, char out[VIOLATION_ID_LENGTH + 1])
{
    violation_id_write(vehicle, TEXT("trip"), TEXT(""), (struct wall){start_ms}, out);
}

void transition_id_write(const struct transition *t, const struct names *names,
                         char out[VIOLATION_ID_LENGTH + 1])
{
    struct text vehicle = names_text(names, t->vehicle);
    struct text subject = TEXT("");
    char trip[VIOLATION_ID_LENGTH + 1];
    switch (kind_row(t->kind)->subject) {
    case SUBJECT_NONE:
    case SUBJECT_REASON:
        break;
    case SUBJECT_DUTY:
        subject = t->duty_subject;
        break;
    case SUBJECT_CAUSE:
        subject = text_of(cause_name(t->cause));
        break;
    case SUBJECT_TRIP:
        trip_id_write(vehicle, t->trip_ms, trip);
        subject = text_of(trip);
        break;
    case SUBJECT_FENCE:
    case SUBJECT_PERMIT:
    case SUBJECT_PERMIT_OR_AREA:
        subject = names_text(names, t->subject);
        break;
    }
    violation_id_write(vehicle, text_of(kind_row(t->kind)->name), subject, (struct wall){t->start_ms}, out);
}

void episode_id_write(const struct vehicle_state *state, const struct episode *e, const struct names *names,
                      char out[VIOLATION_ID_LENGTH + 1])
{
    struct transition t = {.kind = (enum kind)e->kind,
                           .vehicle = state->vehicle,
                           .subject = e->subject,
                           .start_ms = e->start_ms,
                           .trip_ms = e->trip_ms};
    enum subject_type type = kind_row(t.kind)->subject;
    if (type == SUBJECT_CAUSE || type == SUBJECT_REASON)
        t.cause = (enum cause)e->subject;
    transition_id_write(&t, names, out);
}

static void put_reason(struct entry *e, const struct transition *t)
{
    bool over = t->event == TRANSITION_CLOSED || (t->duty.len > 0 && t->end_ms != TIME_NONE);
    if (over)
        put_word(e, "reason", close_reason_name(t->reason));
    else if (t->cause != CAUSE_NONE)
        put_word(e, "reason", cause_name(t->cause));
    if (t->cause != CAUSE_NONE)
        put_word(e, "cause", cause_name(t->cause));
}

static void put_places(struct entry *e, const struct transition *t)
{
    if (t->has_position) {
        put_fixed(e, "lat", t->lat_deg, 7);
        put_fixed(e, "lon", t->lon_deg, 7);
    }
    if (!isnan(t->start_lat_deg) && !isnan(t->start_lon_deg)) {
        put_fixed(e, "start_lat", t->start_lat_deg, 7);
        put_fixed(e, "start_lon", t->start_lon_deg, 7);
    }
}

/* A JSON array: ids may hold any separator. A number at its end counts the pieces it does not name. */
static void put_trail(struct entry *e, const struct transition *t, const struct names *names)
{
    if (t->trail_count == 0)
        return;
    struct json_writer w;
    size_t from = e->store.len;
    uint32_t named = 0;
    json_writer_init(&w, &e->store);
    json_write_begin_array(&w);
    for (; named < t->trail_count && named < EPISODE_PIECES_MAX && t->fence_trail[named] != 0; named++)
        json_write_string(&w, names_text(names, t->fence_trail[named]));
    if (t->trail_count > named)
        json_write_i64(&w, t->trail_count - named);
    json_write_end_array(&w);
    put_text(e, "fences", stored(e, from));
}

static void put_measure(struct entry *e, const struct transition *t)
{
    struct measure m = transition_measure(t);
    if (m.unit != NULL) {
        put_fixed(e, "value", (double)m.value, unit_decimals(m.unit));
        put_fixed(e, "limit", (double)m.limit, unit_decimals(m.unit));
        if (!isnan(m.value) || !isnan(m.limit))
            put_word(e, "unit", m.unit);
    }
    if (t->error_m > 0)
        put_fixed(e, "error", (double)t->error_m, 1);
}

static void put_gap(struct entry *e, const struct transition *t, const struct names *names)
{
    put_word(e, "why", permit_gap_name(t->why));
    put_text(e, "near_permit", names_text(names, t->near_permit));
}

static void put_sentence(struct entry *e, const char *name, const struct transition *t,
                         const struct names *names, enum phrase_language language)
{
    size_t from = e->store.len;
    phrase_put_sentence(t, names, language, &e->store);
    put_text(e, name, stored(e, from));
}

static void put_texts(struct entry *e, const struct transition *t, const struct names *names)
{
    size_t from = e->store.len;
    phrase_put_headline(t, names, PHRASE_ZH, &e->store);
    buf_puts(&e->store, " / ");
    phrase_put_headline(t, names, PHRASE_EN, &e->store);
    put_text(e, "text", stored(e, from));
    put_sentence(e, "text_zh", t, names, PHRASE_ZH);
    put_sentence(e, "text_en", t, names, PHRASE_EN);
}

const char *const entry_passing_fields[] = {
    "plate",       "company",      "reason",     "cause",      "lat",        "lon",
    "start_lat",   "start_lon",    "fence",      "fences",     "permit",     "trip",
    "value",       "limit",        "unit",       "error",      "why",        "end",
    "near_permit", "jurisdiction", "road_class", "event_code", "department", "received",
    "replaces",    "replaced_by",  "late_data",  "duty",       NULL};

bool entry_has_field(const char *name)
{
    static const char *const always[] = {"event", "id",     "rev",     "kind", "severity", "vehicle", "start",
                                         "at",    "repeat", "ruleset", "text", "text_zh",  "text_en", NULL};
    const char *const *const lists[] = {always, entry_passing_fields};
    for (size_t i = 0; i < 2; i++)
        for (const char *const *field = lists[i]; *field != NULL; field++)
            if (strcmp(*field, name) == 0)
                return true;
    return false;
}

static void put_id(struct entry *e, const struct transition *t, const struct names *names)
{
    char id[VIOLATION_ID_LENGTH + 1];
    transition_id_write(t, names, id);
    size_t from = e->store.len;
    buf_puts(&e->store, id);
    put_text(e, "id", stored(e, from));
}

void entry_of_transition(struct entry *e, const struct transition *t, const struct names *names)
{
    entry_init(e);
    struct text vehicle = names_text(names, t->vehicle);
    put_word(e, "event", transition_event_name(t->event));
    put_id(e, t, names);
    put_i64(e, "rev", t->rev);
    put_word(e, "kind", kind_row(t->kind)->name);
    put_word(e, "severity", severity_name(t->severity));
    put_text(e, "vehicle", vehicle);
    put_text(e, "plate", t->plate);
    put_text(e, "company", t->company);
    put_time(e, "start", t->start_ms);
    put_time(e, "at", t->at_ms);
    put_time(e, "end", t->end_ms);
    put_reason(e, t);
    put_places(e, t);
    put_text(e, "fence", names_text(names, t->fence));
    put_trail(e, t, names);
    put_text(e, "duty", t->duty);
    put_text(e, "permit", names_text(names, t->permit));
    put_gap(e, t, names);
    put_trip_id(e, vehicle, t->trip_ms);
    put_measure(e, t);
    put_text(e, "jurisdiction", t->jurisdiction);
    put_text(e, "road_class", t->road_class);
    put_text(e, "event_code", t->event_code);
    put_text(e, "department", t->department);
    put_i64(e, "repeat", t->repeat);
    put_word(e, "ruleset", t->ruleset);
    put_time(e, "received", t->received_ms);
    put_texts(e, t, names);
}

void entry_of_trip(struct entry *e, const struct trip_entry *t, const struct names *names)
{
    entry_init(e);
    struct text vehicle = names_text(names, t->vehicle);
    put_trip_id(e, vehicle, t->trip.start_ms);
    put_text(e, "vehicle", vehicle);
    put_text(e, "plate", t->plate);
    put_text(e, "permit", names_text(names, t->trip.permit));
    put_text(e, "site", names_text(names, t->trip.site));
    put_text(e, "disposal", names_text(names, t->trip.disposal));
    put_time(e, "loaded", t->trip.loaded_ms);
    put_time(e, "departed", t->trip.start_ms);
    put_time(e, "arrived", t->trip.arrived_ms);
    put_time(e, "unloaded", t->unloaded_ms);
    put_fixed(e, "distance_m", t->trip.distance_m, 1);
    put_fixed(e, "load_kg", (double)t->trip.load_kg, 1);
    put_i64(e, "violations", t->trip.violations);
    put_fixed(e, "completeness", t->completeness, 3);
    put_word(e, "end_reason", t->end_reason);
    if (t->rev > 1) {
        put_word(e, "event", transition_event_name(TRANSITION_UPDATED));
        put_i64(e, "rev", t->rev);
    }
}

void entry_begin(struct entry *e)
{
    entry_init(e);
}

void entry_add(struct entry *e, const char *name, struct text value, bool number)
{
    put(e, name, value, number);
}

void entry_add_number(struct entry *e, const char *name, int64_t value)
{
    put_i64(e, name, value);
}

void entry_add_fixed(struct entry *e, const char *name, double value, int decimals)
{
    put_fixed(e, name, value, decimals);
}

void entry_add_copy(struct entry *e, const char *name, struct text value)
{
    size_t from = e->store.len;
    buf_put_text(&e->store, value);
    put_text(e, name, stored(e, from));
}

void entry_of_reject(struct entry *e, struct text vehicle, struct wall received, const char *reason,
                     struct text payload)
{
    entry_init(e);
    put_text(e, "vehicle", vehicle);
    put_time(e, "received", received.ms);
    put_word(e, "reason", reason);
    if (payload.len > REJECT_PAYLOAD_MAX)
        payload.len = REJECT_PAYLOAD_MAX;
    put_text(e, "payload", payload);
}

void entry_of_more_rejects(struct entry *e, struct text vehicle, struct wall received, uint64_t count)
{
    entry_init(e);
    put_text(e, "vehicle", vehicle);
    put_time(e, "received", received.ms);
    put_word(e, "reason", "more");
    put_i64(e, "count", (int64_t)count);
}

void entry_of_life(struct entry *e, struct text vehicle, struct life life, uint64_t batch)
{
    entry_init(e);
    put_word(e, "kind", "life");
    put_text(e, "vehicle", vehicle);
    put_time(e, "received", life.received_ms);
    put_time(e, "clock", life.clock_ms);
    put_i64(e, "batch", (int64_t)batch);
}

struct text entry_value(const struct entry *e, const char *name)
{
    for (uint32_t i = 0; i < e->count; i++)
        if (strcmp(e->fields[i].name, name) == 0)
            return e->fields[i].value;
    return (struct text){NULL, 0};
}

void entry_write_json(const struct entry *e, const char *stream, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    if (stream != NULL) {
        json_write_key(&w, "stream");
        json_write_string(&w, text_of(stream));
    }
    for (uint32_t i = 0; i < e->count; i++) {
        json_write_key(&w, e->fields[i].name);
        if (e->fields[i].number)
            json_write_raw(&w, e->fields[i].value);
        else
            json_write_string(&w, e->fields[i].value);
    }
    json_write_end_object(&w);
}

static void write_pair(struct json_writer *w, const char *key, struct text value)
{
    if (value.len == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, value);
}

static void write_phrase(struct json_writer *w, const char *key, const struct warning *warning,
                         enum phrase_language language)
{
    char bytes[PHRASE_MAX];
    struct buf phrase = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    phrase_put_cab(&warning->about, warning->event, language, &phrase);
    write_pair(w, key, buf_text(&phrase));
}

void warning_write_json(const struct warning *warning, const struct names *names, const char *stream,
                        struct buf *out)
{
    const struct transition *t = &warning->about;
    char id[VIOLATION_ID_LENGTH + 1];
    transition_id_write(t, names, id);
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    if (stream != NULL) {
        write_pair(&w, "stream", text_of(stream));
        write_pair(&w, "vehicle", names_text(names, t->vehicle));
    }
    write_pair(&w, "id", text_of(id));
    write_pair(&w, "kind", text_of(kind_row(t->kind)->name));
    write_pair(&w, "event", text_of(transition_event_name(warning->event)));
    json_write_key(&w, "at");
    json_write_i64(&w, t->at_ms);
    write_pair(&w, "fence", names_text(names, t->fence));
    json_write_key(&w, "text");
    json_write_begin_object(&w);
    write_phrase(&w, "zh", warning, PHRASE_ZH);
    write_phrase(&w, "en", warning, PHRASE_EN);
    json_write_end_object(&w);
    json_write_end_object(&w);
}
