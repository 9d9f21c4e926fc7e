#include "world_private.h"

#include <assert.h>
#include <stdlib.h>

static const char *const fence_kinds[FENCE_KIND_COUNT] = {
    [FENCE_NONE] = "",
    [FENCE_SITE] = "site",
    [FENCE_DISPOSAL] = "disposal",
    [FENCE_ROUTE] = "route",
    [FENCE_BANNED] = "banned",
    [FENCE_NO_TIPPING] = "no_tipping",
    [FENCE_WASH] = "wash",
    [FENCE_DEPOT] = "depot",
    [FENCE_AREA] = "area",
    [FENCE_SPEED] = "speed",
    [FENCE_COLLECTION] = "collection",
    [FENCE_SWEEP] = "sweep",
    [FENCE_DISTRICT] = "district",
};

const char *fence_kind_name(enum fence_kind kind)
{
    return fence_kinds[kind < FENCE_KIND_COUNT ? kind : FENCE_NONE];
}

enum fence_kind fence_kind_find(struct text name)
{
    for (enum fence_kind k = FENCE_NONE + 1; k < FENCE_KIND_COUNT; k++)
        if (text_equal(name, text_of(fence_kinds[k])))
            return k;
    return FENCE_NONE;
}

static const struct world_store *store_of(const struct world *world)
{
    return (const struct world_store *)world;
}

static uint32_t map_find(const struct symbol_map *map, uint32_t symbol)
{
    return symbol < map->count ? map->places[symbol] : UINT32_MAX;
}

const struct vehicle_info *world_vehicle(const struct world *world, uint32_t symbol)
{
    uint32_t place = map_find(&store_of(world)->vehicles, symbol);
    return place == UINT32_MAX ? &store_of(world)->nameless : &world->vehicles[place];
}

const struct rule_settings *world_rules(const struct world *world, uint32_t class_number)
{
    assert(class_number <= WORLD_CLASS_MAX);
    return store_of(world)->rules[class_number];
}

const struct rule_settings *world_rule(const struct world *world, enum kind kind, uint32_t class_number)
{
    return &world_rules(world, class_number)[kind];
}

uint32_t world_fence_by_id(const struct world *world, uint32_t symbol)
{
    return map_find(&store_of(world)->fences, symbol);
}

uint32_t world_road_by_id(const struct world *world, uint32_t symbol)
{
    uint32_t fence = world_fence_by_id(world, symbol);
    return fence == UINT32_MAX || world->roads == NULL ? UINT32_MAX : world->fences[fence].road - 1;
}

uint32_t world_permit_by_id(const struct world *world, uint32_t symbol)
{
    return map_find(&store_of(world)->permits, symbol);
}

void world_free(struct world *world)
{
    if (world == NULL)
        return;
    struct world_store *store = (struct world_store *)world;
    for (uint32_t i = 0; i < world->hours_count; i++)
        mw_hours_free(store->hours[i]);
    free(store->hours);
    mw_index_free(world->index);
    mw_index_free(world->banned);
    mw_zone_free(world->zone);
    mw_calendar_free(world->calendar);
    arena_fini(&store->arena);
    free(store);
}
