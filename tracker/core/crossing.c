#include "crossing.h"

#include "permit.h"

#include <math.h>

/* Twice the receiver's error that standards allow (15 m, 95 %), less what a corner of a street cuts. */
#define CROSSING_MIN_M 20.0
/* Over a longer time the speeds at both ends say little about the way between: it may have been faster. */
#define SPEEDS_TELL_MS 30000
/* And where they say less than even the straight path needs, this much more of it is granted. */
#define DETOUR_SHARE    1.3
#define PATH_FENCES_MAX 32

struct path {
    struct mw_point from, to;
    int64_t from_ms, to_ms;
    double reach_m; /* how far it can have driven */
    double least_m; /* inside a fence, to count */
};

/* Paths are asked of the banned fences alone, which have numbers of their own. */
static uint32_t number_of(const struct moment *m, const struct mw_crossing *c)
{
    return m->world->of_kind[FENCE_BANNED].numbers[c->fence];
}

static struct mw_point between(struct mw_point a, struct mw_point b, double share)
{
    return (struct mw_point){a.lat_deg + (b.lat_deg - a.lat_deg) * share,
                             a.lon_deg + (b.lon_deg - a.lon_deg) * share};
}

static double inside_m(const struct moment *m, uint32_t banned, struct mw_point a, struct mw_point b)
{
    struct mw_crossing met[PATH_FENCES_MAX];
    size_t n = mw_index_path(m->world->banned, a, b, met, PATH_FENCES_MAX);
    for (size_t i = 0; i < n && i < PATH_FENCES_MAX; i++)
        if (met[i].fence == banned)
            return met[i].inside_m;
    return 0;
}

/* The place `aside_m` to the left of the path at a share of it. */
static struct mw_point beside(const struct path *p, double share, double aside_m)
{
    struct mw_point at = between(p->from, p->to, share);
    double cosine = cos(at.lat_deg * 0.017453292519943295);
    double north = p->to.lat_deg - p->from.lat_deg, east = (p->to.lon_deg - p->from.lon_deg) * cosine;
    double length = hypot(north, east), straight_m = mw_distance_m(p->from, p->to);
    double deg = aside_m * length / straight_m; /* degrees of latitude that aside_m spans */
    return (struct mw_point){at.lat_deg + deg * east / length, at.lon_deg - deg * north / length / cosine};
}

/* Whether a bent path no longer than it can have driven leads round the fence, left or right. */
static bool way_round(const struct moment *m, const struct path *p, const struct mw_crossing *c)
{
    double straight_m = mw_distance_m(p->from, p->to);
    if (p->reach_m <= straight_m || straight_m <= 0)
        return false;
    /* All places on the way lie in an ellipse around both ends; this is how wide it is at the fence. */
    double share = (c->enter + c->leave) / 2, off = 2 * share - 1;
    double width_m = sqrt(p->reach_m * p->reach_m - straight_m * straight_m) / 2 * sqrt(1 - off * off);
    for (int step = 1; step <= 3; step++)
        for (int side = -1; side <= 1; side += 2) {
            struct mw_point by = beside(p, share, side * width_m * step / 3);
            double in_m = inside_m(m, c->fence, p->from, by) + inside_m(m, c->fence, by, p->to);
            if (in_m <= p->least_m)
                return true;
        }
    return false;
}

static bool crosses(const struct moment *m, const struct path *p, const struct mw_crossing *c)
{
    const struct fence *fence = &m->world->fences[number_of(m, c)];
    return !c->inside_from && !c->inside_to && c->inside_m > p->least_m && moment_fence_concerns(m, fence) &&
           !way_round(m, p, c);
}

static double reach_m(float from_mps, float to_mps, double straight_m, int64_t ms)
{
    bool brief = ms <= SPEEDS_TELL_MS;
    double mps = brief ? (double)(from_mps + to_mps) / 2 : fmax((double)from_mps, (double)to_mps);
    double reach = mps * (double)ms / 1000;
    if (!(reach < straight_m))
        return isnan(reach) ? straight_m : reach;
    return brief ? straight_m : straight_m * DETOUR_SHARE;
}

static double least_m(const struct moment *m)
{
    return fmax(CROSSING_MIN_M, fmax((double)m->eph_m, (double)m->before->eph_m));
}

static bool passing(const struct moment *then, struct mw_point at)
{
    struct moment there = *then;
    there.lat_deg = at.lat_deg;
    there.lon_deg = at.lon_deg;
    return permit_passing(&there) != NULL;
}

/* In force when it was entered, and no permit led through. */
static bool forbidden(const struct moment *m, const struct path *p, const struct mw_crossing *c,
                      int64_t enter_ms)
{
    struct moment then = *m;
    int64_t until_ms;
    then.at_ms = enter_ms;
    if (!moment_in_force(&then, &m->world->fences[number_of(m, c)], &until_ms))
        return false;
    if (m->info->permit_count == 0)
        return true;
    return !passing(&then, between(p->from, p->to, (c->enter + c->leave) / 2)) &&
           !(passing(&then, p->from) && passing(&then, p->to));
}

