/* Who drives: trucks with their permits, sweepers with their tours, and what is wired to their units. */
#include "town.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void town_vehicle_id(uint32_t vehicle, char out[16])
{
    if (vehicle < TOWN_TRUCKS)
        snprintf(out, 16, "truck-%03u", vehicle % 1000);
    else
        snprintf(out, 16, "sweeper-%02u", (vehicle - TOWN_TRUCKS) % 100);
}

struct choice {
    int list[PLACES_MAX];
    uint32_t count;
};

static struct choice places_of(const struct town *t, enum place_kind kind)
{
    struct choice c = {.count = 0};
    for (uint32_t i = 0; i < t->places.count; i++)
        if (t->places.list[i].kind == kind && strncmp(t->places.list[i].id, "yard", 4) != 0)
            c.list[c.count++] = (int)i;
    return c;
}

static int choose(const struct choice *c, struct dice *dice)
{
    return c->list[dice_below(dice, c->count)];
}

static struct town_unit wire_unit(struct dice *dice, bool sweeper)
{
    struct town_unit u = {.says_eph = dice_chance(dice, 0.75),
                          .says_speed = dice_chance(dice, 0.85),
                          .numbers = dice_chance(dice, 0.5),
                          .others = dice_chance(dice, 0.7),
                          .tunnel = (enum tunnel_habit)dice_below(dice, 3)};
    if (sweeper)
        return u;
    u.load = dice_chance(dice, 0.65);
    u.body = dice_chance(dice, 0.8);
    u.cover = dice_chance(dice, 0.8);
    u.weight = u.load && dice_chance(dice, 0.5);
    u.height = dice_chance(dice, 0.3);
    u.wash_signal = dice_chance(dice, 0.25);
    return u;
}

/* ---- permits ---- */

static struct town_permit permit_of(const struct town_vehicle *v, int number, int site, int disposal,
                                    enum timetable_row hours, struct dice *dice)
{
    struct town_permit p = {.site = site, .disposals = {disposal}, .disposal_count = 1, .hours = hours};
    snprintf(p.id, sizeof p.id, "p-%s-%d", v->id, number);
    p.names_site = dice_chance(dice, 0.9);
    p.names_routes = dice_chance(dice, 0.85);
    p.two_ways = dice_chance(dice, 0.3);
    return p;
}

/*
 * One permit; two for a site and different disposals; two for the same haul at different hours; three, the
 * last for another site by night.
 */
static void give_permits(struct town *t, struct town_vehicle *v, int site, struct dice *dice)
{
    struct choice tips = places_of(t, PLACE_DISPOSAL), sites = places_of(t, PLACE_SITE);
    static const enum timetable_row single[] = {TIMETABLE_DAY, TIMETABLE_NIGHT, TIMETABLE_WORKDAYS,
                                                TIMETABLE_SPLIT, TIMETABLE_ALWAYS};
    int tip = choose(&tips, dice), other = choose(&tips, dice);
    while (other == tip)
        other = choose(&tips, dice);
    enum timetable_row hours = single[dice_below(dice, 5)];
    uint32_t pattern = dice_below(dice, 10);
    if (pattern < 3) {
        v->permits[v->permit_count++] = permit_of(v, 1, site, tip, hours, dice);
        if (pattern == 0) {
            v->permits[0].disposals[1] = other;
            v->permits[0].disposal_count = 2;
        }
    } else if (pattern < 6) {
        v->permits[v->permit_count++] = permit_of(v, 1, site, tip, hours, dice);
        v->permits[v->permit_count++] = permit_of(v, 2, site, other, hours, dice);
    } else if (pattern < 8) {
        v->permits[v->permit_count++] = permit_of(v, 1, site, tip, TIMETABLE_DAY, dice);
        v->permits[v->permit_count++] =
            permit_of(v, 2, site, pattern == 6 ? tip : other, TIMETABLE_NIGHT, dice);
    } else {
        v->permits[v->permit_count++] = permit_of(v, 1, site, tip, TIMETABLE_DAY, dice);
        v->permits[v->permit_count++] = permit_of(v, 2, site, other, TIMETABLE_DAY, dice);
        v->permits[v->permit_count++] = permit_of(v, 3, choose(&sites, dice), tip, TIMETABLE_NIGHT, dice);
        v->permits[2].names_site = true;
    }
}

/* All ways that a truck may drive are made now, so that bans keep off them. */
static void plan_ways(struct town *t, const struct town_vehicle *v)
{
    for (int i = 0; i < v->permit_count; i++) {
        const struct town_permit *p = &v->permits[i];
        town_leg(t, v->depot, p->site, 0);
        for (int k = 0; k < p->disposal_count; k++) {
            town_leg(t, p->site, p->disposals[k], 0);
            if (p->two_ways)
                town_leg(t, p->site, p->disposals[k], 1);
            town_leg(t, p->disposals[k], v->depot, 0);
            for (int other = 0; other < v->permit_count; other++)
                town_leg(t, p->disposals[k], v->permits[other].site, 0);
        }
    }
}

