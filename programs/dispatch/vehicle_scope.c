#include "vehicle_scope.h"

#include "place_words.h"

#include <math.h>

bool vehicles_can_be_judged(const struct gateway *g, const struct person *who)
{
    return scope_is_whole(&who->scope) || g->following.world != NULL;
}

const struct vehicle_info *vehicle_info_of(const struct gateway *g, struct text id)
{
    const struct world *world = g->following.world;
    return world == NULL ? NULL : world_vehicle(world, names_find(g->names, id));
}

static struct text place_of(struct gateway *g, struct vehicle_now *v)
{
    const struct following *f = &g->following;
    if (isnan(v->lat_deg) || isnan(v->lon_deg))
        return (struct text){0};
    if (v->place_world != f->number)
        v->place = place_jurisdiction(f->world, (struct mw_point){v->lat_deg, v->lon_deg});
    v->place_world = f->number;
    return v->place;
}

bool vehicle_covered(struct gateway *g, const struct person *who, struct vehicle_now *v)
{
    if (scope_is_whole(&who->scope))
        return true;
    bool by_place = who->scope.jurisdictions.count > 0;
    return scope_covers(&who->scope, by_place ? place_of(g, v) : (struct text){0},
                        vehicle_info_of(g, text_of(v->id))->company_name);
}

bool vehicle_sums_told(const struct person *who)
{
    return who->scope.jurisdictions.count == 0;
}