size_t crossing_confirmed(const struct moment *m, struct crossing out[CROSSINGS_MAX])
{
    const struct vehicle_state *b = m->before;
    if (m->tick || !m->placed || m->gap || m->trust.jumped || b->cross.stage != CROSSING_PENDING)
        return 0;
    struct path p = {.from = {b->cross.lat_deg, b->cross.lon_deg},
                     .to = {b->lat_deg, b->lon_deg},
                     .from_ms = b->cross.ms,
                     .to_ms = b->place_ms,
                     .reach_m = (double)b->cross.reach_m,
                     .least_m = least_m(m)};
    struct mw_point now = {m->lat_deg, m->lon_deg};
    struct mw_crossing met[PATH_FENCES_MAX];
    size_t n = mw_index_path(m->world->banned, p.from, p.to, met, PATH_FENCES_MAX), count = 0;
    for (size_t i = 0; i < n && i < PATH_FENCES_MAX && count < CROSSINGS_MAX; i++) {
        const struct mw_crossing *c = &met[i];
        double took_ms = (double)(p.to_ms - p.from_ms);
        struct crossing found = {number_of(m, c), p.from_ms + (int64_t)(c->enter * took_ms),
                                 p.from_ms + (int64_t)(c->leave * took_ms), (float)c->inside_m};
        bool far_side = mw_distance_m(now, between(p.from, p.to, c->leave)) <
                        mw_distance_m(now, between(p.from, p.to, c->enter));
        if (far_side && crosses(m, &p, c) && forbidden(m, &p, c, found.enter_ms))
            out[count++] = found;
    }
    return count;
}

static bool any_crossing(const struct moment *m, const struct path *p)
{
    struct mw_crossing met[PATH_FENCES_MAX];
    size_t n = mw_index_path(m->world->banned, p->from, p->to, met, PATH_FENCES_MAX);
    for (size_t i = 0; i < n && i < PATH_FENCES_MAX; i++)
        if (crosses(m, p, &met[i]))
            return true;
    return false;
}

/* Outside: whether the path from A, which is the last place unless one fix inside came between, crosses. */
static void leave_or_pass(struct vehicle_state *state, const struct moment *m)
{
    bool passed_over = state->cross.stage == CROSSING_INSIDE;
    struct mw_point last = {state->lat_deg, state->lon_deg}, now = {m->lat_deg, m->lon_deg};
    bool near = (kind_grid_near(&m->world->grid, last, now, 0) >> FENCE_BANNED & 1u) != 0;
    if (state->cross.stage == CROSSING_NONE && !near)
        return; /* as nearly always */
    struct path p = {
        .from = last, .to = now, .from_ms = state->place_ms, .to_ms = m->at_ms, .least_m = least_m(m)};
    if (passed_over) {
        p.from = (struct mw_point){state->cross.lat_deg, state->cross.lon_deg};
        p.from_ms = state->cross.ms;
    }
    p.reach_m = reach_m(state->speed_mps, m->speed_mps, mw_distance_m(p.from, p.to), p.to_ms - p.from_ms);
    bool crossed = p.to_ms - p.from_ms <= m->world->common.gap_ms && any_crossing(m, &p);
    state->cross.stage = crossed ? CROSSING_PENDING : CROSSING_NONE;
    state->cross.lat_deg = crossed ? p.from.lat_deg : 0;
    state->cross.lon_deg = crossed ? p.from.lon_deg : 0;
    state->cross.ms = crossed ? p.from_ms : TIME_NONE;
    state->cross.reach_m = crossed ? (float)p.reach_m : 0;
}

static void enter(struct vehicle_state *state, bool known)
{
    bool first = state->cross.stage == CROSSING_NONE || state->cross.stage == CROSSING_PENDING;
    bool keep = first && known;
    state->cross.stage = keep ? CROSSING_INSIDE : CROSSING_DEEP;
    state->cross.lat_deg = keep ? state->lat_deg : 0;
    state->cross.lon_deg = keep ? state->lon_deg : 0;
    state->cross.ms = keep ? state->place_ms : TIME_NONE;
    state->cross.reach_m = 0;
}

void crossing_follow(struct vehicle_state *state, const struct moment *m)
{
    if (!m->world->common.crossing || !m->placed)
        return;
    bool known = state->place_ms != TIME_NONE && !m->gap && !m->trust.jumped &&
                 m->at_ms - state->place_ms <= m->world->common.gap_ms;
    if (moment_in_kind(m, FENCE_BANNED)) {
        enter(state, known);
    } else if (known && state->cross.stage != CROSSING_DEEP) {
        leave_or_pass(state, m);
    } else {
        state->cross.stage = CROSSING_NONE;
        state->cross.lat_deg = state->cross.lon_deg = 0;
        state->cross.ms = TIME_NONE;
        state->cross.reach_m = 0;
    }
}
