/*
 * offline: silent while in service.
 *
 * Any message that is no duplicate is a sign of life. Silence is time on the vehicle's clock since the last
 * one that is on record; before that time is up the newest one gets there (fleet.h). That it has lasted long
 * enough is a deadline, and the start of the episode. In service is a vehicle on
 * a trip, one last seen moving, and one with the ignition on; another one is allowed to be silent.
 */
#include "rule.h"

int64_t offline_due_ms(const struct vehicle_state *state, const struct rule_settings *s)
{
    if (!(state->flags & VEHICLE_SEEN))
        return TIME_NEVER;
    return state->time_ms + (state->message_clock_ms - state->clock_ms) + s->confirm_ms;
}

static bool in_service(const struct moment *m)
{
    return m->trip->phase >= TRIP_HAULING || (m->before->flags & (VEHICLE_MOVED | VEHICLE_IGNITION)) != 0;
}

void rule_offline(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    struct finding f = finding_none();
    f.silence = true;
    int64_t due_ms = m->tick ? offline_due_ms(m->before, s) : m->at_ms + s->confirm_ms;
    if (!m->tick || m->heard)
        f.held = HELD_NO;
    else if (m->at_ms >= due_ms && in_service(m))
        f.held = HELD_YES;
    f.at_once = true;
    f.since_ms = due_ms;
    f.until_ms = due_ms;
    findings_add(out, f);
}
