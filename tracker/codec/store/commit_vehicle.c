#include "commit_vehicle.h"

#include "hash.h"
#include "json_write.h"
#include "sensor_words.h"
#include "shown_fields.h"

#include <assert.h>
#include <math.h>

/* Redis' geo sets end at the poles' distorted edge. */
#define GEO_LAT_MAX_DEG 85.0

/* Whatever somebody did to the hash is mended after so much of the vehicle's time. */
enum { WHOLE_AGAIN_MS = 600000 };

/* Of a haul: unknown is 0, and this there is none. */
enum { HAUL_NONE = 1, HASHES_FROM = 2 };

static uint64_t hash_from(const struct commit_group *g, size_t from, int64_t salt)
{
    const struct hash_key key = {(uint64_t)salt, 0};
    uint64_t h = hash_bytes(key, g->ops.data + from, g->ops.len - from);
    return h < HASHES_FROM ? HASHES_FROM : h;
}

/* ---- fields ---- */

static void put_fields(struct commit_group *g, const struct shown *x, uint32_t set)
{
    char bytes[SHOWN_VALUE_MAX];
    if (set == 0)
        return;
    op_begin_of(g, "HSET", "vehicle:", x->vehicle, shown_count(set) * 2);
    for (unsigned field = 0; field < SHOWN_COUNT; field++)
        if (set >> field & 1) {
            struct buf value = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
            struct text said = shown_value(x, (enum shown_field)field, &value);
            assert(buf_ok(&value));
            op_put_word(g, shown_names[field]);
            op_put(g, said);
        }
}

/* Those that seldom change, unless the store has them. */
static void put_steady(struct commit_group *g, const struct shown *x, uint32_t set,
                       struct commit_shown *shown)
{
    size_t from = g->ops.len;
    uint32_t args = g->args;
    put_fields(g, x, set);
    uint64_t steady = hash_from(g, from, x->state->time_ms / WHOLE_AGAIN_MS);
    if (steady == shown->steady) {
        g->ops.len = from;
        g->args = args;
    }
    shown->steady = steady;
}

static void take_out(struct commit_group *g, const struct shown *x, uint32_t gone)
{
    if (gone == 0)
        return;
    op_begin_of(g, "HDEL", "vehicle:", x->vehicle, shown_count(gone));
    for (unsigned field = 0; field < SHOWN_FIELDS_AND_LIVE; field++)
        if (gone >> field & 1)
            op_put_word(g, shown_names[field]);
}

/* What is there of a live position stays while it is newer than what was judged. */
static uint32_t live_there(const struct vehicle_state *s, const struct commit_shown *shown)
{
    return s->live_ms == TIME_NONE || s->live_ms <= s->time_ms ? 0 : shown->fields & SHOWN_LIVE;
}

static void put_place(struct commit_group *g, const struct shown *x, uint32_t now)
{
    const struct vehicle_state *s = x->state;
    if (!(now >> SHOWN_LAT & 1) || fabs(s->lat_deg) > GEO_LAT_MAX_DEG)
        return;
    op_begin(g, "GEO", TEXT("positions"), 3);
    op_put_fixed(g, s->lon_deg, 7);
    op_put_fixed(g, s->lat_deg, 7);
    op_put(g, x->vehicle);
}

void commit_put_vehicle(struct commit_group *g, const struct commit_vehicle *v, struct commit_shown *shown)
{
    struct shown x;
    shown_begin(&x, v->state, v->world, v->names);
    uint32_t now = shown_fields(&x) | live_there(v->state, shown);
    put_fields(g, &x, now & SHOWN_MOVING);
    put_steady(g, &x, now & SHOWN_STEADY, shown);
    take_out(g, &x, shown->fields & SHOWN_PASSING & ~now);
    put_place(g, &x, now);
    shown->fields = now;
}

void commit_put_live(struct commit_group *g, struct text vehicle, const struct commit_live *live,
                     struct commit_shown *shown)
{
    op_begin_of(g, "HSET", "vehicle:", vehicle, 6);
    op_put_word(g, "live_time");
    resp_put_i64(&g->ops, live->time_ms);
    op_put_word(g, "live_lat");
    op_put_fixed(g, live->lat_deg, 7);
    op_put_word(g, "live_lon");
    op_put_fixed(g, live->lon_deg, 7);
    shown->fields |= SHOWN_LIVE;
}

/* ---- the haul it is on ---- */

static void put_word_of(struct commit_group *g, const char *name, struct text value)
{
    op_put_word(g, name);
    op_put(g, value);
}

static void put_distance(struct commit_group *g, const struct trip *trip)
{
    op_put_word(g, "distance_m");
    op_put_fixed(g, trip->distance_m, 1);
}

static void put_route(struct commit_group *g, const struct commit_vehicle *v, uint32_t permit)
{
    char bytes[SHOWN_VALUE_MAX];
    struct buf ids = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    const struct permit *p = &v->world->permits[permit];
    struct json_writer w;
    json_writer_init(&w, &ids);
    json_write_begin_array(&w);
    for (uint32_t i = 0; i < p->route_count && i < SHOWN_FENCES_MAX; i++)
        json_write_string(&w, names_text(v->names, v->world->fences[p->routes[i]].id));
    if (p->route_count > SHOWN_FENCES_MAX)
        json_write_i64(&w, p->route_count - SHOWN_FENCES_MAX);
    json_write_end_array(&w);
    put_word_of(g, "route", buf_text(&ids));
}

