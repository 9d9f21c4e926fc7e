/*
 * world_links: what refers to what, once all things of a world are there: ids stand once, a permit's fences
 * exist and are of the kind that it means, each vehicle gets the list of its permits.
 */
#ifndef MW_WORLD_LINKS_H
#define MW_WORLD_LINKS_H

#include "world_builder_state.h"

/* Fences have their final order by now; permits get theirs here. */
enum world_status world_link(struct world_builder *b, struct world_error *out_error);

#endif
