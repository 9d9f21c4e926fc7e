#include "world_links.h"

#include "array.h"
#include "world_order.h"
#include "world_steps.h"

#include <assert.h>

/* The place of a fence that stands in the files but could not be used. */
#define LOST (UINT32_MAX - 1)

static bool map_make(struct world_builder *b, struct symbol_map *map)
{
    map->count = (size_t)names_count(b->names) + 1;
    map->places = arena_take(&b->store->arena, map->count, sizeof *map->places);
    if (map->places == NULL)
        return false;
    memset(map->places, 0xff, map->count * sizeof *map->places);
    return true;
}

static enum world_status map_add(struct world_steps *s, struct symbol_map *map, uint32_t symbol,
                                 uint32_t place)
{
    assert(symbol < map->count && place < LOST); /* every name was known when the map was made */
    if (map->places[symbol] != UINT32_MAX && s->b->tell != NULL)
        return WORLD_OK; /* told by who knows the files */
    if (map->places[symbol] != UINT32_MAX)
        return world_fail(s->out_error, "%s \"%.*s\": the id is used twice", s->what,
                          TEXT_ARG(names_text(s->b->names, symbol)));
    map->places[symbol] = place;
    return WORLD_OK;
}

static void map_lost(struct world_builder *b)
{
    for (size_t i = 0; i < b->lost_count; i++) {
        assert(b->lost[i] < b->store->fences.count);
        uint32_t *place = &b->store->fences.places[b->lost[i]];
        *place = *place == UINT32_MAX ? LOST : *place;
    }
}

/* What a reference of a permit means. */
struct role {
    const char *name;
    enum fence_kind kind;
};

enum world_fence_found world_find_fence(const struct world_builder *b, uint32_t symbol, uint32_t *out_number)
{
    assert(symbol < b->store->fences.count);
    *out_number = b->store->fences.places[symbol];
    if (symbol == 0 || *out_number == LOST || (*out_number == UINT32_MAX && b->any_lost))
        return WORLD_FENCE_LOST;
    assert(*out_number == UINT32_MAX || *out_number < b->store->world.fence_count);
    return *out_number == UINT32_MAX ? WORLD_FENCE_NONE : WORLD_FENCE_FOUND;
}

/* The fence a permit refers to: it has to exist and to be of the kind the reference means. */
static enum world_status resolve(struct world_steps *s, const struct permit *p, struct role role,
                                 uint32_t symbol, uint32_t *out_number)
{
    const struct world_builder *b = s->b;
    uint32_t number;
    enum world_fence_found found = world_find_fence(b, symbol, &number);
    if (found == WORLD_FENCE_LOST)
        return WORLD_OK; /* it could not be read */
    struct text permit = names_text(b->names, p->id), fence = names_text(b->names, symbol);
    if (found == WORLD_FENCE_NONE)
        return world_fail(&s->now, "permit \"%.*s\": %s \"%.*s\" is not a fence", TEXT_ARG(permit), role.name,
                          TEXT_ARG(fence));
    if (b->fences[number].kind != role.kind)
        return world_fail(&s->now, "permit \"%.*s\": %s \"%.*s\" is a fence of kind %s, expected %s",
                          TEXT_ARG(permit), role.name, TEXT_ARG(fence),
                          fence_kind_name(b->fences[number].kind), fence_kind_name(role.kind));
    *out_number = number;
    return WORLD_OK;
}

static bool resolve_all(struct world_steps *s, const struct permit *p, struct role role, uint32_t *symbols,
                        uint32_t count)
{
    bool more = true;
    for (uint32_t i = 0; i < count && more; i++) /* in place: the symbol becomes the fence's number */
        more = world_step(s, resolve(s, p, role, symbols[i], &symbols[i]));
    return more;
}

static enum world_status link_permits(struct world_builder *b, struct world_error *out_error)
{
    static const struct role route = {"route", FENCE_ROUTE}, site = {"site", FENCE_SITE},
                             disposal = {"disposal", FENCE_DISPOSAL};
    struct world *w = &b->store->world;
    struct world_steps s = {.b = b, .out_error = out_error};
    bool more = true;
    for (uint32_t i = 0; i < w->permit_count && more; i++) {
        struct permit *p = &b->permits[i];
        struct permit_refs *r = &b->refs[i];
        more = resolve_all(&s, p, route, r->routes, p->route_count) &&
               resolve_all(&s, p, disposal, r->disposals, p->disposal_count) &&
               (r->site == 0 || world_step(&s, resolve(&s, p, site, r->site, &p->site)));
        p->site += r->site != 0;
        p->routes = r->routes;
        p->disposals = r->disposals;
    }
    return s.status;
}

