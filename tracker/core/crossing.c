#include "crossing.h"

#include "crossing_path.h"

#include "permit.h"

#include <stdlib.h>

/* So many fixes deep inside need no straight path to confirm them. */
#define DEEP_FIXES 2
/* A way over the fixes that is so much longer than the straight one is another way: by as much a bend of half
 * a right angle is. */
#define BENT_SHARE 1.1

static bool passing(const struct moment *then, struct mw_point at)
{
    struct moment there = *then;
    there.lat_deg = at.lat_deg;
    there.lon_deg = at.lon_deg;
    return permit_passing(&there) != NULL;
}

/* In force when it was entered, and no permit led through. */
static bool forbidden(const struct moment *m, const struct path *p, const struct span *s, int64_t enter_ms)
{
    struct moment then = *m;
    int64_t until_ms;
    then.at_ms = enter_ms;
    if (!moment_in_force(&then, &m->world->fences[s->fence], &until_ms))
        return false;
    if (m->info->permit_count == 0)
        return true;
    return !passing(&then, path_between(p->from, p->to, (s->enter + s->leave) / 2)) &&
           !(passing(&then, p->from) && passing(&then, p->to));
}

static int64_t at_share(const struct path *p, double share)
{
    return p->from_ms + (int64_t)(share * (double)(p->to_ms - p->from_ms));
}

/* ---- without a fix inside ---- */

static bool spoken_of(const struct findings *out, uint32_t thing)
{
    for (uint32_t i = 0; i < out->count; i++)
        if (out->list[i].subject == thing)
            return true;
    return false;
}

static void add_crossing(const struct moment *m, const struct path *p, const struct met *met, uint32_t thing,
                         struct findings *out)
{
    struct span s = path_span_of(m, met, thing, mw_distance_m(p->from, p->to));
    struct mw_point now = {m->lat_deg, m->lon_deg};
    struct finding f = finding_none();
    f.since_ms = at_share(p, s.enter);
    f.over_ms = at_share(p, s.leave);
    bool far_side = mw_distance_m(now, path_between(p->from, p->to, s.leave)) <
                    mw_distance_m(now, path_between(p->from, p->to, s.enter));
    if (!far_side || !path_lies_across(m, p, &s) || !forbidden(m, p, &s, f.since_ms) ||
        !path_crosses(m, p, thing, &s))
        return;
    f.held = HELD_YES;
    f.at_once = true;
    f.subject = f.thing = thing;
    f.fence = m->world->fences[s.fence].id;
    findings_add(out, f);
}

/* As its places tell where the unit does not say: of the way to the fix before the path, and of that behind it. */
static float heading_ahead(const struct vehicle_state *s, int64_t ms)
{
    bool drove = s->speed_mps > 0 && ms <= HEADINGS_TELL_MS;
    return s->flags & VEHICLE_HEADED || drove ? s->track_deg : NAN;
}

static float heading_behind(const struct moment *m)
{
    const struct vehicle_state *b = m->before;
    bool drives = m->derived && m->speed_mps > 0 && b->place_ms - b->cross.ms <= HEADINGS_TELL_MS;
    return b->flags & VEHICLE_HEADED ? b->track_deg : drives ? m->track_deg : NAN;
}

/* The path of the last two places, that this fix may confirm. */
static struct path last_path(const struct moment *m)
{
    const struct vehicle_state *b = m->before;
    return (struct path){.from = {b->cross.lat_deg, b->cross.lon_deg},
                         .to = {b->lat_deg, b->lon_deg},
                         .from_ms = b->cross.ms,
                         .to_ms = b->place_ms,
                         .reach_m = (double)b->cross.reach_m,
                         .from_deg = b->cross.track_deg,
                         .to_deg = heading_behind(m),
                         .least_m = path_least_m(m),
                         .guessed = !(b->flags & VEHICLE_HEADED)};
}

void crossing_confirmed(const struct moment *m, struct findings *out)
{
    const struct vehicle_state *b = m->before;
    if (m->tick || !m->placed || m->gap || m->trust.jumped || b->cross.ms == TIME_NONE)
        return;
    struct path p = last_path(m);
    struct met met;
    path_meet(m, p.from, p.to, &met);
    for (size_t i = 0; i < met.count; i++) {
        uint32_t thing = path_fence(m, &met.list[i])->thing;
        if (!spoken_of(out, thing))
            add_crossing(m, &p, &met, thing, out);
    }
}

/* Whether the next fix has something to decide: most of what is asked there is dear. */
static bool may_cross(const struct moment *m, const struct path *p)
{
    struct met met;
    double path_m = mw_distance_m(p->from, p->to);
    if (path_m <= p->least_m)
        return false; /* no more of it lies inside */
    path_meet(m, p->from, p->to, &met);
    for (size_t i = 0; i < met.count; i++) {
        uint32_t thing = path_fence(m, &met.list[i])->thing;
        struct span s = path_span_of(m, &met, thing, path_m);
        if (path_lies_across(m, p, &s) && !path_is_thrown(m, p, thing))
            return true;
    }
    return false;
}

