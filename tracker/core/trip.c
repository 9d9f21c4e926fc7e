#include "trip.h"

#include "habits.h"
#include "permit.h"
#include "visit.h"

#include <math.h>

/* The body is up for tipping, and not only on a bump: illegal_dumping's default. */
#define BODY_UP_MS    5000
#define BODY_UP_FIXES 2
/* Standing this long in a disposal is enough to unload there. */
#define UNLOAD_STOP_MS 60000

const char *trip_end_name(enum trip_end end)
{
    static const char *const names[TRIP_END_COUNT] = {
        [TRIP_END_NONE] = "",
        [TRIP_END_UNLOADED] = "unloaded",
        [TRIP_END_WRONG_SITE] = "wrong_site",
        [TRIP_END_DUMPED] = "dumped",
        [TRIP_END_UNSEEN] = "unseen",
        [TRIP_END_RETURNED] = "returned",
        [TRIP_END_NEW_LOAD] = "new_load",
        [TRIP_END_TIMEOUT] = "timeout",
    };
    return names[end < TRIP_END_COUNT ? end : TRIP_END_NONE];
}

static void trip_reset(struct trip *t)
{
    memset(t, 0, sizeof *t); /* padding too: states are compared as bytes */
    t->start_ms = t->loaded_ms = t->arrived_ms = t->unloaded_ms = t->edge_ms = TIME_NONE;
    t->load_kg = NAN;
}

static void write_entry(const struct vehicle_state *s, const struct moment *m, struct outcome *out)
{
    const struct trip *t = &s->trip;
    struct trip_entry *e = &out->trips[out->trip_count++];
    bool unloaded = t->ending <= TRIP_END_DUMPED;
    double whole_ms = (double)(t->unloaded_ms - t->start_ms);
    double share = whole_ms > 0 ? (double)t->covered_ms / whole_ms : 1;
    *e = (struct trip_entry){
        .vehicle = s->vehicle,
        .plate = m->info->plate,
        .trip = *t,
        .end_ms = t->unloaded_ms,
        .unloaded_ms = unloaded ? t->unloaded_ms : TIME_NONE,
        .completeness = fmin(fmax(share, 0), 1),
        .end_reason = trip_end_name((enum trip_end)t->ending),
        .ruleset = m->world->hash,
    };
    out->state_changed = true;
}

static bool body_speaks(const struct vehicle_state *s)
{
    return s->sensors.body == BODY_RAISED || s->sensors.body == BODY_DOWN;
}

static const struct permit *permit_of(const struct moment *m, const struct trip *t)
{
    uint32_t place = t->permit == 0 ? UINT32_MAX : world_permit_by_id(m->world, t->permit);
    return place == UINT32_MAX ? NULL : &m->world->permits[place];
}

/* ---- how far and how well seen ---- */

/* Adds the way from the last known place, as far as it lies after `since_ms`. */
static void add_way(const struct vehicle_state *s, struct trip *t, const struct moment *m, int64_t since_ms)
{
    bool stood = m->stopped && s->habits.stopped_ms < m->at_ms;
    if (!moment_has_path(m) || stood || since_ms >= m->at_ms)
        return; /* a standing receiver wanders, but the truck does not */
    struct mw_point from = {s->lat_deg, s->lon_deg}, to = {m->lat_deg, m->lon_deg};
    double way_m = mw_distance_m(from, to);
    if (since_ms > s->place_ms)
        way_m *= (double)(m->at_ms - since_ms) / (double)(m->at_ms - s->place_ms);
    t->distance_m += way_m;
}

static void track(struct vehicle_state *s, const struct moment *m)
{
    struct trip *t = &s->trip;
    if (trip_is_on(t)) {
        if (!m->gap)
            t->covered_ms += m->at_ms - s->time_ms;
        if (isnan(t->load_kg))
            t->load_kg = m->now->load_kg;
        add_way(s, t, m, t->start_ms);
        return;
    }
    /* It may be on its way already; whether it is comes out a little later. */
    bool leaving = s->habits.visit_phase == VISIT_LEAVING || m->events.left_ms != TIME_NONE;
    if (!leaving || t->phase >= TRIP_HAULING)
        return;
    if (s->habits.visit_phase == VISIT_LEAVING && s->habits.visit_fixes == 1)
        t->distance_m = 0;
    add_way(s, t, m, s->habits.left_ms);
}

