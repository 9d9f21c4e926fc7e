/*
 * world_roads: the roads of a world, from its fences of kind `sweep` that are one line each.
 */
#ifndef MW_WORLD_ROADS_H
#define MW_WORLD_ROADS_H

#include "world_builder_state.h"

/* Once fences, index and duties stand. Makes none where no duty asks for any. False without memory. */
bool world_make_roads(struct world *world, struct arena *arena);

#endif