static bool touches(struct mw_bounds box, struct mw_point a, struct mw_point b)
{
    return (a.lat_deg >= box.south_west.lat_deg || b.lat_deg >= box.south_west.lat_deg) &&
           (a.lat_deg <= box.north_east.lat_deg || b.lat_deg <= box.north_east.lat_deg) &&
           (a.lon_deg >= box.south_west.lon_deg || b.lon_deg >= box.south_west.lon_deg) &&
           (a.lon_deg <= box.north_east.lon_deg || b.lon_deg <= box.north_east.lon_deg);
}

/* Whether a banned fence may lie across the path, as far as that is cheaply told: nearly always there is none
 * near, or the one that is holds the vehicle. */
static bool is_near(const struct moment *m, struct mw_point from, struct mw_point to)
{
    uint32_t banned[KIND_GRID_PATH_CELLS];
    uint32_t count = kind_grid_lone(&m->world->grid, from, to, banned);
    if (count == KIND_GRID_MANY)
        return true;
    for (uint32_t i = 0; i < count; i++)
        if (!moment_in_fence(m, banned[i]) &&
            touches(mw_index_fence_bounds(m->world->index, banned[i]), from, to))
            return true;
    return false;
}

void crossing_follow(struct vehicle_state *state, const struct moment *m)
{
    if (!m->world->common.crossing || !m->placed)
        return;
    struct mw_point from = {state->lat_deg, state->lon_deg}, to = {m->lat_deg, m->lon_deg};
    bool near = moment_saw_path(m) && is_near(m, from, to);
    if (!near && state->cross.ms == TIME_NONE)
        return; /* as nearly always */
    struct path p = {.from = from,
                     .to = to,
                     .from_ms = state->place_ms,
                     .to_ms = m->at_ms,
                     .from_deg = path_heading_before(m),
                     .to_deg = path_heading_now(m),
                     .least_m = path_least_m(m)};
    bool crossed = near && !m->swung && may_cross(m, &p); /* here or there it was its receiver that went */
    if (crossed)
        p.reach_m = path_reach_m(&p, state->speed_mps, m->speed_mps);
    state->cross.lat_deg = crossed ? p.from.lat_deg : 0;
    state->cross.lon_deg = crossed ? p.from.lon_deg : 0;
    state->cross.ms = crossed ? p.from_ms : TIME_NONE;
    state->cross.reach_m = crossed ? (float)p.reach_m : 0;
    state->cross.track_deg = crossed ? heading_ahead(state, p.to_ms - p.from_ms) : 0;
}

/* ---- with fixes inside ---- */

/* All of the way has one error: so it is put aside as a whole, and only what is still missing is asked. */
static void add_aside(const struct moment *m, const struct path *leg, uint32_t thing, struct way_in *way)
{
    for (int i = 0; i < WAY_PLACES; i++)
        if (way->aside[i] <= ASIDE_LEAST_M * 2) {
            double half_m = way->aside[i] + round(2 * path_inside_aside_m(m, leg, thing, i));
            way->aside[i] = (uint8_t)fmin(half_m, UINT8_MAX);
        }
}

static bool is_surely_inside(const struct way_in *way)
{
    for (int i = 0; i < WAY_PLACES; i++)
        if (way->aside[i] <= ASIDE_LEAST_M * 2)
            return false;
    return true;
}

/* Adds the way since the last fix. */
static void go_on(const struct moment *m, uint32_t thing, struct way_in *way)
{
    struct path leg = {.from = {m->before->lat_deg, m->before->lon_deg},
                       .to = {m->lat_deg, m->lon_deg},
                       .from_ms = m->before->place_ms,
                       .to_ms = m->at_ms,
                       .from_deg = path_heading_before(m),
                       .to_deg = path_heading_now(m)};
    way->way_m += (float)mw_distance_m(leg.from, leg.to);
    if (m->swung)
        way->ms = TIME_NONE; /* here or there it was its receiver that went in or out */
    if (path_is_sharp(&leg))
        return; /* round the end of a thing, as well as within it */
    way->inside_m += (float)path_least_inside_m(m, &leg, thing, 0, 0);
    /* Told from places alone it stands at both ends: it was moved by its receiver. */
    bool stands = m->derived && m->stopped && !(m->before->flags & VEHICLE_MOVED);
    way->kinked |= stands || path_is_kinked(&leg);
    if (!path_is_thrown(m, &leg, thing))
        add_aside(m, &leg, thing, way);
}

