#include "worlds_kept.h"

#include <assert.h>

void worlds_put(struct worlds *w, struct world *take_world, struct world **out_gone)
{
    size_t place = WORLDS_MAX;
    for (size_t i = 0; i < WORLDS_MAX; i++)
        if (w->items[i].held == 0 && (place == WORLDS_MAX || w->items[i].used < w->items[place].used))
            place = i;
    assert(place <
           WORLDS_MAX); /* two are held at most: the one in force, and by the thread the one it is at */
    *out_gone = w->items[place].world;
    w->items[place].world = take_world;
    w->items[place].held = 1;
    w->items[place].used = ++w->count;
}

struct world *worlds_hold(struct worlds *w, struct text hash)
{
    for (size_t i = 0; i < WORLDS_MAX; i++)
        if (w->items[i].world != NULL && text_equal(hash, text_of(w->items[i].world->hash))) {
            w->items[i].held++;
            w->items[i].used = ++w->count;
            return w->items[i].world;
        }
    return NULL;
}

void worlds_release(struct worlds *w, const struct world *world)
{
    for (size_t i = 0; i < WORLDS_MAX; i++)
        if (w->items[i].world == world && world != NULL) {
            assert(w->items[i].held > 0);
            w->items[i].held--;
        }
}

void worlds_fini(struct worlds *w)
{
    for (size_t i = 0; i < WORLDS_MAX; i++)
        world_free(w->items[i].world);
    *w = (struct worlds){0};
}
