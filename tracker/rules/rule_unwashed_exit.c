/*
 * unwashed_exit: left a site that has a wash fence of its own without a stop in any wash or a wash signal.
 *
 * Which wash fences a site has: site_wash.h; what leaving means, and which of several sites it was: visit.h.
 * A truck that moved about in a pause of the track may have been washed, and is not accused. Over with the
 * next fix.
 */
#include "rule.h"

void rule_unwashed_exit(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (m->tick || m->events.left_ms == TIME_NONE || m->events.unwashed_site == 0)
        return;
    struct finding f = finding_none();
    f.held = HELD_YES;
    f.at_once = true;
    f.subject = f.fence = m->events.unwashed_site;
    f.since_ms = m->events.left_ms;
    findings_add(out, f);
}
