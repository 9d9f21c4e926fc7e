/*
 * The steps of the walk over a state: how a number, a time, a place, a name look in bytes.
 *
 * Each serves both directions, and what it wrote it reads back as it was. Nothing is read beyond the bytes
 * handed in, and no name is taken that they do not spell.
 */
#include "state_codec_private.h"

#include <assert.h>
#include <math.h>

/* The latitude 31.2304567 is what the text said and the nearest double to it; so is 312304567 / 1e7. */
#define DEG_SCALE 1e7

/* LEB128: seven bits a byte, the lowest first. */
void state_number(struct visitor *v, uint64_t *n)
{
    if (v->writing) {
        uint64_t rest = *n;
        for (; rest >= 0x80; rest >>= 7)
            buf_put_char(v->out, (char)(rest | 0x80));
        buf_put_char(v->out, (char)rest);
        return;
    }
    *n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b;
        state_bytes(v, &b, 1);
        *n |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80)
            return;
    }
    state_fail(v, STATE_MALFORMED);
}

void state_number32(struct visitor *v, uint32_t *n)
{
    uint64_t wide = *n;
    state_number(v, &wide);
    if (wide > UINT32_MAX)
        state_fail(v, STATE_MALFORMED);
    *n = (uint32_t)wide;
}

void state_number16(struct visitor *v, uint16_t *n)
{
    uint64_t wide = *n;
    state_number(v, &wide);
    if (wide > UINT16_MAX)
        state_fail(v, STATE_MALFORMED);
    *n = (uint16_t)wide;
}

/* Signed, near zero in few bytes. */
static uint64_t zigzag(int64_t n)
{
    return (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t n)
{
    return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

void state_signed(struct visitor *v, int64_t *n)
{
    uint64_t coded = zigzag(*n);
    state_number(v, &coded);
    *n = unzigzag(coded);
}

/* A time, relative to the last evaluated fix; 0 and 1 stand for none and never. Differences wrap, as unsigned
 * numbers do, and wrap back. */
void state_when(struct visitor *v, int64_t *ms)
{
    uint64_t n = 0;
    if (v->writing) {
        bool special = *ms == TIME_NONE || *ms == TIME_NEVER;
        uint64_t coded = zigzag((int64_t)((uint64_t)*ms - (uint64_t)v->base_ms));
        n = special ? (uint64_t)(*ms == TIME_NEVER) : coded + 2;
        /* The two largest differences would wrap into the special ones; no clock is that far off. */
        assert(special || coded < UINT64_MAX - 1);
    }
    state_number(v, &n);
    if (!v->writing)
        *ms = n == 0   ? TIME_NONE
              : n == 1 ? TIME_NEVER
                       : (int64_t)((uint64_t)unzigzag(n - 2) + (uint64_t)v->base_ms);
}

/* The places of a vehicle are near one another: from version 5 on each is told from the one before. 0 is none. */
static uint64_t code_degrees(struct visitor *v, int64_t scaled)
{
    if (v->version < 5)
        return zigzag(scaled);
    if (scaled == 0)
        return 0;
    uint64_t code = zigzag(scaled - v->last_deg[v->axis]) + 1;
    v->last_deg[v->axis] = scaled;
    return code;
}

static int64_t decode_degrees(struct visitor *v, uint64_t code)
{
    if (v->version < 5)
        return unzigzag(code);
    if (code == 0)
        return 0;
    v->last_deg[v->axis] = (int64_t)((uint64_t)v->last_deg[v->axis] + (uint64_t)unzigzag(code - 1));
    return v->last_deg[v->axis];
}

/* Degrees: a few bytes where they have the seven decimals of a unit, else all eight. */
void state_degrees(struct visitor *v, double *deg)
{
    uint64_t n = 1;
    if (v->writing && fabs(*deg) <= 360) {
        int64_t scaled = llround(*deg * DEG_SCALE);
        double back = (double)scaled / DEG_SCALE;
        if (memcmp(&back, deg, sizeof back) == 0)
            n = code_degrees(v, scaled) << 1;
    }
    state_number(v, &n);
    if (n & 1)
        state_bytes(v, deg, sizeof *deg);
    else if (!v->writing)
        *deg = (double)decode_degrees(v, n >> 1) / DEG_SCALE;
    v->axis ^= 1;
}

static void new_name(struct visitor *v, uint32_t *symbol)
{
    char data[NAMES_TEXT_MAX];
    struct text t = v->writing ? names_text(v->names, *symbol) : (struct text){data, 0};
    uint8_t len = (uint8_t)t.len;
    state_bytes(v, &len, 1);
    if (v->writing) {
        buf_put_text(v->out, t);
    } else {
        state_bytes(v, data, len);
        t.len = len;
        *symbol = 0;
        if (v->error == STATE_OK && len == 0)
            state_fail(v, STATE_MALFORMED);
        if (v->error == STATE_OK && !names_intern(v->interned, t, symbol))
            state_fail(v, STATE_NAMES_FULL);
    }
}

/* 0: none. 1: a name not met before, as text. k + 2: the k-th met. */
void state_symbol(struct visitor *v, uint32_t *s)
{
    uint32_t place = 0;
    while (v->writing && place < v->seen_count && v->seen[place] != *s)
        place++;
    uint32_t n = !v->writing || *s == 0 ? 0 : place == v->seen_count ? 1 : place + 2;
    state_number32(v, &n);
    if (n == 0) {
        *s = 0;
    } else if (n > 1) {
        if (n - 2 < v->seen_count)
            *s = v->seen[n - 2];
        else
            state_fail(v, STATE_MALFORMED);
    } else if (v->seen_count == NAMES_MAX) {
        state_fail(v, STATE_MALFORMED);
    } else {
        new_name(v, s);
        v->seen[v->seen_count++] = *s;
    }
}
