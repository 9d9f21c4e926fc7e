/*
 * work_follow: the work of a vehicle that a duty asks for, step by step with its fixes.
 */
#ifndef MW_WORK_FOLLOW_H
#define MW_WORK_FOLLOW_H

#include "moment.h"
#include "outcome.h"

/* Whether there is anything to follow: nearly never. */
static inline bool work_concerns(const struct vehicle_state *state, const struct moment *m)
{
    return m->info->work_modes != 0 || m->info->collects || (state->flags & VEHICLE_WORKS) != 0;
}

/* At a tick of the vehicle's duties: tells how far its clock is. */
void work_tell_clock(const struct vehicle_state *state, const struct moment *m, struct outcome *out);

/* Tells what the fix has ended. Before the state remembers the fix. */
void work_follow(struct vehicle_state *state, const struct moment *m, int64_t received_ms,
                 struct outcome *out);

#endif
