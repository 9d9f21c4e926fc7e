#include "engine_state.h"

#include "crossing.h"
#include "duty_day.h"
#include "habits.h"
#include "sensor_words.h"
#include "thrown.h"
#include "trip.h"
#include "visit.h"
#include "work_follow.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct engine *engine_new(void)
{
    return calloc(1, sizeof(struct engine));
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    free(e->hours.answers);
    free(e->ticks);
    free(e);
}

bool engine_set_world(struct engine *e, const struct world *world)
{
    struct mw_hours_answer *cache = calloc((size_t)world->hours_count + 1, sizeof *cache);
    struct engine_tick_known *ticks = calloc((size_t)world->vehicle_count + 1, sizeof *ticks);
    if (cache == NULL || ticks == NULL) {
        free(cache);
        free(ticks);
        return false;
    }
    free(e->hours.answers);
    free(e->ticks);
    e->ticks = ticks;
    e->hours = (struct hours_memory){.answers = cache};
    e->world = world;
    return true;
}

void engine_set_trace(struct engine *e, const struct trace *trace)
{
    e->trace = trace;
}

static void keep_sensor(uint8_t *last, uint8_t now)
{
    if (now != 0)
        *last = now;
}

/* The words of sensors, a byte each, stand before what they measure. */
#define WORDS_BYTES (offsetof(struct sensors, antenna) + 1)

/* The last word of each sensor; a fault is a word, and is not overruled by an older one. */
static void keep_sensors(struct sensors *last, const struct sensors *now, uint16_t words)
{
    if (words >> SENSOR_WORDS_LOAD_KG & 1)
        last->load_kg = now->load_kg;
    if (words >> SENSOR_WORDS_HEIGHT_M & 1)
        last->height_m = now->height_m;
    if (memcmp(last, now, WORDS_BYTES) == 0)
        return; /* as nearly always */
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
}

void engine_follow_sensors(struct vehicle_state *state, const struct fix *fix)
{
    uint16_t words = sensor_words_of(&fix->sensors);
    if (words != state->said)
        sensor_words_follow(state, words, fix->time.ms);
    if (words == 0)
        return;
    keep_sensors(&state->sensors, &fix->sensors, words);
    uint8_t load = fix->sensors.load;
    if (load == LOAD_EMPTY || load == LOAD_LOADED || load == LOAD_OVER) {
        engine_set_flag(state, VEHICLE_LOADED, load != LOAD_EMPTY);
        engine_set_flag(state, VEHICLE_LOAD_KNOWN, true);
    }
    if (fix->sensors.ignition != FLAG_UNKNOWN)
        engine_set_flag(state, VEHICLE_IGNITION, fix->sensors.ignition == FLAG_TRUE);
}

static void set_motion(struct moment *m)
{
    double kmh = (double)m->speed_mps * 3.6;
    m->moving = kmh >= m->world->common.moving_kmh; /* false for an unknown speed, as below */
    m->stopped = kmh <= m->world->common.stopped_kmh;
}

/* What stands heads where it headed, though receivers then say nothing of it. */
static void hold_heading(const struct vehicle_state *state, struct moment *m)
{
    if (m->headed || !m->stopped || m->gap || !(state->flags & VEHICLE_HEADED))
        return;
    m->headed = true;
    m->track_deg = state->track_deg;
}

/* What stands is where it stopped: its receiver wanders, it does not. */
static void hold_place(const struct vehicle_state *state, struct moment *m)
{
    m->said_lat_deg = m->lat_deg;
    m->said_lon_deg = m->lon_deg;
    if (!m->placed || m->moving || m->gap || !habits_stands_on(state, m))
        return;
    m->lat_deg = state->habits.stop_lat_deg;
    m->lon_deg = state->habits.stop_lon_deg;
}

void engine_find_fences(struct moment *m)
{
    m->fence_count = 0;
    m->fence_kinds = m->force_kinds = 0;
    if (!m->placed)
        return;
    struct mw_point at = {m->lat_deg, m->lon_deg};
    m->fence_count = (uint32_t)moment_fences_at(m, at, m->fences);
    for (uint32_t i = 0; i < m->fence_count; i++) {
        enum fence_kind kind = m->world->fences[m->fences[i]].kind;
        m->fence_kinds |= 1u << kind;
        if (!(m->force_kinds >> kind & 1u) && moment_counts(m, m->fences[i]))
            m->force_kinds |= 1u << kind;
    }
}

