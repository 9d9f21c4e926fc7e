/*
 * world_builder_state: what a builder holds while a world comes together. For the files that build it:
 * world_builder (begins and ends it), world_collect (takes the specs), world_links (finds what they refer to)
 * and world_order (puts them in order). What links and orders calls nothing of what collects.
 */
#ifndef MW_WORLD_BUILDER_STATE_H
#define MW_WORLD_BUILDER_STATE_H

#include "world_private.h"

struct permit_refs {
    uint32_t *routes, *disposals; /* symbols, in the arena */
    uint32_t site;                /* symbol */
};

struct world_builder {
    struct names *names;
    struct world_store *store;
    struct mw_builder *shapes, *banned;
    struct permit_refs *refs; /* beside store->world.permits */
    size_t fence_cap, permit_cap, vehicle_cap, duty_cap, hours_cap, refs_cap, lost_cap;
    void (*tell)(void *context, const struct world_error *error);
    void *tell_context;
    uint32_t *lost; /* symbols of fences that could not be used */
    size_t lost_count;
    bool any_lost; /* some of them without an id */
    bool bad;      /* and it is no more to be built */
    struct fence *fences;
    struct permit *permits;
    struct vehicle_info *vehicles;
    struct duty *duties; /* fences of their parts are symbols until they are linked */
};

#endif