/* ---- loading ---- */

/* Whether this sort of vehicle hauls at all, where only stops and fences say so. */
static bool may_haul(const struct moment *m)
{
    return m->info->permit_count > 0 || m->info->class_name.len == 0 ||
           text_equal(m->info->class_name, TEXT("muck_truck"));
}

/* By its load sensor: whether it left the site with a load of that site. */
static bool left_loaded(const struct vehicle_state *s)
{
    bool filling = s->habits.load == LOAD_EMPTY && s->habits.load_samples > 0 &&
                   s->habits.contradict_ms >= s->habits.visit_ms;
    if (filling)
        return true;
    if (s->habits.load != LOAD_LOADED)
        return false;
    return s->habits.change_ms >= s->habits.visit_ms || !(s->habits.visit_flags & VISIT_CAME_LOADED) ||
           (s->habits.visit_flags & VISIT_STOPPED) != 0;
}

static int64_t loaded_ms(const struct vehicle_state *s)
{
    if (s->habits.load == LOAD_LOADED && (s->habits.load_flags & LOAD_ORIGIN))
        return s->habits.change_ms;
    if (s->habits.load == LOAD_EMPTY)
        return s->habits.contradict_ms;
    return TIME_NONE;
}

static void depart(struct vehicle_state *s, const struct moment *m)
{
    struct trip *t = &s->trip;
    uint32_t site = m->events.left_site;
    int64_t left_ms = m->events.left_ms;
    const struct permit *permit = permit_for_haul(m, site, left_ms);
    bool known = habits_load_known(s);
    bool named = permit != NULL && permit->site != 0;
    bool stood = (s->habits.visit_flags & VISIT_STOPPED) != 0;
    bool loaded = known ? left_loaded(s) : may_haul(m) && (stood || named);
    double distance_m = t->distance_m;
    int64_t stood_ms = t->loaded_ms;
    trip_reset(t);
    if (!loaded)
        return;
    t->phase = TRIP_HAULING;
    t->start_ms = left_ms;
    t->loaded_ms = known ? loaded_ms(s) : stood_ms;
    if (t->loaded_ms > left_ms)
        t->loaded_ms = left_ms; /* the sensor was slower than the truck */
    t->site = site;
    t->permit = permit == NULL ? 0 : permit->id;
    t->load_kg = m->now->load_kg;       /* an older word may be about another load */
    t->covered_ms = m->at_ms - left_ms; /* fixes without a pause confirmed it */
    t->distance_m = distance_m;
    t->flags = known ? 0 : TRIP_INFERRED;
    if (s->sensors.load == LOAD_FAULT)
        t->flags |= TRIP_LOAD_FAULT;
}

static void load(struct vehicle_state *s, const struct moment *m)
{
    struct trip *t = &s->trip;
    if (t->phase >= TRIP_HAULING)
        return;
    if (m->events.left_ms != TIME_NONE) {
        depart(s, m);
    } else if (s->habits.visit_phase == VISIT_IN) {
        if (t->phase == TRIP_NONE) {
            trip_reset(t);
            t->phase = TRIP_LOADING;
            t->site = s->habits.site;
        }
        bool stands = s->habits.stopped_ms != TIME_NONE && m->stopped && !moment_in_forced(m, FENCE_WASH);
        if (stands && (s->habits.visit_flags & VISIT_STOPPED))
            t->loaded_ms = m->at_ms;
    } else if (s->habits.visit_phase != VISIT_LEAVING && t->phase == TRIP_LOADING) {
        trip_reset(t);
    }
}

/* ---- the end ---- */

