#include "fix_fields.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

void fix_refuse(struct fix_record *r, enum fix_error error, const char *field)
{
    if (r->item->error != FIX_OK)
        return;
    r->item->error = error;
    r->item->field = field;
}

enum json_fault fix_refuse_value(struct fix_record *r, enum fix_error error, const char *field)
{
    fix_refuse(r, error, field);
    return json_scan_skip(&r->scan, r->depth);
}

/* What a fix can do without is no reason to lose the rest of it: units say with such values that they do not
 * know (-1, 511, 65535). */
static void leave_unknown(struct fix_record *r, unsigned bit)
{
    r->item->unknown = (uint16_t)(r->item->unknown | bit);
}

enum json_fault fix_read_number(struct fix_record *r, const char *field, double *out)
{
    struct json_number n;
    if (!json_scan_at_number(&r->scan))
        return fix_refuse_value(r, FIX_WRONG_TYPE, field);
    if (json_scan_number(&r->scan, &n) != JSON_FAULT_NONE)
        return JSON_FAULT_SYNTAX;
    *out = json_number_double(&n);
    return JSON_FAULT_NONE;
}

enum json_fault fix_read_double(struct fix_record *r, const char *field, double min, double max, double *out)
{
    double v = NAN;
    enum json_fault fault = fix_read_number(r, field, &v);
    if (v >= min && v <= max)
        *out = v;
    else if (!isnan(v))
        fix_refuse(r, FIX_OUT_OF_RANGE, field);
    return fault;
}

enum json_fault fix_read_float(struct fix_record *r, const struct fix_range *range, float *out)
{
    double v = NAN;
    enum json_fault fault = fix_read_number(r, range->field, &v);
    if (v >= range->min && v <= range->max) {
        *out = (float)v;
        r->item->fix.has = (uint16_t)(r->item->fix.has | range->bit);
    } else if (!isnan(v)) {
        leave_unknown(r, range->bit);
    }
    return fault;
}

enum json_fault fix_read_track(struct fix_record *r, const char *field)
{
    struct fix *fix = &r->item->fix;
    struct fix_range range = {field, 0, 360, FIX_HAS_TRACK};
    enum json_fault fault = fix_read_float(r, &range, &fix->track_deg);
    if (fix->track_deg >= 360) /* also what rounds to it as a float */
        fix->track_deg = 0;
    return fault;
}

/* The value as a whole number, if it is one. */
static bool whole_number(const struct json_number *n, uint64_t *out)
{
    uint64_t v = n->digits;
    int32_t exp10 = n->exp10;
    if (n->cut || (n->negative && v != 0))
        return false;
    for (; exp10 < 0 && v != 0; exp10++) {
        if (v % 10 != 0)
            return false;
        v /= 10;
    }
    for (; exp10 > 0 && v != 0; exp10--) {
        if (v > UINT64_MAX / 10)
            return false;
        v *= 10;
    }
    *out = v;
    return true;
}

enum json_fault fix_read_integer(struct fix_record *r, const struct fix_whole_range *range, uint64_t *out)
{
    struct json_number n;
    if (!json_scan_at_number(&r->scan))
        return fix_refuse_value(r, FIX_WRONG_TYPE, range->field);
    if (json_scan_number(&r->scan, &n) != JSON_FAULT_NONE)
        return JSON_FAULT_SYNTAX;
    uint64_t v;
    if (whole_number(&n, &v) && v >= range->min && v <= range->max)
        *out = v;
    else if (range->bit != 0)
        leave_unknown(r, range->bit);
    else
        fix_refuse(r, FIX_OUT_OF_RANGE, range->field);
    return JSON_FAULT_NONE;
}

static enum time_error read_instant(struct fix_record *r, enum time_unit unit, struct wall *out,
                                    enum json_fault *out_fault)
{
    struct json_number n;
    struct json_string string;
    if (json_scan_at_number(&r->scan)) {
        *out_fault = json_scan_number(&r->scan, &n);
        return *out_fault == JSON_FAULT_NONE ? time_number_read(&n, unit, out) : TIME_SYNTAX;
    }
    if (json_scan_peek(&r->scan) != '"') {
        *out_fault = json_scan_skip(&r->scan, r->depth);
        return TIME_SYNTAX;
    }
    *out_fault = json_scan_string(&r->scan, &string);
    if (*out_fault != JSON_FAULT_NONE)
        return TIME_SYNTAX;
    if (!string.escaped)
        return time_text_read(string.raw, out);
    /* Escaped text is still a time if it fits here: the offset apart, 64 bytes leave 38 digits of fraction.
     */
    char plain[64];
    size_t len = json_string_decode(&string, plain, sizeof plain);
    return len <= sizeof plain ? time_text_read((struct text){plain, len}, out) : TIME_SYNTAX;
}

