#include "engine.h"

#include "episode.h"
#include "habits.h"
#include "moment.h"
#include "rule.h"
#include "trip.h"
#include "visit.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct engine {
    const struct world *world;
    struct mw_hours_answer *hours_cache;
    struct moment moment; /* large; kept here so that the stack stays small */
};

struct engine *engine_new(void)
{
    return calloc(1, sizeof(struct engine));
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    free(e->hours_cache);
    free(e);
}

bool engine_set_world(struct engine *e, const struct world *world)
{
    struct mw_hours_answer *cache = calloc((size_t)world->hours_count + 1, sizeof *cache);
    if (cache == NULL)
        return false;
    free(e->hours_cache);
    e->hours_cache = cache;
    e->world = world;
    return true;
}

static void keep_sensor(uint8_t *last, uint8_t now)
{
    if (now != 0)
        *last = now;
}

/* The last word of each sensor; a fault is a word, and is not overruled by an older one. */
static void keep_sensors(struct sensors *last, const struct sensors *now)
{
    keep_sensor(&last->cover, now->cover);
    keep_sensor(&last->body, now->body);
    keep_sensor(&last->load, now->load);
    keep_sensor(&last->spill, now->spill);
    keep_sensor(&last->discharge, now->discharge);
    keep_sensor(&last->wash, now->wash);
    keep_sensor(&last->ignition, now->ignition);
    keep_sensor(&last->work, now->work);
    keep_sensor(&last->power, now->power);
    keep_sensor(&last->antenna, now->antenna);
    if (!isnan(now->load_kg))
        last->load_kg = now->load_kg;
    if (!isnan(now->height_m))
        last->height_m = now->height_m;
}

static void set_flag(struct vehicle_state *state, enum vehicle_flag flag, bool on)
{
    state->flags = on ? state->flags | (uint32_t)flag : state->flags & ~(uint32_t)flag;
}

static void follow_sensors(struct vehicle_state *state, const struct fix *fix)
{
    keep_sensors(&state->sensors, &fix->sensors);
    uint8_t load = fix->sensors.load;
    if (load == LOAD_EMPTY || load == LOAD_LOADED || load == LOAD_OVER) {
        set_flag(state, VEHICLE_LOADED, load != LOAD_EMPTY);
        set_flag(state, VEHICLE_LOAD_KNOWN, true);
    }
    if (fix->sensors.ignition != FLAG_UNKNOWN)
        set_flag(state, VEHICLE_IGNITION, fix->sensors.ignition == FLAG_TRUE);
}

/* Whether the fix says where the vehicle is, and can be right. */
static bool position_usable(const struct fix *fix)
{
    if (!fix_has(fix, FIX_HAS_POSITION))
        return false;
    if (fix_has(fix, FIX_HAS_MODE) && fix->mode == FIX_MODE_NONE)
        return false;
    /* Zero-zero is what a receiver without a fix reports, not a place in the Gulf of Guinea. */
    return fix->lat_deg != 0 || fix->lon_deg != 0;
}

static float derived_speed(const struct moment *m)
{
    const struct vehicle_state *b = m->before;
    if (!m->placed || !(b->flags & VEHICLE_PLACED) || m->gap || m->at_ms <= b->place_ms)
        return NAN;
    struct mw_point from = {b->lat_deg, b->lon_deg}, to = {m->lat_deg, m->lon_deg};
    return (float)(mw_distance_m(from, to) / ((double)(m->at_ms - b->place_ms) / 1000));
}

static void set_motion(struct moment *m)
{
    double kmh = (double)m->speed_mps * 3.6;
    m->moving = kmh >= m->world->common.moving_kmh; /* false for an unknown speed, as below */
    m->stopped = kmh <= m->world->common.stopped_kmh;
}

