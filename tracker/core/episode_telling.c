/*
 * What is told of an episode, and counted when it opens: transitions to the office, warnings to the cab.
 *
 * Every transition is one revision more. The cab hears of no kind that is about the unit itself, is warned
 * of one kind not again within a set time, and of one episode once.
 */
#include "episode_private.h"

#include "begun.h"
#include "late.h"
#include "tags.h"

#include <math.h>

#define HOUR_MS      INT64_C(3600000)
#define REPEAT_HOURS (30 * 24)
/* One sample confirms nothing, so it warns of nothing. */
#define WARN_FIXES 2
/* Of them one is enough that no error of the place explains; where receivers err by more than this, what lies beside
 * a street is seen in the middle of it now and then. */
#define WARN_ERROR_M 10.0

/* Kept in one place only: what the world says of it (names of places, words) is not the episode's. */
static void fill_episode(const struct episode *e, struct transition *t)
{
    t->kind = (enum kind)e->kind;
    t->severity = (enum severity)e->severity;
    t->rev = e->rev;
    t->subject = e->subject;
    t->fence = e->fence;
    t->permit = e->permit;
    t->repeat = e->repeat;
    t->start_ms = e->start_ms;
    t->trip_ms = e->trip_ms;
    t->start_lat_deg = e->start_lat_deg;
    t->start_lon_deg = e->start_lon_deg;
    t->value = e->value;
    t->limit = e->limit;
    t->error_m = e->error_m;
    t->trail_count = e->piece_count;
    memcpy(t->fence_trail, e->pieces, sizeof t->fence_trail);
}

static void fill(const struct episode_context *c, const struct episode *e, enum transition_event event,
                 struct transition *t)
{
    const struct moment *m = c->m;
    *t = (struct transition){
        .event = event,
        .vehicle = c->state->vehicle,
        .at_ms = m->at_ms,
        .end_ms = TIME_NONE,
        .received_ms = c->received_ms,
        .has_position = m->placed,
        .lat_deg = m->said_lat_deg,
        .lon_deg = m->said_lon_deg,
        .unit = c->rule->unit,
        .plate = m->info->plate,
        .company = m->info->company_name,
        .event_code = c->settings->event_code,
        .department = c->settings->department,
        .ruleset = m->world->hash,
    };
    fill_episode(e, t);
    enum subject_type type = kind_row(t->kind)->subject;
    if (type == SUBJECT_CAUSE || type == SUBJECT_REASON)
        t->cause = (enum cause)e->subject;
    tags_fill(m, t);
}

static void tell_cab(struct episode_context *c, const struct episode *e, enum transition_event event)
{
    if (kind_row((enum kind)e->kind)->machine || c->out->warning_count == OUTCOME_WARNINGS_MAX)
        return;
    struct warning *w = &c->out->warnings[c->out->warning_count++];
    w->event = event;
    fill(c, e, event, &w->about);
}

struct transition *episode_emit(struct episode_context *c, struct episode *e, enum transition_event event)
{
    e->rev++;
    struct transition *t = &c->out->transitions[c->out->transition_count++];
    fill(c, e, event, t);
    c->out->state_changed = true;
    return t;
}

/* How often in 30 days, this time included; forgets older ones. */
static uint8_t count_opening(struct vehicle_state *state, enum kind kind, int64_t at_ms)
{
    uint32_t hour = (uint32_t)(at_ms / HOUR_MS);
    uint32_t kept = 0, same = 1;
    for (uint32_t i = 0; i < state->opening_count; i++) {
        uint32_t o = state->openings[i];
        if ((o >> 6) + REPEAT_HOURS <= hour)
            continue;
        same += (o & 63u) == (uint32_t)kind;
        state->openings[kept++] = o;
    }
    if (kept == VEHICLE_OPENINGS_MAX)
        memmove(state->openings, state->openings + 1, --kept * sizeof state->openings[0]);
    state->openings[kept++] = hour << 6 | (uint32_t)kind;
    for (uint32_t i = kept; i < state->opening_count; i++)
        state->openings[i] = 0;
    state->opening_count = (uint8_t)kept;
    return (uint8_t)same;
}

