#include "episode.h"

#include "tags.h"

#include <math.h>

#define HOUR_MS      INT64_C(3600000)
#define REPEAT_HOURS (30 * 24)

static void episode_remove(struct vehicle_state *state, struct episode *e)
{
    struct episode *last = &state->episodes[--state->episode_count];
    /* Order is kept: what is written and what is compared must not depend on who closed first. */
    for (; e < last; e++)
        e[0] = e[1];
    memset(last, 0, sizeof *last);
}

static void fill(const struct episode_context *c, const struct episode *e, enum transition_event event,
                 struct transition *t)
{
    const struct moment *m = c->m;
    *t = (struct transition){
        .event = event,
        .kind = (enum kind)e->kind,
        .severity = (enum severity)e->severity,
        .rev = e->rev,
        .vehicle = c->state->vehicle,
        .subject = e->subject,
        .fence = e->fence,
        .permit = e->permit,
        .repeat = e->repeat,
        .start_ms = e->start_ms,
        .at_ms = m->at_ms,
        .end_ms = TIME_NONE,
        .received_ms = c->received_ms,
        .trip_ms = e->trip_ms,
        .has_position = m->placed,
        .lat_deg = m->lat_deg,
        .lon_deg = m->lon_deg,
        .value = e->value,
        .limit = e->limit,
        .unit = c->rule->unit,
        .plate = m->info->plate,
        .company = m->info->company_name,
        .event_code = c->settings->event_code,
        .department = c->settings->department,
        .ruleset = m->world->hash,
    };
    enum subject_type type = kind_row(t->kind)->subject;
    if (type == SUBJECT_CAUSE || type == SUBJECT_REASON)
        t->cause = (enum cause)e->subject;
    uint32_t fence = e->fence == 0 ? UINT32_MAX : world_fence_by_id(m->world, e->fence);
    if (fence != UINT32_MAX)
        t->fence_name = m->world->fences[fence].name;
    tags_fill(m, t);
}

static void warn(struct episode_context *c, const struct episode *e, enum transition_event event)
{
    if (kind_row((enum kind)e->kind)->machine || c->out->warning_count == OUTCOME_WARNINGS_MAX)
        return;
    struct warning *w = &c->out->warnings[c->out->warning_count++];
    w->event = event;
    fill(c, e, event, &w->about);
}

static struct transition *emit(struct episode_context *c, struct episode *e, enum transition_event event)
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

static enum severity severity_now(const struct episode_context *c, const struct episode *e,
                                  const struct finding *f)
{
    enum severity severity = c->settings->severity > f->floor ? c->settings->severity : f->floor;
    bool major = false;
    if (c->settings->major > 0 && kind_row(c->rule->kind)->basis == MAJOR_SECONDS)
        major = (double)(c->m->at_ms - e->start_ms) >= c->settings->major * 1000;
    if (c->settings->major > 0 && kind_row(c->rule->kind)->basis == MAJOR_PERCENT)
        major = (double)e->value >= (double)e->limit * (1 + c->settings->major / 100);
    if (major && severity < SEVERITY_MAJOR)
        severity = SEVERITY_MAJOR;
    return severity > (enum severity)e->severity ? severity : (enum severity)e->severity;
}

static bool confirmed(const struct episode_context *c, const struct episode *e, const struct finding *f)
{
    if (f->at_once)
        return true;
    bool long_enough = c->m->at_ms - e->start_ms >= c->settings->confirm_ms;
    if (c->m->tick)
        return (e->flags & EPISODE_AT_EDGE) != 0 && long_enough;
    return long_enough && e->held_fixes >= c->settings->confirm_fixes;
}

static void open_episode(struct episode_context *c, struct episode *e)
{
    e->phase = EPISODE_OPEN;
    e->repeat = count_opening(c->state, (enum kind)e->kind, c->m->at_ms);
    struct trip *trip = &c->state->trip;
    if (trip->phase >= TRIP_HAULING && e->trip_ms == TIME_NONE)
        e->trip_ms = trip->start_ms;
    if (trip->phase >= TRIP_HAULING && e->trip_ms == trip->start_ms && trip->violations < UINT16_MAX)
        trip->violations++;
    emit(c, e, TRANSITION_OPENED);
    warn(c, e, TRANSITION_OPENED);
}

void episode_close(struct episode_context *c, struct episode *e, enum close_reason reason, int64_t end_ms)
{
    if (e->phase == EPISODE_OPEN) {
        struct transition *t = emit(c, e, TRANSITION_CLOSED);
        t->reason = reason;
        t->end_ms = end_ms > e->start_ms ? end_ms : e->start_ms;
        warn(c, e, TRANSITION_CLOSED);
    }
    episode_remove(c->state, e);
}

/* The worst value is kept, with the limit it broke. */
static void keep_worst(struct episode *e, const struct finding *f)
{
    if (isnan(f->value) || (!isnan(e->value) && f->value <= e->value))
        return;
    e->value = f->value;
    e->limit = f->limit;
}