enum json_fault fix_read_time(struct fix_record *r, const char *field, enum time_unit unit, struct wall *out)
{
    struct wall t = {0};
    enum json_fault fault = JSON_FAULT_NONE;
    bool negative = json_scan_peek(&r->scan) == '-';
    enum time_error error = read_instant(r, unit, &t, &fault);
    if (fault != JSON_FAULT_NONE)
        return fault;
    if (error == TIME_SYNTAX)
        fix_refuse(r, FIX_WRONG_TYPE, field);
    else if (error == TIME_OK ? t.ms < FIX_TIME_MIN_MS : negative)
        fix_refuse(r, FIX_TOO_OLD, field);
    else if (error == TIME_RANGE || t.ms >= FIX_TIME_END_MS)
        fix_refuse(r, FIX_OUT_OF_RANGE, field);
    else
        *out = t;
    return JSON_FAULT_NONE;
}

enum json_fault fix_read_plain(struct fix_record *r, const char *field, struct text *out)
{
    struct json_string string;
    if (json_scan_peek(&r->scan) != '"')
        return fix_refuse_value(r, FIX_WRONG_TYPE, field);
    if (json_scan_string(&r->scan, &string) != JSON_FAULT_NONE)
        return JSON_FAULT_SYNTAX;
    if (string.escaped)
        fix_refuse(r, FIX_OUT_OF_RANGE, field);
    else
        *out = string.raw;
    return JSON_FAULT_NONE;
}

enum json_fault fix_read_boot(struct fix_record *r, const char *field)
{
    struct text boot = {0};
    enum json_fault fault = fix_read_plain(r, field, &boot);
    if (fault != JSON_FAULT_NONE || boot.data == NULL)
        return fault;
    if (boot.len >= 1 && boot.len <= FIX_BOOT_MAX && memchr(boot.data, 0x7f, boot.len) == NULL)
        r->item->fix.boot = boot;
    else
        fix_refuse(r, FIX_OUT_OF_RANGE, field);
    return JSON_FAULT_NONE;
}

enum json_fault fix_read_media(struct fix_record *r, const char *field)
{
    struct json_string uri;
    if (json_scan_peek(&r->scan) != '[')
        return fix_refuse_value(r, FIX_WRONG_TYPE, field);
    r->scan.at++;
    json_scan_space(&r->scan);
    if (json_scan_take(&r->scan, ']'))
        return JSON_FAULT_NONE;
    r->depth++;
    enum json_fault fault = JSON_FAULT_NONE;
    while (fault == JSON_FAULT_NONE) {
        fault = json_scan_peek(&r->scan) == '"' ? json_scan_string(&r->scan, &uri)
                                                : fix_refuse_value(r, FIX_WRONG_TYPE, field);
        json_scan_space(&r->scan);
        if (!json_scan_take(&r->scan, ','))
            break;
        json_scan_space(&r->scan);
    }
    r->depth--;
    if (fault == JSON_FAULT_NONE && !json_scan_take(&r->scan, ']'))
        return JSON_FAULT_SYNTAX;
    r->item->fix.has |= FIX_HAS_MEDIA;
    return fault;
}

/* How a sensor's value is written. */
enum sensor_form { SENSOR_WORD, SENSOR_BOOL, SENSOR_NUMBER };

#define WORDS_MAX 5

/*
 * One row a sensor. The words stand in the order of its enum, from 1 on. Scales drift below zero when the
 * body is empty, so a small negative load is a reading, not a fault.
 */
static const struct sensor_row {
    struct text key;
    enum sensor_form form;
    size_t offset;
    struct text words[WORDS_MAX];
    double min, max;
} sensor_rows[] = {
    {TEXT("cover"),
     SENSOR_WORD,
     offsetof(struct sensors, cover),
     {TEXT("open"), TEXT("closed"), TEXT("fault")},
     0,
     0},
    {TEXT("body"),
     SENSOR_WORD,
     offsetof(struct sensors, body),
     {TEXT("raised"), TEXT("down"), TEXT("fault")},
     0,
     0},
    {TEXT("load"),
     SENSOR_WORD,
     offsetof(struct sensors, load),
     {TEXT("empty"), TEXT("loaded"), TEXT("over"), TEXT("fault")},
     0,
     0},
    {TEXT("load_kg"), SENSOR_NUMBER, offsetof(struct sensors, load_kg), {{0}}, -10000, 1000000},
    {TEXT("height_m"), SENSOR_NUMBER, offsetof(struct sensors, height_m), {{0}}, 0, 100},
    {TEXT("spill"), SENSOR_BOOL, offsetof(struct sensors, spill), {{0}}, 0, 0},
    {TEXT("discharge"), SENSOR_BOOL, offsetof(struct sensors, discharge), {{0}}, 0, 0},
    {TEXT("wash"), SENSOR_BOOL, offsetof(struct sensors, wash), {{0}}, 0, 0},
    {TEXT("work"),
     SENSOR_WORD,
     offsetof(struct sensors, work),
     {TEXT("off"), TEXT("sweeping"), TEXT("washing"), TEXT("spraying"), TEXT("collecting")},
     0,
     0},
    {TEXT("ignition"), SENSOR_BOOL, offsetof(struct sensors, ignition), {{0}}, 0, 0},
    {TEXT("power"), SENSOR_WORD, offsetof(struct sensors, power), {TEXT("main"), TEXT("backup")}, 0, 0},
    {TEXT("antenna"),
     SENSOR_WORD,
     offsetof(struct sensors, antenna),
     {TEXT("ok"), TEXT("cut"), TEXT("short")},
     0,
     0},
};
enum { SENSOR_COUNT = sizeof sensor_rows / sizeof sensor_rows[0] };
static_assert(SENSOR_COUNT <= 32, "a bit of an unsigned for each sensor");

