#include "duties_near.h"

#include <stdlib.h>

struct looking {
    struct duties_near *out;
    const struct world *world;
    const struct vehicle_info *vehicle;
    struct mw_point at;
    double reach_m;
};

static void add(struct duties_near *n, uint32_t duty)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (n->list[i] == duty)
            return;
    if (n->count == DUTIES_NEAR_MAX)
        n->full = true;
    else
        n->list[n->count++] = duty;
}

static void see_fence(void *context, uint32_t fence)
{
    const struct looking *x = context;
    const struct world *w = x->world;
    if (w->fences[fence].kind != FENCE_COLLECTION || !mw_index_near(w->index, fence, x->at, x->reach_m))
        return;
    for (uint32_t i = w->fence_parts_first[fence]; i < w->fence_parts_first[fence + 1]; i++)
        if (world_duty_of(&w->duties[w->fence_parts[i].duty], x->vehicle))
            add(x->out, w->fence_parts[i].duty);
}

static int compare(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void duties_near_find(struct duties_near *out, const struct world *world, const struct vehicle_info *vehicle,
                      struct mw_point at, double reach_m)
{
    struct looking x = {out, world, vehicle, at, reach_m};
    out->count = 0;
    out->full = false;
    out->full |= !mw_index_look_around(world->index, at, reach_m, see_fence, &x);
    if (out->count > 0) /* in whatever order the index tells them */
        qsort(out->list, out->count, sizeof *out->list, compare);
}
