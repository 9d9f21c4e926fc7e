/* permit_names: what a permit says, asked of the permit alone. */
#ifndef MW_PERMIT_NAMES_H
#define MW_PERMIT_NAMES_H

#include "world.h"

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

#endif