/* Rows of trucks along the back of a depot, or along its side where a neighbour lies behind it. */
static void give_parking(const struct town *t, struct town_vehicle *v, uint32_t number, struct dice *dice)
{
    const struct place *d = &t->places.list[v->depot];
    const struct ground *g = &d->ground;
    double along = dice_between(dice, 0.1, 0.9);
    if (d->neighbour >= 0) {
        v->park_across_m = g->across1_m - dice_between(dice, 2, 11);
        v->park_deep_m = g->deep0_m + along * (g->deep1_m - g->deep0_m);
    } else {
        v->park_across_m = g->across0_m + along * (g->across1_m - g->across0_m);
        v->park_deep_m = number % 4 == 3 ? (g->deep0_m + g->deep1_m) / 2 : g->deep1_m - 3;
    }
}

bool town_hire_trucks(struct town *t, struct dice *dice)
{
    struct choice depots = places_of(t, PLACE_DEPOT), sites = places_of(t, PLACE_SITE);
    for (uint32_t i = 0; i < TOWN_TRUCKS; i++) {
        struct town_vehicle *v = &t->vehicles[i];
        town_vehicle_id(i, v->id);
        v->depot = depots.list[i % depots.count];
        give_permits(t, v, sites.list[(i * 7) % sites.count], dice);
        give_parking(t, v, i / depots.count, dice);
        v->unit = wire_unit(dice, false);
        if (t->planting != NULL)
            town_plant_permits(t, v, dice);
        plan_ways(t, v);
        if (t->planting != NULL)
            town_plant_ways(t, v, dice);
    }
    return true;
}

/* ---- sweepers ---- */

/* Only streets that lie well inside the district. */
static void bound_district(struct town *t, struct district *d)
{
    d->cost = street_net_cost(&t->net, true);
    for (size_t i = 0; i < t->net.street_count; i++) {
        const struct street *s = &t->net.streets[i];
        for (uint32_t k = 0; k < s->count; k++)
            if (s->tunnel || !town_district_holds(d, s->points[k], 8))
                d->cost[i] = INFINITY;
    }
}

void town_add_tour_leg(struct town *t, struct town_vehicle *v, const struct street_path *path)
{
    must_reserve(&t->legs, &t->leg_cap, t->leg_count + 1, sizeof *t->legs);
    leg_make(&t->net, path, &t->arena, &t->legs[t->leg_count]);
    v->tour[v->tour_count++] = (uint32_t)t->leg_count++;
}

/* From the yard over some nodes of the district and home. */
static bool plan_tour(struct town *t, struct town_vehicle *v, const struct district *d, const uint8_t *reach,
                      struct dice *dice)
{
    uint32_t home = t->places.list[d->depot].node, at = home;
    struct street_path path;
    for (int tries = 0; tries < 20000 && v->tour_count < TOUR_MAX - 1; tries++) {
        uint32_t next = dice_below(dice, (uint32_t)t->net.node_count);
        if (!reach[next] || next == at || next == home ||
            !street_net_route(&t->net, d->cost, at, next, &path) || path.length_m > 1500)
            continue;
        town_add_tour_leg(t, v, &path);
        at = next;
    }
    if (at == home || !street_net_route(&t->net, d->cost, at, home, &path))
        return false;
    town_add_tour_leg(t, v, &path);
    return true;
}

bool town_hire_sweepers(struct town *t, struct dice *dice)
{
    struct district *fit[DISTRICTS_MAX];
    uint8_t *reach[DISTRICTS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->district_count; i++) {
        struct district *d = &t->districts[i];
        if (d->depot < 0)
            continue;
        bound_district(t, d);
        uint8_t *nodes = street_net_strong(&t->net, d->cost, t->places.list[d->depot].node);
        uint32_t n = 0;
        for (size_t k = 0; k < t->net.node_count; k++)
            n += nodes[k];
        if (n < 12)
            continue;
        reach[count] = nodes;
        fit[count++] = d;
    }
    for (uint32_t i = 0; i < TOWN_SWEEPERS && count > 0; i++) {
        struct town_vehicle *v = &t->vehicles[TOWN_TRUCKS + i];
        struct district *d = fit[i % count];
        town_vehicle_id(TOWN_TRUCKS + i, v->id);
        v->sweeper = true;
        v->depot = d->depot;
        v->district = (int)(d - t->districts);
        v->shift = d->areas[i / count % d->area_count];
        give_parking(t, v, i / count, dice);
        v->unit = wire_unit(dice, true);
        if (!plan_tour(t, v, d, reach[i % count], dice)) {
            fprintf(stderr, "honest: district %c has no tour\n", d->letter);
            return false;
        }
    }
    if (count == 0)
        fprintf(stderr, "honest: no district has room for sweepers\n");
    return count > 0;
}