struct way_in crossing_enter(const struct moment *m, uint32_t thing)
{
    const struct vehicle_state *b = m->before;
    struct way_in way = {
        .ms = TIME_NONE, .enter_ms = m->at_ms, .leave_ms = TIME_NONE, .mps = NAN, .track_deg = NAN};
    if (!m->world->common.crossing || !moment_saw_path(m))
        return way;
    struct mw_point from = {b->lat_deg, b->lon_deg}, to = {m->lat_deg, m->lon_deg};
    struct span s = path_span(m, thing, from, to);
    if (s.fence == UINT32_MAX || s.inside_from)
        return way;
    way.lat_deg = b->lat_deg;
    way.lon_deg = b->lon_deg;
    way.ms = b->place_ms;
    way.mps = b->speed_mps;
    way.track_deg = path_heading_before(m);
    way.enter_ms = b->place_ms + (int64_t)(s.enter * (double)(m->at_ms - b->place_ms));
    go_on(m, thing, &way);
    return way;
}

void crossing_go_on(const struct moment *m, uint32_t thing, struct way_in *way)
{
    if (moment_saw_path(m))
        go_on(m, thing, way);
    else
        way->ms = TIME_NONE;
}

/* Whether the fixes inside lie so far off the straight path that it was not driven. */
static bool was_bent(const struct moment *m, const struct way_in *way, double straight_m)
{
    return (double)way->way_m > BENT_SHARE * straight_m + moment_margin_m(m) / 2;
}

/* Whether one leg by itself leads through: from a fix to the next there is less of a way round than from before the
 * thing to behind it. */
static bool leads_through(const struct moment *m, const struct path *leg, uint32_t thing)
{
    struct span s = path_span(m, thing, leg->from, leg->to);
    return s.inside_m > leg->least_m && path_is_vouched_for(leg) && !path_way_round(m, leg, thing, &s);
}

/* Of a way with one fix inside, which it passed whichever way it went. */
static bool leg_leads_through(const struct moment *m, const struct episode *e, const struct path *p)
{
    const struct vehicle_state *b = m->before;
    struct path in = *p, out = *p;
    if (e->held_fixes != 1)
        return false;
    in.to = out.from = (struct mw_point){b->lat_deg, b->lon_deg};
    in.to_ms = out.from_ms = b->place_ms;
    in.to_deg = out.from_deg = path_heading_before(m);
    in.reach_m = path_reach_m(&in, e->way.mps, b->speed_mps);
    out.reach_m = path_reach_m(&out, b->speed_mps, m->speed_mps);
    return leads_through(m, &in, e->key) || leads_through(m, &out, e->key);
}

bool crossing_driven(const struct moment *m, const struct episode *e, struct way_in *way)
{
    const struct vehicle_state *b = m->before;
    *way = e->way;
    if (!m->world->common.crossing || way->ms == TIME_NONE || !moment_saw_path(m) ||
        m->at_ms - way->ms > m->world->common.gap_ms)
        return false;
    struct path p = {.from = {way->lat_deg, way->lon_deg},
                     .to = {m->lat_deg, m->lon_deg},
                     .from_ms = way->ms,
                     .to_ms = m->at_ms,
                     .from_deg = way->track_deg,
                     .to_deg = path_heading_now(m),
                     .least_m = path_least_m(m)};
    p.reach_m = path_reach_m(&p, way->mps, m->speed_mps);
    struct mw_point last = {b->lat_deg, b->lon_deg};
    struct span out = path_span(m, e->key, last, p.to), straight = path_span(m, e->key, p.from, p.to);
    go_on(m, e->key, way);
    way->leave_ms = b->place_ms + (int64_t)(out.leave * (double)(m->at_ms - b->place_ms));
    if (way->ms == TIME_NONE || (double)way->inside_m <= p.least_m || !is_surely_inside(way))
        return false;
    if (way->deep_fixes >= DEEP_FIXES || !way->kinked)
        return true;
    if (was_bent(m, way, mw_distance_m(p.from, p.to)) || !path_lies_across(m, &p, &straight) ||
        !path_surely_across(m, &p, e->key))
        return false;
    /* Seen there for sure it need not be wondered which way it went. */
    return way->deep_fixes > 0 || (path_is_vouched_for(&p) && (!path_way_round(m, &p, e->key, &straight) ||
                                                               leg_leads_through(m, e, &p)));
}

/* ---- which pieces ---- */

static int order_by_enter(const void *a, const void *b)
{
    const struct mw_crossing *x = a, *y = b;
    if (x->enter != y->enter)
        return x->enter < y->enter ? -1 : 1;
    return x->fence < y->fence ? -1 : x->fence > y->fence;
}

size_t crossing_pieces(const struct moment *m, uint32_t thing, bool confirmed, uint32_t *out, size_t cap)
{
    struct path p = {.from = {m->before->lat_deg, m->before->lon_deg}, .to = {m->lat_deg, m->lon_deg}};
    if (confirmed && m->before->cross.ms != TIME_NONE)
        p = last_path(m);
    else if (!moment_saw_path(m))
        return 0;
    struct met met;
    size_t count = 0;
    path_meet(m, p.from, p.to, &met);
    qsort(met.list, met.count, sizeof met.list[0], order_by_enter);
    for (size_t i = 0; i < met.count && count < cap; i++)
        if (path_fence(m, &met.list[i])->thing == thing)
            out[count++] = path_fence(m, &met.list[i])->id;
    return count;
}
