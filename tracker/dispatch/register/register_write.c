/*
 * register_write: an alert as JSON: its entry as it was told, then what people made of it.
 */
#include "register_state.h"

#include "json_scan.h"
#include "json_write.h"

/* Fields that are numbers in the store's texts; one that is none, whatever wrote it, stays a text. */
static const char *const numbers[] = {"rev",   "start",     "at",        "end",      "lat",
                                      "lon",   "start_lat", "start_lon", "value",    "limit",
                                      "error", "received",  "repeat",    "late_data"};

static bool is_number(struct field f)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (text_equal(f.name, text_of(numbers[i]))) {
            struct json_scan scan = json_scan_of(f.value);
            struct json_number number;
            return json_scan_at_number(&scan) && json_scan_number_slow(&scan, &number) == JSON_FAULT_NONE &&
                   scan.at == scan.end;
        }
    return false;
}

static bool is_list(struct field f)
{
    struct json_scan scan = json_scan_of(f.value);
    return text_equal(f.name, TEXT("fences")) && json_scan_peek(&scan) == '[' &&
           json_scan_skip(&scan, 2) == JSON_FAULT_NONE && scan.at == scan.end;
}

static void write_name(struct json_writer *w, struct text name)
{
    char shown[64];
    size_t len = name.len < sizeof shown ? name.len : sizeof shown - 1;
    memcpy(shown, name.data, len);
    shown[len] = '\0';
    json_write_key(w, shown);
}

static void write_field(struct json_writer *w, struct field f)
{
    write_name(w, f.name);
    if (is_number(f) || is_list(f))
        json_write_raw(w, f.value);
    else
        json_write_string(w, f.value);
}

static void write_told(struct json_writer *w, const char *key, struct text value)
{
    if (value.len == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, value);
}

static void write_whole(struct json_writer *w, const char *key, int64_t value)
{
    json_write_key(w, key);
    json_write_i64(w, value);
}

static void write_work(const struct register_alert *a, struct json_writer *w)
{
    json_write_key(w, "work");
    json_write_begin_object(w);
    json_write_key(w, "state");
    json_write_string(w, text_of(work_state_word(a->work.state)));
    write_whole(w, "rev", a->work.rev);
    write_told(w, "assignee", a->work.to);
    write_told(w, "acknowledged_by", a->work.acknowledged_by);
    write_told(w, "duplicate_of", a->work.of);
    if (a->work.until_ms != 0)
        write_whole(w, "until", a->work.until_ms);
    if (a->due_ms != INT64_MAX)
        write_whole(w, "due", a->due_ms);
    json_write_end_object(w);
}

/* Of one whose violation is gone from its stream: what the hash of the alert kept of it. */
static void write_columns(const struct register_book *r, uint32_t number, const struct register_alert *a,
                          struct json_writer *w)
{
    const uint32_t *columns = r->rows[number].columns;
    json_write_key(w, "id");
    json_write_string(w, (struct text){a->id, DESK_ID_LENGTH});
    write_told(w, "kind", register_value(r, COLUMN_KIND, columns[COLUMN_KIND]));
    write_told(w, "severity", text_of(alert_severity_word(a->severity)));
    write_told(w, "vehicle", register_value(r, COLUMN_VEHICLE, columns[COLUMN_VEHICLE]));
    write_told(w, "company", register_value(r, COLUMN_COMPANY, columns[COLUMN_COMPANY]));
    write_told(w, "jurisdiction", register_value(r, COLUMN_JURISDICTION, columns[COLUMN_JURISDICTION]));
    if (a->start_ms != 0)
        write_whole(w, "start", a->start_ms);
}

bool register_field(struct register_book *r, uint32_t number, size_t *place, struct field *out)
{
    const struct alert_more *more = &r->mores[number];
    struct text packed = {more->packed + *place, more->packed_len - *place};
    bool found = *place < more->packed_len && fields_unpack(&r->words, &packed, &r->field, out);
    *place = more->packed_len - packed.len;
    return found;
}

void register_write_work(const struct register_book *r, uint32_t number, int64_t now_ms,
                         struct json_writer *w)
{
    struct register_alert a;
    register_alert(r, number, &a);
    json_write_key(w, "condition");
    json_write_string(w, text_of(alert_condition_word(a.condition)));
    write_work(&a, w);
    json_write_key(w, "overdue");
    json_write_bool(w, alert_is_overdue(&r->rows[number], now_ms));
    json_write_key(w, "shelved");
    json_write_bool(w, alert_is_shelved(&r->rows[number], now_ms));
}

void register_write(struct register_book *r, uint32_t number, int64_t now_ms, struct buf *out)
{
    struct json_writer w;
    struct register_alert a;
    size_t place = 0;
    struct field f;
    register_alert(r, number, &a);
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    if (!a.known)
        write_columns(r, number, &a, &w);
    while (register_field(r, number, &place, &f))
        write_field(&w, f);
    write_whole(&w, "partition", a.partition);
    write_whole(&w, "told", a.told_ms);
    register_write_work(r, number, now_ms, &w);
    json_write_end_object(&w);
}
