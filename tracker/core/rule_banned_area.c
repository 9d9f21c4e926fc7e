/*
 * banned_area: inside a banned fence in force for this class, without a permit whose route leads through.
 *
 * A route leads through where the vehicle is on it: a position that lies both in the banned fence and on a
 * route of a valid permit of this vehicle, or in its site or disposal, is allowed (permit.h), one beside the
 * route is not.
 */
#include "crossing.h"
#include "rule.h"

/* A crossing that is known only now, and over. */
static void add_crossings(const struct moment *m, struct findings *out)
{
    struct crossing crossings[CROSSINGS_MAX];
    size_t n = crossing_confirmed(m, crossings);
    for (size_t i = 0; i < n; i++) {
        struct finding f = finding_none();
        f.held = HELD_YES;
        f.at_once = true;
        f.subject = f.fence = m->world->fences[crossings[i].fence].id;
        f.since_ms = crossings[i].enter_ms;
        f.over_ms = crossings[i].leave_ms;
        bool inside = false;
        for (uint32_t k = 0; k < out->count; k++)
            inside |= out->list[k].subject == f.subject;
        if (!inside)
            findings_add(out, f);
    }
}

static void add_inside(const struct moment *m, struct findings *out)
{
    bool allowed = permit_passing(m) != NULL;
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

void rule_banned_area(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (!m->placed) {
        out->rest = HELD_UNKNOWN;
        return;
    }
    if (moment_in_kind(m, FENCE_BANNED))
        add_inside(m, out);
    add_crossings(m, out);
}
