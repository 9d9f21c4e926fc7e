/*
 * world_links: what refers to what, once all things of a world are there: ids stand once, a permit's fences
 * exist and are of the kind that it means, each vehicle gets the list of its permits.
 */
#ifndef MW_WORLD_LINKS_H
#define MW_WORLD_LINKS_H

#include "world_builder_state.h"

/* Fences have their final order by now; permits get theirs here. */
enum world_status world_link(struct world_builder *b, struct world_error *out_error);

/* The fence of a symbol, once linked: whether this city has it. LOST: it stands in a file, but could not be used. */
enum world_fence_found { WORLD_FENCE_FOUND, WORLD_FENCE_NONE, WORLD_FENCE_LOST };
enum world_fence_found world_find_fence(const struct world_builder *b, uint32_t symbol, uint32_t *out_number);
/* A row for a vehicle, if it has none. */
enum world_status world_add_vehicle(struct world_builder *b, uint32_t symbol);

#endif
