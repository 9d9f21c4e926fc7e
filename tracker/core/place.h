/*
 * place: how surely a vehicle is in a thing made of fences (things.h).
 *
 * A position lies somewhere within its error, and that error lasts for minutes: a truck on the road beside a
 * ban may be seen inside it for a kilometre. So being in a thing is sure only where the whole disc of the
 * error lies in it. What is drawn narrower than that, as a street is, is sure where the vehicle drives and
 * the place is in the middle of it, seen across the heading, at this fix and the last.
 *
 *         .--------------.                |    |
 *         |      .-.     |   sure         |  x |   driving, in the middle of a street: sure
 *      .-.|     ( x )    |                |    |
 *     ( x )      '-'     |                |x   |   at its edge: not
 *      '-'|  not         |
 *
 * Both are asked of the thing, not of its pieces: a disc over a seam lies in both. Asked by sixteen places on
 * the disc's edge, so a corner between two of them may be missed, and a hair between two pieces is.
 */
#ifndef MW_PLACE_H
#define MW_PLACE_H

#include "moment.h"

/* A place so many metres north and east of another, a few kilometres at most; over the antimeridian too. */
struct mw_point place_moved(struct mw_point at, double north_m, double east_m);
/* Whether a vehicle whose position lies in the thing (a symbol) is surely there. Some 2 us. */
bool place_sure(const struct moment *m, uint32_t thing);
/* The same by the disc alone, so many errors wide. */
bool place_deep(const struct moment *m, uint32_t thing, double margins);
/* Whether a vehicle whose position lies outside the thing may be in it. The same. */
bool place_near(const struct moment *m, uint32_t thing);
/* Whether it lies so near that the thing's next piece may come at once (THING_NEAR_M). Some 8 us. */
bool place_at_seam(const struct moment *m, uint32_t thing);

#endif
