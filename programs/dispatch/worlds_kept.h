/*
 * worlds_kept: those that are in memory: the one in force, and the few that were asked for last.
 *
 * A world is some ten thousand fences; there are at most WORLDS_MAX, and one that nobody holds gives way. Who hands one to a thread holds it
 * meanwhile. On the loop's thread alone.
 */
#ifndef MW_WORLDS_KEPT_H
#define MW_WORLDS_KEPT_H

#include "world.h"

/* The one in force, the one before it that a thread may be at yet, and one that was asked for. */
enum { WORLDS_MAX = 3 };

struct worlds {
    struct {
        struct world *world; /* NULL: free */
        unsigned held;
        uint64_t used; /* when it was found last, by a count */
    } items[WORLDS_MAX];
    uint64_t count;
};

/* Takes it over, held once. What has to give way is *out_gone, to be freed, or NULL. */
void worlds_put(struct worlds *w, struct world *take_world, struct world **out_gone);
/* By its hash, held once more; NULL: it is not there. */
struct world *worlds_hold(struct worlds *w, struct text hash);
void worlds_release(struct worlds *w, const struct world *world);
void worlds_fini(struct worlds *w);

#endif
