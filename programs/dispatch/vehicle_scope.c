#include "vehicle_scope.h"

#include "place_words.h"
#include "web_problem.h"

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

bool vehicles_are_known(const struct gateway *g, const struct person *who, struct web_answer *out)
{
    bool known = g->memory.whole && memory_knows_vehicles(g);
    if (known && vehicles_can_be_judged(g, who))
        return true;
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, known ? "no world is known yet" : "the streams are being read");
    return false;
}

static uint32_t flags_for(const struct person *who, const struct vehicle_now *v)
{
    return vehicle_sums_told(who) ? v->flags : v->flags & ~(uint32_t)NOW_WORST;
}

void vehicle_row_write(struct gateway *g, const struct person *who, const struct vehicle_now *v,
                       struct json_writer *w)
{
    static const struct vehicle_info nobody;
    const struct vehicle_info *info = vehicle_info_of(g, text_of(v->id));
    info = info == NULL ? &nobody : info;
    json_write_begin_array(w);
    vehicle_now_write(v, flags_for(who, v), w);
    json_write_string(w, info->plate);
    json_write_string(w, info->company_name);
    json_write_string(w, info->class_name);
    json_write_end_array(w);
}
