/*
 * haul: the permits that the haul under way may run under, and which of several it is likeliest to be.
 *
 * Candidates are the vehicle's permits that were valid when it left and name one of the sites where it may
 * have been loaded (yards.h), or none. They are found anew in the world at each use, so their number has no
 * bound. A permit whose status changes with a world that comes into force on the way stays the haul's: a
 * status counts only in the world that was in force when it left, which the trip remembers by a mark.
 *
 * Of several the one that is broken least (breach.h): first one that names the disposal it is in, then by
 * metres outside the fences, then by seconds in closed hours, then by id.
 */
#ifndef MW_HAUL_H
#define MW_HAUL_H

#include "moment.h"

/* The mark of a world: equal for the same world. */
uint32_t haul_world_mark(const struct world *world);

/* The next candidate of the haul under way that counts now, from *at on, which begins at 0; NULL: no more. */
const struct permit *haul_next(const struct moment *m, uint32_t *at);
/* The same of all candidates, broken or not. */
const struct permit *haul_next_of_all(const struct moment *m, uint32_t *at);

/*
 * Whether the haul may be over without anyone knowing: it has arrived and is out of the disposals again, but not
 * yet clear of them, and neither load nor body tell whether it has unloaded.
 */
bool haul_may_be_over(const struct vehicle_state *state);

/* The breach of a kind of one permit, or NULL. */
const struct breach *haul_breach(const struct moment *m, uint32_t permit, enum kind kind);

/* Whether it has been broken beyond confirmation. */
bool haul_is_broken(const struct vehicle_state *state, uint32_t permit);

/*
 * Whether the hours of a permit of the haul are open, now or at an instant, and when that may change next.
 * Permits of it that allow the same at different hours, as for two shifts, are one with the hours of both.
 */
bool haul_open(const struct moment *m, const struct permit *p, int64_t *out_until_ms);
bool haul_open_at(const struct moment *m, const struct permit *p, int64_t at_ms, int64_t *out_until_ms);
/* Whether a permit lets the vehicle be wherever another one does, and farther: of equally broken ones it is
 * the better for the vehicle. */
bool haul_is_wider(const struct permit *p, const struct permit *than);
/* Whether of two permits of the haul the first is less broken so far; false where neither is. */
bool haul_is_less_broken(const struct moment *m, const struct permit *p, const struct permit *than);
/* The one broken least of those that count, or of all; NULL: there are none. Of the disposals it is in those
 * count that have all of `flags`. */
const struct permit *haul_least(const struct moment *m, bool all, unsigned flags);
/* Whether a permit names one of those disposals, or every disposal. */
bool haul_names_one(const struct moment *m, const struct permit *p, unsigned flags);
/* Of those disposals the first that the permit names, else one that the vehicle was in for sure, else the
 * first; a symbol, 0: there are none. */
uint32_t haul_disposal(const struct moment *m, const struct permit *p, unsigned flags);
/*
 * Whether the haul may be over without anyone knowing: the vehicle has arrived and is out of the disposals again, but not
 * yet clear of them, and neither load nor body tell whether it has unloaded.
 */
bool haul_may_be_over(const struct vehicle_state *state);

#endif
