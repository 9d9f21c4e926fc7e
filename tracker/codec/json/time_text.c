#include "time_text.h"

#include <muckwatch/zone.h>

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline int two_digits(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

static inline uint64_t word(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/*
 * Whether eight bytes at p look like `form`, in which 0 stands for any digit. All eight are tested in one
 * word. A byte below its form's borrows and gets a high bit; a byte too far above gets one by adding `room`,
 * which is 0x7f less the most by which it may exceed the form. Carries can falsify only bytes above the
 * lowest that does not fit, and one such byte is enough.
 */
static inline bool has_form(const char *p, const char *form, const char *room)
{
    uint64_t over = word(p) - word(form);
    return ((over | (over + word(room))) & UINT64_C(0x8080808080808080)) == 0;
}

#define DIGIT "\x76"
#define SAME  "\x7f"

/* `2026-05-01T08:00:00`: two words, and the three bytes between them. */
static inline bool looks_like_time(const char *p)
{
    return has_form(p, "0000-00-", DIGIT DIGIT DIGIT DIGIT SAME DIGIT DIGIT SAME) && is_digit(p[8]) &&
           is_digit(p[9]) && (p[10] | 0x20) == 't' &&
           has_form(p + 11, "00:00:00", DIGIT DIGIT SAME DIGIT DIGIT SAME DIGIT DIGIT);
}

/* Reads the fraction behind the seconds, if there is one, and rounds it down to milliseconds. Returns where
 * it ends; NULL if it has no digit. */
static const char *read_fraction(const char *p, const char *end, int *out_ms)
{
    *out_ms = 0;
    if (p == end || *p != '.')
        return p;
    int scale = 100;
    const char *first = ++p;
    for (; p < end && is_digit(*p); p++) {
        *out_ms += (*p - '0') * scale;
        scale /= 10;
    }
    return p > first ? p : NULL;
}

static enum time_error read_offset(const char *p, const char *end, int *out_minutes)
{
    if (end - p == 1 && (*p | 0x20) == 'z') {
        *out_minutes = 0;
        return TIME_OK;
    }
    if (end - p != 6 || (*p != '+' && *p != '-') ||
        !(is_digit(p[1]) && is_digit(p[2]) && is_digit(p[4]) && is_digit(p[5])) || p[3] != ':')
        return TIME_SYNTAX;
    int hours = two_digits(p + 1), minutes = two_digits(p + 4);
    if (hours > 23 || minutes > 59)
        return TIME_RANGE;
    *out_minutes = (*p == '-' ? -1 : 1) * (hours * 60 + minutes);
    return TIME_OK;
}

enum time_error time_text_read(struct text t, struct wall *out)
{
    enum { FIXED = sizeof "2026-05-01T08:00:00" - 1 };
    if (t.len <= FIXED || !looks_like_time(t.data))
        return TIME_SYNTAX;
    const char *p = t.data, *end = t.data + t.len;
    int ms, offset_min;
    const char *zone = read_fraction(p + FIXED, end, &ms);
    if (zone == NULL)
        return TIME_SYNTAX;
    enum time_error error = read_offset(zone, end, &offset_min);
    if (error != TIME_OK)
        return error;
    int year = two_digits(p) * 100 + two_digits(p + 2), month = two_digits(p + 5), day = two_digits(p + 8);
    int hour = two_digits(p + 11), minute = two_digits(p + 14), second = two_digits(p + 17);
    if (!mw_civil_date_valid(year, month, day) || hour > 23 || minute > 59 || second > 60)
        return TIME_RANGE;
    bool leap = second == 60;
    int64_t minutes = (int64_t)mw_civil_to_days(year, month, day) * 1440 + hour * 60 + minute - offset_min;
    if (leap && ((minutes % 1440) + 1440) % 1440 != 1439)
        return TIME_RANGE;
    out->ms = minutes * 60000 + (leap ? 59999 : second * 1000 + ms);
    return TIME_OK;
}

/* Beyond this many milliseconds (the year 10889 or so) nothing is of use, and no product below can overflow.
 * */
static const int64_t far_ms = INT64_C(281474976710656);

enum time_error time_number_read(const struct json_number *n, enum time_unit unit, struct wall *out)
{
    uint64_t v = n->digits;
    int32_t exp10 = n->exp10 + (unit == TIME_UNIT_S ? 3 : 0);
    bool rest = n->cut;
    for (; exp10 > 0 && v != 0; exp10--) {
        if (v > (uint64_t)far_ms)
            return TIME_RANGE;
        v *= 10;
    }
    for (; exp10 < 0 && v != 0; exp10++) {
        rest = rest || v % 10 != 0;
        v /= 10;
    }
    if (v > (uint64_t)far_ms)
        return TIME_RANGE;
    out->ms = n->negative ? -(int64_t)v - rest : (int64_t)v;
    return TIME_OK;
}

static void put_padded(struct buf *out, int64_t v, int width)
{
    char digits[8];
    for (int i = width - 1; i >= 0; i--) {
        digits[i] = (char)('0' + v % 10);
        v /= 10;
    }
    buf_put(out, digits, (size_t)width);
}

void time_text_write(struct wall t, struct buf *out)
{
    struct mw_civil c;
    mw_civil_from_ms(NULL, t.ms, &c);
    const struct {
        int value, width;
        char after;
    } parts[] = {{c.year, 4, '-'}, {c.month, 2, '-'}, {c.day, 2, 'T'}, {c.hour, 2, ':'}, {c.minute, 2, ':'}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        put_padded(out, parts[i].value, parts[i].width);
        buf_put_char(out, parts[i].after);
    }
    put_padded(out, c.second, 2);
    if (c.millisecond != 0) {
        buf_put_char(out, '.');
        put_padded(out, c.millisecond, 3);
    }
    buf_put_char(out, 'Z');
}
