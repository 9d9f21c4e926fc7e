#include "permit.h"

#include "place.h"
#include "yards.h"

bool permit_holds(const struct moment *m, const struct permit *p)
{
    if (moment_in_forced(m, FENCE_WASH) || moment_in_forced(m, FENCE_DEPOT))
        return true;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        int64_t until_ms;
        if (permit_names_fence(p, m->fences[i]) &&
            moment_in_force(m, &m->world->fences[m->fences[i]], &until_ms))
            return true;
    }
    return false;
}

static double nearer_from(const struct moment *m, struct mw_point at, uint32_t number, double best_m)
{
    struct mw_distance d;
    int64_t until_ms;
    if (mw_index_distance(m->world->index, number, at, best_m, &d) && d.distance_m < best_m &&
        moment_in_force(m, &m->world->fences[number], &until_ms))
        return d.distance_m;
    return best_m;
}

/* Of what stands, from where it stopped and from where it says that it is; and from where it would be if its receiver
 * was thrown aside. */
static double nearer(const struct moment *m, uint32_t number, double best_m)
{
    struct mw_point at = {m->lat_deg, m->lon_deg}, said = {m->said_lat_deg, m->said_lon_deg};
    best_m = nearer_from(m, at, number, best_m);
    if (m->thrown)
        best_m = nearer_from(m, place_moved(said, -(double)m->aside_north_m, -(double)m->aside_east_m),
                             number, best_m);
    return m->stopped ? nearer_from(m, said, number, best_m) : best_m;
}

void permit_measure(const struct moment *m, const struct permit *p, struct permit_outside *o)
{
    if (o->half_width_m == 0)
        o->route_m = o->metres;
    for (uint32_t i = 0; i < p->route_count; i++) {
        double route_m = nearer(m, p->routes[i], o->route_m);
        if (route_m < o->route_m) {
            o->route_m = route_m;
            o->half_width_m = m->world->fences[p->routes[i]].buffer_m;
        }
    }
    if (o->route_m < o->metres)
        o->metres = o->route_m;
    for (uint32_t i = 0; i < p->disposal_count; i++)
        o->metres = nearer(m, p->disposals[i], o->metres);
    if (p->site != 0)
        o->metres = nearer(m, p->site - 1, o->metres);
}

bool permit_shared_near(const struct moment *m)
{
    return moment_near_kind(m, FENCE_WASH) || moment_near_kind(m, FENCE_DEPOT);
}

static enum permit_gap gap_of(const struct moment *m, const struct permit *p)
{
    const struct trip *t = &m->before->trip;
    const struct yards *origins = &m->before->haul.origins;
    if (p->site != 0 && !yards_has(origins, m->world->fences[p->site - 1].id))
        return GAP_OTHER_SITE;
    if (p->status == PERMIT_SUSPENDED)
        return GAP_SUSPENDED;
    if (p->status == PERMIT_REVOKED)
        return GAP_REVOKED;
    if (t->start_ms >= p->valid_to_ms)
        return GAP_EXPIRED;
    return t->start_ms < p->valid_from_ms ? GAP_NOT_YET : GAP_NONE;
}

/* The nearer to being good, the higher. */
static int nearness(const struct permit *p, enum permit_gap gap, int64_t at_ms)
{
    static const int ranks[GAP_COUNT] = {
        [GAP_SUSPENDED] = 5, [GAP_REVOKED] = 4, [GAP_EXPIRED] = 3, [GAP_NOT_YET] = 3, [GAP_OTHER_SITE] = 1};
    return ranks[gap] + (gap == GAP_OTHER_SITE && permit_valid_at(p, at_ms));
}

enum permit_gap permit_gap_of_haul(const struct moment *m, uint32_t *out_permit)
{
    enum permit_gap nearest = GAP_NO_PERMIT;
    int best = 0;
    *out_permit = 0;
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        enum permit_gap gap = gap_of(m, p);
        int rank = nearness(p, gap, m->before->trip.start_ms);
        if (rank > best) {
            best = rank;
            nearest = gap;
            *out_permit = p->id;
        }
    }
    return nearest;
}

static bool is_near_now(const struct moment *m, uint32_t number)
{
    int64_t until_ms;
    return moment_near_fence(m, number) && moment_in_force(m, &m->world->fences[number], &until_ms);
}

static bool near_one(const struct moment *m, const struct permit *p)
{
    for (uint32_t i = 0; i < p->route_count; i++)
        if (is_near_now(m, p->routes[i]))
            return true;
    for (uint32_t i = 0; i < p->disposal_count; i++)
        if (is_near_now(m, p->disposals[i]))
            return true;
    return p->site != 0 && is_near_now(m, p->site - 1);
}

const struct permit *permit_passing(const struct moment *m)
{
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (permit_valid_at(p, m->at_ms) && near_one(m, p))
            return p;
    }
    return NULL;
}
