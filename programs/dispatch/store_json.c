#include "store_json.h"

#include "json_scan.h"

#include <stdio.h>

/* By name: an id may look like a number. One that is none, whatever wrote it, stays a text. */
static const char *const numbers[] = {
    "time",      "received", "lat",      "lon",        "speed",      "track",    "eph",         "mode",
    "open",      "load_kg",  "height_m", "live_time",  "live_lat",   "live_lon", "departed",    "arrived",
    "loaded_at", "loaded",   "unloaded", "distance_m", "violations", "rev",      "completeness"};
static const char *const values[] = {"fences", "sensors_at", "route"};
static const char *const truths[] = {"online", "ignition", "spill"};
enum { NAME_SHOWN_MAX = 64, VALUE_DEPTH = 4 };

static bool is_one_of(struct text name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(name, text_of(list[i])))
            return true;
    return false;
}
#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof *(list))

static bool is_number(struct text t)
{
    struct json_scan s = json_scan_of(t);
    struct json_number number;
    return json_scan_at_number(&s) && json_scan_number_slow(&s, &number) == JSON_FAULT_NONE && s.at == s.end;
}

static bool is_value(struct text t)
{
    struct json_scan s = json_scan_of(t);
    return (json_scan_peek(&s) == '[' || json_scan_peek(&s) == '{') &&
           json_scan_skip(&s, JSON_SCAN_DEPTH_MAX - VALUE_DEPTH) == JSON_FAULT_NONE && s.at == s.end;
}

void store_json_write(struct json_writer *w, struct field f)
{
    char name[NAME_SHOWN_MAX];
    bool truth =
        IS_ONE_OF(f.name, truths) && f.value.len == 1 && (*f.value.data == '0' || *f.value.data == '1');
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(f.name));
    json_write_key(w, name);
    if (truth)
        json_write_bool(w, *f.value.data == '1');
    else if ((IS_ONE_OF(f.name, numbers) && is_number(f.value)) ||
             (IS_ONE_OF(f.name, values) && is_value(f.value)))
        json_write_raw(w, f.value);
    else
        json_write_string(w, f.value);
}

void store_json_write_all(struct json_writer *w, struct fields fields)
{
    json_write_begin_object(w);
    for (size_t i = 0; i < fields.count; i++)
        store_json_write(w, fields.items[i]);
    json_write_end_object(w);
}

void store_json_write_entry(struct json_writer *w, struct text id, struct fields fields)
{
    char name[NAME_SHOWN_MAX];
    json_write_begin_object(w);
    json_write_key(w, "entry");
    json_write_string(w, id);
    for (size_t i = 0; i < fields.count; i++) {
        snprintf(name, sizeof name, "%.*s", TEXT_ARG(fields.items[i].name));
        json_write_key(w, name);
        json_write_string(w, fields.items[i].value);
    }
    json_write_end_object(w);
}
