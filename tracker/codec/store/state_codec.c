/*
 * One function walks over the fields, in one order, for both directions: what is written and what is read
 * cannot drift apart. A field that is added to struct vehicle_state gets its line in `visit`, at the end of
 * its group, and STATE_VERSION grows by one; the static assertion below is there to make that impossible to
 * forget. States of versions from STATE_VERSION_OLDEST on are read: `visit` asks for v->version where they
 * differ.
 */
#include "state_codec_private.h"

#include <assert.h>

_Static_assert(
    sizeof(struct vehicle_state) == 9256,
    "a field came or went: walk over it in visit(), and raise STATE_VERSION where states of before are kept");

const char *state_error_name(enum state_error error)
{
    static const char *const names[] = {"ok", "earlier version", "unknown version", "malformed",
                                        "too many names"};
    return names[error];
}

static void visit_trip(struct visitor *v, struct trip *t)
{
    state_small(v, &t->phase, TRIP_ARRIVED);
    state_small(v, &t->flags, UINT8_MAX);
    state_small(v, &t->ending, TRIP_END_COUNT - 1);
    state_small(v, &t->edge_fixes, UINT8_MAX);
    state_when(v, &t->start_ms);
    state_when(v, &t->loaded_ms);
    state_when(v, &t->arrived_ms);
    state_when(v, &t->unloaded_ms);
    state_when(v, &t->edge_ms);
    state_signed(v, &t->covered_ms);
    state_bytes(v, &t->distance_m, sizeof t->distance_m);
    state_symbol(v, &t->site);
    state_symbol(v, &t->disposal);
    state_symbol(v, &t->permit);
    state_real32(v, &t->load_kg);
    state_number16(v, &t->violations);
}

static void visit_yards(struct visitor *v, struct yards *yards)
{
    state_small(v, &yards->count, YARDS_MAX);
    state_small(v, &yards->more, 1);
    for (uint8_t i = 0; i < yards->count; i++) {
        state_symbol(v, &yards->list[i].fence);
        state_small(v, &yards->list[i].flags, UINT8_MAX);
    }
}

/* The last sign of life, while it is on no record. On the tracker's clock, as that of the last fix. */
static void visit_heard(struct visitor *v, struct vehicle_state *s)
{
    int64_t base_ms = v->base_ms;
    v->base_ms = 0;
    state_when(v, &s->heard.clock_ms);
    state_when(v, &s->heard.received_ms);
    v->base_ms = base_ms;
    if (s->heard.clock_ms == TIME_NONE)
        state_fail(v, STATE_MALFORMED);
}

/* Most vehicles visit nothing, haul nothing and say nothing but fixes: a byte says which of these there are.
 */
static void visit_haul(struct visitor *v, struct vehicle_state *s)
{
    struct yards *sets[] = {&s->sites, &s->haul.origins, &s->haul.tips};
    uint8_t there = (uint8_t)((s->haul.breach_count > 0) << 3), count = (uint8_t)s->haul.breach_count;
    for (int i = 0; i < 3; i++)
        there |= (uint8_t)((sets[i]->count > 0 || sets[i]->more > 0) << i);
    there |= (uint8_t)((s->trip.world != 0) << 4);
    there |= (uint8_t)((s->heard.clock_ms != TIME_NONE) << 5);
    state_small(v, &there, v->version < 4 ? 31 : 63);
    if (there >> 5 & 1)
        visit_heard(v, s);
    if (there >> 4 & 1)
        state_number32(v, &s->trip.world);
    for (int i = 0; i < 3; i++)
        if (there >> i & 1)
            visit_yards(v, sets[i]);
    if (!(there >> 3 & 1))
        return;
    state_small(v, &count, BREACHES_MAX);
    s->haul.breach_count = count;
    for (uint8_t i = 0; i < count && v->error == STATE_OK; i++) {
        struct breach *b = &s->haul.breaches[i];
        state_symbol(v, &b->permit);
        state_small(v, &b->kind, KIND_COUNT - 1);
        state_small(v, &b->flags, UINT8_MAX);
        state_when(v, &b->since_ms);
        state_when(v, &b->over_ms);
        state_number32(v, &b->unknown_ms);
        state_number16(v, &b->fixes);
        state_real32(v, &b->worst_m);
    }
}

