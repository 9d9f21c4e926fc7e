#include "trip.h"

#include "breach.h"
#include "habits.h"
#include "late.h"
#include "tipping.h"
#include "visit.h"

#include <math.h>

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

static void trip_reset(struct vehicle_state *s)
{
    struct trip *t = &s->trip;
    memset(t, 0, sizeof *t); /* padding too: states are compared as bytes */
    t->start_ms = t->loaded_ms = t->arrived_ms = t->unloaded_ms = t->edge_ms = TIME_NONE;
    t->load_kg = NAN;
    breach_forget(s);
}

static void write_entry(struct vehicle_state *s, const struct moment *m, struct outcome *out)
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
        .at_ms = m->at_ms,
        .completeness = fmin(fmax(share, 0), 1),
        .rev = late_again(s, KIND_NONE, t->start_ms) + 1,
        .end_reason = trip_end_name((enum trip_end)t->ending),
        .ruleset = m->world->hash,
    };
    out->state_changed = true;
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

/* Whether some permit of the vehicle names a site of the visit that has all of these flags. */
static bool is_named(const struct vehicle_state *s, const struct moment *m, unsigned flags)
{
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (!permit_valid_at(p, m->events.left_ms) || p->site == 0)
            continue;
        for (uint32_t k = 0; k < s->sites.count; k++)
            if ((s->sites.list[k].flags & flags) == flags &&
                permit_names_site(m->world, p, s->sites.list[k].fence))
                return true;
    }
    return false;
}

/* Whether it stood for a minute in a site, and not only where its receiver put it into one. */
static bool stood(const struct vehicle_state *s, const struct moment *m)
{
    return yards_any(&s->sites, YARD_STOOD | YARD_SURE) || is_named(s, m, YARD_STOOD);
}

/* By its load sensor: whether it left the site with a load of that site. */
static bool left_loaded(const struct vehicle_state *s, const struct moment *m)
{
    bool filling = s->habits.load == LOAD_EMPTY && s->habits.load_samples > 0 &&
                   s->habits.contradict_ms >= s->habits.visit_ms;
    if (filling)
        return true;
    if (s->habits.load != LOAD_LOADED)
        return false;
    return s->habits.change_ms >= s->habits.visit_ms || !(s->habits.visit_flags & VISIT_CAME_LOADED) ||
           stood(s, m);
}

static int64_t loaded_ms(const struct vehicle_state *s)
{
    if (s->habits.load == LOAD_LOADED && (s->habits.load_flags & LOAD_ORIGIN))
        return s->habits.change_ms;
    if (s->habits.load == LOAD_EMPTY)
        return s->habits.contradict_ms;
    return TIME_NONE;
}

/* Where no load sensor says so: it stood in a site, or passed through one that a permit names. */
static bool seems_loaded(const struct vehicle_state *s, const struct moment *m)
{
    return may_haul(m) && (stood(s, m) || is_named(s, m, YARD_SURE));
}

/* The sites where it may have been loaded, with the likeliest as the trip's. */
static void take_origins(struct vehicle_state *s, const struct moment *m)
{
    unsigned decides = visit_decides(s);
    bool sure = false;
    for (uint32_t i = 0; i < s->sites.count; i++) {
        const struct yard *p = &s->sites.list[i];
        if ((p->flags & decides) != decides)
            continue;
        yards_add(&s->haul.origins, p->fence);
        sure |= (p->flags & YARD_SURE) != 0;
    }
    s->haul.origins.more = s->sites.more;
    s->trip.site = m->events.left_site;
    if (!sure)
        s->trip.flags |= TRIP_DOUBTFUL;
}

static void depart(struct vehicle_state *s, const struct moment *m)
{
    struct trip *t = &s->trip;
    int64_t left_ms = m->events.left_ms;
    bool known = habits_load_known(s);
    bool loaded = known ? left_loaded(s, m) : seems_loaded(s, m);
    double distance_m = t->distance_m;
    int64_t stood_ms = t->loaded_ms;
    trip_reset(s);
    if (!loaded)
        return;
    t->phase = TRIP_HAULING;
    t->start_ms = left_ms;
    t->loaded_ms = known ? loaded_ms(s) : stood_ms;
    if (t->loaded_ms > left_ms)
        t->loaded_ms = left_ms; /* the sensor was slower than the truck */
    t->world = haul_world_mark(m->world);
    t->load_kg = m->now->load_kg;       /* an older word may be about another load */
    t->covered_ms = m->at_ms - left_ms; /* fixes without a pause confirmed it */
    t->distance_m = distance_m;
    t->flags = known ? 0 : TRIP_INFERRED;
    if (s->sensors.load == LOAD_FAULT)
        t->flags |= TRIP_LOAD_FAULT;
    take_origins(s, m);
    uint32_t first = 0;
    if (haul_next(m, &first) == NULL)
        s->trip.flags |= TRIP_NO_PERMIT;
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
            trip_reset(s);
            t->phase = TRIP_LOADING;
            t->site = s->sites.list[0].fence;
        }
        bool stands = s->habits.stopped_ms != TIME_NONE && m->stopped && !moment_in_forced(m, FENCE_WASH);
        if (stands && (s->habits.visit_flags & VISIT_STOPPED))
            t->loaded_ms = m->at_ms;
    } else if (s->habits.visit_phase != VISIT_LEAVING && t->phase == TRIP_LOADING) {
        trip_reset(s);
    }
}

void trip_follow(struct vehicle_state *s, struct moment *m, struct outcome *out)
{
    if (s->trip.phase <= TRIP_LOADING && s->habits.visit_phase == VISIT_NONE &&
        m->events.left_ms == TIME_NONE && m->events.load_change == LOAD_UNCHANGED)
        return; /* a vehicle that only drives about */
    track(s, m);
    if (trip_is_on(&s->trip)) {
        tipping_follow(s, m);
        return;
    }
    if (s->trip.phase <= TRIP_LOADING)
        tipping_without_trip(s, m);
    if (m->events.left_ms != TIME_NONE && s->trip.phase >= TRIP_HAULING) {
        write_entry(s, m, out); /* the next haul does not wait for the verdict on this one */
        trip_reset(s);
    }
    load(s, m);
    if (trip_is_on(&s->trip))
        breach_follow(s, m);
}

bool trip_tick(struct vehicle_state *s, struct moment *m)
{
    int64_t trip_ms = m->world->common.trip_ms;
    if (!trip_is_on(&s->trip))
        return false;
    if (trip_ms == 0 || m->at_ms < s->trip.start_ms + trip_ms) {
        breach_follow(s, m);
        return false;
    }
    tipping_end(s, m, TRIP_END_TIMEOUT, m->at_ms);
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
    trip_reset(s);
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
