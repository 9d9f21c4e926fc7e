/* spill: the load is running out, says the sensor. Bound to the fix, and so to the road, at once. */
#include "rule.h"

#include <math.h>

void rule_spill(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    static const enum held held[] = {
        [FLAG_UNKNOWN] = HELD_UNKNOWN, [FLAG_FALSE] = HELD_NO, [FLAG_TRUE] = HELD_YES};
    findings_set(out, m->tick ? HELD_UNKNOWN : held[m->now->spill], NAN, NAN);
}