/* Where it seems to be tipped; until it comes there the one that its permit names, if that names one alone. */
static uint32_t disposal_of(const struct commit_vehicle *v, uint32_t permit)
{
    if (v->state->trip.disposal != 0 || permit == UINT32_MAX || v->world->permits[permit].disposal_count != 1)
        return v->state->trip.disposal;
    return v->world->fences[v->world->permits[permit].disposals[0]].id;
}

static void put_haul_fields(struct commit_group *g, const struct commit_vehicle *v, struct text vehicle)
{
    const struct trip *t = &v->state->trip;
    const struct text permit = names_text(v->names, t->permit), site = names_text(v->names, t->site);
    uint32_t place = t->permit != 0 ? world_permit_by_id(v->world, t->permit) : UINT32_MAX;
    const struct text disposal = names_text(v->names, disposal_of(v, place));
    bool routed = place != UINT32_MAX && v->world->permits[place].route_count > 0;
    bool loaded = t->loaded_ms != TIME_NONE;
    char id[VIOLATION_ID_LENGTH + 1];
    trip_id_write(vehicle, t->start_ms, id);
    op_begin_of(g, "HSET", "trip:", vehicle,
                4 + 2 * (uint32_t)((permit.len > 0) + (site.len > 0) + (disposal.len > 0) + loaded + routed));
    put_word_of(g, "trip", text_of(id));
    if (permit.len > 0)
        put_word_of(g, "permit", permit);
    if (site.len > 0)
        put_word_of(g, "site", site);
    if (disposal.len > 0)
        put_word_of(g, "disposal", disposal);
    op_put_word(g, "departed");
    resp_put_i64(&g->ops, t->start_ms);
    if (loaded) {
        op_put_word(g, "loaded_at");
        resp_put_i64(&g->ops, t->loaded_ms);
    }
    if (routed)
        put_route(g, v, place);
}

static void put_drop(struct commit_group *g, struct text vehicle)
{
    op_begin_of(g, "DEL", "trip:", vehicle, 1);
    op_put_word(g, "1"); /* an operation has an argument */
}

void commit_put_haul(struct commit_group *g, const struct commit_vehicle *v, struct commit_shown *shown)
{
    const struct text vehicle = names_text(v->names, v->state->vehicle);
    if (!shown_on_haul(v->state)) {
        if (shown->haul != HAUL_NONE)
            put_drop(g, vehicle);
        shown->haul = HAUL_NONE;
        return;
    }
    size_t from = g->ops.len;
    uint32_t args = g->args;
    put_drop(g, vehicle);
    put_haul_fields(g, v, vehicle);
    uint64_t haul = hash_from(g, from, v->state->time_ms / WHOLE_AGAIN_MS);
    if (haul == shown->haul) {
        g->ops.len = from;
        g->args = args;
    }
    op_begin_of(g, "HSET", "trip:", vehicle, 2);
    put_distance(g, &v->state->trip);
    shown->haul = haul;
}

/* ---- what moved ---- */

static void put_number_or_null(struct buf *row, double value, int decimals, bool known)
{
    buf_put_char(row, ',');
    if (known)
        buf_put_fixed(row, value, decimals);
    else
        buf_puts(row, "null");
}

static void put_row(struct buf *row, const struct commit_vehicle *v)
{
    const struct vehicle_state *s = v->state;
    bool live = v->live.time_ms != TIME_NONE && v->live.time_ms > s->time_ms;
    bool placed = live || s->place_ms != TIME_NONE;
    int64_t time_ms = live ? v->live.time_ms : s->time_ms;
    float speed_mps = live ? v->live.speed_mps : s->speed_mps;
    float track_deg = live ? v->live.track_deg : s->track_deg;
    buf_puts(row, "[\"");
    buf_put_text(row, names_text(v->names, s->vehicle));
    buf_put_char(row, '"');
    put_number_or_null(row, live ? v->live.lat_deg : s->lat_deg, 7, placed);
    put_number_or_null(row, live ? v->live.lon_deg : s->lon_deg, 7, placed);
    put_number_or_null(row, (double)speed_mps * SHOWN_KMH_PER_MPS, 1, fabsf(speed_mps) < 1e6f);
    put_number_or_null(row, (double)track_deg, 1, fabsf(track_deg) < 1e6f);
    buf_put_char(row, ',');
    if (time_ms != TIME_NONE)
        buf_put_i64(row, time_ms);
    else
        buf_puts(row, "null");
    buf_put_char(row, ',');
    buf_put_u64(row, shown_flags(s) | (live ? MOVE_LIVE : 0));
    buf_put_char(row, ']');
}

void commit_put_move(struct commit_group *g, const struct commit_vehicle *v)
{
    char bytes[256];
    struct buf row = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    put_row(&row, v);
    assert(buf_ok(&row)); /* an id of 64 bytes, and six numbers */
    op_begin(g, "MOVE", TEXT("live"), 1);
    op_put(g, buf_text(&row));
}
