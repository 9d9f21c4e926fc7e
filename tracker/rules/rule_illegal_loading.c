/*
 * illegal_loading: the load goes from empty to loaded outside site fences.
 *
 * Holds for as long as that load is on, so that it can still be stopped. Where the load came from nobody saw
 * (a pause of the track, a sensor that was never heard before) nothing is said.
 */
#include "rule.h"

/* When the present load was taken outside every site; TIME_NONE: it was not, or nobody saw. */
static int64_t taken_ms(const struct vehicle_state *v)
{
    if (v->habits.load == LOAD_EMPTY && v->habits.load_samples > 0)
        return v->habits.contradict_kinds >> FENCE_SITE & 1 ? TIME_NONE : v->habits.contradict_ms;
    if (v->habits.load != LOAD_LOADED || !(v->habits.load_flags & LOAD_ORIGIN))
        return TIME_NONE;
    return v->habits.change_kinds >> FENCE_SITE & 1 ? TIME_NONE : v->habits.change_ms;
}

void rule_illegal_loading(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (m->tick)
        return;
    int64_t since_ms = taken_ms(m->before);
    bool loaded = m->now->load == LOAD_LOADED || m->now->load == LOAD_OVER;
    if (since_ms != TIME_NONE && loaded) {
        struct finding f = finding_none();
        f.held = HELD_YES;
        f.since_ms = since_ms;
        findings_add(out, f);
        return;
    }
    bool none = since_ms == TIME_NONE || m->now->load == LOAD_EMPTY;
    findings_set(out, none ? HELD_NO : HELD_UNKNOWN, NAN, NAN);
}