static void end(struct vehicle_state *s, const struct moment *m, enum trip_end reason, int64_t end_ms)
{
    struct trip *t = &s->trip;
    t->ending = (uint8_t)reason;
    t->unloaded_ms = end_ms;
    t->edge_ms = TIME_NONE;
    t->edge_fixes = 0;
    if (m->at_ms > end_ms && !m->tick)
        t->covered_ms -= m->at_ms - end_ms; /* what was seen since is no longer the trip */
    if (t->phase != TRIP_ARRIVED && reason != TRIP_END_UNLOADED && reason != TRIP_END_WRONG_SITE)
        t->disposal = 0; /* it was only passing */
}

static void unload(struct vehicle_state *s, struct moment *m, int64_t unloaded_ms)
{
    struct trip *t = &s->trip;
    uint32_t number = world_fence_by_id(m->world, t->disposal);
    const struct permit *permit = permit_of(m, t);
    bool wrong = permit != NULL && number != UINT32_MAX && !permit_names_disposal(permit, number);
    if (t->arrived_ms == TIME_NONE)
        t->arrived_ms = t->edge_ms;
    end(s, m, wrong ? TRIP_END_WRONG_SITE : TRIP_END_UNLOADED, unloaded_ms);
    m->events.unloaded_ms = unloaded_ms;
    m->events.unloaded_at = t->disposal;
    m->events.wrong_permit = wrong ? permit->id : 0;
}

/* An unloading that only stops or fences show, while the load sensor is faulty, accuses nobody. */
static void unload_inferred(struct vehicle_state *s, struct moment *m, int64_t unloaded_ms)
{
    unload(s, m, unloaded_ms);
    m->events.unloaded_inferred = true;
    if (s->sensors.load == LOAD_FAULT)
        m->events.wrong_permit = 0;
}

static bool in_disposal(const struct trip *t)
{
    return t->phase == TRIP_ARRIVED || t->disposal != 0;
}

static bool end_by_load(struct vehicle_state *s, struct moment *m)
{
    bool seen = m->events.load_change == LOAD_EMPTIED;
    if (!seen && m->events.load_change != LOAD_EMPTIED_UNSEEN)
        return false;
    int64_t empty_ms = seen ? s->habits.change_ms : m->at_ms;
    bool at_disposal = !seen || (s->habits.change_kinds >> FENCE_DISPOSAL & 1) != 0;
    if (at_disposal && in_disposal(&s->trip))
        unload(s, m, empty_ms);
    else if (seen && !at_disposal)
        end(s, m, TRIP_END_DUMPED, empty_ms);
    else
        end(s, m, TRIP_END_UNSEEN, empty_ms);
    return true;
}

static bool end_by_body(struct vehicle_state *s, struct moment *m)
{
    int64_t body_ms = s->habits.body_ms;
    if (habits_load_known(s) || m->now->body != BODY_RAISED || body_ms < s->trip.start_ms ||
        s->habits.body_fixes < BODY_UP_FIXES || m->at_ms - body_ms < BODY_UP_MS || !m->placed)
        return false;
    if (in_disposal(&s->trip)) {
        unload(s, m, body_ms);
        return true;
    }
    if (moment_near_kind(m, FENCE_DISPOSAL) || moment_near_kind(m, FENCE_SITE) ||
        moment_near_kind(m, FENCE_DEPOT))
        return false;
    end(s, m, TRIP_END_DUMPED, body_ms);
    return true;
}

/* Back in its site, or loading in another: wherever the load went, it is another haul now. */
static bool give_up(struct vehicle_state *s, const struct moment *m)
{
    if (s->habits.visit_phase != VISIT_IN || !(s->habits.visit_flags & VISIT_STOPPED) ||
        s->habits.visit_ms <= s->trip.start_ms || in_disposal(&s->trip))
        return false;
    if (s->habits.site == s->trip.site)
        end(s, m, TRIP_END_RETURNED, s->habits.visit_ms);
    else if (!habits_load_known(s))
        end(s, m, TRIP_END_NEW_LOAD, s->habits.visit_ms);
    return s->trip.ending != TRIP_END_NONE;
}

