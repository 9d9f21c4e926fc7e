/*
 * addition: what sensors say in a message under the time of the last fix.
 *
 * A unit without sky, or one that tells of a second in two messages, says its last place and time again with
 * other sensors. Such a message moves neither time nor place, and together with that fix it counts as one: a
 * kind that opens at once opens by it, at the time it says. But how long something lasts cannot be told by a
 * time that stands still: a kind that has to last begins on the vehicle's clock when the message came, and is
 * confirmed by that clock alone, unless a later word denies it. Where the vehicle is and how fast is known
 * only as long as it cannot have gone far from that fix.
 */
#ifndef MW_ADDITION_H
#define MW_ADDITION_H

#include "episode.h"
#include "moment.h"
#include "rule.h"

/* Remembers what the next fix, trips and visits need of it. A load waits for the next fix: where it went lies
 * between two places. */
void addition_follow(struct vehicle_state *state, const struct sensors *said, int64_t at_ms);
/* Turns a tick at the time of the addition into its moment. False: where it is, is no longer known. */
bool addition_moment(struct moment *m, const struct sensors *said);

/* Before a rule judges an addition: at what time, and whether its kind has counted the fix already. */
void addition_begin_rule(struct episode_context *c, struct moment *m, int64_t now_ms);
/* After it: the episodes from `before` on have begun with the addition. */
void addition_began(struct episode_context *c, uint32_t before);

/* At every moment, after the rule has judged it: what began with an addition goes on, and is found once it
 * has lasted. */
void addition_keep_word(struct episode_context *c, struct findings *findings);
/* What the moment's fix has been counted as. */
void addition_note_counted(struct episode_context *c, const struct findings *findings);

#endif
