#include "work_follow.h"

#include "work_stop.h"

#include <math.h>
#include <string.h>

/* Fixes so rare that a stop between two of them may not be seen, and so slow between them that there may have been one. */
static const int64_t rare_ms = 15000;
static const double passed_slowly_kmh = 10;

static uint32_t find_road(const void *world, uint32_t symbol)
{
    return world_road_by_id(world, symbol);
}

/* What a step tells of, and where it goes. */
struct telling {
    const struct vehicle_state *state;
    const struct moment *m;
    int64_t received_ms;
    struct outcome *out;
};

static void tell(const struct telling *t, const struct work_interval *work)
{
    const struct moment *m = t->m;
    t->out->works[t->out->work_count++] =
        (struct work_entry){.vehicle = t->state->vehicle,
                            .segment = work->road == UINT32_MAX ? 0 : m->world->road_symbols[work->road],
                            .plate = m->info->plate,
                            .company = m->info->company_name,
                            .work = *work,
                            .rev = work->told + 1u,
                            .at_ms = m->at_ms,
                            .received_ms = t->received_ms,
                            .ruleset = m->world->hash};
}

void work_tell_clock(const struct vehicle_state *state, const struct moment *m, struct outcome *out)
{
    const struct telling t = {state, m, TIME_NONE, out};
    const struct work_state *w = &state->work;
    bool stands = (state->flags & VEHICLE_WORKS) != 0 && (w->flags & WORK_STANDS) != 0;
    struct work_interval clock = {.road = UINT32_MAX,
                                  .start_ms = TIME_NONE,
                                  .end_ms = m->at_ms,
                                  .lat_deg = NAN,
                                  .lon_deg = NAN,
                                  .error_m = NAN};
    if (stands) {
        clock.start_ms = w->stop.from_ms;
        clock.lat_deg = w->stop.lat_deg;
        clock.lon_deg = w->stop.lon_deg;
        clock.error_m = w->stop.error_m;
        clock.fixes = w->stop.fixes;
    }
    tell(&t, &clock);
    out->works[out->work_count - 1].clock = true;
    out->works[out->work_count - 1].heard_ms = state->time_ms;
}

struct near_point {
    const struct world *world;
    struct mw_point at;
    double reach_m;
    bool found;
};

static void see_point(void *context, uint32_t fence)
{
    struct near_point *p = context;
    p->found = p->found || (p->world->fences[fence].kind == FENCE_COLLECTION &&
                            mw_index_near(p->world->index, fence, p->at, p->reach_m));
}

/* A stop is told where it may be one at a point that is collected. */
static void tell_stop(const struct telling *t, const struct work_interval *stop)
{
    const struct world *w = t->m->world;
    struct near_point p = {w, {stop->lat_deg, stop->lon_deg}, (double)stop->error_m, false};
    if (!mw_index_look_around(w->index, p.at, p.reach_m, see_point, &p))
        *t->m->full |= BOUND_PATHS;
    if (p.found)
        tell(t, stop);
}

/* Points that the path went by so slowly that it may have stopped between the two fixes. */
static void tell_passed(const struct telling *t)
{
    const struct moment *m = t->m;
    const struct vehicle_state *before = m->before;
    int64_t last_ms = TIME_NONE;
    struct mw_crossing met[PATH_FENCES_MAX];
    if (!moment_has_path(m))
        return;
    int64_t passed_ms = m->at_ms - before->place_ms;
    if (passed_ms < rare_ms || passed_ms > WORK_GAP_MS)
        return;
    struct mw_point from = {before->lat_deg, before->lon_deg}, to = {m->lat_deg, m->lon_deg};
    if (mw_distance_m(from, to) / (double)passed_ms * 3600 > passed_slowly_kmh)
        return;
    size_t count = moment_fences_on(m, m->world->index, from, to, met);
    for (size_t i = 0, told = 0; i < count && told < WORK_PASSED_MAX; i++) {
        int64_t start_ms = before->place_ms + llround(met[i].enter * (double)passed_ms);
        if (m->world->fences[met[i].fence].kind != FENCE_COLLECTION || start_ms == last_ms)
            continue;
        double share = (met[i].enter + met[i].leave) / 2;
        struct work_interval passed = {.road = UINT32_MAX,
                                       .how = HOW_INFERRED,
                                       .start_ms = start_ms,
                                       .end_ms = before->place_ms + llround(met[i].leave * (double)passed_ms),
                                       .lat_deg = from.lat_deg + share * (to.lat_deg - from.lat_deg),
                                       .lon_deg = from.lon_deg + share * mw_east_deg(from, to),
                                       .error_m = m->eph_m,
                                       .fixes = 2};
        tell(t, &passed);
        last_ms = start_ms;
        told++;
    }
}

static void follow_stops(const struct telling *t, struct work_state *work, const struct work_fix *fix)
{
    struct work_interval stop;
    bool stood = (work->flags & WORK_STANDS) != 0;
    if (work_stop_step(work, fix, &stop))
        tell_stop(t, &stop);
    if (!stood && !(work->flags & WORK_STANDS))
        tell_passed(t);
}

/* No duty asks for it any more. */
static void leave_off(const struct telling *t, struct vehicle_state *state, const struct work_world *world)
{
    struct work_ended ended = {.count = 0};
    struct work_interval stop;
    if (world->roads != NULL)
        work_end(&state->work, world, &ended);
    for (uint32_t i = 0; i < ended.count; i++)
        tell(t, &ended.list[i]);
    if (work_stop_end(&state->work, &stop))
        tell_stop(t, &stop);
    memset(&state->work, 0, sizeof state->work);
    state->flags &= ~(uint32_t)VEHICLE_WORKS;
}

void work_follow(struct vehicle_state *state, const struct moment *m, int64_t received_ms,
                 struct outcome *out)
{
    const struct work_world world = {
        .roads = m->world->roads, .symbols = m->world->road_symbols, .find = find_road, .context = m->world};
    const struct telling t = {state, m, received_ms, out};
    struct work_ended ended = {.count = 0};
    if (m->info->work_modes == 0 && !m->info->collects) {
        leave_off(&t, state, &world);
        return;
    }
    if (!m->placed)
        return;
    struct work_fix fix = {.ms = m->at_ms,
                           .lat_deg = m->lat_deg,
                           .lon_deg = m->lon_deg,
                           .error_m = m->eph_m,
                           .speed_mps = m->speed_mps,
                           .signal = m->last->work,
                           .modes = m->info->work_modes};
    if (!(state->flags & VEHICLE_WORKS))
        work_init(&state->work);
    state->flags |= VEHICLE_WORKS;
    if (m->info->collects)
        follow_stops(&t, &state->work, &fix);
    fix.speed_mps = m->derived ? NAN : m->speed_mps;
    if (world.roads != NULL && m->info->work_modes != 0)
        work_step(&state->work, &world, &fix, &ended);
    else if (world.roads != NULL) /* it collects, and sweeps no more */
        work_end(&state->work, &world, &ended);
    for (uint32_t i = 0; i < ended.count; i++)
        tell(&t, &ended.list[i]);
}