/* ---- coming to a disposal and leaving it ---- */

/* The disposal fence the vehicle is in: one that its permit names, else the first. UINT32_MAX: none. */
static uint32_t disposal_here(const struct moment *m, const struct permit *permit)
{
    int64_t until_ms;
    for (uint32_t i = 0; permit != NULL && m->eph_m > 0 && i < permit->disposal_count; i++) {
        const struct fence *f = &m->world->fences[permit->disposals[i]];
        if (moment_near_fence(m, permit->disposals[i]) && moment_in_force(m, f, &until_ms))
            return permit->disposals[i];
    }
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < m->fence_count && moment_in_forced(m, FENCE_DISPOSAL); i++) {
        const struct fence *f = &m->world->fences[m->fences[i]];
        if (f->kind != FENCE_DISPOSAL || !moment_in_force(m, f, &until_ms))
            continue;
        if (permit != NULL && permit_names_disposal(permit, m->fences[i]))
            return m->fences[i];
        if (first == UINT32_MAX)
            first = m->fences[i];
    }
    return first;
}

static void come(struct vehicle_state *s, const struct moment *m)
{
    struct trip *t = &s->trip;
    uint32_t here = disposal_here(m, permit_of(m, t));
    if (here == UINT32_MAX) {
        /* Else its load may have gone there. */
        if (s->habits.load_samples == 0 && m->events.load_change == LOAD_UNCHANGED) {
            t->disposal = 0;
            t->edge_ms = TIME_NONE;
            t->edge_fixes = 0;
        }
        return;
    }
    uint32_t id = m->world->fences[here].id;
    if (t->disposal != id || m->gap || t->edge_fixes == 0) {
        t->disposal = id;
        t->edge_ms = moment_entered_ms(m, here);
        t->edge_fixes = 0;
    }
    if (t->edge_fixes < UINT8_MAX)
        t->edge_fixes++;
    if (t->edge_fixes < VISIT_CONFIRM_FIXES || m->at_ms - t->edge_ms < VISIT_CONFIRM_MS)
        return;
    t->phase = TRIP_ARRIVED;
    t->arrived_ms = t->edge_ms;
    t->edge_ms = TIME_NONE;
    t->edge_fixes = 0;
}

static void turn_away(struct trip *t)
{
    t->phase = TRIP_HAULING;
    t->disposal = 0;
    t->arrived_ms = t->unloaded_ms = t->edge_ms = TIME_NONE;
    t->edge_fixes = 0;
}

/* It has left the disposal: with its load or without? */
static void go(struct vehicle_state *s, struct moment *m, uint32_t number)
{
    struct trip *t = &s->trip;
    const struct permit *permit = permit_of(m, t);
    if (habits_load_known(s)) {
        if (s->habits.load_samples == 0)
            turn_away(t);
    } else if (body_speaks(s)) {
        turn_away(t);
    } else if (t->unloaded_ms != TIME_NONE) {
        unload_inferred(s, m, t->unloaded_ms);
    } else if (permit != NULL && permit_names_disposal(permit, number)) {
        unload_inferred(s, m, t->edge_ms);
    } else {
        turn_away(t);
    }
}

static void stay(struct vehicle_state *s, struct moment *m)
{
    struct trip *t = &s->trip;
    uint32_t number = world_fence_by_id(m->world, t->disposal);
    if (number == UINT32_MAX) {
        turn_away(t);
        return;
    }
    if (moment_near_fence(m, number)) {
        t->edge_fixes = 0;
        int64_t since_ms = s->habits.stopped_ms;
        if (since_ms != TIME_NONE && since_ms < t->arrived_ms)
            since_ms = t->arrived_ms;
        if (since_ms != TIME_NONE && m->stopped && m->at_ms - since_ms >= UNLOAD_STOP_MS)
            t->unloaded_ms = m->at_ms;
        return;
    }
    if (t->edge_fixes == 0 || m->gap) {
        t->edge_ms = m->gap ? m->at_ms : moment_left_ms(m, number);
        t->edge_fixes = 0;
    }
    if (t->edge_fixes < UINT8_MAX)
        t->edge_fixes++;
    if (t->edge_fixes >= VISIT_CONFIRM_FIXES && visit_clear_of(m, number))
        go(s, m, number);
}

