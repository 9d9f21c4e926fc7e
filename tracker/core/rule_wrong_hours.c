/*
 * wrong_hours: moving while the hours of the vehicle's permit, or of its area, are closed.
 *
 * Whose hours: a vehicle with a permit in validity is judged by it, and by it alone; one without is judged by
 * the `area` fences of its class and company that it is in. Between the speeds that mean moving and stopped
 * nothing is concluded, so that a queue does not flap.
 */
#include "rule.h"

static enum held moving_while(const struct moment *m, bool open)
{
    if (open)
        return HELD_NO;
    return m->moving ? HELD_YES : m->stopped ? HELD_NO : HELD_UNKNOWN;
}

static void judge_areas(const struct moment *m, struct findings *out)
{
    if (!m->placed) {
        out->rest = HELD_UNKNOWN;
        return;
    }
    if (!moment_in_kind(m, FENCE_AREA))
        return;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *area = &m->world->fences[m->fences[i]];
        if (area->kind != FENCE_AREA || area->hours == NULL || !moment_fence_concerns(m, area))
            continue;
        struct finding f = finding_none();
        int64_t force_until_ms;
        bool in_force = moment_in_force(m, area, &force_until_ms);
        /* An area that is not in force forbids nothing. */
        bool open = !in_force || moment_area_open(m, area, &f.until_ms);
        if (force_until_ms < f.until_ms)
            f.until_ms = force_until_ms;
        f.held = moving_while(m, open);
        f.window = open;
        f.subject = f.fence = area->id;
        findings_add(out, f);
    }
}

void rule_wrong_hours(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    struct finding f = finding_none();
    const struct permit *permit = moment_permit(m, &f.until_ms);
    if (permit == NULL) {
        judge_areas(m, out);
        return;
    }
    int64_t open_until_ms;
    bool open = moment_permit_open(m, permit, &open_until_ms);
    if (open_until_ms < f.until_ms)
        f.until_ms = open_until_ms;
    f.held = moving_while(m, open);
    f.window = open;
    f.subject = f.permit = permit->id;
    findings_add(out, f);
}
