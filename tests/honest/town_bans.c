/*
 * Bans and zones, laid where the ways are known.
 *
 * Beside ways: on streets that nobody drives, along the driven ones, as circles next to them, behind depots
 * where vehicles park. Every one keeps BESIDE_M and more from all that is driven. Over ways: zones whose
 * limit the ways then keep to, and bans that are not in force for anyone here. Streets and zones are drawn in
 * pieces.
 */
#include "town.h"

#include <stdio.h>
#include <string.h>

/* From the middle of a vehicle to the edge of a ban, at least. */
#define BESIDE_M 5.0
/* Who drives into a zone has its speed so far before it. */
#define ZONE_BEFORE_M 8.0
/* Of the limit; a careful driver's margin. */
#define ZONE_SHARE 0.92

static void gather_ways(struct town *t)
{
    for (size_t i = 0; i < t->leg_count; i++)
        for (uint32_t k = 0; k + 1 < t->legs[i].count; k++)
            nearby_add_line(&t->all_ways, t->legs[i].points[k].at, t->legs[i].points[k + 1].at);
    for (uint32_t i = 0; i < t->places.count; i++) {
        const struct place *p = &t->places.list[i];
        nearby_add_line(&t->all_ways, p->gate, place_spot(p, 0, p->ground.deep0_m));
        struct spot ring[5];
        place_ring(p, p->ground, ring);
        for (int k = 0; k < 4; k++)
            nearby_add_line(&t->all_ways, ring[k], ring[k + 1]);
    }
    nearby_sort(&t->all_ways);
}

static struct strip *add_strip(struct town *t, const char *name, const struct spot *points, uint32_t count,
                               double radius_m)
{
    must_reserve(&t->strips, &t->strip_cap, t->strip_count + 1, sizeof *t->strips);
    struct strip *s = &t->strips[t->strip_count];
    *s = (struct strip){.count = count < STRIP_POINTS_MAX ? count : STRIP_POINTS_MAX, .radius_m = radius_m};
    snprintf(s->id, sizeof s->id, "%s-%zu", name, t->strip_count++);
    memcpy(s->points, points, s->count * sizeof *points);
    return s;
}

static void add_piece(struct town *t, const struct strip_look *look, const struct spot *points,
                      uint32_t count)
{
    struct strip *s = add_strip(t, look->name, points, count, look->radius_m);
    s->zone = look->limit_kmh > 0;
    s->limit_kmh = look->limit_kmh;
    s->trucks_only = look->trucks_only;
    s->more = look->more;
    memcpy(s->group, look->group, sizeof s->group);
}

/* A line of places some 8 m apart: as one strip or as pieces of 24 to 64 m that meet at their ends. */
void town_lay_line(struct town *t, const struct strip_look *look, const struct spot *line, uint32_t count,
                   struct dice *dice)
{
    uint32_t from = 0;
    if (count == 1)
        add_piece(t, look, line, 1);
    while (from + 1 < count) {
        uint32_t span = look->pieces ? 3 + dice_below(dice, 6) : STRIP_POINTS_MAX - 1;
        uint32_t to = from + span < count - 1 ? from + span : count - 1;
        add_piece(t, look, line + from, to - from + 1);
        from = to;
    }
}

enum { LINE_MAX = 256 };

/* Those of a line's longest run that keep their distance; returns how many, moved to the front. */
static uint32_t keep_clear(const struct town *t, struct spot *line, uint32_t count, double clear_m)
{
    uint32_t best = 0, best_at = 0, run = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool clear = nearby_distance_m(&t->all_ways, line[i], clear_m + 1) > clear_m;
        if (clear && run > 0)
            clear = nearby_line_m(&t->all_ways, line[i - 1], line[i], clear_m + 1) > clear_m;
        run = clear ? run + 1 : 0;
        if (run > best) {
            best = run;
            best_at = i + 1 - run;
        }
    }
    memmove(line, line + best_at, best * sizeof *line);
    return best;
}

static uint32_t cut_line(const struct spot *points, uint32_t count, struct spot *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i + 1 < count; i++) {
        uint32_t pieces = (uint32_t)ceil(spot_distance_m(points[i], points[i + 1]) / 8);
        for (uint32_t k = 0; k < pieces && n < LINE_MAX - 1; k++)
            out[n++] = spot_between(points[i], points[i + 1], (double)k / pieces);
    }
    out[n++] = points[count - 1];
    return n;
}

