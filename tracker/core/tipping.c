#include "tipping.h"

#include "breach.h"
#include "habits.h"
#include "visit.h"

/* The body is up for tipping, and not only on a bump: illegal_dumping's default. */
#define BODY_UP_MS    5000
#define BODY_UP_FIXES 2
/* Standing this long in a disposal is enough to unload there. */
#define UNLOAD_STOP_MS 60000

/* How an unloading is known, from best to worst. */
enum proof { PROOF_SENSOR, PROOF_INFERRED };

void tipping_end(struct vehicle_state *s, const struct moment *m, enum trip_end reason, int64_t end_ms)
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

/* Unloaded in one of the disposals that have this flag; 0: in any of those it is in. */
static void unload(struct vehicle_state *s, struct moment *m, int64_t unloaded_ms, unsigned flags,
                   enum proof proof)
{
    struct trip *t = &s->trip;
    if (!yards_any(&s->haul.tips, flags))
        flags = 0;
    bool accuses = proof == PROOF_SENSOR || s->sensors.load != LOAD_FAULT;
    struct unload_verdict v = breach_unload(s, m, flags, proof == PROOF_SENSOR);
    if (t->arrived_ms == TIME_NONE)
        t->arrived_ms = t->edge_ms;
    if (v.disposal != 0)
        t->disposal = v.disposal;
    tipping_end(s, m, v.wrong ? TRIP_END_WRONG_SITE : TRIP_END_UNLOADED, unloaded_ms);
    m->events.unloaded_ms = unloaded_ms;
    m->events.unloaded_at = t->disposal;
    m->events.unloaded_inferred = proof == PROOF_INFERRED;
    /* It may have stood beside the fence: then nobody is accused. */
    const struct yard *at = yards_find(&s->haul.tips, t->disposal);
    if (v.wrong && accuses && (at == NULL || (at->flags & YARD_SURE)))
        m->events.wrong_permit = v.permit->id;
}

static bool in_disposal(const struct vehicle_state *s)
{
    return s->trip.phase == TRIP_ARRIVED || s->haul.tips.count > 0;
}

/* The same of one that has unloaded: beside a fence that a permit names it may have been in it. */
static bool tips_in_disposal(struct vehicle_state *s, const struct moment *m)
{
    const struct permit *p;
    uint32_t next = 0;
    while (!in_disposal(s) && (p = haul_next_of_all(m, &next)) != NULL)
        for (uint32_t i = 0; i < p->disposal_count; i++)
            yards_see_doubtful(&s->haul.tips, m, p->disposals[i]);
    return in_disposal(s);
}

static bool end_by_load(struct vehicle_state *s, struct moment *m)
{
    bool seen = m->events.load_change == LOAD_EMPTIED;
    if (!seen && m->events.load_change != LOAD_EMPTIED_UNSEEN)
        return false;
    int64_t empty_ms = seen ? s->habits.change_ms : m->at_ms;
    bool at_disposal = !seen || (s->habits.change_kinds >> FENCE_DISPOSAL & 1) != 0;
    if (at_disposal && tips_in_disposal(s, m))
        unload(s, m, empty_ms, YARD_TURNED, PROOF_SENSOR);
    else if (seen && !at_disposal)
        tipping_end(s, m, TRIP_END_DUMPED, empty_ms);
    else
        tipping_end(s, m, TRIP_END_UNSEEN, empty_ms);
    return true;
}

static bool end_by_body(struct vehicle_state *s, struct moment *m)
{
    int64_t body_ms = s->habits.body_ms;
    if (habits_load_known(s) || m->now->body != BODY_RAISED || body_ms < s->trip.start_ms ||
        s->habits.body_fixes < BODY_UP_FIXES || m->at_ms - body_ms < BODY_UP_MS || !m->placed)
        return false;
    if (tips_in_disposal(s, m)) {
        unload(s, m, body_ms, YARD_HERE, PROOF_SENSOR);
        return true;
    }
    if (moment_may_be_in(m, FENCE_SITE) || moment_may_be_in(m, FENCE_DEPOT))
        return false;
    bool doubtful = moment_may_be_in(m, FENCE_DISPOSAL);
    tipping_end(s, m, doubtful ? TRIP_END_UNSEEN : TRIP_END_DUMPED, body_ms);
    return true;
}

