/*
 * world_order: fences, permits and duties stand in the order of their ids' texts, not in that of the files.
 *
 * Where two fences are equally good, or one fix opens an episode in each, their order shows, and what a world
 * judges must follow from its hash.
 */
#ifndef MW_WORLD_ORDER_H
#define MW_WORLD_ORDER_H

#include "world_builder_state.h"

/* Fences, in both indexes as well: before anything names one by its number. False without memory. */
bool world_order_fences(struct world_builder *b);
/* Permits, so that "then by id" is their order. Makes world.permits. False without memory. */
bool world_order_permits(struct world_builder *b);

/* Duties likewise, in the builder. False without memory. */
bool world_order_duties(struct world_builder *b);

#endif
