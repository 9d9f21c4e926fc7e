#include "json_write.h"

#include "json_scan.h"

#include <math.h>

void json_writer_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out};
}

static void before_value(struct json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->filled & 1)
        buf_put_char(w->out, ',');
    w->filled |= 1;
}

static void begin(struct json_writer *w, char bracket)
{
    before_value(w);
    if (w->depth++ >= 64)
        w->out->failed = true;
    buf_put_char(w->out, bracket);
    w->filled <<= 1;
}

static void end(struct json_writer *w, char bracket)
{
    buf_put_char(w->out, bracket);
    w->filled >>= 1;
    w->depth--;
}

void json_write_begin_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_write_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_write_begin_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_write_end_array(struct json_writer *w)
{
    end(w, ']');
}

void json_write_key(struct json_writer *w, const char *key)
{
    before_value(w);
    json_put_string(w->out, text_of(key));
    buf_put_char(w->out, ':');
    w->after_key = true;
}

void json_write_string(struct json_writer *w, struct text value)
{
    before_value(w);
    json_put_string(w->out, value);
}

void json_write_i64(struct json_writer *w, int64_t value)
{
    before_value(w);
    buf_put_i64(w->out, value);
}

void json_write_u64(struct json_writer *w, uint64_t value)
{
    before_value(w);
    buf_put_u64(w->out, value);
}

void json_write_fixed(struct json_writer *w, double value, int decimals)
{
    before_value(w);
    if (isfinite(value))
        buf_put_fixed(w->out, value, decimals);
    else
        buf_puts(w->out, "null");
}

void json_write_bool(struct json_writer *w, bool value)
{
    before_value(w);
    buf_puts(w->out, value ? "true" : "false");
}

void json_write_null(struct json_writer *w)
{
    before_value(w);
    buf_puts(w->out, "null");
}

void json_write_raw(struct json_writer *w, struct text json)
{
    before_value(w);
    buf_put_text(w->out, json);
}

static void put_control(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char names[] = "\b\f\n\r\t", letters[] = "bfnrt";
    const char *name = c != 0 ? strchr(names, c) : NULL;
    if (name != NULL) {
        buf_put(out, (char[]){'\\', letters[name - names]}, 2);
        return;
    }
    buf_puts(out, "\\u00");
    buf_put(out, (char[]){hex[c >> 4], hex[c & 15]}, 2);
}

void json_put_string(struct buf *out, struct text value)
{
    const char *p = value.data, *end = p + value.len;
    buf_put_char(out, '"');
    while (p < end) {
        size_t n = json_plain_length(p, end);
        buf_put(out, p, n);
        p += n;
        if (p == end)
            break;
        unsigned char c = (unsigned char)*p;
        size_t sequence = c >= 0x80 ? json_utf8_length(p, end) : 1;
        if (sequence == 0)
            buf_puts(out, "\xef\xbf\xbd");
        else if (c >= 0x80)
            buf_put(out, p, sequence);
        else if (c == '"' || c == '\\')
            buf_put(out, (char[]){'\\', *p}, 2);
        else
            put_control(out, c);
        p += sequence > 0 ? sequence : 1;
    }
    buf_put_char(out, '"');
}
