#include "json_write.h"

#include "json_scan.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_writer_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out};
}

void json_writer_init_within(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out, .filled = 1, .depth = 1};
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
    assert(w->depth > 0 && !w->after_key);
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

void json_write_double(struct json_writer *w, double value)
{
    before_value(w);
    if (isfinite(value))
        json_put_double(w->out, value);
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
    const char *p = value.data, *end = value.len > 0 ? p + value.len : p; /* no text may be no bytes at all */
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

/*
 * The shortest decimal digits of a positive double, without point and trailing zeros, and the place of the
 * point: value = 0.digits * 10^point. printf and strtod agree on the decimal point whatever the locale; it is
 * skipped.
 */
static size_t shortest_digits(double value, char digits[18], int *out_point)
{
    char text[40];
    /* A decimal of 15 digits survives conversion to double and back, so a shorter one is found among these;
     * except for numbers below the normal ones. */
    int decimals = value < 0x1p-1022 ? 0 : 14;
    do
        snprintf(text, sizeof text, "%.*e", decimals, value);
    while (strtod(text, NULL) != value && decimals++ < 16);
    size_t n = 0;
    char *p = text;
    for (; *p != 'e'; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    *out_point = atoi(p + 1) + 1;
    return n;
}

/*
 * The same for what has at most seven decimals, as nearly every coordinate does; 0 for all else. Decimals of
 * up to 15 digits are all different doubles, so one that gives the value back has no shorter rival; and
 * dividing the count by 1e7 rounds once, as reading the decimal does.
 */
static size_t seven_decimals(double value, char digits[18], int *out_point)
{
    double scaled = value * 1e7;
    if (!(scaled >= 1 && scaled < 1e15))
        return 0;
    uint64_t count = (uint64_t)(scaled + 0.5);
    if ((double)count / 1e7 != value)
        return 0;
    int zeros = 0;
    for (; count % 10 == 0; count /= 10)
        zeros++;
    size_t n = 0;
    for (uint64_t rest = count; rest > 0; rest /= 10)
        n++;
    for (size_t i = n; i > 0; count /= 10)
        digits[--i] = (char)('0' + count % 10);
    assert(n <= 15);
    *out_point = (int)n + zeros - 7;
    return n;
}

static void put_zeros(struct buf *out, int n)
{
    for (; n > 0; n--)
        buf_put_char(out, '0');
}

/* The form of ECMA-262, Number::toString, which RFC 8785 takes for canonical JSON. */
void json_put_double(struct buf *out, double value)
{
    char digits[18];
    int point;
    if (value == 0) {
        buf_put_char(out, '0');
        return;
    }
    size_t count = seven_decimals(fabs(value), digits, &point);
    int n = (int)(count > 0 ? count : shortest_digits(fabs(value), digits, &point));
    assert(n >= 1 && n <= 17); /* digits that tell every double apart */
    if (value < 0)
        buf_put_char(out, '-');
    if (point > 21 || point < -5) {
        buf_put_char(out, digits[0]);
        if (n > 1)
            buf_put_char(out, '.');
        buf_put(out, digits + 1, (size_t)n - 1);
        buf_puts(out, point > 0 ? "e+" : "e");
        buf_put_i64(out, point - 1);
        return;
    }
    int whole = point > n ? n : point > 0 ? point : 0;
    buf_put(out, digits, (size_t)whole);
    put_zeros(out, point > n ? point - n : 0);
    if (point <= 0)
        buf_puts(out, "0.");
    else if (point < n)
        buf_put_char(out, '.');
    put_zeros(out, -point);
    buf_put(out, digits + whole, (size_t)(n - whole));
}
