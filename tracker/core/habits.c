#include "habits.h"

#include "episode.h"

/* Standing here and standing there is not standing all the time. What is farther than this, and than the
 * error, is another stop: twice the 15 m that JT/T 794 allows a receiver, and a third for its wander. */
#define STOP_MOVED_M 45.0
/* From one fix to the next a truck rolls up to the gate and stands again, where they are this far apart: then
 * only the 15 m twice. */
#define ROLLS_UP_MS   15000
#define STOP_ROLLED_M 30.0
#define FIXES_MAX     UINT8_MAX

static void count(uint8_t *n)
{
    if (*n < FIXES_MAX)
        ++*n;
}

/* Since the last fix by no more than its error, as a receiver does that wanders, and no truck that drives. */
static bool wandered(const struct vehicle_state *s, const struct moment *m)
{
    struct mw_point last = {s->said_lat_deg, s->said_lon_deg}, now = {m->said_lat_deg, m->said_lon_deg};
    return s->place_ms != TIME_NONE && !(s->flags & VEHICLE_MOVED) &&
           mw_distance_m(last, now) <= moment_margin_m(m);
}

static bool moved_on(const struct vehicle_state *s, const struct moment *m)
{
    struct mw_point stop = {s->habits.stop_lat_deg, s->habits.stop_lon_deg};
    struct mw_point now = {m->said_lat_deg, m->said_lon_deg};
    /* It has been seen to move since, or nobody says that it does not: what is not within the errors of the
     * two places is another stop. Told from places, a truck that rolls in at a gate stands. */
    bool doubted = s->habits.start_fixes > 0 || m->derived;
    double wander_m = m->at_ms - s->time_ms > ROLLS_UP_MS ? STOP_ROLLED_M : STOP_MOVED_M;
    double margin_m = moment_margin_m(m);
    double errors = !m->derived ? 1.5 : wandered(s, m) ? 3 : 2;
    double allowed_m = doubted ? errors * margin_m : wander_m + margin_m;
    return m->placed && mw_distance_m(stop, now) > allowed_m;
}

bool habits_stands_on(const struct vehicle_state *s, const struct moment *m)
{
    return s->habits.stopped_ms != TIME_NONE && !moved_on(s, m);
}

static void end_stop(struct vehicle_state *s)
{
    s->habits.stopped_ms = TIME_NONE;
    s->habits.stop_lat_deg = s->habits.stop_lon_deg = 0;
    s->habits.start_fixes = 0;
}

static void follow_stop(struct vehicle_state *s, const struct moment *m)
{
    bool stands = s->habits.stopped_ms != TIME_NONE;
    if (stands && (m->gap || (!m->moving && moved_on(s, m)))) {
        end_stop(s);
        stands = false;
    }
    if (m->stopped) {
        s->habits.start_fixes = 0;
        if (!stands && m->placed) {
            s->habits.stopped_ms = m->at_ms;
            s->habits.stop_lat_deg = m->said_lat_deg;
            s->habits.stop_lon_deg = m->said_lon_deg;
        }
    } else if (m->moving && stands) {
        count(&s->habits.start_fixes);
        if (s->habits.start_fixes >= 2)
            end_stop(s);
    }
}

static void follow_body(struct vehicle_state *s, const struct moment *m)
{
    if (m->gap && s->habits.body_ms != TIME_NONE) {
        s->habits.body_ms = m->at_ms;
        s->habits.body_fixes = 0;
    }
    if (m->now->body == BODY_RAISED) {
        if (s->habits.body_ms == TIME_NONE)
            s->habits.body_ms = m->at_ms;
        count(&s->habits.body_fixes);
    } else if (m->now->body == BODY_DOWN) {
        s->habits.body_ms = TIME_NONE;
        s->habits.body_fixes = 0;
    }
}