/* Pieces of one thing may say that they are. */
static void give_group(struct strip_look *look, struct dice *dice)
{
    if (look->pieces && dice_chance(dice, 0.4))
        snprintf(look->group, sizeof look->group, "g-%06x", dice_below(dice, 0x1000000));
}

static struct strip_look throw_look(struct dice *dice, double radius_m, bool zone)
{
    struct strip_look look = {
        .name = zone ? "slow" : "ban", .radius_m = radius_m, .trucks_only = dice_chance(dice, 0.7)};
    look.limit_kmh = zone ? 10 + 5 * dice_below(dice, 2) : 0;
    look.pieces = dice_chance(dice, 0.6);
    give_group(&look, dice);
    return look;
}

struct lane {
    struct spot *line;
    uint32_t count;
    double radius_m;
};

/* What of a line keeps its distance from all that is driven. False: too little. */
static bool lay_clear(struct town *t, struct dice *dice, const struct lane *lane, bool zone)
{
    uint32_t count = keep_clear(t, lane->line, lane->count, lane->radius_m + BESIDE_M);
    if (count < 4)
        return false;
    struct strip_look look = throw_look(dice, lane->radius_m, zone);
    town_lay_line(t, &look, lane->line, count, dice);
    return true;
}

static bool lay_on_street(struct town *t, struct dice *dice, bool zone)
{
    const struct street *s = &t->net.streets[dice_below(dice, (uint32_t)t->net.street_count)];
    struct spot line[LINE_MAX];
    uint32_t count = cut_line(s->points, s->count, line);
    double radius_m = dice_between(dice, 5, 10);
    return lay_clear(t, dice, &(struct lane){line, count, radius_m}, zone);
}

/* Along a driven way, BESIDE_M to 15 m from it. */
static bool lay_along(struct town *t, struct dice *dice, bool zone)
{
    const struct leg *leg = &t->legs[dice_below(dice, (uint32_t)t->leg_count)];
    struct spot line[LINE_MAX];
    double radius_m = dice_between(dice, 8, 14), side = dice_chance(dice, 0.5) ? 1 : -1;
    double away_m = side * (radius_m + BESIDE_M + 0.2 + dice_between(dice, 0, 10));
    uint32_t first = dice_below(dice, leg->count), count = 0;
    for (uint32_t i = first; i + 1 < leg->count && count < 30; i++)
        line[count++] = spot_beside(leg->points[i].at, leg->points[i + 1].at, 0, away_m);
    return lay_clear(t, dice, &(struct lane){line, count, radius_m}, zone);
}

static bool lay_circle(struct town *t, struct dice *dice, bool zone)
{
    const struct leg *leg = &t->legs[dice_below(dice, (uint32_t)t->leg_count)];
    uint32_t i = dice_below(dice, leg->count - 1);
    double radius_m = dice_between(dice, 15, 90), side = dice_chance(dice, 0.5) ? 1 : -1;
    double away_m = radius_m + BESIDE_M + dice_between(dice, 0.2, 10);
    struct spot at = spot_beside(leg->points[i].at, leg->points[i + 1].at, 0, side * away_m);
    if (nearby_distance_m(&t->all_ways, at, radius_m + BESIDE_M + 1) <= radius_m + BESIDE_M)
        return false;
    struct strip_look look = throw_look(dice, radius_m, zone);
    add_piece(t, &look, &at, 1);
    return true;
}

/* Behind the row of parked vehicles, 5 to 15 m from them. */
static void lay_behind_depots(struct town *t, struct dice *dice)
{
    for (uint32_t i = 0; i < t->places.count; i++) {
        const struct place *p = &t->places.list[i];
        double radius_m = 10, deep_m = p->ground.deep1_m - 3 + dice_between(dice, 5.2, 15) + radius_m;
        if (p->kind != PLACE_DEPOT || p->neighbour >= 0)
            continue;
        struct spot ends[2] = {place_spot(p, p->ground.across0_m, deep_m),
                               place_spot(p, p->ground.across1_m, deep_m)};
        /* Lanes lie up to 2.5 m beside the middle of a street. */
        double clear_m = radius_m + BESIDE_M + 3;
        bool free = nearby_line_m(&t->streets, ends[0], ends[1], clear_m + 1) > clear_m;
        struct spot line[LINE_MAX];
        uint32_t count = cut_line(ends, 2, line);
        struct strip_look look = throw_look(dice, radius_m, false);
        look.trucks_only = false;
        if (free)
            town_lay_line(t, &look, line, count, dice);
    }
}

