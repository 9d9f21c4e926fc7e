#include "gpsd_line.h"

#include "json_scan.h"

#include <assert.h>

/* A number or a time is no longer than this. */
enum { VALUE_MAX = 40 };

static const struct text numbers[] = {TEXT("mode"),   TEXT("lat"),    TEXT("lon"),  TEXT("alt"),
                                      TEXT("altHAE"), TEXT("altMSL"), TEXT("eph"),  TEXT("epx"),
                                      TEXT("epy"),    TEXT("speed"),  TEXT("track")};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* What a report says, as it is written. */
struct report {
    struct text type; /* its class */
    struct text time;
    struct text number[NUMBERS];
    int used, told; /* satellites: with "used": true; as uSat says, or -1 */
};

static bool enter(struct json_scan *s, char open)
{
    if (!json_scan_take(s, open))
        return false;
    json_scan_space(s);
    return true;
}

/* Behind a member or an element: whether another one follows. */
static bool goes_on(struct json_scan *s, char close, bool *out_bad)
{
    json_scan_space(s);
    bool more = json_scan_take(s, ',');
    json_scan_space(s);
    *out_bad = !more && !json_scan_take(s, close);
    return more;
}

static bool read_satellite(struct json_scan *s, int *used)
{
    bool bad = !enter(s, '{');
    bool more = !bad && !json_scan_take(s, '}');
    while (more) {
        struct json_string key;
        if (json_scan_key(s, &key) != JSON_FAULT_NONE)
            return false;
        bool is_used = json_string_equal(&key, TEXT("used")) && json_scan_peek(s) == 't';
        if (json_scan_skip(s, 2) != JSON_FAULT_NONE)
            return false;
        *used += is_used;
        more = goes_on(s, '}', &bad);
    }
    return !bad;
}

static bool read_satellites(struct json_scan *s, int *used)
{
    if (json_scan_peek(s) != '[')
        return json_scan_skip(s, 1) == JSON_FAULT_NONE;
    bool bad = !enter(s, '[');
    bool more = !json_scan_take(s, ']');
    while (more && !bad) {
        if (json_scan_peek(s) == '{' ? !read_satellite(s, used) : json_scan_skip(s, 1) != JSON_FAULT_NONE)
            return false;
        more = goes_on(s, ']', &bad);
    }
    return !bad;
}

static bool read_string(struct json_scan *s, struct text *out)
{
    struct json_string string;
    if (json_scan_peek(s) != '"')
        return json_scan_skip(s, 1) == JSON_FAULT_NONE;
    if (json_scan_string(s, &string) != JSON_FAULT_NONE)
        return false;
    if (!string.escaped && string.raw.len <= VALUE_MAX)
        *out = string.raw;
    return true;
}

static bool read_number(struct json_scan *s, struct text *out)
{
    struct json_number number;
    if (!json_scan_at_number(s))
        return json_scan_skip(s, 1) == JSON_FAULT_NONE;
    if (json_scan_number(s, &number) != JSON_FAULT_NONE)
        return false;
    if (number.text.len <= VALUE_MAX)
        *out = number.text;
    return true;
}

static bool read_told(struct json_scan *s, int *out)
{
    struct text text = {0};
    if (!read_number(s, &text))
        return false;
    int told = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || told > 999)
            return true;
        told = told * 10 + (text.data[i] - '0');
    }
    *out = text.len > 0 ? told : *out;
    return true;
}

static bool read_member(struct json_scan *s, struct report *r)
{
    struct json_string key;
    if (json_scan_key(s, &key) != JSON_FAULT_NONE)
        return false;
    if (json_string_equal(&key, TEXT("class")))
        return read_string(s, &r->type);
    if (json_string_equal(&key, TEXT("time")))
        return read_string(s, &r->time);
    if (json_string_equal(&key, TEXT("satellites")))
        return read_satellites(s, &r->used);
    if (json_string_equal(&key, TEXT("uSat")))
        return read_told(s, &r->told);
    for (size_t i = 0; i < NUMBERS; i++)
        if (json_string_equal(&key, numbers[i]))
            return read_number(s, &r->number[i]);
    return json_scan_skip(s, 1) == JSON_FAULT_NONE;
}

/* One object and nothing behind it. */
static bool read_report(struct text line, struct report *r)
{
    struct json_scan s = json_scan_of(line);
    json_scan_space(&s);
    bool bad = !enter(&s, '{');
    bool more = !bad && !json_scan_take(&s, '}');
    while (more) {
        if (!read_member(&s, r))
            return false;
        more = goes_on(&s, '}', &bad);
    }
    json_scan_space(&s);
    return !bad && s.at == s.end;
}

static bool is_time(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((t.data[i] < '0' || t.data[i] > '9') && strchr("TZ:.+-", t.data[i]) == NULL)
            return false;
    return t.len > 0;
}

static void write_position(const struct report *r, struct buf *out)
{
    buf_puts(out, "{\"class\":\"TPV\"");
    if (is_time(r->time)) {
        buf_puts(out, ",\"time\":\"");
        buf_put_text(out, r->time);
        buf_put_char(out, '"');
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        if (r->number[i].len == 0)
            continue;
        buf_puts(out, ",\"");
        buf_put_text(out, numbers[i]);
        buf_puts(out, "\":");
        buf_put_text(out, r->number[i]);
    }
    buf_put(out, "}\n", 3); /* with the zero behind it */
}

enum gpsd_line gpsd_line_read(struct text line, struct buf *out, int *out_sats)
{
    struct report r = {.told = -1};
    while (line.len > 0 && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
        line.len--;
    if (line.len == 0)
        return GPSD_LINE_OTHER;
    if (!read_report(line, &r))
        return GPSD_LINE_BAD;
    if (text_equal(r.type, TEXT("SKY"))) {
        *out_sats = r.told >= 0 ? r.told : r.used;
        return GPSD_LINE_SKY;
    }
    if (!text_equal(r.type, TEXT("TPV")))
        return GPSD_LINE_OTHER;
    buf_clear(out);
    write_position(&r, out);
    assert(buf_ok(out)); /* fourteen members of at most forty bytes and their names */
    return GPSD_LINE_POSITION;
}
