/*
 * off_route: on a trip or loaded, with a permit that names routes, and outside every fence where that permit
 * lets the vehicle be, by more than the fix's own error.
 *
 * Where it may be: the permit's routes, its site and disposals, and every wash and depot fence. The value is
 * how far outside the nearest of them it is. The distance is only asked for when the position is in none,
 * which is rare.
 */
#include "rule.h"

#include <math.h>

/* Farther than this the distance is not measured on: the finding says this much. */
#define OFF_ROUTE_FAR_M 5000.0

static bool names_fence(const struct permit *p, uint32_t number)
{
    if (p->site == number + 1)
        return true;
    for (uint32_t i = 0; i < p->route_count; i++)
        if (p->routes[i] == number)
            return true;
    for (uint32_t i = 0; i < p->disposal_count; i++)
        if (p->disposals[i] == number)
            return true;
    return false;
}

static bool in_allowed_fence(const struct moment *m, const struct permit *p)
{
    if (moment_in_kind(m, FENCE_WASH) || moment_in_kind(m, FENCE_DEPOT))
        return true;
    for (uint32_t i = 0; i < m->fence_count; i++)
        if (names_fence(p, m->fences[i]))
            return true;
    return false;
}

static double nearer(const struct moment *m, uint32_t number, double best_m)
{
    struct mw_distance d;
    struct mw_point at = {m->lat_deg, m->lon_deg};
    if (mw_index_distance(m->world->index, number, at, best_m, &d) && d.distance_m < best_m)
        return d.distance_m;
    return best_m;
}

/* Metres outside the nearest fence of the permit. */
static double distance_outside(const struct moment *m, const struct permit *p)
{
    double best_m = OFF_ROUTE_FAR_M;
    for (uint32_t i = 0; i < p->route_count; i++)
        best_m = nearer(m, p->routes[i], best_m);
    for (uint32_t i = 0; i < p->disposal_count; i++)
        best_m = nearer(m, p->disposals[i], best_m);
    if (p->site != 0)
        best_m = nearer(m, p->site - 1, best_m);
    return best_m;
}

/* Wash and depot fences count for every permit; one within the fix's error is enough to say nothing. */
static bool beside_shared_fence(const struct moment *m)
{
    struct mw_distance d;
    struct mw_point at = {m->lat_deg, m->lon_deg};
    for (uint32_t i = 0; i < m->world->shared_count; i++)
        if (mw_index_distance(m->world->index, m->world->shared[i], at, (double)m->eph_m, &d))
            return true;
    return false;
}

void rule_off_route(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (m->tick)
        return; /* time alone moves no vehicle off its route */
    int64_t until_ms;
    const struct permit *permit = moment_permit(m, &until_ms);
    if (permit == NULL || permit->route_count == 0)
        return;
    struct finding f = finding_none();
    f.subject = f.permit = permit->id;
    f.limit = m->eph_m;
    bool hauling = m->trip->phase >= TRIP_HAULING || m->loaded;
    if (!hauling) {
        f.held = HELD_NO;
    } else if (!m->placed) {
        f.held = HELD_UNKNOWN;
    } else if (in_allowed_fence(m, permit)) {
        f.held = HELD_NO;
    } else {
        double outside_m = distance_outside(m, permit);
        f.held = outside_m > (double)m->eph_m && !beside_shared_fence(m) ? HELD_YES : HELD_NO;
        f.value = (float)outside_m;
    }
    findings_add(out, f);
}