/* Over driven ways: zones to be kept to, and bans that are not in force for anyone here. */
static void lay_over(struct town *t, struct dice *dice, bool zone)
{
    static const char *const asleep[] = {",\"classes\":[\"bus\"]", ",\"valid_to\":\"2026-03-31\"",
                                         ",\"hours\":\"2026 Dec 24-26\"", ",\"company\":\"nobody\""};
    const struct leg *leg = &t->legs[dice_below(dice, (uint32_t)t->leg_count)];
    struct spot line[LINE_MAX];
    uint32_t want = 12 + dice_below(dice, 30), count = 0;
    uint32_t first = dice_below(dice, leg->count);
    for (uint32_t i = first; i < leg->count && count < want; i++)
        line[count++] = leg->points[i].at;
    if (count < 4)
        return;
    struct strip_look look = {.name = zone ? "zone" : "asleep", .radius_m = dice_between(dice, 10, 15)};
    look.limit_kmh = zone ? 20 + 10 * dice_below(dice, 3) : 0;
    look.pieces = dice_chance(dice, 0.7);
    look.more = zone ? NULL : asleep[dice_below(dice, 4)];
    give_group(&look, dice);
    town_lay_line(t, &look, line, count, dice);
}

/* ---- bans that a permit leads through ---- */

/* From the edge of the corridor, inside it. */
#define CORRIDOR_INSIDE_M 10.0

struct leading {
    const struct strip_look *look;
    const struct spot *line, *corridor;
    uint32_t count, corridor_count;
    double half_m;
};

static double line_m(const struct spot *line, uint32_t count, struct spot s)
{
    double best_m = INFINITY;
    for (uint32_t i = 0; i + 1 < count; i++)
        best_m = fmin(best_m, spot_leg_distance_m(s, line[i], line[i + 1]));
    return best_m;
}

/* Whether a way keeps off the ban, or is well inside the corridor where it does not. */
static bool leg_may(const struct leading *l, const struct leg *leg)
{
    for (uint32_t i = 0; i < leg->count; i++)
        if (line_m(l->line, l->count, leg->points[i].at) < l->look->radius_m + BESIDE_M + 8 &&
            line_m(l->corridor, l->corridor_count, leg->points[i].at) > l->half_m - CORRIDOR_INSIDE_M)
            return false;
    return true;
}

/* All ways that the truck may drive. */
static bool truck_may(const struct town *t, const struct town_vehicle *v, const struct leading *l)
{
    int stops[PERMITS_MAX * (DISPOSALS_MAX + 1) + 2], count = 0;
    stops[count++] = v->depot;
    for (int i = 0; i < v->permit_count; i++) {
        stops[count++] = v->permits[i].site;
        for (int k = 0; k < v->permits[i].disposal_count; k++)
            stops[count++] = v->permits[i].disposals[k];
    }
    if (t->planting != NULL && v->stray >= 0)
        stops[count++] = v->stray;
    for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++)
            for (int variant = 0; variant < 2; variant++) {
                int32_t leg = t->leg_of[variant][stops[a]][stops[b]];
                if (leg >= 0 && !leg_may(l, &t->legs[leg]))
                    return false;
            }
    for (uint32_t i = 0; i < v->tour_count; i++)
        if (!leg_may(l, &t->legs[v->tour[i]]))
            return false;
    return true;
}