static void visit_trust_and_habits(struct visitor *v, struct vehicle_state *s)
{
    state_degrees(v, &s->trust.jump_lat_deg);
    state_degrees(v, &s->trust.jump_lon_deg);
    state_when(v, &s->trust.jump_ms);
    state_when(v, &s->trust.jump_last_ms);
    state_real32(v, &s->trust.jump_mps);
    state_real32(v, &s->trust.frozen_way_m);
    state_number16(v, &s->trust.jump_fixes);
    state_number16(v, &s->trust.frozen_fixes);
    state_small(v, &s->trust.place_fixes, UINT8_MAX);
    state_when(v, &s->trust.frozen_ms);
    state_when(v, &s->trust.drove_ms);
    state_when(v, &s->trust.held_ms);
    state_number16(v, &s->trust.held_fixes);
    state_degrees(v, &s->trust.held_lat_deg);
    state_degrees(v, &s->trust.held_lon_deg);
    state_when(v, &s->previous.ms);
    state_degrees(v, &s->previous.lat_deg);
    state_degrees(v, &s->previous.lon_deg);
    state_when(v, &s->base.ms);
    state_degrees(v, &s->base.lat_deg);
    state_degrees(v, &s->base.lon_deg);
    state_when(v, &s->cross.ms);
    state_degrees(v, &s->cross.lat_deg);
    state_degrees(v, &s->cross.lon_deg);
    state_real32(v, &s->cross.reach_m);
    state_real32(v, &s->cross.track_deg);
    state_degrees(v, &s->habits.stop_lat_deg);
    state_degrees(v, &s->habits.stop_lon_deg);
    state_when(v, &s->habits.stopped_ms);
    state_when(v, &s->habits.visit_ms);
    state_when(v, &s->habits.left_ms);
    state_when(v, &s->habits.change_ms);
    state_when(v, &s->habits.contradict_ms);
    state_when(v, &s->habits.load_word_ms);
    state_when(v, &s->habits.body_ms);
    state_number16(v, &s->habits.kinds);
    state_number16(v, &s->habits.change_kinds);
    state_number16(v, &s->habits.contradict_kinds);
    state_small(v, &s->habits.visit_phase, VISIT_LEAVING);
    state_small(v, &s->habits.visit_flags, UINT8_MAX);
    state_small(v, &s->habits.visit_fixes, UINT8_MAX);
    state_small(v, &s->habits.start_fixes, UINT8_MAX);
    state_small(v, &s->habits.load, LOAD_FAULT);
    state_small(v, &s->habits.load_samples, UINT8_MAX);
    state_small(v, &s->habits.load_flags, UINT8_MAX);
    state_small(v, &s->habits.body_fixes, UINT8_MAX);
}

static void visit_ranges(struct visitor *v, struct seq_range *ranges)
{
    uint8_t count = 0;
    while (v->writing && count < JOURNAL_RANGES_MAX && ranges[count].to != 0)
        count++;
    state_small(v, &count, JOURNAL_RANGES_MAX);
    for (uint8_t i = 0; i < count; i++) {
        state_number(v, &ranges[i].from);
        state_number(v, &ranges[i].to);
    }
}

static void visit_seen(struct visitor *v, struct journal_mark *j)
{
    uint8_t count = 0;
    while (v->writing && count < JOURNAL_SEEN_MAX && j->seen[count].to != 0)
        count++;
    state_small(v, &count, JOURNAL_SEEN_MAX);
    for (uint8_t i = 0; i < count; i++) {
        struct seq_seen *s = &j->seen[i];
        uint8_t whose = (uint8_t)(s->left << 1 | (s->boot != 0));
        state_small(v, &whose, 5);
        s->left = whose >> 1;
        if (whose & 1)
            state_bytes(v, &s->boot, sizeof s->boot);
        state_number(v, &s->from);
        state_number(v, &s->to);
        state_when(v, &s->newest_ms);
        if (s->to == 0)
            state_fail(v, STATE_MALFORMED);
    }
}

/* Version 2 knew the journal before, and the last numbers that were not judged, without their times. */
static void read_seen_2(struct visitor *v, struct journal_mark *j, const struct seq_seen *before, bool more)
{
    int count = 0;
    struct seq_seen unjudged = {.newest_ms = TIME_NEVER};
    if (more) {
        state_number(v, &unjudged.from);
        state_number(v, &unjudged.to);
    }
    if (before->boot != 0 && before->to != 0)
        j->seen[count++] = *before;
    if (unjudged.to != 0)
        j->seen[count] = unjudged;
}

static void visit_journal(struct visitor *v, struct journal_mark *j)
{
    struct seq_seen before = {.from = 1, .newest_ms = TIME_NEVER, .left = 2};
    state_small(v, &j->boot_len, FIX_BOOT_MAX);
    state_bytes(v, j->boot, j->boot_len);
    state_number(v, &j->seq);
    state_when(v, &j->hole_clock_ms);
    if (v->version == 2) {
        state_bytes(v, &before.boot, sizeof before.boot);
        state_number(v, &before.to);
    }
    visit_ranges(v, j->holes);
    visit_ranges(v, j->skips);
    if (j->boot_len == 0)
        return;
    uint8_t more = (uint8_t)((j->beyond != 0) << 3 | (j->told_boot != 0) << 2 | j->restarted << 1 |
                             (j->seen[0].to != 0));
    state_small(v, &more, v->version == 2 ? 3 : 15);
    j->restarted = (more >> 1 & 1) != 0;
    if (v->version == 2)
        read_seen_2(v, j, &before, more & 1);
    else if (more & 1)
        visit_seen(v, j);
    if (more >> 2 & 1) {
        state_bytes(v, &j->told_boot, sizeof j->told_boot);
        state_number(v, &j->told_first);
    }
    if (more >> 3 & 1)
        state_number(v, &j->beyond);
}