/* A load that goes in a disposal though no haul was seen to begin: the tracker came late. */
static void unload_without_trip(struct vehicle_state *s, struct moment *m)
{
    if (m->events.load_change != LOAD_EMPTIED || !moment_in_forced(m, FENCE_DISPOSAL))
        return;
    uint32_t here = disposal_here(m, NULL);
    const struct permit *other = NULL;
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (!permit_valid_at(p, s->habits.change_ms))
            continue;
        if (permit_names_disposal(p, here) || disposal_here(m, p) != here)
            return;
        if (other == NULL)
            other = p;
    }
    m->events.unloaded_ms = s->habits.change_ms;
    m->events.unloaded_at = m->world->fences[here].id;
    m->events.wrong_permit = other == NULL ? 0 : other->id;
}

static void haul(struct vehicle_state *s, struct moment *m)
{
    if (m->placed && s->trip.phase == TRIP_HAULING)
        come(s, m);
    if (end_by_load(s, m) || end_by_body(s, m) || !m->placed)
        return;
    if (give_up(s, m))
        return;
    if (s->trip.phase == TRIP_ARRIVED)
        stay(s, m);
}

void trip_follow(struct vehicle_state *s, struct moment *m, struct outcome *out)
{
    if (s->trip.phase <= TRIP_LOADING && s->habits.visit_phase == VISIT_NONE &&
        m->events.left_ms == TIME_NONE && m->events.load_change == LOAD_UNCHANGED)
        return; /* a vehicle that only drives about */
    track(s, m);
    if (trip_is_on(&s->trip)) {
        haul(s, m);
        return;
    }
    if (s->trip.phase <= TRIP_LOADING)
        unload_without_trip(s, m);
    if (m->events.left_ms != TIME_NONE && s->trip.phase >= TRIP_HAULING) {
        write_entry(s, m, out); /* the next haul does not wait for the verdict on this one */
        trip_reset(&s->trip);
    }
    load(s, m);
}

bool trip_tick(struct vehicle_state *s, const struct moment *m)
{
    int64_t trip_ms = m->world->common.trip_ms;
    if (!trip_is_on(&s->trip) || trip_ms == 0 || m->at_ms < s->trip.start_ms + trip_ms)
        return false;
    end(s, m, TRIP_END_TIMEOUT, m->at_ms);
    return true;
}

/* Whether it is not yet said if the unloading was illegal dumping. */
static bool undecided(struct vehicle_state *s, const struct moment *m)
{
    const struct episode *e = vehicle_episode(s, KIND_ILLEGAL_DUMPING, 0);
    return e != NULL && e->phase == EPISODE_CONFIRMING && !m->stale;
}

void trip_settle(struct vehicle_state *s, const struct moment *m, struct outcome *out)
{
    if (s->trip.ending == TRIP_END_NONE || undecided(s, m))
        return;
    write_entry(s, m, out);
    trip_reset(&s->trip);
}

int64_t trip_deadline_ms(const struct vehicle_state *s, const struct moment *m)
{
    int64_t at_ms = TIME_NEVER;
    if (s->trip.ending != TRIP_END_NONE)
        at_ms = m->fix_ms + m->world->common.gap_ms + 1;
    else if (trip_is_on(&s->trip) && m->world->common.trip_ms > 0)
        at_ms = s->trip.start_ms + m->world->common.trip_ms;
    return at_ms > m->at_ms ? at_ms : m->at_ms + 1; /* a new world may have made it overdue */
}
