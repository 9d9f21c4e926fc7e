#include "world_shelf.h"

#include <assert.h>

void world_shelf_put(struct world_shelf *w, struct world *take_world, struct world **out_gone)
{
    size_t place = WORLD_SHELF_MAX;
    for (size_t i = 0; i < WORLD_SHELF_MAX; i++)
        if (w->items[i].held == 0 && (place == WORLD_SHELF_MAX || w->items[i].used < w->items[place].used))
            place = i;
    assert(place <
           WORLD_SHELF_MAX); /* two are held at most: the one in force, and by the thread the one it is at */
    *out_gone = w->items[place].world;
    w->items[place].world = take_world;
    w->items[place].held = 1;
    w->items[place].used = ++w->count;
}

struct world *world_shelf_hold(struct world_shelf *w, struct text hash)
{
    for (size_t i = 0; i < WORLD_SHELF_MAX; i++)
        if (w->items[i].world != NULL && text_equal(hash, text_of(w->items[i].world->hash))) {
            w->items[i].held++;
            w->items[i].used = ++w->count;
            return w->items[i].world;
        }
    return NULL;
}

void world_shelf_release(struct world_shelf *w, const struct world *world)
{
    for (size_t i = 0; i < WORLD_SHELF_MAX; i++)
        if (w->items[i].world == world && world != NULL) {
            assert(w->items[i].held > 0);
            w->items[i].held--;
        }
}

void world_shelf_fini(struct world_shelf *w)
{
    for (size_t i = 0; i < WORLD_SHELF_MAX; i++)
        world_free(w->items[i].world);
    *w = (struct world_shelf){0};
}
