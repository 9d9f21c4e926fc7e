/*
 * no_fix: messages without a usable position, or fixes from a clock that is wrong (lag.h).
 *
 * Two episodes that may stand beside each other, told apart by their reason. A position that is not believed
 * is still one: that is what `tamper` is for.
 */
#include "rule.h"

static void judge_clock(const struct moment *m, struct findings *out)
{
    struct finding f = finding_none();
    f.subject = CAUSE_CLOCK;
    if (!m->tick) {
        f.held = HELD_NO;
    } else if (m->clock_s != 0) {
        f.held = HELD_YES;
        f.at_once = true;
        f.silence = true; /* it is about what comes, not about the last fix */
        f.since_ms = m->before->lag.since_ms;
        /* What it took to come makes a clock look slow, so up; to whole seconds. */
        f.value = (float)ceil(m->clock_s);
    }
    findings_add(out, f);
}

void rule_no_fix(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    judge_clock(m, out);
    struct finding f = finding_none();
    f.subject = CAUSE_POSITION;
    if (!m->tick) {
        enum distrust why = m->trust.reason;
        bool none = why == DISTRUST_ABSENT || why == DISTRUST_MODE || why == DISTRUST_ZERO;
        f.held = none ? HELD_YES : HELD_NO;
    }
    findings_add(out, f);
}