/* Whether it stood for a minute in one of the sites it came from. */
static bool is_back(const struct vehicle_state *s)
{
    for (uint32_t i = 0; i < s->sites.count; i++)
        if ((s->sites.list[i].flags & YARD_STOOD) && (s->sites.list[i].flags & YARD_SURE) &&
            yards_has(&s->haul.origins, s->sites.list[i].fence))
            return true;
    return false;
}

/* Back in its site, or loading in another: wherever the load went, it is another haul now. */
static bool give_up(struct vehicle_state *s, const struct moment *m)
{
    if (s->habits.visit_phase != VISIT_IN || s->habits.visit_ms <= s->trip.start_ms || in_disposal(s) ||
        !yards_any(&s->sites, YARD_STOOD | YARD_SURE))
        return false;
    if (is_back(s))
        tipping_end(s, m, TRIP_END_RETURNED, s->habits.visit_ms);
    else if (!habits_load_known(s))
        tipping_end(s, m, TRIP_END_NEW_LOAD, s->habits.visit_ms);
    return s->trip.ending != TRIP_END_NONE;
}

/* ---- coming to disposals and leaving them ---- */

/* The disposals that hold it, and those that may and that a permit of the haul names. */
static void see(struct vehicle_state *s, const struct moment *m)
{
    struct mw_point at = {m->lat_deg, m->lon_deg};
    uint32_t kinds = kind_grid_near(&m->world->grid, at, at, moment_margin_m(m));
    if (s->haul.tips.count == 0 && !(kinds >> FENCE_DISPOSAL & 1u))
        return;
    yards_see(&s->haul.tips, m, FENCE_DISPOSAL);
    yards_see_joined(&s->haul.tips, m, FENCE_DISPOSAL);
    const struct permit *p;
    uint32_t next = 0;
    while ((p = haul_next_of_all(m, &next)) != NULL)
        for (uint32_t i = 0; i < p->disposal_count; i++)
            yards_see_near(&s->haul.tips, m, p->disposals[i]);
}

/* The one to show meanwhile: of those that hold it the first that a permit names. */
static uint32_t likeliest(const struct vehicle_state *s, const struct moment *m)
{
    uint32_t first = 0;
    for (uint32_t i = 0; i < s->haul.tips.count; i++) {
        const struct yard *tip = &s->haul.tips.list[i];
        uint32_t number = world_fence_by_id(m->world, tip->fence), next = 0;
        const struct permit *p;
        if (!(tip->flags & YARD_HERE))
            continue;
        if (first == 0)
            first = tip->fence;
        while ((p = haul_next(m, &next)) != NULL)
            if (permit_names_disposal(p, number))
                return tip->fence;
    }
    return first;
}

static void count_edge(struct trip *t)
{
    if (t->edge_fixes < UINT8_MAX)
        t->edge_fixes++;
}

static void come(struct vehicle_state *s, const struct moment *m)
{
    struct trip *t = &s->trip;
    if (!yards_any(&s->haul.tips, YARD_HERE)) {
        /* Else its load may have gone there. */
        if (s->habits.load_samples == 0 && m->events.load_change == LOAD_UNCHANGED) {
            yards_clear(&s->haul.tips);
            t->disposal = 0;
            t->edge_ms = TIME_NONE;
            t->edge_fixes = 0;
        }
        return;
    }
    t->disposal = likeliest(s, m);
    if (m->gap || t->edge_fixes == 0) {
        t->edge_ms = yards_entered_ms(m, FENCE_DISPOSAL);
        t->edge_fixes = 0;
    }
    count_edge(t);
    if (t->edge_fixes < VISIT_CONFIRM_FIXES || m->at_ms - t->edge_ms < VISIT_CONFIRM_MS)
        return;
    t->phase = TRIP_ARRIVED;
    t->arrived_ms = t->edge_ms;
    t->edge_ms = TIME_NONE;
    t->edge_fixes = 0;
}

static void turn_away(struct vehicle_state *s)
{
    struct trip *t = &s->trip;
    yards_clear(&s->haul.tips);
    t->phase = TRIP_HAULING;
    t->disposal = 0;
    t->arrived_ms = t->unloaded_ms = t->edge_ms = TIME_NONE;
    t->edge_fixes = 0;
}

static bool is_named(const struct vehicle_state *s, const struct moment *m)
{
    const struct permit *p;
    uint32_t next = 0;
    while ((p = haul_next_of_all(m, &next)) != NULL)
        for (uint32_t i = 0; i < s->haul.tips.count; i++)
            if (permit_names_disposal(p, world_fence_by_id(m->world, s->haul.tips.list[i].fence)))
                return true;
    return false;
}