void episode_open(struct episode_context *c, struct episode *e)
{
    e->phase = EPISODE_OPEN;
    begun_take(c->state, (enum kind)e->kind, e->start_ms);
    e->repeat = count_opening(c->state, (enum kind)e->kind, c->m->at_ms);
    struct trip *trip = &c->state->trip;
    if (trip->phase >= TRIP_HAULING && e->trip_ms == TIME_NONE)
        e->trip_ms = trip->start_ms;
    bool counts =
        !late_leaves((enum kind)e->kind, (enum cause)e->subject); /* how it drove, not how it was heard */
    if (trip->phase >= TRIP_HAULING && e->trip_ms == trip->start_ms && counts &&
        trip->violations < UINT16_MAX)
        trip->violations++;
    e->limit_now = e->limit;
    e->way = (struct way_in){0}; /* it led here */
    e->rev = late_again(c->state, (enum kind)e->kind, e->start_ms);
    episode_emit(c, e, e->rev == 0 ? TRANSITION_OPENED : TRANSITION_UPDATED);
    tell_cab(c, e, TRANSITION_OPENED);
}

void episode_close(struct episode_context *c, struct episode *e, enum close_reason reason, int64_t end_ms)
{
    if (e->phase == EPISODE_OPEN) {
        struct transition *t = episode_emit(c, e, TRANSITION_CLOSED);
        t->reason = reason;
        t->end_ms = end_ms > e->start_ms ? end_ms : e->start_ms;
        tell_cab(c, e, TRANSITION_CLOSED);
    }
    episode_remove(c->state, e);
}

/* A little before it opens, while the crew can still change that; two samples at least have to say so. */
void episode_warn(struct episode_context *c, struct episode *e)
{
    uint32_t sure = c->m->eph_m > (float)WARN_ERROR_M ? WARN_FIXES : 1;
    bool due = c->settings->warn_ms > 0 && e->held_fixes >= WARN_FIXES && e->sure_fixes >= sure &&
               episode_held_for_ms(c, e) >= c->settings->confirm_ms - c->settings->warn_ms;
    if (!due || (e->flags & EPISODE_WARNED) || kind_row((enum kind)e->kind)->machine)
        return;
    int64_t told_ms = (int64_t)c->state->warned_s[e->kind] * 1000;
    bool foretold = told_ms < e->start_ms && told_ms >= e->start_ms - c->settings->warn_ms;
    if (episode_warned_lately(c) || foretold)
        return;
    e->flags |= EPISODE_WARNED;
    c->state->warned_s[e->kind] = (uint32_t)(c->m->at_ms / 1000);
    tell_cab(c, e, TRANSITION_NONE);
}

/* Of what does not hold yet, but will: with the start that it would have, so that the id is that of the
 * episode. */
void episode_foretell(struct episode_context *c, const struct finding *f)
{
    struct episode e = {
        .start_ms = f->since_ms,
        .trip_ms = c->state->trip.phase >= TRIP_HAULING ? c->state->trip.start_ms : TIME_NONE,
        .start_lat_deg = NAN,
        .start_lon_deg = NAN,
        .subject = f->subject,
        .fence = f->fence,
        .permit = f->permit,
        .value = NAN,
        .limit = NAN,
        .error_m = NAN,
        .limit_now = NAN,
        .kind = (uint8_t)c->rule->kind,
        .severity = (uint8_t)c->settings->severity,
    };
    c->state->warned_s[e.kind] = (uint32_t)(c->m->at_ms / 1000);
    tell_cab(c, &e, TRANSITION_NONE);
}

void episode_tell_limit(struct episode_context *c, struct episode *e, const struct finding *f)
{
    struct transition *t = episode_emit(c, e, TRANSITION_UPDATED);
    t->limit_before = e->limit_now;
    t->value = f->value;
    t->limit = f->limit;
    t->fence = f->fence;
    tags_fill(c->m, t); /* the words are about this fence */
    e->limit_now = f->limit;
}

void episode_tell_crossing(struct episode_context *c, struct episode *e)
{
    if (!(e->flags & EPISODE_WARNED)) /* the id of what was told stays */
        e->start_ms = e->way.enter_ms;
    int64_t leave_ms = e->way.leave_ms;
    episode_open(c, e);
    episode_close(c, e, CLOSE_CLEARED, leave_ms);
}
