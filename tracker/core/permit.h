/*
 * permit: which permit allows what.
 *
 * A permit names vehicles, a site, disposals, routes, hours and dates, and has a status. The one a haul runs
 * under is chosen once, when it leaves the site, by vehicle, site, date and status; hours play no part,
 * except that of several candidates an open one goes first, then they go by id. Hauling outside a permit's
 * hours is a matter of wrong_hours, not of no_permit. What the haul was given stays with it to its end,
 * whatever runs out or is revoked meanwhile.
 *
 * A permit that names no site is good for every site, one that names no disposal for every disposal.
 */
#ifndef MW_PERMIT_H
#define MW_PERMIT_H

#include "moment.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether it is active and within its dates at an instant. */
bool permit_valid_at(const struct permit *p, int64_t at_ms);
/* Whether the haul of a load may end in this fence. */
bool permit_names_disposal(const struct permit *p, uint32_t number);
/* Whether a fence is one of those it names: routes, site, disposals. */
bool permit_names_fence(const struct permit *p, uint32_t number);

/* The permit for a haul that left a site (a symbol) at an instant, or NULL. */
const struct permit *permit_for_haul(const struct moment *m, uint32_t site, int64_t left_ms);

/*
 * The permit that governs the vehicle now: the one its trip runs under; without a trip, of the valid ones the
 * open one first, then by id. NULL: none. *out_until_ms: the next instant at which the choice or its hours
 * may change.
 */
const struct permit *moment_permit(const struct moment *m, int64_t *out_until_ms);

/*
 * A valid permit of the vehicle of which a route, or its site or a disposal, holds the position or is no
 * farther than the fix's own error; NULL: none. It lets the vehicle be there though the place is banned.
 */
const struct permit *permit_passing(const struct moment *m);

#endif
