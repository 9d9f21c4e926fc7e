#include "episode_private.h"

#include "begun.h"
#include "crossing.h"

#include "things.h"

#include <math.h>

/* A kind that is confirmed by fixes is so by two at least that no error of the place explains away. */
#define SURE_FIXES 2
/* What throws a receiver aside between tall buildings is over after a minute, mostly, and may come again. */
#define THROWN_MS 60000
/* Out of a thing for so long, standing or creeping, is out, though its next piece may be near. */
#define SEAM_MS 60000
/* One kind takes no more places than this; the rest is for what else the vehicle may do. */
#define EPISODES_OF_KIND_MAX (VEHICLE_EPISODES_MAX - 5)

void episode_remove(struct vehicle_state *state, struct episode *e)
{
    struct episode *last = &state->episodes[--state->episode_count];
    /* Order is kept: what is written and what is compared must not depend on who closed first. */
    for (; e < last; e++)
        e[0] = e[1];
    memset(last, 0, sizeof *last);
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
    bool long_enough = episode_held_for_ms(c, e) >= c->settings->confirm_ms;
    if (c->m->tick)
        return (e->flags & EPISODE_AT_EDGE) != 0 && long_enough && e->sure_fixes > 0;
    uint32_t sure = c->settings->confirm_fixes < SURE_FIXES ? c->settings->confirm_fixes : SURE_FIXES;
    return long_enough && e->held_fixes >= c->settings->confirm_fixes && e->sure_fixes >= sure;
}

/*
 * The worst value is kept, with the limit it broke: the one farthest over it where limits differ, as that of
 * a speed does along a road.
 */
static bool is_worse(const struct episode *e, const struct finding *f)
{
    if (isnan(f->value) || isnan(e->value))
        return !isnan(f->value);
    bool limits = e->limit > 0 && f->limit > 0;
    return limits ? f->value * e->limit > e->value * f->limit : f->value > e->value;
}

static void keep_worst(struct episode *e, const struct finding *f)
{
    if (!is_worse(e, f))
        return;
    e->value = f->value;
    e->limit = f->limit;
    e->error_m = f->error_m;
}

uint32_t finding_key(enum kind kind, const struct finding *f)
{
    return kind_row(kind)->single ? 0 : f->subject;
}

/* Of the places that a kind may have many episodes about, so many are left to the other kinds. */
static bool has_room(const struct vehicle_state *state, enum kind kind)
{
    if (state->episode_count == VEHICLE_EPISODES_MAX)
        return false;
    uint32_t same = 0;
    for (uint32_t i = 0; i < state->episode_count; i++)
        same += state->episodes[i].kind == kind;
    return same < EPISODES_OF_KIND_MAX;
}

/* When what is found now began. */
static int64_t start_of(const struct episode_context *c, const struct finding *f)
{
    int64_t since_ms = f->since_ms != TIME_NONE ? f->since_ms : c->m->at_ms;
    return begun_after(c->state, c->rule->kind, since_ms, c->m->at_ms);
}

static struct episode *begin(struct episode_context *c, const struct finding *f)
{
    const struct moment *m = c->m;
    if (!has_room(c->state, c->rule->kind)) {
        *m->full |= BOUND_EPISODES;
        return NULL;
    }
    struct episode *e = &c->state->episodes[c->state->episode_count++];
    memset(e, 0, sizeof *e); /* padding too: states are compared as bytes */
    e->start_ms = start_of(c, f);
    e->held_ms = m->at_ms;
    e->clear_ms = TIME_NONE;
    e->trip_ms = c->state->trip.phase >= TRIP_HAULING ? c->state->trip.start_ms : TIME_NONE;
    e->start_lat_deg = m->placed ? m->said_lat_deg : (double)NAN;
    e->start_lon_deg = m->placed ? m->said_lon_deg : (double)NAN;
    if (f->way != NULL)
        e->way = *f->way;
    e->key = finding_key(c->rule->kind, f);
    bool anew = f->since_ms != TIME_NONE && e->start_ms > f->since_ms; /* what was before has been told of */
    e->held_fixes = f->fixes > 0 && !anew ? (uint16_t)(f->fixes - 1) : 0;
    e->value = NAN;
    e->limit = NAN;
    e->error_m = NAN;
    e->limit_now = NAN;
    e->kind = (uint8_t)c->rule->kind;
    e->phase = EPISODE_CONFIRMING;
    e->flags = m->tick ? EPISODE_AT_EDGE : 0;
    e->sure_fixes = e->held_fixes;
    return e;
}

