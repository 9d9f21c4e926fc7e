#include "outcome.h"

#include <math.h>

const char *transition_event_name(enum transition_event event)
{
    static const char *const names[] = {"warning", "opened", "updated", "closed"};
    return names[event];
}

const char *close_reason_name(enum close_reason reason)
{
    static const char *const names[] = {"", "cleared", "window", "subject_gone"};
    return names[reason];
}

const char *cause_name(enum cause cause)
{
    static const char *const names[CAUSE_COUNT] = {
        [CAUSE_NONE] = "",
        [CAUSE_ANTENNA_CUT] = "antenna_cut",
        [CAUSE_ANTENNA_SHORT] = "antenna_short",
        [CAUSE_POWER] = "power",
        [CAUSE_JUMP] = "jump",
        [CAUSE_FROZEN] = "frozen",
        [CAUSE_CLOCK] = "clock",
        [CAUSE_POSITION] = "position",
        [CAUSE_NO_DATA] = "no_data",
    };
    return names[cause < CAUSE_COUNT ? cause : CAUSE_NONE];
}

const char *permit_gap_name(enum permit_gap gap)
{
    static const char *const names[GAP_COUNT] = {
        [GAP_NONE] = "",           [GAP_NO_PERMIT] = "none",
        [GAP_EXPIRED] = "expired", [GAP_SUSPENDED] = "suspended",
        [GAP_REVOKED] = "revoked", [GAP_OTHER_SITE] = "other_site",
        [GAP_NOT_YET] = "not_yet",
    };
    return names[gap < GAP_COUNT ? gap : GAP_NONE];
}

static float minutes(int64_t ms)
{
    return (float)(ms > 0 ? ms / 60000 : 0);
}

struct measure transition_measure(const struct transition *t)
{
    int64_t lasted_ms = (t->end_ms != TIME_NONE ? t->end_ms : t->at_ms) - t->start_ms;
    switch (t->kind) {
    case KIND_OFFLINE: /* begins when the silence has lasted as long as it may */
        lasted_ms += t->allowed_ms;
        break;
    case KIND_WRONG_HOURS:
    case KIND_OVERSTAY:
        break;
    case KIND_OFF_ROUTE: /* there may be no corridor near */
        return (struct measure){t->value, t->limit > 0 ? t->limit : NAN, t->unit};
    default:
        return (struct measure){t->value, t->limit, t->unit};
    }
    return (struct measure){minutes(lasted_ms), minutes(t->allowed_ms), "min"};
}

void outcome_clear(struct outcome *out)
{
    out->verdict = VERDICT_NONE;
    out->distrust = DISTRUST_NONE;
    out->state_changed = false;
    out->shown = out->guessed = out->ack = out->restarted = out->life_told = out->hole_seen = false;
    out->full = 0;
    out->hole_from = out->hole_to = 0;
    out->transition_count = out->warning_count = out->trip_count = out->work_count = 0;
}
