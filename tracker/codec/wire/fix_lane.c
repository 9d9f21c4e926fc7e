#include "fix_lane.h"

#include "fix_keys.h"
#include "time_text.h"

#include <assert.h>
#include <string.h>

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

ALWAYS_INLINE const char *lane_number(const char *p, const char *end, const struct fix_field *field,
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
ALWAYS_INLINE bool lane_take(struct lane *l, struct fix *fix, enum fix_key k)
{
    static const unsigned char ones[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    const struct fix_field *field = &fix_fields[k];
    size_t length = strlen(field->opening);
    uint64_t text, opening, mask;
    if (l->end - l->p < 9) /* the opening and a byte of the value */
        return false;
    memcpy(&text, l->p, sizeof text);
    memcpy(&opening, field->opening, sizeof opening);
    assert(length <= 8 && field->opening[length - 1] == ':'); /* one word; the value is next */
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

bool fix_lane_read(struct json_scan *scan, unsigned seen, struct fix *fix, unsigned *out_taken)
{
    struct lane l = {.p = scan->at, .end = scan->end, .seen = seen};
    (void)(lane_take(&l, fix, KEY_TIME) && lane_take(&l, fix, KEY_LAT) && lane_take(&l, fix, KEY_LON) &&
           lane_take(&l, fix, KEY_SPEED) && lane_take(&l, fix, KEY_TRACK) && lane_take(&l, fix, KEY_ALT) &&
           lane_take(&l, fix, KEY_EPH) && lane_take(&l, fix, KEY_MODE) && lane_take(&l, fix, KEY_SATS) &&
           lane_take(&l, fix, KEY_BOOT) && lane_take(&l, fix, KEY_SEQ));
    assert(l.p <= l.end);
    scan->at = l.p;
    *out_taken = l.taken;
    fix->has = (uint16_t)(fix->has | l.has);
    return l.closed;
}
