/*
 * overstay: stopped outside fences that allow it.
 *
 * Sites, disposals, depots, washes, collection points and roads to be swept allow it, and the work areas of
 * the vehicle's class and company; those of others do not, nor do routes, districts, bans, speed zones and
 * no-tipping zones. Since when it stands is a matter of several fixes (habits.h): one wild one neither ends
 * half an hour's stop nor joins the stops of a queue to one.
 */
#include "rule.h"

static bool may_stop(const struct moment *m)
{
    static const enum fence_kind kinds[] = {FENCE_SITE, FENCE_DISPOSAL,   FENCE_DEPOT,
                                            FENCE_WASH, FENCE_COLLECTION, FENCE_SWEEP};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (moment_may_be_in(m, kinds[i]))
            return true;
    return moment_in_forced(m, FENCE_AREA);
}

/* A stop at which the vehicle is said to stay, open or not yet; NULL: none. */
static const struct episode *stay_of(const struct moment *m)
{
    for (uint32_t i = 0; i < m->before->episode_count; i++)
        if (m->before->episodes[i].kind == KIND_OVERSTAY)
            return &m->before->episodes[i];
    return NULL;
}

static enum held judge_stop(const struct moment *m)
{
    int64_t stopped_ms = m->before->habits.stopped_ms;
    const struct episode *e = stay_of(m);
    if (stopped_ms == TIME_NONE)
        return m->moving || m->stopped ? HELD_NO : HELD_UNKNOWN;
    if (e != NULL && e->start_ms < stopped_ms)
        return HELD_NO; /* that was another stop */
    if (m->moving)
        return e != NULL && e->phase == EPISODE_OPEN ? HELD_NO : HELD_UNKNOWN; /* it may not be true */
    if (!m->placed || !m->stopped)
        return HELD_UNKNOWN;
    return may_stop(m) ? HELD_NO : HELD_YES;
}

void rule_overstay(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (m->tick)
        return;
    struct finding f = finding_none();
    f.held = judge_stop(m);
    if (f.held == HELD_YES)
        f.since_ms = m->before->habits.stopped_ms;
    findings_add(out, f);
}
