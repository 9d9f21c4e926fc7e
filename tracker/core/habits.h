/*
 * habits: what several fixes in a row say of a vehicle, for rules and trips: since when it stands, since when
 * its body is up, and what it carries.
 *
 * Standing ends with the second fix in a row that moves, or elsewhere; one wild fix does not end it.
 *
 * The load is what its sensor says; a change is believed when LOAD_SETTLE_SAMPLES in a row say it, and then
 * counts from the first of them, together with the fences that were passed meanwhile: a load that went
 * between a fix in a disposal and the next beside it went in the disposal, as far as anyone knows. A change
 * over a pause of the track has no place. Unknown and fault are no words.
 */
#ifndef MW_HABITS_H
#define MW_HABITS_H

#include "moment.h"

/* One sample may be wild; units debounce a change themselves before they say it. */
#define LOAD_SETTLE_SAMPLES 2

/* Takes what this fix says, before anything else looks; tells of a change in m->events. */
void habits_follow(struct vehicle_state *state, struct moment *m);
/* Takes what sensors say between two fixes, at that time. A load waits for the next fix: where it went lies
 * between two places. */
void habits_add(struct vehicle_state *state, const struct sensors *said, int64_t at_ms);
/* Once everything has looked. */
void habits_remember(struct vehicle_state *state, const struct moment *m);
/* Whether it still stands where it stopped, whatever its receiver says. */
bool habits_stands_on(const struct vehicle_state *state, const struct moment *m);
/* Whether its load sensor works and has said something. */
bool habits_load_known(const struct vehicle_state *state);
/* Whether its body sensor works and has said something. */
bool habits_body_known(const struct vehicle_state *state);

#endif