static void find_fences(struct moment *m)
{
    m->fence_count = 0;
    m->fence_kinds = m->force_kinds = 0;
    if (!m->placed)
        return;
    struct mw_point at = {m->lat_deg, m->lon_deg};
    size_t n = mw_index_point(m->world->index, at, m->fences, MOMENT_FENCES_MAX);
    m->fence_count = (uint32_t)(n < MOMENT_FENCES_MAX ? n : MOMENT_FENCES_MAX);
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *fence = &m->world->fences[m->fences[i]];
        int64_t until_ms;
        m->fence_kinds |= 1u << fence->kind;
        if (moment_in_force(m, fence, &until_ms))
            m->force_kinds |= 1u << fence->kind;
    }
}

static const struct sensors nothing_sensed = {.load_kg = NAN, .height_m = NAN};

static void begin_moment(struct engine *e, const struct vehicle_state *state, int64_t at_ms)
{
    struct moment *m = &e->moment;
    m->world = e->world;
    m->info = world_vehicle(e->world, state->vehicle);
    m->before = state;
    m->trip = &state->trip;
    m->hours_cache = e->hours_cache;
    m->at_ms = at_ms;
    m->last = &state->sensors;
    m->loaded = (state->flags & VEHICLE_LOADED) != 0;
    m->load_known = (state->flags & VEHICLE_LOAD_KNOWN) != 0;
    m->events = (struct moment_events){.left_ms = TIME_NONE, .unloaded_ms = TIME_NONE};
}

static void moment_of_fix(struct engine *e, const struct vehicle_state *state, const struct fix *fix)
{
    struct moment *m = &e->moment;
    begin_moment(e, state, fix->time.ms);
    m->tick = m->stale = false;
    m->fix_ms = fix->time.ms;
    m->gap = (state->flags & VEHICLE_SEEN) != 0 && fix->time.ms - state->time_ms > e->world->common.gap_ms;
    m->placed = position_usable(fix);
    m->lat_deg = m->placed ? fix->lat_deg : 0;
    m->lon_deg = m->placed ? fix->lon_deg : 0;
    m->eph_m = fix_has(fix, FIX_HAS_EPH) ? fix->eph_m : (float)e->world->common.eph_default_m;
    m->speed_mps = fix_has(fix, FIX_HAS_SPEED) ? fix->speed_mps : derived_speed(m);
    m->track_deg = fix_has(fix, FIX_HAS_TRACK) ? fix->track_deg : NAN;
    m->now = &fix->sensors;
    set_motion(m);
    find_fences(m);
}

static void moment_of_tick(struct engine *e, const struct vehicle_state *state, int64_t at_ms)
{
    struct moment *m = &e->moment;
    begin_moment(e, state, at_ms);
    m->tick = true;
    m->gap = false;
    m->stale = at_ms - state->time_ms > e->world->common.gap_ms;
    m->fix_ms = state->time_ms;
    m->placed = (state->flags & VEHICLE_PLACED) != 0;
    m->lat_deg = state->lat_deg;
    m->lon_deg = state->lon_deg;
    m->eph_m = state->eph_m;
    m->speed_mps = state->speed_mps;
    m->track_deg = state->track_deg;
    m->now = &nothing_sensed;
    set_motion(m);
    find_fences(m);
}

static void judge(struct engine *e, struct vehicle_state *state, int64_t received_ms, struct outcome *out)
{
    const struct moment *m = &e->moment;
    struct episode_context c = {
        .m = m, .state = state, .out = out, .received_ms = received_ms, .deadline_ms = TIME_NEVER};
    for (const struct rule *rule = rules; rule->judge != NULL; rule++) {
        c.rule = rule;
        c.settings = world_rule(e->world, rule->kind, m->info->class_number);
        if (!c.settings->enabled)
            continue;
        struct findings findings;
        findings.rest = m->tick ? HELD_UNKNOWN : HELD_NO;
        findings.count = 0;
        rule->judge(m, c.settings, &findings);
        episodes_take(&c, &findings);
    }
    trip_settle(state, m, out);
    int64_t trip_ms = trip_deadline_ms(state, m);
    state->deadline_ms = trip_ms < c.deadline_ms ? trip_ms : c.deadline_ms;
}

