/*
 * lag: whether a unit's clock is wrong, told by how the times of its fixes stand to their arrivals.
 *
 * A fix that comes long after its time is one of a backlog or of a clock that is behind. A backlog begins
 * with a silence of its own length, and mostly grows shorter all the while, since it is delivered faster than
 * it was driven. A wrong clock does neither: its fixes come as they are made, always the same time too late.
 *
 *           lag of 15 min and more                  ten arrivals with the same lag
 *   RIGHT -------------------------> BEHIND ---------------------------------------> WRONG
 *     |                                ^
 *     | after a silence of its length  | it grows without one        from all of them back to RIGHT:
 *     '----------------------------> BACKLOG                         a lag of less than 15 min
 *
 * Of fixes that came at once the newest tells the lag: a unit that sends a minute's fixes together is live. A
 * row of fixes from the future (AHEAD) is counted beside this, by number alone.
 *
 * What was rejected: the number of fixes in a message (gateways cut and join them), and the pace of arrivals
 * alone (some units deliver a night's backlog one by one, as slowly as they made it).
 */
#ifndef MW_LAG_H
#define MW_LAG_H

#include "arrival.h"
#include "fix.h"
#include "vehicle.h"

/* The contract's ten: fixes in a row from the future, arrivals with one lag. */
#define LAG_FIXES 10
/* The contract's 15 min: a lag below this, or a silence, is nothing out of the way. */
#define LAG_LEAST_MS (15 * 60 * 1000)

/* What a lag is told of a unit: seconds its clock is ahead; negative: behind. A fix needs time to come, so
 * the clock is never farther behind than the least lag. */
double lag_offset_s(const struct vehicle_state *state);

/* Takes note of a fix that is new and not from the future. Whether it is from a clock known to be behind. */
bool lag_is_wrong(struct vehicle_state *state, const struct fix *fix, struct arrival arrival);
/* Takes note of one from the future. */
void lag_note_future(struct vehicle_state *state, struct arrival arrival);
/* Whether the clock is known to be wrong, either way. */
bool lag_told(const struct vehicle_state *state);

#endif