/* Until it opens it is about what it would be opened about now; its id is then fixed. */
static void name_subject(const struct episode_context *c, struct episode *e, const struct finding *f)
{
    if (e->phase == EPISODE_OPEN)
        return;
    e->subject = f->subject;
    e->permit = f->permit;
    if (e->fence == 0 || e->key == 0)
        e->fence = f->fence;
    /* Of several permits the one that it is about in the end may have been broken before. */
    if (f->since_ms == TIME_NONE || start_of(c, f) >= e->start_ms)
        return;
    e->start_ms = f->since_ms;
    if (f->fixes > e->held_fixes)
        e->held_fixes = e->sure_fixes = f->fixes;
}

static void count(uint16_t *fixes)
{
    if (*fixes < UINT16_MAX)
        ++*fixes;
}

static void restart(const struct episode_context *c, struct episode *e)
{
    const struct moment *m = c->m;
    e->start_ms = m->at_ms;
    e->start_lat_deg = m->placed ? m->said_lat_deg : (double)NAN;
    e->start_lon_deg = m->placed ? m->said_lon_deg : (double)NAN;
    e->unknown_ms = 0;
    e->held_fixes = e->sure_fixes = 0;
    e->flags &= (uint8_t)~EPISODE_WARNED; /* of what came to nothing */
}

/*
 * Long within the error of the place is not long inside: it begins where that ends. Nor is one fix that was
 * sure, and none since for as long as a receiver is thrown aside.
 */
static bool is_stale(const struct episode_context *c, const struct episode *e)
{
    int64_t allowed_ms = c->settings->confirm_ms + (e->sure_fixes == 0 ? 0 : THROWN_MS);
    return e->phase == EPISODE_CONFIRMING && e->sure_fixes < SURE_FIXES &&
           episode_held_for_ms(c, e) > allowed_ms;
}

static void count_held(struct episode_context *c, struct episode *e, const struct finding *f)
{
    if (c->m->tick) {
        if (!f->weak && e->sure_fixes == 0)
            e->sure_fixes = 1; /* an edge found it there */
    } else if (!c->held_again || e->held_fixes == 0) {
        if ((e->flags & EPISODE_PAUSED) && !c->m->addition) /* else the fix itself was silent, no more */
            e->unknown_ms += c->m->at_ms - e->held_ms;
        if (f->weak && is_stale(c, e))
            restart(c, e);
        count(&e->held_fixes);
        if (!f->weak)
            count(&e->sure_fixes);
        e->held_ms = c->m->at_ms;
        e->flags &= (uint8_t) ~(EPISODE_PAUSED | EPISODE_CROSSED);
    }
    e->clear_fixes = 0;
    e->clear_ms = TIME_NONE;
    e->unheld_ms = 0;
}

/* It is over before it was known: two fixes since then have shown it. */
static void take_over(struct episode_context *c, struct episode *e, int64_t over_ms)
{
    e->clear_fixes = 2;
    e->clear_ms = over_ms > e->start_ms ? over_ms : e->start_ms;
    e->unheld_ms = c->m->at_ms > e->clear_ms ? c->m->at_ms - e->clear_ms : 0;
    if (e->clear_fixes >= c->settings->clear_fixes && e->unheld_ms >= c->settings->clear_ms)
        episode_close(c, e, CLOSE_CLEARED, e->clear_ms);
}