/* Only after the rules have seen where it was before. */
static void remember_fix(struct vehicle_state *state, const struct moment *m, const struct fix *fix,
                         struct arrival arrival)
{
    state->time_ms = fix->time.ms;
    state->received_ms = arrival.received_ms;
    state->clock_ms = arrival.clock_ms;
    set_flag(state, VEHICLE_SEEN, true);
    set_flag(state, VEHICLE_PLACED, m->placed);
    if (m->placed) {
        state->lat_deg = m->lat_deg;
        state->lon_deg = m->lon_deg;
        state->place_ms = fix->time.ms;
    }
    state->speed_mps = m->speed_mps;
    state->track_deg = m->track_deg;
    state->eph_m = m->eph_m;
    state->mode = fix->mode;
    if (m->moving || m->stopped)
        set_flag(state, VEHICLE_MOVED, m->moving);
}

void engine_step(struct engine *e, struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                 struct outcome *out)
{
    assert(!(state->flags & VEHICLE_SEEN) || fix->time.ms > state->time_ms);
    follow_sensors(state, fix);
    moment_of_fix(e, state, fix);
    if (e->moment.gap)
        episodes_gap(state);
    habits_follow(state, &e->moment);
    visit_follow(state, &e->moment);
    trip_follow(state, &e->moment, out);
    judge(e, state, arrival.received_ms, out);
    habits_remember(state, &e->moment);
    remember_fix(state, &e->moment, fix, arrival);
    out->state_changed = true;
}

/* Whether what the episode is about still stands in the world, and its kind is still judged. */
static bool subject_stands(const struct engine *e, const struct vehicle_state *state,
                           const struct episode *ep)
{
    const struct world *w = e->world;
    enum kind kind = (enum kind)ep->kind;
    if (!world_rule(w, kind, world_vehicle(w, state->vehicle)->class_number)->enabled)
        return false;
    switch (kind_row(kind)->subject) {
    case SUBJECT_FENCE:
        return ep->subject == 0 || world_fence_by_id(w, ep->subject) != UINT32_MAX;
    case SUBJECT_PERMIT:
        return world_permit_by_id(w, ep->subject) != UINT32_MAX;
    case SUBJECT_PERMIT_OR_AREA:
        return (ep->permit != 0 ? world_permit_by_id(w, ep->permit) : world_fence_by_id(w, ep->fence)) !=
               UINT32_MAX;
    case SUBJECT_TRIP:
        return trip_is_on(&state->trip) && ep->trip_ms == state->trip.start_ms;
    default:
        return true;
    }
}

static const struct rule *rule_of(enum kind kind)
{
    const struct rule *rule = rules;
    while (rule->judge != NULL && rule->kind != kind)
        rule++;
    return rule;
}

static void close_gone(struct engine *e, struct vehicle_state *state, struct outcome *out)
{
    struct episode_context c = {.m = &e->moment, .state = state, .out = out, .received_ms = TIME_NONE};
    for (uint32_t i = state->episode_count; i > 0; i--) {
        struct episode *ep = &state->episodes[i - 1];
        if (subject_stands(e, state, ep))
            continue;
        c.rule = rule_of((enum kind)ep->kind);
        c.settings = world_rule(e->world, (enum kind)ep->kind, e->moment.info->class_number);
        episode_close(&c, ep, CLOSE_SUBJECT_GONE, e->moment.at_ms);
    }
}

void engine_tick(struct engine *e, struct vehicle_state *state, int64_t at_ms, struct outcome *out)
{
    assert(state->flags & VEHICLE_SEEN);
    moment_of_tick(e, state, at_ms);
    if (trip_tick(state, &e->moment))
        close_gone(e, state, out); /* what is about the trip is over with it */
    judge(e, state, TIME_NONE, out);
    out->state_changed = true;
}

void engine_settle(struct engine *e, struct vehicle_state *state, int64_t at_ms, struct outcome *out)
{
    assert(state->flags & VEHICLE_SEEN);
    struct vehicle_state before = *state;
    moment_of_tick(e, state, at_ms);
    close_gone(e, state, out);
    judge(e, state, TIME_NONE, out);
    /* After a restart every vehicle is settled; few change by it, and only those are to be written. */
    out->state_changed = memcmp(&before, state, sizeof before) != 0;
}
