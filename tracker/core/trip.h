/*
 * trip: one haul, from the site where it was loaded to where it was unloaded.
 *
 *               visits a site            leaves it loaded             in a disposal: 2 fixes, 10 s
 *      (none) ---------------> loading ------------------> hauling <-----------------------------> arrived
 *         ^  <----------------                                |      left it without unloading       |
 *         |    leaves it empty                                |                                      |
 *         '---------------- ending <--------------------------'--------------------------------------'
 *            ledger entry           unloaded, or given up
 *
 * Ending lasts no longer than the rules need to say whether the unloading was illegal dumping, so that the
 * entry counts it; mostly the same fix.
 *
 * What shows loading and unloading, in the order of trust; one that can speak silences those below it:
 *
 *            loaded                                  unloaded
 *   load     settled on loaded in the visit, or      settled on empty
 *            loaded and stood there for a minute
 *   body     -                                       up for 2 fixes and 5 s, outside sites and depots
 *   stops    stood a minute in the site              stood a minute in the disposal, told when it leaves
 *   fences   left a site that a permit names         left a disposal that the permit names
 *
 * The last two are conclusions: for the loading they are drawn only for muck trucks, vehicles with a permit,
 * and those that no file names; a sweeper that sweeps in a site hauls nothing.
 *
 * Where it was loaded and where it is tipped is decided by what happens, as far as that tells, and then by
 * what its permits name: visit.h, tipping.h. Which of them it runs under: breach.h.
 *
 * Leaving and arriving are confirmed by fixes and carry the interpolated time (visit.h). Given up is a trip
 * that is back in its site for a minute, that stands in another site while no load sensor vouches for its
 * load, that is found empty after a pause of the track, or that has not ended after rules.common.trip_s, a
 * deadline on the vehicle's clock. A pause of the track adds no distance and no covered time.
 */
#ifndef MW_TRIP_H
#define MW_TRIP_H

#include "moment.h"
#include "outcome.h"

/* The contract's end_reason. */
const char *trip_end_name(enum trip_end end);

/* Takes a fix, after habits and visit and before the rules. */
void trip_follow(struct vehicle_state *state, struct moment *m, struct outcome *out);
/* Takes a deadline, before the rules; true if the trip is over with it. */
bool trip_tick(struct vehicle_state *state, struct moment *m);
/* After the rules: writes the entry of a trip that is over, unless a rule is still making up its mind. */
void trip_settle(struct vehicle_state *state, const struct moment *m, struct outcome *out);
/* When the trip wants to be looked at on the vehicle's clock; TIME_NEVER: not by itself. */
int64_t trip_deadline_ms(const struct vehicle_state *state, const struct moment *m);

#endif