/* When the cab was last warned, of the few kinds of which it was. */
static void visit_warned(struct visitor *v, struct vehicle_state *s)
{
    uint32_t kinds = 0;
    for (int kind = 0; v->writing && kind < KIND_COUNT; kind++)
        kinds |= (uint32_t)(s->warned_s[kind] != 0) << kind;
    state_number32(v, &kinds);
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if (kinds >> kind & 1)
            state_number32(v, &s->warned_s[kind]);
}

/* The place as it was said is the place, but for a vehicle that stands. */
static void visit_said(struct visitor *v, struct vehicle_state *s)
{
    uint8_t same = s->said_lat_deg == s->lat_deg && s->said_lon_deg == s->lon_deg;
    state_small(v, &same, 1);
    if (same && !v->writing) {
        s->said_lat_deg = s->lat_deg;
        s->said_lon_deg = s->lon_deg;
    } else if (!same) {
        state_degrees(v, &s->said_lat_deg);
        state_degrees(v, &s->said_lon_deg);
    }
}

static void visit_last_fix(struct visitor *v, struct vehicle_state *s)
{
    state_number32(v, &s->flags);
    state_when(v, &s->time_ms); /* against the epoch: base_ms is still 0 */
    v->base_ms = s->time_ms == TIME_NONE || s->time_ms == TIME_NEVER ? 0 : s->time_ms;
    state_when(v, &s->received_ms);
    state_when(v, &s->place_ms);
    state_when(v, &s->deadline_ms);
    state_when(v, &s->live_ms);
    /* The tracker's clock has nothing to do with the fix's. */
    int64_t base_ms = v->base_ms;
    v->base_ms = 0;
    state_when(v, &s->clock_ms);
    state_when(v, &s->message_clock_ms);
    v->base_ms = base_ms;
    state_degrees(v, &s->lat_deg);
    state_degrees(v, &s->lon_deg);
    visit_said(v, s);
    state_real32(v, &s->speed_mps);
    state_real32(v, &s->track_deg);
    state_real32(v, &s->eph_m);
    state_small(v, &s->mode, FIX_MODE_3D);
    uint64_t kinds = (uint64_t)s->clear_kinds << 32 | s->held_kinds; /* mostly there are none */
    state_number(v, &kinds);
    s->held_kinds = (uint32_t)kinds;
    s->clear_kinds = (uint32_t)(kinds >> 32);
}

/* Mostly there is nothing but the last silence. */
static void visit_lag(struct visitor *v, struct vehicle_state *s)
{
    struct lag_watch *w = &s->lag;
    state_when(v, &w->silent_to_ms);
    if (w->silent_to_ms != TIME_NONE)
        state_when(v, &w->silent_from_ms);
    if (!(s->flags & VEHICLE_LAGS))
        return;
    state_small(v, &w->stage, LAG_STAGE_COUNT - 1);
    state_small(v, &w->count, UINT8_MAX);
    state_when(v, &w->since_ms);
    state_when(v, &w->first_ms);
    state_when(v, &w->last_ms);
    state_when(v, &w->last_clock_ms);
    state_when(v, &w->time_ms);
    state_signed(v, &w->low_ms);
    state_signed(v, &w->high_ms);
    state_signed(v, &w->least_ms);
}

/* Seldom there. */
static void visit_late(struct visitor *v, struct vehicle_state *s)
{
    int64_t base_ms = v->base_ms;
    if (s->flags & VEHICLE_TOOK_BACK)
        for (int i = 0; i < LATE_WITHDRAWN_MAX; i++)
            state_number(v, &s->late.withdrawn[i]);
    if (!(s->flags & VEHICLE_LATE))
        return;
    state_when(v, &s->late.from_ms);
    v->base_ms = 0; /* the tracker's clock, as above */
    state_when(v, &s->late.first_clock_ms);
    state_when(v, &s->late.last_clock_ms);
    v->base_ms = base_ms;
}