/* Turns the permits' lists of vehicles round: each vehicle gets the list of its permits. */
static bool give_permits(struct world_builder *b)
{
    struct world *w = &b->store->world;
    const struct symbol_map *map = &b->store->vehicles;
    size_t total = 0;
    for (uint32_t i = 0; i < w->permit_count; i++)
        for (uint32_t k = 0; k < w->permits[i].vehicle_count; k++) {
            uint32_t place = map->places[w->permits[i].vehicles[k]];
            if (place != UINT32_MAX) {
                b->vehicles[place].permit_count++;
                total++;
            }
        }
    uint32_t *lists = arena_take(&b->store->arena, total, sizeof *lists);
    if (lists == NULL)
        return false;
    for (uint32_t v = 0; v < w->vehicle_count; v++) {
        b->vehicles[v].permits = lists;
        lists += b->vehicles[v].permit_count;
        b->vehicles[v].permit_count = 0;
    }
    for (uint32_t i = 0; i < w->permit_count; i++)
        for (uint32_t k = 0; k < w->permits[i].vehicle_count; k++) {
            uint32_t place = map->places[w->permits[i].vehicles[k]];
            if (place == UINT32_MAX)
                continue;
            struct vehicle_info *v = &b->vehicles[place];
            assert(&v->permits[v->permit_count] < lists); /* counted above: the lists fill the room exactly */
            ((uint32_t *)(uintptr_t)v->permits)[v->permit_count++] = i;
        }
    return true;
}

enum world_status world_add_vehicle(struct world_builder *b, uint32_t symbol)
{
    struct world *w = &b->store->world;
    if (b->store->vehicles.places[symbol] != UINT32_MAX)
        return WORLD_OK;
    if (!array_reserve(&b->vehicles, &b->vehicle_cap, w->vehicle_count + 1, sizeof *b->vehicles))
        return WORLD_NO_MEMORY;
    b->store->vehicles.places[symbol] = w->vehicle_count;
    b->vehicles[w->vehicle_count++] = (struct vehicle_info){.id = symbol};
    return WORLD_OK;
}

/*
 * A permit may name a vehicle that the fleet file does not: it is tracked all the same, so it gets a row of
 * its own.
 */
static enum world_status add_permitted_vehicles(struct world_builder *b)
{
    for (uint32_t i = 0; i < b->store->world.permit_count; i++)
        for (uint32_t k = 0; k < b->permits[i].vehicle_count; k++)
            if (world_add_vehicle(b, b->permits[i].vehicles[k]) != WORLD_OK)
                return WORLD_NO_MEMORY;
    return WORLD_OK;
}

enum world_status world_link(struct world_builder *b, struct world_error *out_error)
{
    struct world *w = &b->store->world;
    if (!map_make(b, &b->store->fences) || !map_make(b, &b->store->permits) ||
        !map_make(b, &b->store->vehicles))
        return WORLD_NO_MEMORY;
    struct world_steps fence = {.b = b, .what = "fence", .out_error = out_error},
                       vehicle = {.b = b, .what = "vehicle", .out_error = out_error},
                       permit = {.b = b, .what = "permit", .out_error = out_error};
    enum world_status status = WORLD_OK;
    for (uint32_t i = 0; i < w->fence_count && status == WORLD_OK; i++)
        status = map_add(&fence, &b->store->fences, b->fences[i].id, i);
    for (uint32_t i = 0; i < w->vehicle_count && status == WORLD_OK; i++)
        status = map_add(&vehicle, &b->store->vehicles, b->vehicles[i].id, i);
    map_lost(b);
    if (status == WORLD_OK)
        status = link_permits(b, out_error);
    if (status == WORLD_OK && !world_order_permits(b))
        status = WORLD_NO_MEMORY;
    for (uint32_t i = 0; i < w->permit_count && status == WORLD_OK; i++)
        status = map_add(&permit, &b->store->permits, w->permits[i].id, i);
    if (status == WORLD_OK)
        status = add_permitted_vehicles(b);
    if (status == WORLD_OK && !give_permits(b))
        status = WORLD_NO_MEMORY;
    return status;
}
