#include "commit.h"

#include "state_codec.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <math.h>

/* Redis' geo sets end at the poles' distorted edge. */
#define GEO_LAT_MAX_DEG 85.0
#define KMH_PER_MPS     3.6

void commit_put_entry(struct commit_group *g, const char *stream, const struct entry *entry)
{
    op_begin(g, "XADD", text_of(stream), entry->count * 2);
    op_put_fields(g, entry);
}

/* The hash holds the fields of the last entry: what an earlier one had and this one has not is taken out. */
static void take_out_absent(struct commit_group *g, struct text id, const struct entry *entry)
{
    const char *absent[ENTRY_FIELDS_MAX];
    uint32_t count = 0;
    for (const char *const *field = entry_passing_fields; *field != NULL; field++)
        if (entry_value(entry, *field).len == 0)
            absent[count++] = *field;
    if (count == 0)
        return;
    op_begin_of(g, "HDEL", "violation:", id, count);
    for (uint32_t i = 0; i < count; i++)
        op_put_word(g, absent[i]);
}

void commit_put_as_it_stands(struct commit_group *g, const struct entry *entry)
{
    struct text id = entry_value(entry, "id");
    bool opened = text_equal(entry_value(entry, "event"), TEXT("opened"));
    op_begin_of(g, "HSET", "violation:", id, entry->count * 2 + (opened ? 2u : 0u));
    op_put_fields(g, entry);
    if (opened) {
        op_put_word(g, "opened_at");
        op_put(g, entry_value(entry, "at"));
    } else {
        take_out_absent(g, id, entry);
    }
}

void commit_put_violation(struct commit_group *g, const struct transition *t, const struct entry *entry)
{
    struct text id = entry_value(entry, "id");
    bool again = t->event == TRANSITION_UPDATED && t->rev > 1; /* it may have been withdrawn: late.h */
    commit_put_entry(g, "violations", entry);
    commit_put_as_it_stands(g, entry);
    if (t->event == TRANSITION_OPENED || again) {
        op_begin(g, "ZADD", TEXT("open"), 2);
        op_put(g, entry_value(entry, "start"));
        op_put(g, id);
    }
    if (t->event == TRANSITION_CLOSED) {
        op_begin(g, "ZREM", TEXT("open"), 1);
        op_put(g, id);
    }
}

static void put_batch(struct commit_group *g, uint64_t batch)
{
    op_put_word(g, "batch");
    resp_put_i64(&g->ops, (int64_t)batch);
}

void commit_put_mark(struct commit_group *g, const struct attended_mark *mark, uint64_t batch)
{
    op_begin(g, "XADD", TEXT("attended"), mark->held ? 10 : 8);
    op_put_word(g, "received");
    resp_put_i64(&g->ops, mark->received_ms);
    op_put_word(g, "clock");
    resp_put_i64(&g->ops, mark->clock_ms);
    op_put_word(g, "runs");
    op_put_word(g, mark->running ? "1" : "0");
    put_batch(g, batch);
    if (mark->held) {
        op_put_word(g, "fired");
        resp_put_i64(&g->ops, mark->fired_ms);
    }
}

void commit_put_ruleset(struct commit_group *g, struct text hash, struct wall received, uint64_t batch)
{
    op_begin(g, "XADD", TEXT("rulesets"), 6);
    op_put_word(g, "ruleset");
    op_put(g, hash);
    op_put_word(g, "received");
    resp_put_i64(&g->ops, received.ms);
    put_batch(g, batch);
}

void commit_put_track(struct commit_group *g, struct text vehicle, const struct commit_track *track)
{
    bool hole = track->hole_to != 0;
    bool fix = track->fix.len > 0;
    op_begin_of(g, "XADD", "track:", vehicle,
                4u + (fix ? 2u : 0u) + (track->late != NULL ? 2u : 0u) + (hole ? 2u : 0u) +
                    (track->hole_seen ? 2u : 0u));
    if (fix) {
        op_put_word(g, "fix");
        op_put(g, track->fix);
    }
    op_put_word(g, "received");
    resp_put_i64(&g->ops, track->received.ms);
    put_batch(g, track->batch);
    if (track->late != NULL) {
        op_put_word(g, "late");
        op_put_word(g, track->late);
    }
    if (hole) {
        char range[48];
        struct buf b = {.data = range, .cap = sizeof range, .limit = sizeof range};
        buf_put_u64(&b, track->hole_from);
        buf_put_char(&b, '-');
        buf_put_u64(&b, track->hole_to);
        op_put_word(g, "hole");
        op_put(g, buf_text(&b));
    }
    if (track->hole_seen) {
        op_put_word(g, "seen");
        op_put_word(g, "1");
    }
}

