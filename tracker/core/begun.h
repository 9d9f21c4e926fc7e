/*
 * begun: when the last episode of a kind began, so that no other begins where it did.
 *
 * An id is made of a vehicle, a kind, a subject and a start, and is opened once. What is found to have begun
 * before it is found (a stop, a load that went, a broken permit) may go on when its episode has closed, and is then
 * found once more with the very same start. It is another episode, and begins when it is found again. A silence begins
 * on a clock that is reckoned between fixes, and may be set back by a fix to where one has begun before.
 *
 * Kept of the kinds that may begin in the past (kind_row's `past`); of those a vehicle has one at a time.
 */
#ifndef MW_BEGUN_H
#define MW_BEGUN_H

#include "vehicle.h"

/* An episode of the kind has opened. */
void begun_take(struct vehicle_state *state, enum kind kind, int64_t start_ms);
/* When one begins that is found at `at_ms`, and is said to have begun at `since_ms`. */
int64_t begun_after(const struct vehicle_state *state, enum kind kind, int64_t since_ms, int64_t at_ms);

#endif
