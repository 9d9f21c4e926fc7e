/*
 * permit: what one permit allows.
 *
 * A permit names vehicles, a site, disposals, routes, hours and dates, and has a status. Which of several a
 * haul runs under: breach.h. Hauling outside a permit's hours is a matter of wrong_hours, not of no_permit.
 *
 * A permit that names no site is good for every site, one that names no disposal for every disposal, and one
 * that names no route leaves the way free.
 */
#ifndef MW_PERMIT_H
#define MW_PERMIT_H

#include "moment.h"
#include "outcome.h"
#include "permit_names.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether the place is in a fence where it lets the vehicle be: its own, and every wash and depot. */
bool permit_holds(const struct moment *m, const struct permit *p);

/* How far outside the fences of one or several permits the place is. */
struct permit_outside {
    double metres;                /* to the nearest fence; what is farther than it was set to is not found */
    double route_m, half_width_m; /* to the nearest route, and its half-width; 0: none is that near */
};

/* Looks for nearer ones among those of a permit. */
void permit_measure(const struct moment *m, const struct permit *p, struct permit_outside *o);
/* Wash and depot fences count for every permit; one no farther than the place may be wrong is enough. */
bool permit_shared_near(const struct moment *m);

/*
 * Why no permit of the vehicle covered the haul under way when it left, and the permit that comes nearest (a
 * symbol, 0: it has none): one for the site that is suspended, revoked, expired or not valid yet, else one
 * for another site.
 */
enum permit_gap permit_gap_of_haul(const struct moment *m, uint32_t *out_permit);

/*
 * A valid permit of the vehicle of which a route, or its site or a disposal, is in force and holds the position
 * or is no farther than the fix's own error; NULL: none. It lets the vehicle be there though the place is banned.
 */
const struct permit *permit_passing(const struct moment *m);

#endif