/* The row of a key, tried from `guess` on round the table, since units write sensors in one order. */
static unsigned find_sensor(const struct json_string *key, unsigned guess)
{
    for (unsigned i = 0; i < SENSOR_COUNT; i++) {
        unsigned row = guess + i < SENSOR_COUNT ? guess + i : guess + i - SENSOR_COUNT;
        if (json_string_equal(key, sensor_rows[row].key))
            return row;
    }
    return SENSOR_COUNT;
}

static enum json_fault read_sensor_word(struct fix_record *r, const struct sensor_row *row, uint8_t *out)
{
    struct json_string word;
    if (json_scan_peek(&r->scan) != '"')
        return fix_refuse_value(r, FIX_WRONG_TYPE, row->key.data);
    if (json_scan_string(&r->scan, &word) != JSON_FAULT_NONE)
        return JSON_FAULT_SYNTAX;
    for (unsigned i = 0; i < WORDS_MAX && row->words[i].len > 0; i++)
        if (json_string_equal(&word, row->words[i])) {
            *out = (uint8_t)(i + 1);
            return JSON_FAULT_NONE;
        }
    leave_unknown(r, FIX_HAS_SENSORS);
    return JSON_FAULT_NONE;
}

static enum json_fault read_sensor(struct fix_record *r, const struct sensor_row *row)
{
    void *out = (char *)&r->item->fix.sensors + row->offset;
    char c = json_scan_peek(&r->scan);
    if (c == 'n')
        return json_scan_word(&r->scan, TEXT("null"));
    if (row->form == SENSOR_WORD)
        return read_sensor_word(r, row, out);
    if (row->form == SENSOR_NUMBER) {
        struct fix_range range = {row->key.data, row->min, row->max, FIX_HAS_SENSORS};
        return fix_read_float(r, &range, out);
    }
    if (c != 't' && c != 'f')
        return fix_refuse_value(r, FIX_WRONG_TYPE, row->key.data);
    *(uint8_t *)out = c == 't' ? FLAG_TRUE : FLAG_FALSE;
    return json_scan_word(&r->scan, c == 't' ? TEXT("true") : TEXT("false"));
}

enum json_fault fix_read_sensors(struct fix_record *r, const char *field)
{
    if (json_scan_peek(&r->scan) != '{')
        return fix_refuse_value(r, FIX_WRONG_TYPE, field);
    r->item->fix.has |= FIX_HAS_SENSORS;
    r->scan.at++;
    json_scan_space(&r->scan);
    if (json_scan_take(&r->scan, '}'))
        return JSON_FAULT_NONE;
    unsigned seen = 0, guess = 0;
    r->depth++;
    for (;;) {
        struct json_string key;
        if (json_scan_key(&r->scan, &key) != JSON_FAULT_NONE)
            return JSON_FAULT_SYNTAX;
        unsigned row = find_sensor(&key, guess);
        enum json_fault fault;
        if (row == SENSOR_COUNT)
            fault = json_scan_skip(&r->scan, r->depth);
        else if (seen & 1u << row)
            fault = fix_refuse_value(r, FIX_DUPLICATE_KEY, sensor_rows[row].key.data);
        else
            fault = read_sensor(r, &sensor_rows[row]);
        if (fault != JSON_FAULT_NONE)
            return fault;
        if (row < SENSOR_COUNT) {
            seen |= 1u << row;
            guess = row + 1;
        }
        json_scan_space(&r->scan);
        if (!json_scan_take(&r->scan, ','))
            break;
        json_scan_space(&r->scan);
    }
    r->depth--;
    return json_scan_take(&r->scan, '}') ? JSON_FAULT_NONE : JSON_FAULT_SYNTAX;
}
