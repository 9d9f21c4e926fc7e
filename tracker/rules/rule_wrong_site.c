/*
 * wrong_site: unloaded in a disposal fence that the permit does not name.
 *
 * The permit is the trip's; for a load whose departure nobody saw, every valid permit of the vehicle. Over
 * with the next fix: it is the unloading that is wrong, not the standing there. An unloading that no sensor
 * shows, but only a stop, accuses nobody unless the setting `inferred` says so.
 */
#include "rule.h"

/* Place of the kind's own setting. */
enum { INFERRED };

void rule_wrong_site(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    if (m->tick || m->events.wrong_permit == 0 || (m->events.unloaded_inferred && s->own[INFERRED] == 0))
        return;
    struct finding f = finding_none();
    f.held = HELD_YES;
    f.at_once = true; /* there is no second fix to wait for */
    f.subject = f.fence = m->events.unloaded_at;
    f.permit = m->events.wrong_permit;
    f.since_ms = m->events.unloaded_ms;
    findings_add(out, f);
}