void commit_put_state(struct commit_group *g, const struct vehicle_state *state, const struct names *names)
{
    char bytes[STATE_BYTES_MAX];
    struct buf blob = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    state_write(state, names, &blob);
    assert(buf_ok(&blob));
    op_begin(g, "STATE", TEXT("state"), 2);
    op_put(g, names_text(names, state->vehicle));
    op_put(g, buf_text(&blob));
}

/* ---- the vehicle as it stands ---- */

enum shown_field {
    SHOWN_TIME,
    SHOWN_RECEIVED,
    SHOWN_LAT,
    SHOWN_LON,
    SHOWN_SPEED,
    SHOWN_TRACK,
    SHOWN_MODE,
    SHOWN_ONLINE,
    SHOWN_TRIP,
    SHOWN_OPEN,
    SHOWN_COVER,
    SHOWN_BODY,
    SHOWN_LOAD,
    SHOWN_PLATE,
    SHOWN_COMPANY,
    SHOWN_COUNT
};

static const char *const shown_names[SHOWN_COUNT] = {"time",  "received", "lat",    "lon",   "speed",
                                                     "track", "mode",     "online", "trip",  "open",
                                                     "cover", "body",     "load",   "plate", "company"};
/* Absent again at some time; the others stay once they are there. */
static const uint16_t shown_passing = 1 << SHOWN_SPEED | 1 << SHOWN_TRACK | 1 << SHOWN_MODE |
                                      1 << SHOWN_TRIP | 1 << SHOWN_COVER | 1 << SHOWN_BODY | 1 << SHOWN_LOAD |
                                      1 << SHOWN_PLATE | 1 << SHOWN_COMPANY;

static const char *const cover_words[] = {NULL, "open", "closed", "fault"};
static const char *const body_words[] = {NULL, "raised", "down", "fault"};
static const char *const load_words[] = {NULL, "empty", "loaded", "over", "fault"};

static uint16_t shown_fields(const struct vehicle_state *s, const struct vehicle_info *info)
{
    unsigned f = 1u << SHOWN_ONLINE | 1u << SHOWN_OPEN;
    bool seen = (s->flags & VEHICLE_SEEN) != 0, placed = s->place_ms != TIME_NONE;
    f |= (unsigned)seen << SHOWN_TIME | (unsigned)(seen && s->received_ms != TIME_NONE) << SHOWN_RECEIVED;
    f |= (unsigned)placed << SHOWN_LAT | (unsigned)placed << SHOWN_LON;
    f |= (unsigned)(fabsf(s->speed_mps) < 1e6f) << SHOWN_SPEED | (unsigned)(fabsf(s->track_deg) < 1e6f)
                                                                     << SHOWN_TRACK;
    f |= (unsigned)(s->mode != FIX_MODE_UNKNOWN) << SHOWN_MODE;
    f |= (unsigned)(s->trip.phase >= TRIP_HAULING && s->trip.start_ms != TIME_NONE) << SHOWN_TRIP;
    f |= (unsigned)(s->sensors.cover != COVER_UNKNOWN) << SHOWN_COVER;
    f |= (unsigned)(s->sensors.body != BODY_UNKNOWN) << SHOWN_BODY;
    f |= (unsigned)(s->sensors.load != LOAD_UNKNOWN) << SHOWN_LOAD;
    f |= (unsigned)(info->plate.len > 0) << SHOWN_PLATE | (unsigned)(info->company_name.len > 0)
                                                              << SHOWN_COMPANY;
    return (uint16_t)f;
}

static void put_shown(struct commit_group *g, enum shown_field field, const struct vehicle_state *s,
                      const struct vehicle_info *info, struct text vehicle)
{
    char trip[VIOLATION_ID_LENGTH + 1];
    switch (field) {
    case SHOWN_TIME:
        resp_put_i64(&g->ops, s->time_ms);
        break;
    case SHOWN_RECEIVED:
        resp_put_i64(&g->ops, s->received_ms);
        break;
    case SHOWN_LAT:
        op_put_fixed(g, s->lat_deg, 7);
        break;
    case SHOWN_LON:
        op_put_fixed(g, s->lon_deg, 7);
        break;
    case SHOWN_SPEED:
        op_put_fixed(g, (double)s->speed_mps * KMH_PER_MPS, 1);
        break;
    case SHOWN_TRACK:
        op_put_fixed(g, (double)s->track_deg, 1);
        break;
    case SHOWN_MODE:
        resp_put_i64(&g->ops, s->mode);
        break;
    case SHOWN_ONLINE:
        op_put_word(g, (s->flags & (VEHICLE_ONLINE | VEHICLE_OFF)) == VEHICLE_ONLINE ? "1" : "0");
        break;
    case SHOWN_TRIP:
        trip_id_write(vehicle, s->trip.start_ms, trip);
        op_put_word(g, trip);
        break;
    case SHOWN_OPEN:
        resp_put_i64(&g->ops, vehicle_open_count(s));
        break;
    case SHOWN_COVER:
        op_put_word(g, cover_words[s->sensors.cover]);
        break;
    case SHOWN_BODY:
        op_put_word(g, body_words[s->sensors.body]);
        break;
    case SHOWN_LOAD:
        op_put_word(g, load_words[s->sensors.load]);
        break;
    case SHOWN_PLATE:
        op_put(g, info->plate);
        break;
    case SHOWN_COMPANY:
        op_put(g, info->company_name);
        break;
    case SHOWN_COUNT:
        break;
    }
}

