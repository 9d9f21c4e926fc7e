/*
 * One function walks over the fields, in one order, for both directions: what is written and what is read
 * cannot drift apart. A field that is added to struct vehicle_state gets its line in `visit`, at the end of
 * its group, and STATE_VERSION grows by one; the static assertion below is there to make that impossible to
 * forget. States of versions from STATE_VERSION_OLDEST on are read: `visit` asks for v->version where they
 * differ.
 */
#include "state_codec.h"

#include <assert.h>
#include <math.h>

_Static_assert(
    sizeof(struct vehicle_state) == 8528,
    "a field came or went: walk over it in visit(), and raise STATE_VERSION where states of before are kept");

/* Distinct names in one state: those of each episode and of its pieces, and those of trip, visit and haul. */
enum { NAMES_MAX = VEHICLE_EPISODES_MAX * 5 + VEHICLE_PIECES_MAX + YARDS_MAX * 3 + BREACHES_MAX + 8 };

/* The latitude 31.2304567 is what the text said and the nearest double to it; so is 312304567 / 1e7. */
#define DEG_SCALE 1e7

struct visitor {
    bool writing;
    uint8_t version; /* of what is read; STATE_VERSION when writing */
    struct buf *out;
    struct text in;
    size_t at;
    enum state_error error;
    const struct names *names;
    struct names *interned; /* the same table, when reading */
    int64_t base_ms;
    uint32_t seen[NAMES_MAX]; /* names met so far */
    uint32_t seen_count;
};

const char *state_error_name(enum state_error error)
{
    static const char *const names[] = {"ok", "earlier version", "unknown version", "malformed",
                                        "too many names"};
    return names[error];
}

static void fail(struct visitor *v, enum state_error error)
{
    if (v->error == STATE_OK)
        v->error = error;
}

static void bytes(struct visitor *v, void *data, size_t n)
{
    if (v->writing) {
        buf_put(v->out, data, n);
    } else if (v->error != STATE_OK || n > v->in.len - v->at) {
        fail(v, STATE_MALFORMED);
        memset(data, 0, n);
    } else {
        memcpy(data, v->in.data + v->at, n);
        v->at += n;
    }
}

/* LEB128: seven bits a byte, the lowest first. */
static void number(struct visitor *v, uint64_t *n)
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
        bytes(v, &b, 1);
        *n |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80)
            return;
    }
    fail(v, STATE_MALFORMED);
}

static void number32(struct visitor *v, uint32_t *n)
{
    uint64_t wide = *n;
    number(v, &wide);
    if (wide > UINT32_MAX)
        fail(v, STATE_MALFORMED);
    *n = (uint32_t)wide;
}

static void number16(struct visitor *v, uint16_t *n)
{
    uint64_t wide = *n;
    number(v, &wide);
    if (wide > UINT16_MAX)
        fail(v, STATE_MALFORMED);
    *n = (uint16_t)wide;
}

