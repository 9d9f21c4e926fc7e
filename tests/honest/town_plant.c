/*
 * What is planted in the town: permits with a flaw, ways to go astray, and bans and zones in the way of one
 * vehicle each, which no other has to mind (they name its company).
 */
#include "town.h"

#include <stdio.h>
#include <string.h>

/* Bans and zones keep away from the ends of a way, where places are. */
#define ENDS_CLEAR_M 150.0

bool town_permit_covers(const struct town_permit *p, int site)
{
    return p->flaw == DEED_NONE && (p->site == site || !p->names_site);
}

/* ---- permits ---- */

/* A site for itself, whose ground no other site of the vehicle has part in. */
static int lone_site(const struct town *t, const struct town_vehicle *v, struct dice *dice)
{
    for (int tries = 0; tries < 1000; tries++) {
        int i = (int)dice_below(dice, t->places.count);
        const struct place *p = &t->places.list[i];
        bool fits = p->kind == PLACE_SITE && p->outer < 0 && p->neighbour < 0;
        for (int k = 0; k < v->permit_count; k++)
            fits = fits && spot_distance_m(p->gate, t->places.list[v->permits[k].site].gate) > 300;
        for (uint32_t k = 0; k < t->places.count; k++)
            fits = fits && t->places.list[k].outer != i;
        if (fits)
            return i;
    }
    return -1;
}

static int stray_disposal(const struct town *t, const struct town_vehicle *v, struct dice *dice)
{
    for (int tries = 0; tries < 1000; tries++) {
        int i = (int)dice_below(dice, t->places.count);
        bool fits = t->places.list[i].kind == PLACE_DISPOSAL;
        for (int k = 0; k < v->permit_count; k++)
            for (int n = 0; n < v->permits[k].disposal_count; n++) {
                const struct place *named = &t->places.list[v->permits[k].disposals[n]];
                fits = fits && spot_distance_m(t->places.list[i].gate, named->gate) > 400;
            }
        if (fits)
            return i;
    }
    return -1;
}

void town_plant_permits(struct town *t, struct town_vehicle *v, struct dice *dice)
{
    static const enum deed flaws[] = {DEED_UNNAMED, DEED_OTHER_SITE, DEED_EXPIRED, DEED_SUSPENDED};
    bool routes = dice_chance(dice, 0.6);
    for (int i = 0; i < v->permit_count; i++)
        v->permits[i].names_routes = routes;
    v->stray = stray_disposal(t, v, dice);
    /* What no load sensor shows is not held against a vehicle (docs/RULES.md, no_permit). */
    if (v->permit_count == PERMITS_MAX || !v->unit.load)
        return;
    struct town_permit *p = &v->permits[v->permit_count];
    int site = lone_site(t, v, dice);
    if (site < 0)
        return;
    for (int i = 0; i < v->permit_count; i++)
        v->permits[i].names_site = true;
    *p = v->permits[0];
    p->site = site;
    p->two_ways = p->names_routes = false;
    v->permit_count++;
    p->id[strlen(p->id) - 1] = (char)('0' + v->permit_count); /* they end with their number */
    p->flaw = flaws[dice_below(dice, 4)];
    p->stated_site = lone_site(t, v, dice);
    if (p->flaw == DEED_OTHER_SITE && p->stated_site < 0)
        p->flaw = DEED_UNNAMED;
}

/* ---- ways ---- */

static void plan_round(struct town *t, struct town_vehicle *v, struct dice *dice)
{
    uint32_t home = t->places.list[v->depot].node, at = home;
    struct street_path path;
    double length_m = 0;
    for (int tries = 0; tries < 2000 && v->tour_count < TOUR_MAX - 1 && length_m < 8000; tries++) {
        uint32_t next = dice_below(dice, (uint32_t)t->net.node_count);
        if (!t->strong[next] || next == at || next == home ||
            !street_net_route(&t->net, t->truck_cost, at, next, &path) || path.length_m < 1200)
            continue;
        town_add_tour_leg(t, v, &path);
        length_m += path.length_m;
        at = next;
    }
    if (at != home && street_net_route(&t->net, t->truck_cost, at, home, &path))
        town_add_tour_leg(t, v, &path);
    else
        v->tour_count = 0;
}

