/*
 * A piece of a day as bytes, and back (day_sum.h): whatever the bytes are, reading them gives a piece or none.
 */
#include "day_sum.h"

#include "array.h"

#include <string.h>

enum { NUMBER = 8, VALID = 1, COVER_KNOWN = 2 };

static void put(struct buf *out, uint64_t v)
{
    for (int byte = 0; byte < NUMBER; byte++)
        buf_put_char(out, (char)(unsigned char)(v >> 8 * byte));
}

static void put_real(struct buf *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put(out, bits);
}

static uint64_t take(struct text *from)
{
    uint64_t v = 0;
    for (int byte = 0; byte < NUMBER; byte++)
        v |= (uint64_t)(unsigned char)from->data[byte] << 8 * byte;
    *from = (struct text){from->data + NUMBER, from->len - NUMBER};
    return v;
}

static double take_real(struct text *from)
{
    double v;
    uint64_t bits = take(from);
    memcpy(&v, &bits, sizeof v);
    return v;
}

static void put_point(struct buf *out, const struct day_point *p)
{
    put(out, (uint64_t)p->ms);
    put_real(out, p->lat_deg);
    put_real(out, p->lon_deg);
    put_real(out, (double)p->speed_mps);
    put(out, (p->valid ? VALID : 0) | (p->cover_known ? COVER_KNOWN : 0));
}

static struct day_point take_point(struct text *from)
{
    struct day_point p = {.ms = (int64_t)take(from)};
    p.lat_deg = take_real(from);
    p.lon_deg = take_real(from);
    p.speed_mps = (float)take_real(from);
    uint64_t is = take(from);
    p.valid = (is & VALID) != 0;
    p.cover_known = (is & COVER_KNOWN) != 0;
    return p;
}

enum { HEAD_NUMBERS = 7, POINT_NUMBERS = 5, POINTS = 4, SPAN_NUMBERS = 2 };

void day_piece_write(const struct day_piece *p, int64_t gap_ms, struct buf *out)
{
    const struct day_point *points[POINTS] = {&p->first, &p->last, &p->first_place, &p->last_place};
    put(out, (uint64_t)gap_ms);
    put(out, (uint64_t)p->sum.fixes);
    put(out, (uint64_t)p->sum.valid);
    put(out, (uint64_t)p->sum.heard_ms);
    put(out, (uint64_t)p->sum.moving_ms);
    put_real(out, p->sum.way_m);
    put_real(out, p->sum.gap_m);
    for (int i = 0; i < POINTS; i++)
        put_point(out, points[i]);
    for (size_t i = 0; i < p->sum.cover_count; i++) {
        put(out, (uint64_t)p->sum.cover[i].from_ms);
        put(out, (uint64_t)p->sum.cover[i].to_ms);
    }
}

bool day_piece_read(struct text bytes, int64_t gap_ms, struct day_piece *out)
{
    struct day_point *points[POINTS] = {&out->first, &out->last, &out->first_place, &out->last_place};
    size_t head = (size_t)NUMBER * (HEAD_NUMBERS + POINT_NUMBERS * POINTS),
           span = (size_t)NUMBER * SPAN_NUMBERS;
    *out = (struct day_piece){0};
    if (bytes.len < head || (bytes.len - head) % span != 0 || (int64_t)take(&bytes) != gap_ms)
        return false;
    out->sum.fixes = (int64_t)take(&bytes);
    out->sum.valid = (int64_t)take(&bytes);
    out->sum.heard_ms = (int64_t)take(&bytes);
    out->sum.moving_ms = (int64_t)take(&bytes);
    out->sum.way_m = take_real(&bytes);
    out->sum.gap_m = take_real(&bytes);
    for (int i = 0; i < POINTS; i++)
        *points[i] = take_point(&bytes);
    size_t count = bytes.len / span;
    if (!array_reserve(&out->sum.cover, &out->sum.cover_cap, count, sizeof *out->sum.cover))
        return false;
    while (out->sum.cover_count < count) {
        struct known_span *at = &out->sum.cover[out->sum.cover_count++];
        at->from_ms = (int64_t)take(&bytes);
        at->to_ms = (int64_t)take(&bytes);
    }
    return true;
}
