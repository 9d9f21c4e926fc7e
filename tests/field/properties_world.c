/* A random city: fences beside, over and within one another, of the same rule and of different ones. */
#include "properties.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A Wednesday, 2026-06-10 08:00 in Shanghai. */
#define MORNING_MS INT64_C(1781049600000)

struct made_fence *world_fence(struct world_made *w, const char *kind)
{
    struct made_fence *f = &w->fences[w->fence_count];
    *f = (struct made_fence){.kind = kind, .key = w->fence_count, .thing = w->fence_count};
    /* Not in the order in which they are made. */
    snprintf(f->id, sizeof f->id, "f%c%u", 'a' + (int)((w->seed + 7 * w->fence_count) % 23), w->fence_count);
    w->fence_count++;
    return f;
}

/* Beside, over or within one that is there, or somewhere. */
struct spot world_place(const struct world_made *w, struct chance *c)
{
    struct spot p = {chance_between(c, -900, 900), chance_between(c, -900, 900)};
    uint32_t others = w->fence_count > 0 ? w->fence_count - 1 : 0; /* the last is the one to be placed */
    if (others == 0 || chance_one_in(c, 2))
        return p;
    const struct shape *s = &w->fences[chance_below(c, others)].shape;
    return spot_towards(shape_middle(s), p, chance_between(c, 0, 1.1) * shape_reach(s));
}

void world_shape(struct world_made *w, struct made_fence *f, struct chance *c, double low, double high)
{
    struct spot p = world_place(w, c);
    switch (chance_below(c, 8)) {
    case 0:
    case 1:
        shape_corridor(&f->shape, c, p);
        return;
    case 2:
    case 3:
        shape_strip(&f->shape, c, p);
        return;
    case 4:
        shape_circle(&f->shape, c, p);
        return;
    default:
        shape_polygon(&f->shape, c, p, low, high);
    }
}

/* Of the day, near the drives' times; opens or closes while they drive. */
static struct made_hours some_hours(struct chance *c)
{
    int edge = 8 * 60 + (int)chance_below(c, 20);
    return chance_one_in(c, 2) ? (struct made_hours){true, edge - 180, edge}
                               : (struct made_hours){true, edge, edge + 300};
}

/* A rule of a few, so that some have the same. */
static void some_rule(struct made_fence *f, struct chance *c)
{
    if (chance_one_in(c, 5))
        f->hours = some_hours(c);
    if (chance_one_in(c, 6))
        f->classes = 1u << (1 + chance_below(c, 2));
    if (chance_one_in(c, 6))
        f->company = (enum company)(1 + chance_below(c, 2));
    if (chance_one_in(c, 6))
        f->reason = chance_one_in(c, 2) ? "school" : "works";
    if (chance_one_in(c, 6))
        snprintf(f->group, sizeof f->group, "g%u", chance_below(c, 2));
}

static void add_bans(struct world_made *w, struct chance *c)
{
    for (uint32_t n = 2 + chance_below(c, 5); n > 0; n--) {
        struct made_fence *f = world_fence(w, "banned");
        world_shape(w, f, c, 40, 900);
        some_rule(f, c);
    }
}

static void add_limits(struct world_made *w, struct chance *c)
{
    for (uint32_t n = 1 + chance_below(c, 4); n > 0; n--) {
        struct made_fence *f = world_fence(w, "speed");
        world_shape(w, f, c, 100, 1400);
        some_rule(f, c);
        f->limit_kmh = 10 + 10 * (int)chance_below(c, 5);
    }
}

static void add_areas(struct world_made *w, struct chance *c)
{
    for (uint32_t n = 1 + chance_below(c, 3); n > 0; n--) {
        struct made_fence *f = world_fence(w, "area");
        shape_polygon(&f->shape, c, world_place(w, c), 400, 2500);
        some_rule(f, c);
        f->hours = some_hours(c);
    }
}

static void add_places(struct world_made *w, struct chance *c)
{
    static const char *const kinds[] = {"depot",    "disposal",   "wash", "no_tipping",
                                        "district", "collection", "sweep"};
    for (uint32_t n = 2 + chance_below(c, 5); n > 0; n--) {
        uint32_t which = chance_below(c, 7);
        struct made_fence *f = world_fence(w, kinds[which]);
        world_shape(w, f, c, 60, which == 4 ? 2000 : 400);
        if (which == 4)
            f->jurisdiction = chance_one_in(c, 2) ? "city/east" : "city/west/harbour";
        if (which == 6)
            f->road_class = chance_one_in(c, 2) ? "primary" : "service";
    }
}

static void add_vehicles(struct world_made *w, struct chance *c, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        w->vehicles[i] = (struct made_vehicle){.class = (enum vehicle_class)chance_below(c, CLASS_OF_NOBODY),
                                               .company = (enum company)chance_below(c, COMPANY_OF_NOBODY)};
        snprintf(w->vehicles[i].id, sizeof w->vehicles[i].id, "v%c%u", 'a' + (int)((w->seed + 5 * i) % 11),
                 i);
    }
    w->vehicle_count = count;
}

/* For vehicles that do not haul: what they may do beside it. */
static void add_permits(struct world_made *w, struct chance *c)
{
    for (uint32_t i = 0; i < w->vehicle_count && w->permit_count < PERMITS_MAX; i++) {
        if (!chance_one_in(c, 3))
            continue;
        struct made_permit *p = &w->permits[w->permit_count];
        *p = (struct made_permit){.vehicles = 1u << i, .site = -1};
        snprintf(p->id, sizeof p->id, "p%c%u", 'a' + (int)((w->seed + 3 * i) % 7), w->permit_count++);
        if (chance_one_in(c, 2))
            p->hours = some_hours(c);
    }
}

void world_make(struct world_made *w, uint64_t seed, unsigned themes)
{
    struct chance c = chance_of(seed, 1);
    w->seed = seed;
    w->fence_count = w->permit_count = 0;
    memset(w->drives, 0, sizeof w->drives);
    add_vehicles(w, &c, 2 + chance_below(&c, 2));
    bool hauls = (themes & THEME_HAULS) != 0, plain = (themes & THEME_PLAIN) != 0;
    if (hauls)
        haul_make(w, 0);
    if (themes & THEME_BANS && !(themes == THEME_ALL && chance_one_in(&c, 3)))
        add_bans(w, &c);
    if (themes & THEME_LIMITS && !(themes == THEME_ALL && chance_one_in(&c, 3)))
        add_limits(w, &c);
    if (themes & THEME_AREAS && !(themes == THEME_ALL && chance_one_in(&c, 3)))
        add_areas(w, &c);
    if (themes & THEME_PLACES && !(themes == THEME_ALL && chance_one_in(&c, 3)))
        add_places(w, &c);
    if (!plain && (!hauls || themes == THEME_ALL))
        add_permits(w, &c);
    for (uint32_t i = 0; i < w->vehicle_count; i++) {
        if (plain)
            plain_make(w, i);
        else if (!hauls || i > 0)
            drive_make(w, i, themes);
        w->drives[i].start_ms =
            MORNING_MS + (int64_t)chance_below(&c, 600) * 1000 + (int64_t)chance_below(&c, 1000);
    }
}
