/*
 * off_route: on a trip or loaded, with a permit that names routes, and outside every fence where a permit
 * lets the vehicle be, by more than the fix's own error.
 *
 * Whose fences: on a trip those of the trip's permit; in a site those of the valid permits that name it; for
 * a load whose departure nobody saw those of every valid permit of the vehicle; and always every wash and
 * depot fence. All corridors count alike at each fix, so where permitted roads cross or run together there is
 * nothing to choose and nothing to flip. A route, as every fence, counts while it is in force.
 *
 * The value is how far outside the nearest of them it is. The distance is only asked for when the position is
 * in none, which is rare.
 */
#include "rule.h"

#include <math.h>

/* The permits whose fences count. */
struct allowance {
    const struct permit *list[VEHICLE_EPISODES_MAX];
    uint32_t count;
};

static bool in_allowed_fence(const struct moment *m, const struct allowance *a)
{
    if (moment_in_forced(m, FENCE_WASH) || moment_in_forced(m, FENCE_DEPOT))
        return true;
    for (uint32_t i = 0; i < m->fence_count; i++)
        for (uint32_t k = 0; k < a->count; k++) {
            int64_t until_ms;
            if (permit_names_fence(a->list[k], m->fences[i]) &&
                moment_in_force(m, &m->world->fences[m->fences[i]], &until_ms))
                return true;
        }
    return false;
}

static double nearer(const struct moment *m, uint32_t number, double best_m)
{
    struct mw_distance d;
    struct mw_point at = {m->lat_deg, m->lon_deg};
    int64_t until_ms;
    if (mw_index_distance(m->world->index, number, at, best_m, &d) && d.distance_m < best_m &&
        moment_in_force(m, &m->world->fences[number], &until_ms))
        return d.distance_m;
    return best_m;
}

/* Metres outside the nearest fence of a permit. */
static double distance_outside(const struct moment *m, const struct permit *p, double best_m)
{
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
    return moment_near_kind(m, FENCE_WASH) || moment_near_kind(m, FENCE_DEPOT);
}

/* False: there is no route to leave. */
static bool find_allowance(const struct moment *m, struct allowance *a)
{
    a->count = 0;
    if (trip_is_on(m->trip)) {
        int64_t until_ms;
        const struct permit *p = moment_permit(m, &until_ms);
        if (p != NULL)
            a->list[a->count++] = p;
        return p != NULL && p->route_count > 0;
    }
    /* As permit.site counts: number + 1, 0 outside sites. */
    uint32_t site = m->trip->phase == TRIP_LOADING ? world_fence_by_id(m->world, m->trip->site) + 1 : 0;
    for (uint32_t i = 0; i < m->info->permit_count && a->count < VEHICLE_EPISODES_MAX; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (!permit_valid_at(p, m->at_ms) || (p->site != 0 && site != 0 && p->site != site))
            continue;
        if (p->route_count == 0)
            return false; /* by this one it may go where it likes */
        a->list[a->count++] = p;
    }
    return a->count > 0;
}

void rule_off_route(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    struct allowance a;
    if (m->tick)
        return; /* time alone moves no vehicle off its route */
    if (!trip_is_on(m->trip) && !m->loaded)
        return;
    if (!find_allowance(m, &a))
        return;
    struct finding f = finding_none();
    f.subject = f.permit = a.list[0]->id;
    f.limit = m->eph_m;
    if (!m->placed) {
        f.held = HELD_UNKNOWN;
    } else if (in_allowed_fence(m, &a)) {
        f.held = HELD_NO;
    } else {
        double outside_m = OFF_ROUTE_FAR_M;
        for (uint32_t i = 0; i < a.count; i++)
            outside_m = distance_outside(m, a.list[i], outside_m);
        f.held = outside_m > (double)m->eph_m && !beside_shared_fence(m) ? HELD_YES : HELD_NO;
        f.value = (float)outside_m;
    }
    findings_add(out, f);
}
