/*
 * banned_area: inside a banned fence in force for this class, without a permit whose route leads through.
 *
 * A route leads through where the vehicle is on it: a position that lies both in the banned fence and on a
 * route of a permit of this vehicle in validity is allowed, one beside the route is not.
 */
#include "rule.h"

static bool on_route_of(const struct moment *m, const struct permit *p)
{
    for (uint32_t r = 0; r < p->route_count; r++)
        for (uint32_t i = 0; i < m->fence_count; i++)
            if (m->fences[i] == p->routes[r])
                return true;
    return false;
}

/* The permit that allows being here, or NULL. */
static const struct permit *passing(const struct moment *m)
{
    if (!moment_in_kind(m, FENCE_ROUTE))
        return NULL;
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        int64_t until_ms;
        if (moment_permit_valid(m, p, &until_ms) && on_route_of(m, p))
            return p;
    }
    return NULL;
}

void rule_banned_area(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (!m->placed) {
        out->rest = HELD_UNKNOWN;
        return;
    }
    if (!moment_in_kind(m, FENCE_BANNED))
        return;
    bool allowed = passing(m) != NULL;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *fence = &m->world->fences[m->fences[i]];
        if (fence->kind != FENCE_BANNED || !moment_fence_concerns(m, fence))
            continue;
        struct finding f = finding_none();
        bool in_force = moment_in_force(m, fence, &f.until_ms);
        f.held = in_force && !allowed ? HELD_YES : HELD_NO;
        f.window = !in_force;
        f.subject = f.fence = fence->id;
        findings_add(out, f);
    }
}
