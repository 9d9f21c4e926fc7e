/*
 * late: that a vehicle's fixes did not come in order, and from when on they are to be judged again.
 *
 * A late fix is tracked and not judged when it comes. What it leaves in the state is the least late time; when
 * no more come, the stretch from there on is judged in order of time, and what was said is corrected
 * (tracker/late). Here is only when, by the tracker's clock.
 */
#ifndef MW_LATE_H
#define MW_LATE_H

#include "arrival.h"
#include "fix.h"
#include "late_settings.h"
#include "outcome.h"
#include "vehicle.h"

/* Takes note of a late fix. out->late_fate says what becomes of it. */
void late_note(struct vehicle_state *state, const struct fix *fix, struct arrival arrival, int64_t horizon_ms,
               struct outcome *out);
/* When the stretch may be judged, on the tracker's clock; TIME_NEVER: there is none. */
int64_t late_due_ms(const struct vehicle_state *state, const struct late_settings *settings);
/* It has been judged. */
void late_done(struct vehicle_state *state);
/* It has been judged but for what came since: the least time of that, and when the first of it came. */
void late_done_but(struct vehicle_state *state, int64_t from_ms, int64_t first_clock_ms);

/*
 * What was said and withdrawn may be found once more by what comes in order; its revisions then go on. Kept are the
 * few that began last, by kind and start: of one kind no two things begin in one millisecond, or hardly ever.
 * KIND_NONE stands for a trip. False: there was no room, the one that began first is forgotten.
 */
bool late_withdraw(struct vehicle_state *state, enum kind kind, int64_t start_ms, uint32_t rev);
/* Its last revision, and it is forgotten; 0: it was not withdrawn. */
uint32_t late_again(struct vehicle_state *state, enum kind kind, int64_t start_ms);

/* Whether findings of a kind tell of when things came, not of what they say: they are never judged again. */
bool late_leaves(enum kind kind, enum cause cause);

#endif
