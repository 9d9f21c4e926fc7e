#include "town.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct spot spot_root(void)
{
    return (struct spot){0, 0};
}

static void find_strong(struct town *t)
{
    struct spot at;
    size_t street = street_net_nearest(&t->net, spot_root(), 0, 2000, &at);
    uint8_t *strong;
    t->truck_cost = street_net_cost(&t->net, true);
    while (t->truck_cost[street] == INFINITY)
        street++;
    strong = street_net_strong(&t->net, t->truck_cost, t->net.streets[street].from);
    t->strong = must_take(&t->arena, t->net.node_count + PLACES_MAX * 2, 1);
    memcpy(t->strong, strong, t->net.node_count);
}

static void mark_canyons(struct town *t, struct dice *dice)
{
    for (size_t i = 0; i < t->net.street_count; i++)
        t->net.streets[i].canyon = dice_chance(dice, 0.25);
}

static void spread_streets(struct town *t)
{
    for (size_t i = 0; i < t->net.street_count; i++)
        for (uint32_t k = 0; k + 1 < t->net.streets[i].count; k++)
            nearby_add_line(&t->streets, t->net.streets[i].points[k], t->net.streets[i].points[k + 1]);
    nearby_sort(&t->streets);
}

static void relink(struct town *t)
{
    street_net_link(&t->net);
    t->truck_cost = street_net_cost(&t->net, true);
}

static bool build(struct town *t, const char *data_dir, uint64_t seed)
{
    char path[512];
    struct dice dice = dice_of(seed, 1);
    snprintf(path, sizeof path, "%s/cambridge-streets/centerlines.geojson", data_dir);
    if (!street_net_read(&t->net, path, &t->arena))
        return false;
    snprintf(path, sizeof path, "%s/cambridge-streets/sweeping-districts.geojson", data_dir);
    if (!town_districts_read(t, path))
        return false;
    street_net_link(&t->net);
    mark_canyons(t, &dice);
    find_strong(t);
    spread_streets(t);
    if (!town_settle_places(t, &dice))
        return false;
    relink(t);
    town_dig_tunnels(t, &dice);
    if (!town_hire_trucks(t, &dice) || !town_hire_sweepers(t, &dice))
        return false;
    town_lay_bans(t, &dice);
    if (t->planting != NULL)
        town_plant_bans(t, &dice);
    return true;
}

struct town *town_new(const char *data_dir, uint64_t seed, const struct planting *planting)
{
    struct town *t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    arena_init(&t->arena);
    t->planting = planting;
    memset(t->leg_of, -1, sizeof t->leg_of);
    if (build(t, data_dir, seed))
        return t;
    town_free(t);
    return NULL;
}

void town_free(struct town *t)
{
    if (t == NULL)
        return;
    street_net_free(&t->net);
    nearby_free(&t->streets);
    nearby_free(&t->truck_ways);
    nearby_free(&t->all_ways);
    free(t->legs);
    free(t->strips);
    arena_fini(&t->arena);
    free(t);
}

/* The streets of a way made dear, so that another one is found. */
static bool route_around(struct town *t, int from, int to, struct street_path *out)
{
    const struct leg *first = town_way(t, from, to, 0);
    float *cost = malloc(t->net.street_count * sizeof *cost);
    if (cost == NULL)
        abort();
    memcpy(cost, t->truck_cost, t->net.street_count * sizeof *cost);
    for (uint32_t i = 0; i < first->path.count; i++)
        cost[first->path.steps[i] / 2] *= 2.5f;
    bool found = street_net_route(&t->net, cost, first->path.from, first->path.to, out);
    free(cost);
    return found;
}

uint32_t town_leg(struct town *t, int from, int to, int variant)
{
    int32_t *known = &t->leg_of[variant][from][to];
    struct street_path path;
    if (*known >= 0)
        return (uint32_t)*known;
    uint32_t a = t->places.list[from].node, b = t->places.list[to].node;
    bool found = variant == 0 ? street_net_route(&t->net, t->truck_cost, a, b, &path)
                              : route_around(t, from, to, &path);
    if (!found) {
        fprintf(stderr, "honest: no way from %s to %s\n", t->places.list[from].id, t->places.list[to].id);
        abort();
    }
    must_reserve(&t->legs, &t->leg_cap, t->leg_count + 1, sizeof *t->legs);
    leg_make(&t->net, &path, &t->arena, &t->legs[t->leg_count]);
    *known = (int32_t)t->leg_count;
    return (uint32_t)t->leg_count++;
}

const struct leg *town_way(struct town *t, int from, int to, int variant)
{
    uint32_t leg = town_leg(t, from, to, variant); /* may move the list */
    return &t->legs[leg];
}