void town_plant_ways(struct town *t, struct town_vehicle *v, struct dice *dice)
{
    for (int i = 0; i < v->permit_count; i++) {
        const struct town_permit *p = &v->permits[i];
        for (int k = 0; k < p->disposal_count; k++)
            town_leg(t, p->site, p->disposals[k], 1);
        if (v->stray < 0)
            continue;
        town_leg(t, p->site, v->stray, 0);
        town_leg(t, v->stray, p->site, 0);
        town_leg(t, v->stray, v->depot, 0);
    }
    plan_round(t, v, dice);
}

/* ---- bans and zones ---- */

enum { SPAN_MAX = 400 };

/* A stretch of a way: its points. */
struct span {
    struct spot points[SPAN_MAX];
    uint32_t count;
    double ahead_m; /* of the leg before it */
    float cap_mps;  /* the lowest of its streets */
};

double town_from_corridors_m(const struct town *t, const struct town_vehicle *v, struct spot s)
{
    double best = INFINITY;
    for (int i = 0; i < v->permit_count; i++) {
        const struct town_permit *p = &v->permits[i];
        for (int k = 0; p->flaw == DEED_NONE && p->names_routes && k < p->disposal_count; k++)
            for (int variant = 0; variant <= (p->two_ways ? 1 : 0); variant++) {
                const struct leg *leg = &t->legs[t->leg_of[variant][p->site][p->disposals[k]]];
                for (uint32_t n = 0; n + 1 < leg->count; n++)
                    best = fmin(best, spot_leg_distance_m(s, leg->points[n].at, leg->points[n + 1].at));
            }
    }
    return best;
}

/* From a point of a leg so long that driving it takes `s`, free of tunnels; false if it does not fit. */
static bool cut_span(const struct town *t, const struct town_vehicle *v, const struct leg *leg, uint32_t from,
                     double s, double free_m, struct span *out)
{
    double before_m = 0, behind_m = leg->length_m, took_s = 0;
    out->count = 0;
    out->cap_mps = INFINITY;
    for (uint32_t i = 0; i + 1 < leg->count && took_s < s; i++) {
        double part_m = spot_distance_m(leg->points[i].at, leg->points[i + 1].at);
        behind_m -= part_m;
        if (i < from) {
            before_m += part_m;
            continue;
        }
        bool fits = out->count < SPAN_MAX && before_m >= ENDS_CLEAR_M && behind_m >= ENDS_CLEAR_M &&
                    !(leg->points[i].flags & WAY_TUNNEL) &&
                    (free_m == 0 || town_from_corridors_m(t, v, leg->points[i].at) > free_m);
        if (!fits)
            return false;
        out->points[out->count++] = leg->points[i].at;
        out->cap_mps = fminf(out->cap_mps, leg->points[i].cap_mps > 7.1f ? leg->points[i].cap_mps : 8.3f);
        float mps = fminf(leg->points[i].cap_mps, leg->points[i].zone_mps);
        took_s += part_m / (double)mps / 1.05;
    }
    return took_s >= s && out->count >= 2;
}

/* The empty ways of a truck, and without corridors the loaded ones. */
static const struct leg *throw_leg(const struct town *t, const struct town_vehicle *v, bool loaded,
                                   struct dice *dice)
{
    const struct town_permit *p = &v->permits[dice_below(dice, (uint32_t)v->permit_count)];
    int tip = p->disposals[dice_below(dice, (uint32_t)p->disposal_count)];
    int32_t leg = loaded && dice_chance(dice, 0.5) ? t->leg_of[0][p->site][tip]
                  : dice_chance(dice, 0.25)        ? t->leg_of[0][v->depot][p->site]
                                                   : t->leg_of[0][tip][p->site];
    return &t->legs[leg];
}

static struct plant *keep_plant(struct town *t, struct town_vehicle *v, enum deed deed, bool deep,
                                const struct strip_look *look, const struct spot *points, uint32_t count)
{
    struct plant *p = &v->plants[v->plant_count++];
    struct spot *kept = must_take(&t->arena, count, sizeof *kept);
    memcpy(kept, points, count * sizeof *kept);
    *p = (struct plant){deed, deep, kept, count, look->radius_m, look->limit_kmh, points[0], points[0]};
    for (uint32_t i = 0; i < count; i++) {
        p->low.east_m = fmin(p->low.east_m, points[i].east_m);
        p->low.north_m = fmin(p->low.north_m, points[i].north_m);
        p->high.east_m = fmax(p->high.east_m, points[i].east_m);
        p->high.north_m = fmax(p->high.north_m, points[i].north_m);
    }
    double reach_m = look->radius_m + 4 * t->planting->error_m + 20;
    p->low.east_m -= reach_m, p->low.north_m -= reach_m;
    p->high.east_m += reach_m, p->high.north_m += reach_m;
    return p;
}

