/*
 * no_permit: a loaded haul has left a site and no permit names vehicle, site and date with status active.
 *
 * Decided when it leaves (permit.h) and held for as long as the trip lasts: once a trip, open while somebody
 * can still stop the truck. A haul that is only inferred because the load sensor is faulty accuses nobody.
 */
#include "rule.h"

void rule_no_permit(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (m->tick)
        return;
    const struct trip *t = m->trip;
    if (!trip_is_on(t) || t->permit != 0 || (t->flags & TRIP_LOAD_FAULT))
        return;
    struct finding f = finding_none();
    f.held = HELD_YES;
    f.fence = t->site;
    f.since_ms = t->start_ms;
    findings_add(out, f);
}
