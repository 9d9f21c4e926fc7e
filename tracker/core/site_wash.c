#include "site_wash.h"

#include "fence_near.h"

bool site_wash_link(struct world *world, struct arena *arena)
{
    const struct fence_list *sites = &world->of_kind[FENCE_SITE], *washes = &world->of_kind[FENCE_WASH];
    for (uint32_t s = 0; s < sites->count && washes->count > 0; s++) {
        uint32_t site = sites->numbers[s], count = 0;
        uint32_t *list = NULL;
        for (uint32_t i = 0; i < washes->count; i++) {
            if (!fence_near(world->index, washes->numbers[i], site, SITE_WASH_NEAR_M))
                continue;
            if (list == NULL)
                list = arena_take(arena, washes->count - i, sizeof *list);
            if (list == NULL)
                return false;
            list[count++] = washes->numbers[i];
        }
        world->fences[site].washes = (struct fence_list){list, count};
    }
    return true;
}