/* Kinds of the fences in which something between the last fix and this one may have happened. */
static uint16_t kinds_between(const struct vehicle_state *s, const struct moment *m)
{
    if (!moment_has_path(m))
        return m->placed ? (uint16_t)m->force_kinds : UINT16_MAX;
    uint32_t kinds = s->habits.kinds | m->force_kinds;
    /* Noise may have put it out for a moment. */
    if (s->habits.visit_phase >= VISIT_IN || moment_may_be_in(m, FENCE_SITE))
        kinds |= 1u << FENCE_SITE;
    if (moment_may_be_in(m, FENCE_DISPOSAL))
        kinds |= 1u << FENCE_DISPOSAL;
    struct mw_crossing hits[PATH_FENCES_MAX];
    struct mw_point from = {s->lat_deg, s->lon_deg}, to = {m->lat_deg, m->lon_deg};
    size_t n = moment_fences_on(m, m->world->index, from, to, hits);
    for (size_t i = 0; i < n; i++)
        if (moment_counts(m, hits[i].fence))
            kinds |= 1u << m->world->fences[hits[i].fence].kind;
    return (uint16_t)kinds;
}

static void settle_load(struct vehicle_state *s, struct moment *m, uint8_t load, bool seen)
{
    bool was_known = s->habits.load != LOAD_UNKNOWN;
    s->habits.load = load;
    s->habits.load_flags = seen ? LOAD_ORIGIN : 0;
    s->habits.change_ms = seen ? s->habits.contradict_ms : m->at_ms;
    s->habits.change_kinds = seen ? s->habits.contradict_kinds : 0;
    s->habits.load_samples = 0;
    s->habits.contradict_ms = TIME_NONE;
    s->habits.contradict_kinds = 0;
    if (load == LOAD_LOADED) {
        m->events.load_change = was_known ? LOAD_FILLED : LOAD_UNCHANGED;
        return;
    }
    m->events.load_change = seen ? LOAD_EMPTIED : LOAD_EMPTIED_UNSEEN;
    if (seen && !(s->habits.change_kinds >> FENCE_DISPOSAL & 1))
        s->habits.load_flags |= LOAD_TIPPED;
}

static void follow_load(struct vehicle_state *s, struct moment *m)
{
    if (m->gap)
        s->habits.load_flags &= (uint8_t)~LOAD_TIPPED;
    uint8_t word = m->now->load == LOAD_OVER ? LOAD_LOADED : m->now->load;
    if (word != LOAD_EMPTY && word != LOAD_LOADED)
        return;
    bool pause =
        s->habits.load_word_ms == TIME_NONE || m->at_ms - s->habits.load_word_ms > m->world->common.gap_ms;
    s->habits.load_word_ms = m->at_ms;
    if (word == s->habits.load) {
        s->habits.load_samples = 0;
        s->habits.contradict_ms = TIME_NONE;
        s->habits.contradict_kinds = 0;
        return;
    }
    if (pause) {
        settle_load(s, m, word, false);
        return;
    }
    if (s->habits.load_samples == 0) {
        s->habits.contradict_ms = m->at_ms;
        s->habits.contradict_kinds = kinds_between(s, m);
    }
    count(&s->habits.load_samples);
    if (s->habits.load_samples >= LOAD_SETTLE_SAMPLES)
        settle_load(s, m, word, true);
}

bool habits_load_known(const struct vehicle_state *state)
{
    return state->habits.load != LOAD_UNKNOWN && state->sensors.load != LOAD_FAULT;
}

bool habits_body_known(const struct vehicle_state *state)
{
    return state->sensors.body == BODY_RAISED || state->sensors.body == BODY_DOWN;
}

void habits_follow(struct vehicle_state *state, struct moment *m)
{
    follow_stop(state, m);
    follow_body(state, m);
    follow_load(state, m);
}

void habits_add(struct vehicle_state *state, const struct sensors *said, int64_t at_ms)
{
    if (said->body == BODY_RAISED && state->habits.body_ms == TIME_NONE) {
        state->habits.body_ms = at_ms;
        state->habits.body_fixes = 1;
    } else if (said->body == BODY_DOWN) {
        state->habits.body_ms = TIME_NONE;
        state->habits.body_fixes = 0;
    }
    if (said->wash == FLAG_TRUE && state->habits.visit_phase != VISIT_NONE)
        state->habits.visit_flags |= VISIT_WASHED;
}

void habits_remember(struct vehicle_state *state, const struct moment *m)
{
    if (m->placed)
        state->habits.kinds = (uint16_t)m->force_kinds;
    /* Dumping that has been told of once is over. */
    const struct episode *e = vehicle_episode(state, KIND_ILLEGAL_DUMPING, 0);
    if (e != NULL && e->phase == EPISODE_OPEN)
        state->habits.load_flags &= (uint8_t)~LOAD_TIPPED;
}