/* From north, of a way of a few kilometres at most. */
static double bearing_deg(struct mw_point from, struct mw_point to)
{
    const double to_rad = 0.017453292519943295;
    double north = to.lat_deg - from.lat_deg;
    double east = mw_east_deg(from, to) * cos((from.lat_deg + to.lat_deg) / 2 * to_rad);
    double deg = atan2(east, north) / to_rad;
    return deg < 0 ? deg + 360 : deg;
}

static const struct sensors nothing_sensed = {.load_kg = NAN, .height_m = NAN};

/*
 * Speed and heading where the fix does not say them: from a place MOTION_BASE_MS earlier at least, since over
 * a shorter time the error of two places is larger than the way between them; in between what was told last
 * holds. Their errors are taken off, so that a parked vehicle stands.
 */
#define MOTION_BASE_MS 5000

static void derive_motion(struct vehicle_state *state, struct moment *m)
{
    m->speed_mps = m->gap ? NAN : state->speed_mps;
    m->track_deg = m->gap ? NAN : state->track_deg;
    if (!m->placed)
        return;
    bool fresh = state->base.ms == TIME_NONE || m->gap || m->trust.jumped;
    if (!fresh && m->at_ms - state->base.ms < MOTION_BASE_MS)
        return;
    struct mw_point from = {state->base.lat_deg, state->base.lon_deg}, to = {m->lat_deg, m->lon_deg};
    if (!fresh) {
        double errors_m = hypot((double)m->eph_m, (double)state->eph_m);
        double way_m = mw_distance_m(from, to);
        double moved_m = way_m > errors_m ? way_m - errors_m : 0;
        m->speed_mps = (float)(moved_m / ((double)(m->at_ms - state->base.ms) / 1000));
        if (moved_m > 0)
            m->track_deg = (float)bearing_deg(from, to);
    }
    state->base.lat_deg = to.lat_deg;
    state->base.lon_deg = to.lon_deg;
    state->base.ms = m->at_ms;
}

static void begin_moment(struct engine *e, const struct vehicle_state *state, int64_t at_ms)
{
    struct moment *m = &e->moment;
    m->world = e->world;
    m->info = world_vehicle(e->world, state->vehicle);
    m->before = state;
    m->trip = &state->trip;
    m->hours = &e->hours;
    e->hours.guessed = false;
    e->near = (struct moment_near){0};
    m->near = &e->near;
    e->full = 0;
    m->full = &e->full;
    m->at_ms = at_ms;
    m->last = &state->sensors;
    m->loaded = (state->flags & VEHICLE_LOADED) != 0;
    m->load_known = (state->flags & VEHICLE_LOAD_KNOWN) != 0;
    m->addition = m->derived = false;
    m->swung = m->thrown = false;
    m->events = (struct moment_events){.left_ms = TIME_NONE, .unloaded_ms = TIME_NONE};
}

static void moment_of_fix(struct engine *e, struct vehicle_state *state, const struct fix *fix)
{
    struct moment *m = &e->moment;
    begin_moment(e, state, fix->time.ms);
    m->tick = m->stale = m->heard = false;
    m->clock_s = 0;
    m->fix_ms = fix->time.ms;
    m->gap = (state->flags & VEHICLE_SEEN) != 0 && fix->time.ms - state->time_ms > e->world->common.gap_ms;
    m->eph_m = fix_has(fix, FIX_HAS_EPH) ? fix->eph_m : (float)e->world->common.eph_default_m;
    trust_judge(state, fix, m->eph_m, world_rule(e->world, KIND_TAMPER, m->info->class_number), &m->trust);
    m->placed = m->trust.reason == DISTRUST_NONE;
    m->lat_deg = m->placed ? fix->lat_deg : 0;
    m->lon_deg = m->placed ? fix->lon_deg : 0;
    if (!fix_has(fix, FIX_HAS_SPEED | FIX_HAS_TRACK))
        derive_motion(state, m);
    m->derived = !fix_has(fix, FIX_HAS_SPEED);
    if (!m->derived)
        m->speed_mps = fix->speed_mps;
    m->headed = fix_has(fix, FIX_HAS_TRACK);
    if (m->headed)
        m->track_deg = fix->track_deg;
    m->now = &fix->sensors;
    if ((state->flags & VEHICLE_LOAD_SAID) && fix->sensors.load == LOAD_UNKNOWN) {
        /* Said after the last fix: where it went is told between that place and this one. */
        e->sensors = fix->sensors;
        e->sensors.load = state->sensors.load;
        m->now = &e->sensors;
    }
    m->dark = (state->flags & VEHICLE_DARK) != 0;
    set_motion(m);
    hold_heading(state, m);
    if (thrown_may_follow(state, m))
        thrown_follow(state, m);
    hold_place(state, m);
    engine_find_fences(m);
}