/* A byte that is at most `max`: enums, counts, flags. */
static void small(struct visitor *v, uint8_t *n, unsigned max)
{
    bytes(v, n, 1);
    if (*n > max) {
        fail(v, STATE_MALFORMED);
        *n = 0;
    }
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

static void signed_number(struct visitor *v, int64_t *n)
{
    uint64_t coded = zigzag(*n);
    number(v, &coded);
    *n = unzigzag(coded);
}

/* A time, relative to the last evaluated fix; 0 and 1 stand for none and never. Differences wrap, as unsigned
 * numbers do, and wrap back. */
static void when(struct visitor *v, int64_t *ms)
{
    uint64_t n = 0;
    if (v->writing) {
        bool special = *ms == TIME_NONE || *ms == TIME_NEVER;
        uint64_t coded = zigzag((int64_t)((uint64_t)*ms - (uint64_t)v->base_ms));
        n = special ? (uint64_t)(*ms == TIME_NEVER) : coded + 2;
        /* The two largest differences would wrap into the special ones; no clock is that far off. */
        assert(special || coded < UINT64_MAX - 1);
    }
    number(v, &n);
    if (!v->writing)
        *ms = n == 0   ? TIME_NONE
              : n == 1 ? TIME_NEVER
                       : (int64_t)((uint64_t)unzigzag(n - 2) + (uint64_t)v->base_ms);
}

static void real32(struct visitor *v, float *f)
{
    bytes(v, f, sizeof *f);
}

/* Degrees: five bytes where they have the seven decimals of a unit, else all eight. */
static void degrees(struct visitor *v, double *deg)
{
    uint64_t n = 1;
    if (v->writing && fabs(*deg) <= 360) {
        int64_t scaled = llround(*deg * DEG_SCALE);
        double back = (double)scaled / DEG_SCALE;
        if (memcmp(&back, deg, sizeof back) == 0)
            n = zigzag(scaled) << 1;
    }
    number(v, &n);
    if (n & 1)
        bytes(v, deg, sizeof *deg);
    else if (!v->writing)
        *deg = (double)unzigzag(n >> 1) / DEG_SCALE;
}

static void new_name(struct visitor *v, uint32_t *symbol)
{
    char data[NAMES_TEXT_MAX];
    struct text t = v->writing ? names_text(v->names, *symbol) : (struct text){data, 0};
    uint8_t len = (uint8_t)t.len;
    bytes(v, &len, 1);
    if (v->writing) {
        buf_put_text(v->out, t);
    } else {
        bytes(v, data, len);
        t.len = len;
        *symbol = 0;
        if (v->error == STATE_OK && len == 0)
            fail(v, STATE_MALFORMED);
        if (v->error == STATE_OK && !names_intern(v->interned, t, symbol))
            fail(v, STATE_NAMES_FULL);
    }
}

/* 0: none. 1: a name not met before, as text. k + 2: the k-th met. */
static void symbol(struct visitor *v, uint32_t *s)
{
    uint32_t place = 0;
    while (v->writing && place < v->seen_count && v->seen[place] != *s)
        place++;
    uint32_t n = !v->writing || *s == 0 ? 0 : place == v->seen_count ? 1 : place + 2;
    number32(v, &n);
    if (n == 0) {
        *s = 0;
    } else if (n > 1) {
        if (n - 2 < v->seen_count)
            *s = v->seen[n - 2];
        else
            fail(v, STATE_MALFORMED);
    } else if (v->seen_count == NAMES_MAX) {
        fail(v, STATE_MALFORMED);
    } else {
        new_name(v, s);
        v->seen[v->seen_count++] = *s;
    }
}

/* What an episode is about is a symbol, or a cause. */
static void subject(struct visitor *v, const struct episode *e, uint32_t *about)
{
    enum subject_type type = kind_row((enum kind)e->kind)->subject;
    if (type == SUBJECT_CAUSE || type == SUBJECT_REASON)
        number32(v, about);
    else
        symbol(v, about);
}

static void visit_sensors(struct visitor *v, struct sensors *s)
{
    small(v, &s->cover, COVER_FAULT);
    small(v, &s->body, BODY_FAULT);
    small(v, &s->load, LOAD_FAULT);
    small(v, &s->spill, FLAG_TRUE);
    small(v, &s->discharge, FLAG_TRUE);
    small(v, &s->wash, FLAG_TRUE);
    small(v, &s->ignition, FLAG_TRUE);
    small(v, &s->work, WORK_COLLECTING);
    small(v, &s->power, POWER_BACKUP);
    small(v, &s->antenna, ANTENNA_SHORT);
    real32(v, &s->load_kg);
    real32(v, &s->height_m);
}

static void visit_trip(struct visitor *v, struct trip *t)
{
    small(v, &t->phase, TRIP_ARRIVED);
    small(v, &t->flags, UINT8_MAX);
    small(v, &t->ending, TRIP_END_COUNT - 1);
    small(v, &t->edge_fixes, UINT8_MAX);
    when(v, &t->start_ms);
    when(v, &t->loaded_ms);
    when(v, &t->arrived_ms);
    when(v, &t->unloaded_ms);
    when(v, &t->edge_ms);
    signed_number(v, &t->covered_ms);
    bytes(v, &t->distance_m, sizeof t->distance_m);
    symbol(v, &t->site);
    symbol(v, &t->disposal);
    symbol(v, &t->permit);
    real32(v, &t->load_kg);
    number16(v, &t->violations);
}

static void visit_yards(struct visitor *v, struct yards *yards)
{
    small(v, &yards->count, YARDS_MAX);
    small(v, &yards->more, 1);
    for (uint8_t i = 0; i < yards->count; i++) {
        symbol(v, &yards->list[i].fence);
        small(v, &yards->list[i].flags, UINT8_MAX);
    }
}

/* Most vehicles visit nothing and haul nothing: a byte says which of these there are. */
static void visit_haul(struct visitor *v, struct vehicle_state *s)
{
    struct yards *sets[] = {&s->sites, &s->haul.origins, &s->haul.tips};
    uint8_t there = (uint8_t)((s->haul.breach_count > 0) << 3), count = (uint8_t)s->haul.breach_count;
    for (int i = 0; i < 3; i++)
        there |= (uint8_t)((sets[i]->count > 0 || sets[i]->more > 0) << i);
    there |= (uint8_t)((s->trip.world != 0) << 4);
    small(v, &there, 31);
    if (there >> 4 & 1)
        number32(v, &s->trip.world);
    for (int i = 0; i < 3; i++)
        if (there >> i & 1)
            visit_yards(v, sets[i]);
    if (!(there >> 3 & 1))
        return;
    small(v, &count, BREACHES_MAX);
    s->haul.breach_count = count;
    for (uint8_t i = 0; i < count && v->error == STATE_OK; i++) {
        struct breach *b = &s->haul.breaches[i];
        symbol(v, &b->permit);
        small(v, &b->kind, KIND_COUNT - 1);
        small(v, &b->flags, UINT8_MAX);
        when(v, &b->since_ms);
        when(v, &b->over_ms);
        number32(v, &b->unknown_ms);
        number16(v, &b->fixes);
        real32(v, &b->worst_m);
    }
}

static void visit_trust_and_habits(struct visitor *v, struct vehicle_state *s)
{
    degrees(v, &s->trust.jump_lat_deg);
    degrees(v, &s->trust.jump_lon_deg);
    when(v, &s->trust.jump_ms);
    when(v, &s->trust.jump_last_ms);
    real32(v, &s->trust.jump_mps);
    real32(v, &s->trust.frozen_way_m);
    number16(v, &s->trust.jump_fixes);
    number16(v, &s->trust.frozen_fixes);
    small(v, &s->trust.place_fixes, UINT8_MAX);
    when(v, &s->trust.frozen_ms);
    when(v, &s->trust.drove_ms);
    when(v, &s->trust.held_ms);
    number16(v, &s->trust.held_fixes);
    degrees(v, &s->trust.held_lat_deg);
    degrees(v, &s->trust.held_lon_deg);
    when(v, &s->previous.ms);
    degrees(v, &s->previous.lat_deg);
    degrees(v, &s->previous.lon_deg);
    when(v, &s->base.ms);
    degrees(v, &s->base.lat_deg);
    degrees(v, &s->base.lon_deg);
    when(v, &s->cross.ms);
    degrees(v, &s->cross.lat_deg);
    degrees(v, &s->cross.lon_deg);
    real32(v, &s->cross.reach_m);
    real32(v, &s->cross.track_deg);
    degrees(v, &s->habits.stop_lat_deg);
    degrees(v, &s->habits.stop_lon_deg);
    when(v, &s->habits.stopped_ms);
    when(v, &s->habits.visit_ms);
    when(v, &s->habits.left_ms);
    when(v, &s->habits.change_ms);
    when(v, &s->habits.contradict_ms);
    when(v, &s->habits.load_word_ms);
    when(v, &s->habits.body_ms);
    number16(v, &s->habits.kinds);
    number16(v, &s->habits.change_kinds);
    number16(v, &s->habits.contradict_kinds);
    small(v, &s->habits.visit_phase, VISIT_LEAVING);
    small(v, &s->habits.visit_flags, UINT8_MAX);
    small(v, &s->habits.visit_fixes, UINT8_MAX);
    small(v, &s->habits.start_fixes, UINT8_MAX);
    small(v, &s->habits.load, LOAD_FAULT);
    small(v, &s->habits.load_samples, UINT8_MAX);
    small(v, &s->habits.load_flags, UINT8_MAX);
    small(v, &s->habits.body_fixes, UINT8_MAX);
}

static void visit_ranges(struct visitor *v, struct seq_range *ranges)
{
    uint8_t count = 0;
    while (v->writing && count < JOURNAL_RANGES_MAX && ranges[count].to != 0)
        count++;
    small(v, &count, JOURNAL_RANGES_MAX);
    for (uint8_t i = 0; i < count; i++) {
        number(v, &ranges[i].from);
        number(v, &ranges[i].to);
    }
}

static void visit_seen(struct visitor *v, struct journal_mark *j)
{
    uint8_t count = 0;
    while (v->writing && count < JOURNAL_SEEN_MAX && j->seen[count].to != 0)
        count++;
    small(v, &count, JOURNAL_SEEN_MAX);
    for (uint8_t i = 0; i < count; i++) {
        struct seq_seen *s = &j->seen[i];
        uint8_t whose = (uint8_t)(s->left << 1 | (s->boot != 0));
        small(v, &whose, 5);
        s->left = whose >> 1;
        if (whose & 1)
            bytes(v, &s->boot, sizeof s->boot);
        number(v, &s->from);
        number(v, &s->to);
        when(v, &s->newest_ms);
        if (s->to == 0)
            fail(v, STATE_MALFORMED);
    }
}

/* Version 2 knew the journal before, and the last numbers that were not judged, without their times. */
static void read_seen_2(struct visitor *v, struct journal_mark *j, const struct seq_seen *before, bool more)
{
    int count = 0;
    struct seq_seen unjudged = {.newest_ms = TIME_NEVER};
    if (more) {
        number(v, &unjudged.from);
        number(v, &unjudged.to);
    }
    if (before->boot != 0 && before->to != 0)
        j->seen[count++] = *before;
    if (unjudged.to != 0)
        j->seen[count] = unjudged;
}

static void visit_journal(struct visitor *v, struct journal_mark *j)
{
    struct seq_seen before = {.from = 1, .newest_ms = TIME_NEVER, .left = 2};
    small(v, &j->boot_len, FIX_BOOT_MAX);
    bytes(v, j->boot, j->boot_len);
    number(v, &j->seq);
    when(v, &j->hole_clock_ms);
    if (v->version == 2) {
        bytes(v, &before.boot, sizeof before.boot);
        number(v, &before.to);
    }
    visit_ranges(v, j->holes);
    visit_ranges(v, j->skips);
    if (j->boot_len == 0)
        return;
    uint8_t more = (uint8_t)((j->beyond != 0) << 3 | (j->told_boot != 0) << 2 | j->restarted << 1 |
                             (j->seen[0].to != 0));
    small(v, &more, v->version == 2 ? 3 : 15);
    j->restarted = (more >> 1 & 1) != 0;
    if (v->version == 2)
        read_seen_2(v, j, &before, more & 1);
    else if (more & 1)
        visit_seen(v, j);
    if (more >> 2 & 1) {
        bytes(v, &j->told_boot, sizeof j->told_boot);
        number(v, &j->told_first);
    }
    if (more >> 3 & 1)
        number(v, &j->beyond);
}

/* Of an open episode the way in is over and done with. */
static void visit_way(struct visitor *v, struct way_in *way)
{
    when(v, &way->ms);
    when(v, &way->enter_ms);
    when(v, &way->leave_ms);
    degrees(v, &way->lat_deg);
    degrees(v, &way->lon_deg);
    real32(v, &way->mps);
    real32(v, &way->track_deg);
    real32(v, &way->way_m);
    real32(v, &way->inside_m);
    small(v, &way->deep_fixes, UINT8_MAX);
    small(v, &way->aside, UINT8_MAX);
    small(v, &way->kinked, 1);
}

/* Whether there is something, as a bit: of most episodes most is not there. */
static bool has(struct visitor *v, uint8_t *mask, unsigned bit, bool there)
{
    if (v->writing)
        *mask = (uint8_t)(*mask | (unsigned)there << bit);
    return (*mask >> bit & 1) != 0;
}

static void maybe_real(struct visitor *v, bool there, float *f)
{
    if (there)
        real32(v, f);
    else if (!v->writing)
        *f = NAN;
}

static void lasted(struct visitor *v, int64_t *ms)
{
    uint64_t n = zigzag(*ms);
    number(v, &n);
    *ms = unzigzag(n);
}

static void visit_pieces(struct visitor *v, struct episode *e)
{
    uint8_t listed = 0;
    while (v->writing && listed < EPISODE_PIECES_MAX && e->pieces[listed] != 0)
        listed++;
    number32(v, &e->piece_count);
    symbol(v, &e->last_piece);
    small(v, &listed, EPISODE_PIECES_MAX);
    for (uint8_t i = 0; i < listed; i++)
        symbol(v, &e->pieces[i]);
}

static void visit_clearing(struct visitor *v, struct episode *e)
{
    when(v, &e->clear_ms);
    lasted(v, &e->unheld_ms);
    number16(v, &e->clear_fixes);
}

enum { HAS_VALUE, HAS_LIMIT, HAS_ERROR, HAS_LIMIT_NOW, HAS_CLEARING, HAS_PIECES, HAS_UNKNOWN, HAS_PLACE };

static uint8_t mask_of(struct visitor *v, const struct episode *e)
{
    uint8_t mask = 0;
    has(v, &mask, HAS_VALUE, !isnan(e->value));
    has(v, &mask, HAS_LIMIT, !isnan(e->limit));
    has(v, &mask, HAS_ERROR, !isnan(e->error_m));
    has(v, &mask, HAS_LIMIT_NOW, !isnan(e->limit_now));
    has(v, &mask, HAS_CLEARING, e->clear_ms != TIME_NONE || e->unheld_ms != 0 || e->clear_fixes != 0);
    has(v, &mask, HAS_PIECES, e->piece_count != 0);
    has(v, &mask, HAS_UNKNOWN, e->unknown_ms != 0);
    has(v, &mask, HAS_PLACE, !isnan(e->start_lat_deg));
    return mask;
}

/* Beside what every episode has. */
static void visit_parts(struct visitor *v, struct episode *e)
{
    uint8_t mask = v->writing ? mask_of(v, e) : 0;
    bytes(v, &mask, 1);
    if (!v->writing) {
        e->clear_ms = TIME_NONE;
        e->start_lat_deg = e->start_lon_deg = NAN;
    }
    maybe_real(v, has(v, &mask, HAS_VALUE, false), &e->value);
    maybe_real(v, has(v, &mask, HAS_LIMIT, false), &e->limit);
    maybe_real(v, has(v, &mask, HAS_ERROR, false), &e->error_m);
    maybe_real(v, has(v, &mask, HAS_LIMIT_NOW, false), &e->limit_now);
    if (has(v, &mask, HAS_CLEARING, false))
        visit_clearing(v, e);
    if (has(v, &mask, HAS_PIECES, false))
        visit_pieces(v, e);
    if (has(v, &mask, HAS_UNKNOWN, false))
        lasted(v, &e->unknown_ms);
    if (has(v, &mask, HAS_PLACE, false)) {
        degrees(v, &e->start_lat_deg);
        degrees(v, &e->start_lon_deg);
    }
}

static void visit_episode(struct visitor *v, struct episode *e)
{
    small(v, &e->kind, KIND_COUNT - 1);
    small(v, &e->phase, EPISODE_OPEN);
    small(v, &e->severity, SEVERITY_CRITICAL);
    small(v, &e->flags, UINT8_MAX);
    small(v, &e->repeat, UINT8_MAX);
    when(v, &e->start_ms);
    when(v, &e->held_ms);
    when(v, &e->trip_ms);
    subject(v, e, &e->subject);
    subject(v, e, &e->key);
    symbol(v, &e->fence);
    symbol(v, &e->permit);
    number32(v, &e->rev);
    number16(v, &e->held_fixes);
    number16(v, &e->sure_fixes);
    visit_parts(v, e);
    if (e->phase != EPISODE_OPEN)
        visit_way(v, &e->way);
}

/* When the cab was last warned, of the few kinds of which it was. */
static void visit_warned(struct visitor *v, struct vehicle_state *s)
{
    uint32_t kinds = 0;
    for (int kind = 0; v->writing && kind < KIND_COUNT; kind++)
        kinds |= (uint32_t)(s->warned_s[kind] != 0) << kind;
    number32(v, &kinds);
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if (kinds >> kind & 1)
            number32(v, &s->warned_s[kind]);
}

/* The place as it was said is the place, but for a vehicle that stands. */
static void visit_said(struct visitor *v, struct vehicle_state *s)
{
    uint8_t same = s->said_lat_deg == s->lat_deg && s->said_lon_deg == s->lon_deg;
    small(v, &same, 1);
    if (same && !v->writing) {
        s->said_lat_deg = s->lat_deg;
        s->said_lon_deg = s->lon_deg;
    } else if (!same) {
        degrees(v, &s->said_lat_deg);
        degrees(v, &s->said_lon_deg);
    }
}

static void visit_last_fix(struct visitor *v, struct vehicle_state *s)
{
    number32(v, &s->flags);
    when(v, &s->time_ms); /* against the epoch: base_ms is still 0 */
    v->base_ms = s->time_ms == TIME_NONE || s->time_ms == TIME_NEVER ? 0 : s->time_ms;
    when(v, &s->received_ms);
    when(v, &s->place_ms);
    when(v, &s->deadline_ms);
    when(v, &s->live_ms);
    /* The tracker's clock has nothing to do with the fix's. */
    int64_t base_ms = v->base_ms;
    v->base_ms = 0;
    when(v, &s->clock_ms);
    when(v, &s->message_clock_ms);
    v->base_ms = base_ms;
    degrees(v, &s->lat_deg);
    degrees(v, &s->lon_deg);
    visit_said(v, s);
    real32(v, &s->speed_mps);
    real32(v, &s->track_deg);
    real32(v, &s->eph_m);
    small(v, &s->mode, FIX_MODE_3D);
    uint64_t kinds = (uint64_t)s->clear_kinds << 32 | s->held_kinds; /* mostly there are none */
    number(v, &kinds);
    s->held_kinds = (uint32_t)kinds;
    s->clear_kinds = (uint32_t)(kinds >> 32);
}

/* Mostly there is nothing but the last silence. */
static void visit_lag(struct visitor *v, struct vehicle_state *s)
{
    struct lag_watch *w = &s->lag;
    when(v, &w->silent_to_ms);
    if (w->silent_to_ms != TIME_NONE)
        when(v, &w->silent_from_ms);
    if (!(s->flags & VEHICLE_LAGS))
        return;
    small(v, &w->stage, LAG_STAGE_COUNT - 1);
    small(v, &w->count, UINT8_MAX);
    when(v, &w->since_ms);
    when(v, &w->first_ms);
    when(v, &w->last_ms);
    when(v, &w->last_clock_ms);
    when(v, &w->time_ms);
    signed_number(v, &w->low_ms);
    signed_number(v, &w->high_ms);
    signed_number(v, &w->least_ms);
}

static void visit(struct visitor *v, struct vehicle_state *s)
{
    visit_last_fix(v, s);
    visit_sensors(v, &s->sensors);
    visit_trip(v, &s->trip);
    visit_trust_and_habits(v, s);
    visit_haul(v, s);
    visit_journal(v, &s->journal);
    visit_lag(v, s);
    small(v, &s->recent_count, VEHICLE_RECENT_MAX);
    small(v, &s->recent_next, VEHICLE_RECENT_MAX - 1);
    bytes(v, s->recent, s->recent_count * sizeof s->recent[0]);
    small(v, &s->opening_count, VEHICLE_OPENINGS_MAX);
    for (int i = 0; i < s->opening_count; i++)
        number32(v, &s->openings[i]);
    visit_warned(v, s);
    small(v, &s->episode_count, VEHICLE_EPISODES_MAX);
    for (int i = 0; i < s->episode_count && v->error == STATE_OK; i++)
        visit_episode(v, &s->episodes[i]);
}

void state_write(const struct vehicle_state *state, const struct names *names, struct buf *out)
{
    struct visitor v = {.writing = true, .version = STATE_VERSION, .out = out, .names = names};
    buf_put_char(out, STATE_VERSION);
    struct vehicle_state copy = *state; /* visit serves both directions and so cannot take it as const */
    visit(&v, &copy);
    assert(v.error == STATE_OK);
}

enum state_error state_read(struct text bytes_in, uint32_t vehicle, struct names *names,
                            struct vehicle_state *out_state)
{
    if (bytes_in.len == 0 || bytes_in.len > STATE_BYTES_MAX)
        return STATE_MALFORMED;
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
