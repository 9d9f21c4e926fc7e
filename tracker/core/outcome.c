#include "outcome.h"

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
    };
    return names[cause < CAUSE_COUNT ? cause : CAUSE_NONE];
}

void outcome_clear(struct outcome *out)
{
    out->verdict = VERDICT_NONE;
    out->distrust = DISTRUST_NONE;
    out->state_changed = false;
    out->shown = out->guessed = out->ack = false;
    out->full = 0;
    out->hole_from = out->hole_to = 0;
    out->transition_count = out->warning_count = out->trip_count = 0;
}