void engine_moment_of_tick(struct engine *e, const struct vehicle_state *state, int64_t at_ms)
{
    struct moment *m = &e->moment;
    begin_moment(e, state, at_ms);
    m->tick = true;
    m->gap = m->heard = false;
    m->clock_s = 0;
    m->trust = (struct trust){.jump_ms = TIME_NONE, .frozen_ms = TIME_NONE};
    m->stale = !(state->flags & VEHICLE_SEEN) || at_ms - state->time_ms > e->world->common.gap_ms;
    m->fix_ms = state->flags & VEHICLE_SEEN ? state->time_ms : at_ms;
    m->placed = (state->flags & VEHICLE_PLACED) != 0;
    m->dark = false;
    m->lat_deg = state->lat_deg;
    m->lon_deg = state->lon_deg;
    m->said_lat_deg = state->said_lat_deg;
    m->said_lon_deg = state->said_lon_deg;
    m->eph_m = state->eph_m;
    thrown_tell(state, m);
    m->speed_mps = state->speed_mps;
    m->track_deg = state->track_deg;
    m->headed = (state->flags & VEHICLE_HEADED) != 0;
    m->now = &nothing_sensed;
    set_motion(m);
    engine_find_fences(m);
}

void engine_take_findings(const struct engine *e, struct findings *findings, struct episode_context *c)
{
    if (c->state->episode_count > 0)
        addition_keep_word(c, findings);
    if (e->trace != NULL)
        engine_trace_findings(e, c, findings);
    episodes_take(c, findings);
    if (c->state->episode_count > 0)
        addition_note_counted(c, findings);
    engine_begin_judging(e, c->state, findings);
}

/* A vehicle that was not heard of for so long is asked for its clock once a day: what is missed is so by then. */
#define LONG_SILENT_MS INT64_C(259200000)

/* When the clock of a vehicle that has duties is told next. */
static int64_t next_tick_ms(struct engine *e)
{
    const struct moment *m = &e->moment;
    if (m->at_ms - m->fix_ms > LONG_SILENT_MS)
        return duty_next_tick_ms(e->world, m->info, m->at_ms, true);
    struct engine_tick_known *known = &e->ticks[m->info - e->world->vehicles];
    if (m->at_ms < known->from_ms || m->at_ms >= known->next_ms)
        *known = (struct engine_tick_known){m->at_ms, duty_next_tick_ms(e->world, m->info, m->at_ms, false)};
    return known->next_ms;
}

void engine_judge(struct engine *e, struct vehicle_state *state, int64_t received_ms, struct outcome *out)
{
    const struct moment *m = &e->moment;
    const struct rule_settings *settings = world_rules(e->world, m->info->class_number);
    struct findings findings;
    struct episode_context c = {
        .m = m, .state = state, .out = out, .received_ms = received_ms, .deadline_ms = TIME_NEVER};
    engine_begin_judging(e, state, &findings);
    for (c.rule = rules; c.rule->judge != NULL; c.rule++) {
        c.settings = &settings[c.rule->kind];
        engine_judge_rule(e, &findings, &c);
    }
    trip_settle(state, m, out);
    int64_t trip_ms = trip_deadline_ms(state, m);
    state->deadline_ms = trip_ms < c.deadline_ms ? trip_ms : c.deadline_ms;
    if (m->info->duty_count > 0) {
        int64_t tick_ms = next_tick_ms(e);
        state->deadline_ms = tick_ms < state->deadline_ms ? tick_ms : state->deadline_ms;
    }
    out->guessed |= e->hours.guessed;
}