/* Of a few kinds, each once: begun.h relies on it. */
static void visit_begun(struct visitor *v, struct vehicle_state *s)
{
    uint8_t count = 0;
    uint32_t kinds = 0;
    if (!(s->flags & VEHICLE_BEGUN))
        return;
    while (v->writing && count < BEGUN_MAX && s->begun[count] != 0)
        count++;
    state_small(v, &count, BEGUN_MAX);
    for (uint8_t i = 0; i < count; i++) {
        uint8_t kind = (uint8_t)s->begun[i];
        int64_t start_ms = (int64_t)(s->begun[i] >> 8);
        state_small(v, &kind, KIND_COUNT - 1);
        state_when(v, &start_ms);
        if (!kind_row((enum kind)kind)->past || (kinds >> kind & 1) || start_ms < 0 || start_ms >> 48)
            state_fail(v, STATE_MALFORMED);
        kinds |= 1u << kind;
        s->begun[i] = (uint64_t)start_ms << 8 | kind;
    }
}

/* They come in order, many in an hour: from version 5 on each is told from the one before. */
static void visit_openings(struct visitor *v, struct vehicle_state *s)
{
    uint32_t before = 0;
    state_small(v, &s->opening_count, VEHICLE_OPENINGS_MAX);
    for (int i = 0; i < s->opening_count; i++) {
        int64_t more = (int64_t)s->openings[i] - before;
        if (v->version < 5) {
            state_number32(v, &s->openings[i]);
            continue;
        }
        state_signed(v, &more);
        before = s->openings[i] = (uint32_t)(before + (uint64_t)more);
    }
}

/* Seldom there, and for a minute; before version 6 never. */
static void visit_thrown(struct visitor *v, struct vehicle_state *s)
{
    if (!(s->flags & VEHICLE_THROWN))
        return;
    state_when(v, &s->thrown.ms);
    state_real32(v, &s->thrown.east_m);
    state_real32(v, &s->thrown.north_m);
}

static void visit(struct visitor *v, struct vehicle_state *s)
{
    visit_last_fix(v, s);
    state_visit_sensors(v, s);
    visit_trip(v, &s->trip);
    visit_trust_and_habits(v, s);
    visit_haul(v, s);
    visit_journal(v, &s->journal);
    visit_lag(v, s);
    visit_late(v, s);
    visit_thrown(v, s);
    state_small(v, &s->recent_count, VEHICLE_RECENT_MAX);
    state_small(v, &s->recent_next, VEHICLE_RECENT_MAX - 1);
    state_bytes(v, s->recent, s->recent_count * sizeof s->recent[0]);
    visit_openings(v, s);
    visit_warned(v, s);
    visit_begun(v, s);
    state_visit_work(v, s);
    state_small(v, &s->episode_count, VEHICLE_EPISODES_MAX);
    for (int i = 0; i < s->episode_count && v->error == STATE_OK; i++)
        state_visit_episode(v, &s->episodes[i]);
}

void state_write(const struct vehicle_state *state, const struct names *names, struct buf *out)
{
    state_write_version(state, names, STATE_VERSION, out);
}

void state_write_version(const struct vehicle_state *state, const struct names *names, uint8_t version,
                         struct buf *out)
{
    struct visitor v = {.writing = true, .version = version, .out = out, .names = names};
    buf_put_char(out, (char)version);
    struct vehicle_state copy = *state; /* visit serves both directions and so cannot take it as const */
    visit(&v, &copy);
    assert(v.error == STATE_OK);
}

static enum state_error read_plain(struct text bytes_in, uint32_t vehicle, struct names *names,
                                   struct vehicle_state *out_state)
{
    uint8_t version = (uint8_t)bytes_in.data[0];
    if (version < STATE_VERSION_OLDEST || version > STATE_VERSION)
        return version > 0 && version < STATE_VERSION ? STATE_EARLIER_VERSION : STATE_UNKNOWN_VERSION;
    struct visitor v = {.version = version, .in = bytes_in, .at = 1, .names = names, .interned = names};
    struct vehicle_state s;
    vehicle_init(&s, vehicle);
    visit(&v, &s);
    if (v.error == STATE_OK && v.at != v.in.len)
        v.error = STATE_MALFORMED;
    if (v.error == STATE_OK)
        *out_state = s;
    return v.error;
}

enum state_error state_read(struct text bytes, uint32_t vehicle, struct names *names,
                            struct vehicle_state *out_state)
{
    char plain[STATE_BYTES_MAX];
    if (bytes.len == 0 || bytes.len > STATE_BYTES_MAX)
        return STATE_MALFORMED;
    if (!(bytes.data[0] & STATE_PACKED))
        return read_plain(bytes, vehicle, names, out_state);
    struct text unpacked = {plain, 0};
    if (!state_unpack(bytes, plain, &unpacked.len))
        return STATE_MALFORMED;
    return read_plain(unpacked, vehicle, names, out_state);
}