static struct episode *begin(struct episode_context *c, const struct finding *f)
{
    if (c->state->episode_count == VEHICLE_EPISODES_MAX)
        return NULL; /* the bound of a vehicle's state; what is open already stays */
    struct episode *e = &c->state->episodes[c->state->episode_count++];
    *e = (struct episode){
        .start_ms = f->since_ms != TIME_NONE ? f->since_ms : c->m->at_ms,
        .clear_ms = TIME_NONE,
        .trip_ms = c->state->trip.phase >= TRIP_HAULING ? c->state->trip.start_ms : TIME_NONE,
        .subject = f->subject,
        .fence = f->fence,
        .permit = f->permit,
        .value = NAN,
        .limit = NAN,
        .kind = (uint8_t)c->rule->kind,
        .phase = EPISODE_CONFIRMING,
        .flags = c->m->tick ? EPISODE_AT_EDGE : 0,
    };
    return e;
}

/* It is over before it was known: two fixes since then have shown it. */
static void take_over(struct episode_context *c, struct episode *e, int64_t over_ms)
{
    e->clear_fixes = 2;
    e->clear_ms = over_ms > e->start_ms ? over_ms : e->start_ms;
    if (e->clear_fixes >= c->settings->clear_fixes && c->m->at_ms - e->clear_ms >= c->settings->clear_ms)
        episode_close(c, e, CLOSE_CLEARED, e->clear_ms);
}

static void take_held(struct episode_context *c, struct episode *e, const struct finding *f)
{
    bool begins = e == NULL;
    if (begins && (e = begin(c, f)) == NULL)
        return;
    if (!c->m->tick && e->held_fixes < UINT16_MAX)
        e->held_fixes++;
    e->clear_fixes = 0;
    e->clear_ms = TIME_NONE;
    keep_worst(e, f);
    enum severity severity = severity_now(c, e, f);
    bool rises = severity > (enum severity)e->severity;
    e->severity = (uint8_t)severity;
    if (e->phase == EPISODE_CONFIRMING && confirmed(c, e, f))
        open_episode(c, e);
    else if (e->phase == EPISODE_OPEN && rises)
        emit(c, e, TRANSITION_UPDATED);
    else if (begins)
        warn(c, e, TRANSITION_NONE);
    if (f->over_ms != TIME_NONE && e->phase == EPISODE_OPEN)
        take_over(c, e, f->over_ms);
}

/* `f` is NULL where a rule says nothing of the episode's subject any more. */
static void take_not_held(struct episode_context *c, struct episode *e, const struct finding *f)
{
    bool window = f != NULL && f->window;
    if (c->m->tick && !window && !c->m->heard)
        return; /* only a window can end by time alone */
    if (e->phase == EPISODE_CONFIRMING) {
        episode_remove(c->state, e);
        return;
    }
    if (e->clear_fixes == 0) /* a backlog may come from before a silence was noticed */
        e->clear_ms = c->m->at_ms > e->start_ms ? c->m->at_ms : e->start_ms;
    if (c->m->tick && window) {
        episode_close(c, e, CLOSE_WINDOW, e->clear_ms);
        return;
    }
    if (e->clear_fixes < UINT16_MAX)
        e->clear_fixes++;
    int64_t cleared_ms = c->m->at_ms > e->clear_ms ? c->m->at_ms - e->clear_ms : 0;
    if (e->clear_fixes >= c->settings->clear_fixes && cleared_ms >= c->settings->clear_ms)
        episode_close(c, e, CLOSE_CLEARED, e->clear_ms);
}

static void want_deadline(struct episode_context *c, int64_t at_ms)
{
    if (at_ms > c->m->at_ms && at_ms < c->deadline_ms)
        c->deadline_ms = at_ms;
}

/* When the vehicle has to be looked at again though no fix may come. */
static void arm(struct episode_context *c, const struct finding *f)
{
    const struct episode *e = vehicle_episode(c->state, c->rule->kind, f->subject);
    int64_t fresh_until_ms = c->m->fix_ms + c->m->world->common.gap_ms;
    /* An edge that could only begin something is of no use once the last fix is too old to tell. */
    if (f->until_ms != TIME_NEVER && (e != NULL || f->silence || f->until_ms <= fresh_until_ms))
        want_deadline(c, f->until_ms);
    if (e != NULL && e->phase == EPISODE_CONFIRMING && (e->flags & EPISODE_AT_EDGE) != 0) {
        int64_t confirm_ms = e->start_ms + c->settings->confirm_ms;
        if (confirm_ms <= fresh_until_ms)
            want_deadline(c, confirm_ms);
    }
}

static bool listed(const struct findings *findings, uint32_t subject)
{
    for (uint32_t i = 0; i < findings->count; i++)
        if (findings->list[i].subject == subject)
            return true;
    return false;
}

void episodes_take(struct episode_context *c, const struct findings *findings)
{
    struct vehicle_state *state = c->state;
    for (uint32_t i = state->episode_count; i > 0; i--) {
        struct episode *e = &state->episodes[i - 1];
        if (e->kind == c->rule->kind && findings->rest == HELD_NO && !listed(findings, e->subject))
            take_not_held(c, e, NULL);
    }
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];
        struct episode *e = vehicle_episode(state, c->rule->kind, f->subject);
        bool old = c->m->stale && !f->silence; /* a tick too long after the last fix to begin anything */
        if (f->held == HELD_YES && !old)
            take_held(c, e, f);
        else if (f->held == HELD_NO && e != NULL)
            take_not_held(c, e, f);
        arm(c, f);
    }
}

void episodes_gap(struct vehicle_state *state)
{
    for (uint32_t i = state->episode_count; i > 0; i--) {
        struct episode *e = &state->episodes[i - 1];
        if (e->phase == EPISODE_CONFIRMING)
            episode_remove(state, e);
        else
            e->clear_fixes = 0;
    }
}
