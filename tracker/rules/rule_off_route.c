/*
 * off_route: on a trip or loaded, with permits that name routes, and outside every fence where one of them
 * lets the vehicle be, by more than the place may be wrong.
 *
 * Whose fences: on a trip those of the permits it may run under (breach.h), each judged by itself; for a load
 * whose departure nobody saw those of every valid permit of the vehicle; and always every wash and depot
 * fence. One that names no route leaves the way free. All corridors count alike at each fix, so where
 * permitted roads cross or run together there is nothing to choose and nothing to flip. A route, as every
 * fence, counts while it is in force. A vehicle that visits a site has not left yet.
 *
 * What stands has one place for all its fixes, and its receiver may have been thrown aside just as it stopped: nothing
 * is concluded where it is outside by no more than receivers are allowed beside their error, and nothing is proven where a
 * receiver may be thrown to. A haul that only a stop shows, from a site that it may never have been in, accuses nobody.
 *
 * The value is how far outside the nearest fence it is, the limit the half-width of the nearest corridor. The
 * distance is only asked for when the position is in none, which is rare.
 */
#include "breach.h"
#include "yards.h"

#include <math.h>

static void add_finding(const struct moment *m, const struct permit *p, const struct permit_outside *o,
                        struct findings *out, struct finding f)
{
    f.subject = f.permit = p->id;
    if (f.held == HELD_YES) {
        f.value = (float)o->metres;
        f.limit = (float)o->half_width_m;
        f.error_m = m->eph_m;
        f.weak = breach_may_be_thrown(m, o->metres) && !f.at_once;
    }
    findings_add(out, f);
}

/* One that has come to light only now. */
static void add_known(const struct moment *m, const struct breach *b, struct findings *out)
{
    struct finding f = breach_known(b);
    uint32_t place = world_permit_by_id(m->world, b->permit);
    struct permit_outside o = {.metres = OFF_ROUTE_FAR_M};
    if (place != UINT32_MAX && m->placed)
        permit_measure(m, &m->world->permits[place], &o);
    f.value = b->worst_m;
    f.limit = (float)o.half_width_m;
    f.error_m = m->eph_m;
    findings_add(out, f);
}

static bool is_told(const struct moment *m)
{
    for (uint32_t i = 0; i < m->before->episode_count; i++)
        if (m->before->episodes[i].kind == KIND_OFF_ROUTE)
            return m->before->episodes[i].phase == EPISODE_OPEN;
    return false;
}

/* Outside by no more than its error: what has been told of is not over by that. */
static bool may_be_outside(const struct moment *m, const struct permit *p)
{
    return m->placed && p->route_count > 0 && is_told(m) && !permit_holds(m, p) && !permit_shared_near(m);
}

static void judge_haul(const struct moment *m, struct findings *out)
{
    struct finding f = finding_none();
    const struct permit *p, *first = NULL, *last = NULL;
    const struct breach *last_breach = NULL;
    unsigned guessed = TRIP_INFERRED | TRIP_DOUBTFUL;
    if ((m->trip->flags & guessed) == guessed)
        return;
    uint32_t at = 0;
    f.held = m->placed ? HELD_YES : HELD_UNKNOWN;
    while ((p = haul_next(m, &at)) != NULL) {
        const struct breach *b = haul_breach(m, p->id, KIND_OFF_ROUTE);
        if (first == NULL)
            first = p;
        if (b == NULL || b->over_ms != TIME_NONE) {
            f.held = m->placed ? HELD_NO : HELD_UNKNOWN;
            f.weak = may_be_outside(m, p);
            break;
        }
        bool later = last == NULL || b->since_ms > last_breach->since_ms;
        if (later || (b->since_ms == last_breach->since_ms && haul_is_less_broken(m, p, last))) {
            last = p; /* only since then all of them are broken */
            last_breach = b;
        }
    }
    if (first == NULL)
        return;
    struct permit_outside o = {.metres = OFF_ROUTE_FAR_M};
    if (f.held == HELD_YES) {
        f.since_ms = last_breach->since_ms;
        f.fixes = last_breach->fixes;
        f.at_once = (last_breach->flags & BREACH_BROKEN) != 0;
        permit_measure(m, last, &o);
    }
    add_finding(m, last != NULL ? last : first, &o, out, f);
}

/* Whether it counts for a load whose departure nobody has seen yet: one that is leaving is from a site. */
static bool counts(const struct moment *m, const struct permit *p)
{
    bool leaving = m->before->habits.visit_phase == VISIT_LEAVING;
    return permit_valid_at(p, m->at_ms) &&
           (!leaving || p->site == 0 || yards_has(&m->before->sites, m->world->fences[p->site - 1].id));
}

/* Whether it is outside all that a valid permit allows; no: also where there is none to leave. */
static enum held is_outside(const struct moment *m, const struct permit **out_first, struct permit_outside *o)
{
    bool allowed = false;
    *out_first = NULL;
    for (uint32_t i = 0; i < m->info->permit_count && !allowed; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (!counts(m, p))
            continue;
        if (*out_first == NULL)
            *out_first = p;
        allowed = p->route_count == 0 || (m->placed && permit_holds(m, p));
    }
    for (uint32_t i = 0; i < m->info->permit_count && !allowed && m->placed; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (counts(m, p))
            permit_measure(m, p, o);
    }
    return allowed ? HELD_NO : breach_of_way(m, o->metres);
}

/* A load whose departure nobody saw. */
static void judge_load(const struct moment *m, struct findings *out)
{
    struct finding f = finding_none();
    struct permit_outside o = {.metres = OFF_ROUTE_FAR_M};
    const struct permit *first;
    enum held outside = is_outside(m, &first, &o);
    if (first == NULL)
        return;
    if (!m->placed || (m->before->habits.visit_phase == VISIT_ENTERING && outside != HELD_NO))
        f.held = HELD_UNKNOWN;
    else
        f.held = permit_shared_near(m) ? HELD_NO : outside;
    f.weak = f.held == HELD_NO && o.metres < OFF_ROUTE_FAR_M && may_be_outside(m, first);
    add_finding(m, first, &o, out, f);
}

void rule_off_route(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (m->tick)
        return; /* time alone moves no vehicle off its route */
    if (m->events.breach.kind == KIND_OFF_ROUTE)
        add_known(m, &m->events.breach, out);
    else if (trip_is_on(m->trip))
        judge_haul(m, out);
    else if (m->loaded && m->before->habits.visit_phase != VISIT_IN)
        judge_load(m, out);
}