static uint32_t bits(uint16_t set)
{
    uint32_t n = 0;
    for (; set != 0; set = (uint16_t)(set & (set - 1)))
        n++;
    return n;
}

void commit_put_vehicle(struct commit_group *g, const struct vehicle_state *s,
                        const struct vehicle_info *info, const struct names *names, uint16_t *shown)
{
    struct text vehicle = names_text(names, s->vehicle);
    uint16_t now = shown_fields(s, info);
    uint16_t gone = (uint16_t)(*shown & shown_passing & ~now);
    op_begin_of(g, "HSET", "vehicle:", vehicle, bits(now) * 2);
    for (int field = 0; field < SHOWN_COUNT; field++)
        if (now >> field & 1) {
            op_put_word(g, shown_names[field]);
            put_shown(g, (enum shown_field)field, s, info, vehicle);
        }
    if (gone != 0) {
        op_begin_of(g, "HDEL", "vehicle:", vehicle, bits(gone));
        for (int field = 0; field < SHOWN_COUNT; field++)
            if (gone >> field & 1)
                op_put_word(g, shown_names[field]);
    }
    if ((now >> SHOWN_LAT & 1) && fabs(s->lat_deg) <= GEO_LAT_MAX_DEG) {
        op_begin(g, "GEO", TEXT("positions"), 3);
        op_put_fixed(g, s->lon_deg, 7);
        op_put_fixed(g, s->lat_deg, 7);
        op_put(g, vehicle);
    }
    *shown = now;
}

void commit_put_live(struct commit_group *g, struct text vehicle, const struct fix *fix)
{
    op_begin_of(g, "HSET", "vehicle:", vehicle, 6);
    op_put_word(g, "live_time");
    resp_put_i64(&g->ops, fix->time.ms);
    op_put_word(g, "live_lat");
    op_put_fixed(g, fix->lat_deg, 7);
    op_put_word(g, "live_lon");
    op_put_fixed(g, fix->lon_deg, 7);
}

/* ---- calls ---- */

enum { HEADER_ARGS = 4 };

static void put_call(struct buf *out, const char *function, uint32_t partition, size_t args)
{
    char bytes[MW_KEY_MAX];
    struct buf key = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    buf_printf(&key, MW_KEY_OWNER, partition);
    resp_put_command(out, 4 + args);
    resp_put_text(out, TEXT("FCALL"));
    resp_put_text(out, text_of(function));
    resp_put_text(out, TEXT("1"));
    resp_put_text(out, buf_text(&key));
}

static void put_header(struct buf *out, const struct commit_header *h)
{
    resp_put_i64(out, h->epoch);
    resp_put_i64(out, (int64_t)h->number);
    resp_put_i64(out, h->clock_ms);
    resp_put_text(out, h->token);
}

void commit_write_call(const struct commit_header *header, const struct commit_group *const *groups,
                       size_t count, struct buf *out)
{
    size_t args = HEADER_ARGS;
    for (size_t i = 0; i < count; i++)
        args += groups[i]->args;
    put_call(out, "muckwatch_v3_commit", header->partition, args);
    put_header(out, header);
    for (size_t i = 0; i < count; i++)
        buf_put_text(out, buf_text(&groups[i]->ops));
}

void commit_write_beat(const struct commit_header *header, struct buf *out)
{
    put_call(out, "muckwatch_v3_beat", header->partition, HEADER_ARGS);
    put_header(out, header);
}

void commit_write_claim(const struct commit_claim *claim, struct buf *out)
{
    put_call(out, "muckwatch_v3_claim", claim->partition, 4);
    resp_put_text(out, claim->instance);
    resp_put_i64(out, claim->hold_ms);
    resp_put_text(out, claim->take_over ? TEXT("1") : TEXT("0"));
    resp_put_text(out, claim->token);
}
