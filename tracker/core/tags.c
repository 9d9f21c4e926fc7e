#include "tags.h"

#include "told.h"

#include <math.h>

/* How far from the middle of its road a position is, by the fence's own measure; the nearest of several roads
 * at a crossing is the one it is on. */
static double off_middle_m(const struct moment *m, uint32_t number)
{
    struct mw_distance d;
    struct mw_point at = {m->lat_deg, m->lon_deg};
    if (!mw_index_distance(m->world->index, number, at, 0, &d))
        return INFINITY;
    return d.distance_m + m->world->fences[number].buffer_m;
}

static void tag_street(const struct moment *m, struct transition *t)
{
    double nearest_m = INFINITY;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *f = &m->world->fences[m->fences[i]];
        bool district = f->kind == FENCE_DISTRICT;
        bool road = (f->kind == FENCE_ROUTE || f->kind == FENCE_SWEEP) && f->road_class.len > 0;
        if ((!district && !road) || !moment_counts(m, m->fences[i]))
            continue;
        /* Districts lie in each other, a street office in its district: the longest path is the innermost. */
        if (district && f->jurisdiction.len > t->jurisdiction.len)
            t->jurisdiction = f->jurisdiction;
        double middle_m = road ? off_middle_m(m, m->fences[i]) : INFINITY;
        if (road && (t->road_class.len == 0 || middle_m < nearest_m)) {
            t->road_class = f->road_class;
            nearest_m = middle_m;
        }
    }
}

void tags_fill(const struct moment *m, struct transition *t)
{
    tag_street(m, t);
    told_fill(m, t);
}
