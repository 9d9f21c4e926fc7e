#include "tags.h"

void tags_fill(const struct moment *m, struct transition *t)
{
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *f = &m->world->fences[m->fences[i]];
        /* Districts lie in each other, a street office in its district: the longest path is the innermost. */
        if (f->kind == FENCE_DISTRICT && f->jurisdiction.len > t->jurisdiction.len)
            t->jurisdiction = f->jurisdiction;
        if ((f->kind == FENCE_ROUTE || f->kind == FENCE_SWEEP) && t->road_class.len == 0)
            t->road_class = f->road_class;
    }
}
