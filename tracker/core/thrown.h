/*
 * thrown: a receiver that is thrown aside, between tall buildings say, and for how long that may go on.
 *
 *      A ------------> .         A, B: two fixes, both heading as the arrows say
 *                      :
 *                      B ->      :  what no way with these headings explains: the receiver was thrown so far
 *
 * The error of a place wanders, and leads nowhere from one fix to the next; but speed and heading are measured
 * by themselves, and go on being right. So a way that leads out of the angle between the headings at its ends,
 * by more than the place may be wrong, was not driven. The receiver is then aside by that much until a way
 * leads back, or until THROWN_MS have passed: so long every place may be wrong by it, beside its own error.
 * Said too much it costs a finding that is a minute late; said too little it accuses a truck beside a ban.
 *
 * Who says that he stands, twice, has not moved: all of the way was his receiver's. Of a unit that says neither
 * speed nor heading its places have to tell: it stood, and is elsewhere, so it has started or was thrown; which of
 * both shows when it drives on, straight, or comes back. Else nothing is concluded where no heading is said, or
 * over more than THROWN_LEG_MS: a road may bend twice.
 */
#ifndef MW_THROWN_H
#define MW_THROWN_H

#include "moment.h"

/* Receivers are thrown aside by some tens of metres; farther off it is the heading that is wrong, or a jump. */
#define THROWN_MOST_M 60.0f

/* What is known of it at that moment. */
void thrown_tell(const struct vehicle_state *state, struct moment *m);
/* Whether there is anything to follow: seldom, and it is asked of each fix. */
bool thrown_may_follow(const struct vehicle_state *state, const struct moment *m);
/* Follows a fix whose motion is known, before anybody asks how far its place may be wrong. */
void thrown_follow(struct vehicle_state *state, struct moment *m);

#endif