/* It has left the disposals: with its load or without? */
static void go(struct vehicle_state *s, struct moment *m)
{
    struct trip *t = &s->trip;
    if (habits_load_known(s)) {
        if (s->habits.load_samples == 0)
            turn_away(s);
    } else if (habits_body_known(s)) {
        turn_away(s);
    } else if (t->unloaded_ms != TIME_NONE) {
        unload(s, m, t->unloaded_ms, YARD_STOOD, PROOF_INFERRED);
    } else if (is_named(s, m)) {
        unload(s, m, t->edge_ms, 0, PROOF_INFERRED);
    } else {
        turn_away(s);
    }
}

static bool clear_of_all(const struct vehicle_state *s, const struct moment *m)
{
    for (uint32_t i = 0; i < s->haul.tips.count; i++)
        if (!visit_clear_of(m, world_fence_by_id(m->world, s->haul.tips.list[i].fence)))
            return false;
    return true;
}

static void stay(struct vehicle_state *s, struct moment *m)
{
    struct trip *t = &s->trip;
    if (s->haul.tips.count == 0) { /* another world has none of them */
        turn_away(s);
        return;
    }
    if (yards_any(&s->haul.tips, YARD_HERE)) {
        t->edge_fixes = 0;
        int64_t since_ms = s->habits.stopped_ms;
        if (since_ms != TIME_NONE && since_ms < t->arrived_ms)
            since_ms = t->arrived_ms;
        if (since_ms == TIME_NONE || !m->stopped || m->at_ms - since_ms < UNLOAD_STOP_MS)
            return;
        t->unloaded_ms = m->at_ms;
        for (uint32_t i = 0; i < s->haul.tips.count; i++)
            if (s->haul.tips.list[i].flags & YARD_HERE)
                s->haul.tips.list[i].flags |= YARD_STOOD;
        return;
    }
    if (t->edge_fixes == 0 || m->gap) {
        t->edge_ms = m->gap ? m->at_ms : yards_left_ms(m, FENCE_DISPOSAL);
        t->edge_fixes = 0;
    }
    count_edge(t);
    if (t->edge_fixes >= VISIT_CONFIRM_FIXES && clear_of_all(s, m))
        go(s, m);
}

void tipping_follow(struct vehicle_state *s, struct moment *m)
{
    if (s->haul.tips.count > 0)
        yards_prune(&s->haul.tips, m->world);
    if (m->placed)
        see(s, m);
    yards_turn(&s->haul.tips, m, LOAD_LOADED);
    breach_follow(s, m);
    if (m->placed && s->trip.phase == TRIP_HAULING)
        come(s, m);
    if (end_by_load(s, m) || end_by_body(s, m) || !m->placed)
        return;
    if (give_up(s, m))
        return;
    if (s->trip.phase == TRIP_ARRIVED)
        stay(s, m);
}

/* ---- without a trip ---- */

/* A disposal in force that a permit lets it tip in and that may hold it; UINT32_MAX: none. */
static uint32_t named_here(const struct moment *m, const struct permit *p)
{
    for (uint32_t i = 0; i < p->disposal_count; i++) {
        int64_t until_ms;
        if (moment_near_fence(m, p->disposals[i]) &&
            moment_in_force(m, &m->world->fences[p->disposals[i]], &until_ms))
            return p->disposals[i];
    }
    return UINT32_MAX;
}

static uint32_t disposal_here(const struct moment *m)
{
    for (uint32_t i = 0; i < m->fence_count; i++)
        if (m->world->fences[m->fences[i]].kind == FENCE_DISPOSAL && moment_counts(m, m->fences[i]))
            return m->fences[i];
    return UINT32_MAX;
}

void tipping_without_trip(const struct vehicle_state *s, struct moment *m)
{
    if (m->events.load_change != LOAD_EMPTIED || !moment_in_forced(m, FENCE_DISPOSAL))
        return;
    const struct permit *other = NULL;
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (!permit_valid_at(p, s->habits.change_ms))
            continue;
        if (p->disposal_count == 0 || named_here(m, p) != UINT32_MAX)
            return;
        if (other == NULL)
            other = p;
    }
    m->events.unloaded_ms = s->habits.change_ms;
    m->events.unloaded_at = m->world->fences[disposal_here(m)].id;
    m->events.wrong_permit = other == NULL ? 0 : other->id;
}
