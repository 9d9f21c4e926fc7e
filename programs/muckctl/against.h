/*
 * against: what another configuration would change, and which open violations it would close.
 */
#ifndef MW_AGAINST_H
#define MW_AGAINST_H

#include "city.h"
#include "look.h"

/*
 * Prints the differences of a city's world to that of an older configuration, as words, or as JSON where the look says so.
 * With a store in the look (opened by this function) the vehicles' states are read from it and settled under the new world,
 * as the tracker would do. An exit code.
 */
int against(struct city *city, const struct world_texts *texts, const char *old_config, struct look *look,
            const char *command);

#endif