static const char *for_one(struct town *t, const struct town_vehicle *v)
{
    char *more = must_take(&t->arena, 48, 1);
    snprintf(more, 48, ",\"company\":\"c-%s\"", v->id);
    return more;
}

/* Across the way: a strip or a circle. Deep: 60 m and more of it inside. */
static void lay_across(struct town *t, struct town_vehicle *v, struct strip_look *look, enum deed deed,
                       bool deep, const struct span *span, struct dice *dice)
{
    const struct planting *p = t->planting;
    struct spot line[2], a = span->points[0], b = span->points[1];
    double beyond_m = deed_depth_m(p, true) + dice_between(dice, 15, 80);
    if (deed == DEED_BAN_STRIP) {
        look->radius_m = deep ? fmax(30.5, deed_depth_m(p, true) + 1) + dice_between(dice, 0, 10) : 15;
        line[0] = spot_beside(a, b, 0, beyond_m);
        line[1] = spot_beside(a, b, 0, -beyond_m);
    } else {
        look->radius_m = deep ? fmax(45, deed_depth_m(p, true) * 1.4) + dice_between(dice, 0, 60) : 60;
        double side_m = deep ? look->radius_m * dice_between(dice, -0.25, 0.25) : look->radius_m - p->error_m;
        line[0] = spot_beside(a, b, 0, side_m);
    }
    uint32_t count = deed == DEED_BAN_STRIP ? 2 : 1;
    town_lay_line(t, look, line, count, dice);
    keep_plant(t, v, deed, deep, look, line, count);
}

static bool lay_one(struct town *t, struct town_vehicle *v, enum deed deed, bool deep, struct dice *dice)
{
    static struct span span;
    const struct planting *p = t->planting;
    bool zone = deed_row(deed)->kind == KIND_SPEEDING;
    bool across = deed == DEED_BAN_STRIP || deed == DEED_BAN_WIDE;
    const struct leg *leg =
        throw_leg(t, v, zone || town_from_corridors_m(t, v, (struct spot){0, 0}) == INFINITY, dice);
    double long_s = across ? 10 : deed_lasts_s(p, deed, deep) * (zone ? 1.5 : 1.2);
    double free_m = zone ? 0 : CORRIDOR_HALF_M + deed_depth_m(p, true);
    if (!cut_span(t, v, leg, dice_below(dice, leg->count), long_s, free_m, &span))
        return false;
    struct strip_look look = {.name = zone ? "trap-slow" : "trap", .more = for_one(t, v)};
    look.pieces = deed == DEED_BAN_PIECES || deed == DEED_SPEED_PIECES;
    if (look.pieces && dice_chance(dice, 0.5))
        snprintf(look.group, sizeof look.group, "%s", v->id);
    look.limit_kmh = !zone ? 0 : span.cap_mps > 9 ? 20 : 15;
    if (across) {
        lay_across(t, v, &look, deed, deep, &span, dice);
        return true;
    }
    look.radius_m = deed_depth_m(p, deep) + (deep ? dice_between(dice, 3, 15) : 1);
    town_lay_line(t, &look, span.points, span.count, dice);
    keep_plant(t, v, deed, deep, &look, span.points, span.count);
    return true;
}

void town_plant_bans(struct town *t, struct dice *dice)
{
    static const enum deed bans[] = {DEED_BAN_DRIVE, DEED_BAN_PIECES, DEED_BAN_STRIP, DEED_BAN_WIDE};
    static const enum deed zones[] = {DEED_SPEED_PIECES, DEED_SPEED_WHOLE};
    for (uint32_t i = 0; i < TOWN_TRUCKS; i++) {
        struct town_vehicle *v = &t->vehicles[i];
        bool deep = dice_chance(dice, 0.75), done = false;
        uint32_t sort = dice_below(dice, 4), zone = dice_below(dice, 2);
        for (int tries = 0; tries < 200 && !done; tries++)
            done = lay_one(t, v, bans[(sort + (uint32_t)tries / 50) % 4], deep, dice);
        done = false;
        deep = dice_chance(dice, 0.75);
        for (int tries = 0; tries < 100 && !done; tries++)
            done = lay_one(t, v, zones[zone], deep, dice);
    }
}
