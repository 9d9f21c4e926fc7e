/*
 * tipping: how a haul comes to a disposal, and how it ends.
 *
 * A vehicle may be in several disposals at a time, one drawn in pieces or two that overlap: it has arrived
 * when it was in any of them for 2 fixes and 10 s, and left when it is clear of all. Those that hold it, and
 * those within what its place may be wrong that a permit of the haul names, are remembered (yards.h), and
 * which one it was tipped in is decided at the unloading: of those that may have held it when the load went,
 * or the body rose, or it stood, the one that a permit names (breach.h).
 *
 * Called by trip.c alone.
 */
#ifndef MW_TIPPING_H
#define MW_TIPPING_H

#include "moment.h"

/* Takes a fix of a haul under way. */
void tipping_follow(struct vehicle_state *state, struct moment *m);
/* Takes a fix of a vehicle that is on none: a load that goes in a disposal though nobody saw where it came
 * from. */
void tipping_without_trip(const struct vehicle_state *state, struct moment *m);
/* It is over, at this moment or before. */
void tipping_end(struct vehicle_state *state, const struct moment *m, enum trip_end reason, int64_t end_ms);

#endif
