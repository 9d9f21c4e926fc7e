/*
 * discharge: water is let out where that is not allowed, says the sensor. Bound to the fix, as spilling is.
 *
 * In wash, depot and disposal fences it is allowed, and wherever the place may be in one: the sensor is believed, the
 * place as far as its error. A vehicle that washes or sprays lets out water because that is its work.
 */
#include "rule.h"

#include <math.h>

static bool is_work(const struct moment *m)
{
    return m->last->work == WORK_WASHING || m->last->work == WORK_SPRAYING;
}

static bool may_be_allowed(const struct moment *m)
{
    return moment_may_be_in(m, FENCE_WASH) || moment_may_be_in(m, FENCE_DEPOT) ||
           moment_may_be_in(m, FENCE_DISPOSAL);
}

static enum held judge(const struct moment *m)
{
    if (m->tick || m->now->discharge == FLAG_UNKNOWN)
        return HELD_UNKNOWN;
    if (m->now->discharge == FLAG_FALSE || is_work(m))
        return HELD_NO;
    if (!m->placed)
        return HELD_UNKNOWN; /* nobody knows where */
    return may_be_allowed(m) ? HELD_NO : HELD_YES;
}

void rule_discharge(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    findings_set(out, judge(m), NAN, NAN);
}
