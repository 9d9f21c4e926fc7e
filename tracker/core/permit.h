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

#include <stdbool.h>
#include <stdint.h>

/* Whether it is active and within its dates at an instant. */
bool permit_valid_at(const struct permit *p, int64_t at_ms);
/* Whether the haul of a load may end in this fence. */
bool permit_names_disposal(const struct permit *p, uint32_t number);
/* Whether a fence is one of those it names: routes, site, disposals. */
bool permit_names_fence(const struct permit *p, uint32_t number);
/* Whether it names this site (a symbol), and no other kind of "every site". */
bool permit_names_site(const struct world *world, const struct permit *p, uint32_t site);

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
 * A valid permit of the vehicle of which a route, or its site or a disposal, holds the position or is no
 * farther than the fix's own error; NULL: none. It lets the vehicle be there though the place is banned.
 */
const struct permit *permit_passing(const struct moment *m);

#endif
