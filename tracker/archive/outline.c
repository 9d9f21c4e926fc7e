#include "outline.h"

#include "array.h"

#include <math.h>
#include <stdlib.h>

static const double units_a_degree = 1e7;
enum { STEPS = 255 };

static const struct outline_box none = {INFINITY, -INFINITY, INFINITY, -INFINITY};

void outline_begin(struct outline_maker *m)
{
    *m = (struct outline_maker){.count = 0};
}

static void widen(struct outline_box *box, double lat_deg, double lon_deg)
{
    box->lat_min = fmin(box->lat_min, lat_deg);
    box->lat_max = fmax(box->lat_max, lat_deg);
    box->lon_min = fmin(box->lon_min, lon_deg);
    box->lon_max = fmax(box->lon_max, lon_deg);
}

static bool is_none(const struct outline_box *box)
{
    return box->lat_min > box->lat_max;
}

void outline_add(struct outline_maker *m, const struct fix *fix, bool late)
{
    size_t piece = m->lines++ / OUTLINE_LINES;
    m->failed = m->failed || !array_reserve(&m->pieces, &m->cap, piece + 1, sizeof *m->pieces);
    if (m->failed)
        return;
    while (m->count <= piece)
        m->pieces[m->count++] = none;
    if (fix == NULL)
        return;
    m->coarse = m->coarse || late || (m->has_time && fix->time.ms < m->time_ms);
    m->time_ms = fix->time.ms;
    m->has_time = true;
    if (!fix_has(fix, FIX_HAS_POSITION))
        return;
    /* The way here from the last place belongs to the piece that the place is in, and to those between. */
    bool first = is_none(&m->pieces[piece]);
    widen(&m->pieces[piece], fix->lat_deg, fix->lon_deg);
    for (size_t i = piece; first && i > 0; i--) {
        bool found = !is_none(&m->pieces[i - 1]);
        widen(&m->pieces[i - 1], fix->lat_deg, fix->lon_deg);
        if (found)
            break;
    }
}

static void put_32(struct buf *out, double units)
{
    uint32_t v = (uint32_t)(int32_t)units;
    for (int shift = 0; shift < 32; shift += 8)
        buf_put_char(out, (char)(unsigned char)(v >> shift));
}

static unsigned step_down(double v, double least, double most)
{
    double share = most > least ? floor((v - least) / (most - least) * STEPS) : 0;
    return (unsigned)(share < 0 ? 0 : share > STEPS ? STEPS : share);
}

static unsigned step_up(double v, double least, double most)
{
    double share = most > least ? ceil((v - least) / (most - least) * STEPS) : STEPS;
    return (unsigned)(share < 0 ? 0 : share > STEPS ? STEPS : share);
}

static void put_piece(struct buf *out, const struct outline_box *p, const struct outline_box *all)
{
    unsigned steps[] = {STEPS, 0, STEPS, 0};
    if (!is_none(p)) {
        steps[0] = step_down(p->lat_min, all->lat_min, all->lat_max);
        steps[1] = step_up(p->lat_max, all->lat_min, all->lat_max);
        steps[2] = step_down(p->lon_min, all->lon_min, all->lon_max);
        steps[3] = step_up(p->lon_max, all->lon_min, all->lon_max);
    }
    for (size_t i = 0; i < 4; i++)
        buf_put_char(out, (char)(unsigned char)steps[i]);
}

bool outline_end(struct outline_maker *m, struct buf *out)
{
    struct outline_box all = none;
    for (size_t i = 0; i < m->count; i++)
        if (!is_none(&m->pieces[i])) {
            widen(&all, m->pieces[i].lat_min, m->pieces[i].lon_min);
            widen(&all, m->pieces[i].lat_max, m->pieces[i].lon_max);
        }
    if (!m->failed && !is_none(&all)) {
        const struct outline_box units = {
            floor(all.lat_min * units_a_degree), ceil(all.lat_max * units_a_degree),
            floor(all.lon_min * units_a_degree), ceil(all.lon_max * units_a_degree)};
        const struct outline_box read = {units.lat_min / units_a_degree, units.lat_max / units_a_degree,
                                         units.lon_min / units_a_degree, units.lon_max / units_a_degree};
        put_32(out, units.lat_min);
        put_32(out, units.lat_max);
        put_32(out, units.lon_min);
        put_32(out, units.lon_max);
        for (size_t i = 0; i < m->count && !m->coarse; i++)
            put_piece(out, &m->pieces[i], &read);
    }
    bool ok = !m->failed && buf_ok(out);
    free(m->pieces);
    *m = (struct outline_maker){.count = 0};
    return ok;
}

static double get_32(const char *at)
{
    uint32_t v = 0;
    for (int i = 3; i >= 0; i--)
        v = v << 8 | (unsigned char)at[i];
    return (double)(int32_t)v / units_a_degree;
}

bool outline_read(struct text bytes, struct outline *out)
{
    if (bytes.len < OUTLINE_HEAD || (bytes.len - OUTLINE_HEAD) % OUTLINE_PIECE != 0)
        return false;
    out->box = (struct outline_box){get_32(bytes.data), get_32(bytes.data + 4), get_32(bytes.data + 8),
                                    get_32(bytes.data + 12)};
    out->pieces = (struct text){bytes.data + OUTLINE_HEAD, bytes.len - OUTLINE_HEAD};
    out->count = out->pieces.len / OUTLINE_PIECE;
    return true;
}

bool outline_piece(const struct outline *o, size_t piece, struct outline_box *out)
{
    const unsigned char *steps = (const unsigned char *)o->pieces.data + piece * OUTLINE_PIECE;
    double lat = (o->box.lat_max - o->box.lat_min) / STEPS, lon = (o->box.lon_max - o->box.lon_min) / STEPS;
    if (steps[0] > steps[1])
        return false;
    *out = (struct outline_box){o->box.lat_min + steps[0] * lat, o->box.lat_min + steps[1] * lat,
                                o->box.lon_min + steps[2] * lon, o->box.lon_min + steps[3] * lon};
    return true;
}
