/*
 * no_permit: a loaded haul has left a site and no permit names vehicle, site and date with status active.
 *
 * Decided when it leaves (permit.h) and held for as long as the trip lasts: once a trip, open while somebody
 * can still stop the truck. A haul that no load sensor shows, but only a stop in the site, accuses nobody
 * unless the setting `inferred` says so, and never while that sensor is faulty; nor does one from a site that
 * the vehicle may only have passed. Why none of its permits fits, and which comes nearest:
 * permit_gap_of_haul.
 */
#include "rule.h"

/* Place of the kind's own setting. */
enum { INFERRED };

void rule_no_permit(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    if (m->tick)
        return;
    const struct trip *t = m->trip;
    bool inferred = (t->flags & TRIP_INFERRED) != 0 && s->own[INFERRED] == 0;
    bool accused = (t->flags & TRIP_NO_PERMIT) && !(t->flags & (TRIP_LOAD_FAULT | TRIP_DOUBTFUL));
    if (!trip_is_on(t) || !accused || inferred)
        return;
    struct finding f = finding_none();
    f.held = HELD_YES;
    f.fence = t->site;
    f.since_ms = t->start_ms;
    findings_add(out, f);
}
