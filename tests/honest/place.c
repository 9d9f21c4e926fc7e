#include "place.h"

#include <stdio.h>

/* Ground keeps so far from the middle of every street, and from other ground. */
#define STREET_CLEAR_M 12.0
#define GROUND_CLEAR_M 60.0
/* Gates keep away from crossings. */
#define GATE_CLEAR_M 15.0

struct spot place_spot(const struct place *p, double across_m, double deep_m)
{
    /* `deep` points to the left of `across`. */
    return (struct spot){p->gate.east_m + p->east * across_m - p->north * deep_m,
                         p->gate.north_m + p->north * across_m + p->east * deep_m};
}

double place_depth_m(const struct place *p, struct spot s)
{
    double e = s.east_m - p->gate.east_m, n = s.north_m - p->gate.north_m;
    double across = e * p->east + n * p->north, deep = -e * p->north + n * p->east;
    const struct ground *g = &p->ground;
    return fmin(fmin(across - g->across0_m, g->across1_m - across),
                fmin(deep - g->deep0_m, g->deep1_m - deep));
}

double places_depth_m(const struct places *places, struct spot s, unsigned kinds, bool wash)
{
    double best = -INFINITY;
    for (uint32_t i = 0; i < places->count; i++) {
        struct place p = places->list[i];
        if (kinds & 1u << p.kind)
            best = fmax(best, place_depth_m(&p, s));
        if (wash && p.has_wash) {
            p.ground = p.wash;
            best = fmax(best, place_depth_m(&p, s));
        }
    }
    return best;
}

void place_ring(const struct place *p, struct ground g, struct spot out[5])
{
    out[0] = out[4] = place_spot(p, g.across0_m, g.deep0_m);
    out[1] = place_spot(p, g.across1_m, g.deep0_m);
    out[2] = place_spot(p, g.across1_m, g.deep1_m);
    out[3] = place_spot(p, g.across0_m, g.deep1_m);
}

static bool spot_is_free(const struct places *places, const struct nearby *streets,
                         const struct place_wish *wish, struct spot s)
{
    if (nearby_distance_m(streets, s, STREET_CLEAR_M) < STREET_CLEAR_M)
        return false;
    for (uint32_t i = 0; i < places->count; i++)
        if (place_depth_m(&places->list[i], s) > -GROUND_CLEAR_M)
            return false;
    return wish->wanted == NULL || wish->wanted(wish->context, s);
}

static bool ground_is_free(const struct places *places, const struct nearby *streets,
                           const struct place_wish *wish, const struct place *frame)
{
    double half = wish->width_m / 2;
    for (double a = -half; a <= half; a += wish->width_m / 12)
        for (double d = 0; d <= wish->depth_m; d += wish->depth_m / 10)
            if (!spot_is_free(places, streets, wish, place_spot(frame, a, wish->setback_m + d)))
                return false;
    return true;
}

static bool street_serves(const struct street *s, const uint8_t *strong)
{
    return s->trucks && strong[s->from] && strong[s->to];
}

/* A frame on the middle of a street somewhere, on one of its sides. */
static bool throw_frame(const struct street_net *net, const struct place_wish *wish, struct dice *dice,
                        struct place *out)
{
    const struct street *s = &net->streets[dice_below(dice, (uint32_t)net->street_count)];
    uint32_t leg = dice_below(dice, s->count - 1);
    bool other = dice_chance(dice, 0.5);
    if (!street_serves(s, wish->strong))
        return false;
    struct spot a = s->points[other ? leg + 1 : leg], b = s->points[other ? leg : leg + 1];
    double length_m = spot_distance_m(a, b);
    if (length_m < 8)
        return false;
    *out = (struct place){.gate = spot_between(a, b, dice_unit(dice)),
                          .east = (b.east_m - a.east_m) / length_m,
                          .north = (b.north_m - a.north_m) / length_m,
                          .outer = -1,
                          .neighbour = -1};
    return true;
}

/* Gives a part of the ground its own gate on the street before it. */
static bool open_gate(const struct street_net *net, const uint8_t *strong, struct place *p)
{
    struct spot at;
    size_t street = street_net_nearest(net, p->gate, GATE_CLEAR_M, 4, &at);
    if (street == SIZE_MAX || !street_serves(&net->streets[street], strong))
        return false;
    p->gate = at;
    return true;
}

static bool gates_fit(struct street_net *net, const struct place_wish *wish, const struct place *frame,
                      struct place *out)
{
    double part_m = wish->width_m / wish->count;
    for (uint32_t i = 0; i < wish->count; i++) {
        double middle_m = -wish->width_m / 2 + part_m * (i + 0.5);
        struct place *p = &out[i];
        *p = *frame;
        p->gate = place_spot(frame, middle_m, 0);
        struct spot wished = p->gate;
        if (!open_gate(net, wish->strong, p))
            return false;
        /* The ground stays where it was found; the gate lies where the street really is. */
        double e = wished.east_m - p->gate.east_m, n = wished.north_m - p->gate.north_m;
        double across = e * p->east + n * p->north, deep = -e * p->north + n * p->east;
        double gap0 = i == 0 ? 0 : wish->gap_m / 2, gap1 = i + 1 == wish->count ? 0 : wish->gap_m / 2;
        p->ground = (struct ground){across - part_m / 2 + gap0, across + part_m / 2 - gap1,
                                    deep + wish->setback_m, deep + wish->setback_m + wish->depth_m};
    }
    return true;
}

int places_find(struct places *places, struct street_net *net, const struct nearby *streets,
                const struct place_wish *wish, struct dice *dice)
{
    struct place frame, found[4];
    if (places->count + wish->count > PLACES_MAX)
        return -1;
    for (int tries = 0; tries < 20000; tries++) {
        if (!throw_frame(net, wish, dice, &frame) || !ground_is_free(places, streets, wish, &frame) ||
            !gates_fit(net, wish, &frame, found))
            continue;
        int first = (int)places->count;
        for (uint32_t i = 0; i < wish->count; i++) {
            struct spot at;
            size_t street = street_net_nearest(net, found[i].gate, GATE_CLEAR_M / 2, 1, &at);
            if (street == SIZE_MAX)
                continue;
            found[i].node = street_net_split(net, street, found[i].gate);
            wish->strong[found[i].node] = 1;
            places->list[places->count++] = found[i];
        }
        if (places->count == (uint32_t)first + wish->count)
            return first;
        places->count = (uint32_t)first;
    }
    return -1;
}