static void take_held(struct episode_context *c, struct episode *e, const struct finding *f)
{
    if (e != NULL && f->another && e->phase == EPISODE_OPEN) {
        episode_close(c, e, CLOSE_CLEARED, e->clear_ms != TIME_NONE ? e->clear_ms : f->since_ms);
        e = NULL;
    }
    if (e == NULL && (e = begin(c, f)) == NULL)
        return;
    count_held(c, e, f);
    name_subject(c, e, f);
    if (e->phase == EPISODE_CONFIRMING && f->way != NULL)
        e->way = *f->way;
    keep_worst(e, f);
    episode_keep_pieces(c, e, f);
    enum severity severity = severity_now(c, e, f);
    bool rises = severity > (enum severity)e->severity;
    e->severity = (uint8_t)severity;
    bool moved = kind_row(c->rule->kind)->basis == MAJOR_PERCENT && !f->weak && f->limit != e->limit_now;
    if (e->phase == EPISODE_CONFIRMING && confirmed(c, e, f))
        episode_open(c, e);
    else if (e->phase == EPISODE_OPEN && moved)
        episode_tell_limit(c, e, f);
    else if (e->phase == EPISODE_OPEN && rises)
        episode_emit(c, e, TRANSITION_UPDATED);
    else if (e->phase == EPISODE_CONFIRMING)
        episode_warn(c, e);
    if (f->over_ms != TIME_NONE && e->phase == EPISODE_OPEN)
        take_over(c, e, f->over_ms);
}

static void clear(struct episode_context *c, struct episode *e)
{
    if (e->phase == EPISODE_OPEN)
        episode_close(c, e, CLOSE_CLEARED, e->clear_ms);
    else if (e->flags & EPISODE_CROSSED)
        episode_tell_crossing(c, e);
    else
        episode_remove(c->state, e);
}

static void count_unheld(const struct episode_context *c, struct episode *e, const struct finding *f)
{
    const struct moment *m = c->m;
    if (e->clear_ms == TIME_NONE) {
        int64_t since_ms = f != NULL && f->over_ms != TIME_NONE ? f->over_ms : m->at_ms;
        e->clear_ms = since_ms > e->start_ms ? since_ms : e->start_ms; /* a backlog may come from before */
        if (m->at_ms > e->clear_ms)
            e->unheld_ms = m->at_ms - e->clear_ms;
    } else if (!(e->flags & EPISODE_PAUSED) && !m->addition && m->before->time_ms < m->at_ms) {
        e->unheld_ms += m->at_ms - m->before->time_ms;
    }
    /* Its receiver went: by as much it may have been wrong on the way that seemed to lead through. */
    if (m->swung)
        e->flags &= (uint8_t)~EPISODE_CROSSED;
    if (f != NULL && f->crossed && f->way != NULL && e->phase == EPISODE_CONFIRMING) {
        e->flags |= EPISODE_CROSSED;
        e->way = *f->way;
    }
}

/* `f` is NULL where a rule says nothing of the episode's subject any more. */
static void take_not_held(struct episode_context *c, struct episode *e, const struct finding *f)
{
    bool window = f != NULL && f->window, seam = f != NULL && f->seam;
    bool stood = f != NULL && f->over_ms != TIME_NONE;
    if (c->m->tick && !window && !stood && !c->m->heard)
        return; /* only a window and a drive can end by time alone */
    count_unheld(c, e, f);
    if (e->phase == EPISODE_CONFIRMING && !seam && !(e->flags & EPISODE_CROSSED)) {
        episode_remove(c->state, e);
        return;
    }
    if (c->m->tick && window) {
        episode_close(c, e, CLOSE_WINDOW, e->clear_ms);
        return;
    }
    if (c->m->tick && stood) {
        clear(c, e);
        return;
    }
    e->flags &= (uint8_t)~EPISODE_PAUSED;
    if (f != NULL && f->weak)
        return;
    if (!c->clear_again)
        count(&e->clear_fixes);
    if (e->clear_fixes >= c->settings->clear_fixes && e->unheld_ms >= c->settings->clear_ms &&
        (!seam || e->unheld_ms >= SEAM_MS))
        clear(c, e);
}

/*
 * Nothing is known of it at this fix. What a sensor says before and after a silence, it would have said
 * meanwhile; but what is about driving does not go on while the vehicle stands, and if it does not drive on
 * the stop was the end.
 */