static void remember_flags(struct vehicle_state *state, const struct moment *m)
{
    bool usable = m->placed || m->trust.reason == DISTRUST_JUMP || m->trust.reason == DISTRUST_FROZEN;
    uint32_t flags = state->flags & ~(uint32_t)(VEHICLE_PLACED | VEHICLE_NOWHERE | VEHICLE_LOAD_SAID |
                                                VEHICLE_ADDED | VEHICLE_HEADED);
    flags |= VEHICLE_SEEN;
    flags |= m->placed ? VEHICLE_PLACED : 0;
    flags |= usable ? 0 : VEHICLE_NOWHERE;
    flags |= m->headed ? VEHICLE_HEADED : 0;
    if (m->placed || m->trust.reason != DISTRUST_JUMP)
        flags = m->placed ? flags & ~(uint32_t)VEHICLE_DARK : flags | VEHICLE_DARK;
    if (m->moving || m->stopped)
        flags = m->moving ? flags | VEHICLE_MOVED : flags & ~(uint32_t)VEHICLE_MOVED;
    state->flags = flags;
}

/* Only after the rules have seen where it was before. */
static void remember_fix(struct vehicle_state *state, const struct moment *m, const struct fix *fix,
                         struct arrival arrival)
{
    state->time_ms = fix->time.ms;
    state->received_ms = arrival.received_ms;
    state->clock_ms = arrival.clock_ms;
    remember_flags(state, m);
    if (m->placed) {
        state->previous.lat_deg = state->lat_deg;
        state->previous.lon_deg = state->lon_deg;
        state->previous.ms = m->trust.jumped ? TIME_NONE : state->place_ms;
        state->lat_deg = m->lat_deg;
        state->lon_deg = m->lon_deg;
        state->said_lat_deg = m->said_lat_deg;
        state->said_lon_deg = m->said_lon_deg;
        state->place_ms = fix->time.ms;
    }
    state->speed_mps = m->speed_mps;
    state->track_deg = m->track_deg;
    state->eph_m = m->eph_m;
    state->mode = fix->mode;
}

void engine_step(struct engine *e, struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                 struct outcome *out)
{
    uint32_t told = out->transition_count;
    assert(!(state->flags & VEHICLE_SEEN) || fix->time.ms >= state->time_ms);
    if (!(state->flags & VEHICLE_SEEN) || fix->time.ms > state->time_ms)
        state->held_kinds = state->clear_kinds = 0;
    engine_follow_sensors(state, fix);
    moment_of_fix(e, state, fix);
    if (e->moment.gap)
        episodes_gap(state);
    habits_follow(state, &e->moment);
    visit_follow(state, &e->moment);
    trip_follow(state, &e->moment, out);
    engine_judge(e, state, arrival.received_ms, out);
    if (work_concerns(state, &e->moment))
        work_follow(state, &e->moment, arrival.received_ms, out);
    crossing_follow(state, &e->moment);
    habits_remember(state, &e->moment);
    remember_fix(state, &e->moment, fix, arrival);
    out->distrust = e->moment.trust.reason;
    out->state_changed = true;
    engine_end_moment(e, out, told);
}

static const struct rule_settings *offline_settings(const struct engine *e)
{
    return world_rule(e->world, KIND_OFFLINE, e->moment.info->class_number);
}

/* Whether a duty of the vehicle wants its clock now. */
static bool is_tick(const struct engine *e)
{
    const struct moment *m = &e->moment;
    bool silent = m->at_ms - 1 - m->fix_ms > LONG_SILENT_MS;
    return duty_next_tick_ms(e->world, m->info, m->at_ms - 1, silent) == m->at_ms;
}

void engine_tick(struct engine *e, struct vehicle_state *state, int64_t at_ms, struct outcome *out)
{
    uint32_t told = out->transition_count;
    assert(state->flags & VEHICLE_SEEN);
    engine_moment_of_tick(e, state, at_ms);
    if (engine_owes_life(e->world, state, at_ms))
        engine_tell_life(state, out);
    if (trip_tick(state, &e->moment))
        engine_close_gone(e, state, out); /* what is about the trip is over with it */
    engine_judge(e, state, TIME_NONE, out);
    if (e->moment.info->duty_count > 0 && is_tick(e))
        work_tell_clock(state, &e->moment, out);
    if (at_ms >= offline_due_ms(state, offline_settings(e)))
        engine_set_flag(state, VEHICLE_ONLINE, false);
    out->state_changed = true;
    engine_end_moment(e, out, told);
}
