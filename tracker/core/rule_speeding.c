/*
 * speeding: faster than the lowest limit in force where the vehicle is.
 *
 * Limits are those of `speed` fences and of any other fence that names one, in force and for this class and
 * company. An episode is about the fence whose limit is the lowest; of two equal ones about the first.
 */
#include "rule.h"

void rule_speeding(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (!m->placed) {
        out->rest = HELD_UNKNOWN;
        return;
    }
    const struct fence *lowest = NULL;
    double kmh = (double)m->speed_mps * 3.6;
    int64_t change_ms = TIME_NEVER;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *fence = &m->world->fences[m->fences[i]];
        if (!(fence->speed_limit_kmh > 0) || !moment_fence_concerns(m, fence))
            continue;
        int64_t until_ms;
        bool in_force = moment_in_force(m, fence, &until_ms);
        if (until_ms < change_ms)
            change_ms = until_ms;
        if (in_force && (lowest == NULL || fence->speed_limit_kmh < lowest->speed_limit_kmh))
            lowest = fence;
        if (in_force || !m->tick)
            continue;
        /* An edge that puts a fence out of force ends what is about it. */
        struct finding gone = finding_none();
        gone.held = HELD_NO;
        gone.window = true;
        gone.subject = gone.fence = fence->id;
        findings_add(out, gone);
    }
    struct finding f = finding_none();
    f.until_ms = change_ms;
    if (lowest != NULL) {
        f.subject = f.fence = lowest->id;
        f.value = m->speed_mps * 3.6f;
        f.limit = (float)lowest->speed_limit_kmh;
        f.held = kmh > lowest->speed_limit_kmh ? HELD_YES : kmh >= 0 ? HELD_NO : HELD_UNKNOWN;
    }
    if (lowest != NULL || change_ms != TIME_NEVER)
        findings_add(out, f);
}
