/*
 * world_shelf: those that are in memory: the one in force, and the few that were asked for last.
 *
 * A world is some ten thousand fences; there are at most WORLD_SHELF_MAX, and one that nobody holds gives way. Who hands one to a thread holds it
 * meanwhile. On the loop's thread alone.
 */
#ifndef MW_WORLD_SHELF_H
#define MW_WORLD_SHELF_H

#include "world.h"

/* The one in force, the one before it that a thread may be at yet, and one that was asked for. */
enum { WORLD_SHELF_MAX = 3 };

struct world_shelf {
    struct {
        struct world *world; /* NULL: free */
        unsigned held;
        uint64_t used; /* when it was found last, by a count */
    } items[WORLD_SHELF_MAX];
    uint64_t count;
};

/* Takes it over, held once. What has to give way is *out_gone, to be freed, or NULL. */
void world_shelf_put(struct world_shelf *w, struct world *take_world, struct world **out_gone);
/* By its hash, held once more; NULL: it is not there. */
struct world *world_shelf_hold(struct world_shelf *w, struct text hash);
void world_shelf_release(struct world_shelf *w, const struct world *world);
void world_shelf_fini(struct world_shelf *w);

#endif