/* Over a way that a permit of the truck names: it may pass there, others are not concerned. */
static bool lay_permitted(struct town *t, const struct town_vehicle *v, struct dice *dice)
{
    static struct spot corridor[CORRIDOR_POINTS_MAX];
    const struct town_permit *p = &v->permits[dice_below(dice, (uint32_t)v->permit_count)];
    if (!p->names_routes || p->flaw != DEED_NONE)
        return false;
    uint32_t number = (uint32_t)t->leg_of[0][p->site][p->disposals[0]];
    const struct leg *leg = &t->legs[number];
    struct spot line[LINE_MAX];
    uint32_t want = 6 + dice_below(dice, 30), first = dice_below(dice, leg->count), count = 0;
    for (uint32_t i = first; i < leg->count && count < want; i++)
        line[count++] = leg->points[i].at;
    struct strip_look look = {.name = "through", .radius_m = dice_between(dice, 8, 18)};
    look.pieces = dice_chance(dice, 0.6);
    give_group(&look, dice);
    struct leading l = {.look = &look, .line = line, .corridor = corridor, .count = count};
    l.corridor_count = town_corridor(t, number, p->site, p->disposals[0], corridor, CORRIDOR_POINTS_MAX);
    l.half_m = town_corridor_half_m(number);
    if (count < 4 || !truck_may(t, v, &l))
        return false;
    char *more = must_take(&t->arena, 48, 1);
    snprintf(more, 48, ",\"company\":\"c-%s\"", v->id);
    look.more = more;
    town_lay_line(t, &look, line, count, dice);
    return true;
}

static void keep_to_zone(struct town *t, const struct strip *s)
{
    double reach_m = s->radius_m + ZONE_BEFORE_M;
    float zone_mps = (float)(s->limit_kmh / 3.6 * ZONE_SHARE);
    double e0 = INFINITY, e1 = -INFINITY, n0 = INFINITY, n1 = -INFINITY;
    for (uint32_t i = 0; i < s->count; i++) {
        e0 = fmin(e0, s->points[i].east_m - reach_m), e1 = fmax(e1, s->points[i].east_m + reach_m);
        n0 = fmin(n0, s->points[i].north_m - reach_m), n1 = fmax(n1, s->points[i].north_m + reach_m);
    }
    for (size_t k = 0; k < t->leg_count; k++)
        for (uint32_t n = 0; n < t->legs[k].count; n++) {
            struct way_point *p = &t->legs[k].points[n];
            if (p->at.east_m < e0 || p->at.east_m > e1 || p->at.north_m < n0 || p->at.north_m > n1)
                continue;
            for (uint32_t i = 0; i + 1 < s->count; i++)
                if (spot_leg_distance_m(p->at, s->points[i], s->points[i + 1]) < reach_m)
                    p->zone_mps = fminf(p->zone_mps, zone_mps);
        }
}

/* How long each leg takes at what its zones leave of its caps. */
static void time_legs(struct town *t)
{
    for (size_t i = 0; i < t->leg_count; i++) {
        struct leg *leg = &t->legs[i];
        leg->free_s = 0;
        for (uint32_t k = 0; k + 1 < leg->count; k++) {
            float mps =
                fminf(leg->points[k].cap_mps, fminf(leg->points[k].zone_mps, leg->points[k + 1].zone_mps));
            leg->free_s += spot_distance_m(leg->points[k].at, leg->points[k + 1].at) / (double)mps;
        }
    }
}

static void lay_many(struct town *t, struct dice *dice, bool (*lay)(struct town *, struct dice *, bool),
                     bool zone, int wanted)
{
    for (int tries = 0; wanted > 0 && tries < 20000; tries++)
        wanted -= lay(t, dice, zone);
}

void town_lay_bans(struct town *t, struct dice *dice)
{
    gather_ways(t);
    lay_many(t, dice, lay_on_street, false, 60);
    lay_many(t, dice, lay_along, false, 80);
    lay_many(t, dice, lay_circle, false, 40);
    lay_many(t, dice, lay_on_street, true, 15);
    lay_many(t, dice, lay_along, true, 25);
    lay_behind_depots(t, dice);
    for (int i = 0; i < 40; i++)
        lay_over(t, dice, true);
    for (int i = 0; i < 25; i++)
        lay_over(t, dice, false);
    for (uint32_t i = 0; i < TOWN_TRUCKS; i += 2)
        for (int tries = 0; tries < 10 && !lay_permitted(t, &t->vehicles[i], dice); tries++)
            ;
    for (size_t i = 0; i < t->strip_count; i++)
        if (t->strips[i].zone && strncmp(t->strips[i].id, "zone", 4) == 0)
            keep_to_zone(t, &t->strips[i]);
    time_legs(t);
}