static void pause(const struct episode_context *c, struct episode *e)
{
    if (c->m->tick || c->m->addition || !kind_row(c->rule->kind)->driving)
        return;
    e->flags |= EPISODE_PAUSED;
    if (c->m->stopped && e->clear_ms == TIME_NONE)
        e->clear_ms = c->m->at_ms;
}

static void want_deadline(struct episode_context *c, int64_t at_ms)
{
    if (at_ms > c->m->at_ms && at_ms < c->deadline_ms)
        c->deadline_ms = at_ms;
}

/* When the vehicle has to be looked at again though no fix may come. `e` is what the finding is about by now;
 * NULL: nothing. */
static void arm(struct episode_context *c, const struct finding *f, const struct episode *e)
{
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

static bool listed(enum kind kind, const struct findings *findings, uint32_t key)
{
    for (uint32_t i = 0; i < findings->count; i++)
        if (finding_key(kind, &findings->list[i]) == key)
            return true;
    return false;
}

static void take(struct episode_context *c, const struct finding *f)
{
    struct episode *e = vehicle_episode(c->state, c->rule->kind, finding_key(c->rule->kind, f));
    bool old = c->m->stale && !f->silence; /* a tick too long after the last fix to begin anything */
    if (f->held == HELD_YES && !old)
        take_held(c, e, f);
    else if (f->held == HELD_NO && e != NULL)
        take_not_held(c, e, f);
    else if (e != NULL)
        pause(c, e);
    if (f->held == HELD_NO && f->since_ms != TIME_NONE && e == NULL && !kind_row(c->rule->kind)->machine &&
        !episode_warned_lately(c))
        episode_foretell(c, f);
    arm(c, f, vehicle_episode(c->state, c->rule->kind, finding_key(c->rule->kind, f)));
}

/* Of a vehicle that has nothing open, and of what it does not do and will not: as at nearly every fix, of the
 * clock of its silence and of the hours that it keeps. */
static bool is_quiet(const struct episode_context *c, const struct finding *f)
{
    bool foretells = f->since_ms != TIME_NONE && !f->silence;
    return c->state->episode_count == 0 && f->held != HELD_YES && !foretells;
}

void episodes_take(struct episode_context *c, const struct findings *findings)
{
    struct vehicle_state *state = c->state;
    if (findings->full)
        *c->m->full |= BOUND_EPISODES;
    for (uint32_t i = state->episode_count; i > 0; i--) {
        struct episode *e = &state->episodes[i - 1];
        if (e->kind != c->rule->kind || listed(c->rule->kind, findings, e->key))
            continue;
        if (findings->rest == HELD_NO)
            take_not_held(c, e, NULL);
        else
            pause(c, e);
    }
    for (uint32_t i = 0; i < findings->count; i++)
        if (is_quiet(c, &findings->list[i]))
            arm(c, &findings->list[i], NULL);
        else
            take(c, &findings->list[i]);
}

void episodes_gap(struct vehicle_state *state)
{
    for (uint32_t i = state->episode_count; i > 0; i--) {
        struct episode *e = &state->episodes[i - 1];
        if (e->phase == EPISODE_CONFIRMING) {
            episode_remove(state, e);
            continue;
        }
        e->clear_fixes = 0;
        e->clear_ms = TIME_NONE;
        e->unheld_ms = 0;
    }
}

void episodes_key(struct vehicle_state *state, const struct world *world)
{
    for (uint32_t i = 0; i < state->episode_count; i++) {
        struct episode *e = &state->episodes[i];
        if (kind_row((enum kind)e->kind)->subject != SUBJECT_FENCE || kind_row((enum kind)e->kind)->single)
            continue;
        uint32_t fence = world_fence_by_id(world, e->subject);
        if (fence != UINT32_MAX)
            e->key = world->fences[fence].thing;
    }
}

bool episode_doubles(const struct vehicle_state *state, uint32_t place)
{
    const struct episode *e = &state->episodes[place];
    for (uint32_t i = 0; i < place; i++)
        if (state->episodes[i].kind == e->kind && state->episodes[i].key == e->key)
            return true;
    return false;
}
