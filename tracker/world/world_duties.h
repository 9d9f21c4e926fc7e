/*
 * world_duties: what duties refer to: fences, and the vehicles that they are of.
 */
#ifndef MW_WORLD_DUTIES_H
#define MW_WORLD_DUTIES_H

#include "world_builder_state.h"

/* After world_link. Puts the duties in order, links them, and tells each vehicle what is expected of it. */
enum world_status world_link_duties(struct world_builder *b, struct world_error *out_error);

#endif
