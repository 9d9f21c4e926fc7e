/*
 * place: a site, disposal or depot: a rectangle of ground beside a street, with a gate on it.
 *
 * `across` runs along the street, `deep` away from it, both in metres from the gate, which is a node of the
 * street net. The ground keeps clear of every street and of other places, except where one lies in or beside
 * another on purpose.
 */
#ifndef MW_HONEST_PLACE_H
#define MW_HONEST_PLACE_H

#include "dice.h"
#include "nearby.h"
#include "street_net.h"

enum place_kind { PLACE_SITE, PLACE_DISPOSAL, PLACE_DEPOT };

struct ground {
    double across0_m, across1_m, deep0_m, deep1_m;
};

struct place {
    char id[16];
    enum place_kind kind;
    struct spot gate;
    double east, north; /* the direction of `across` */
    struct ground ground;
    uint32_t node;
    bool has_wash;
    struct ground wash;
    int outer;     /* the place it lies in; -1: none */
    int neighbour; /* the place it shares a border with; -1: none */
};

enum { PLACES_MAX = 128 };

struct places {
    struct place list[PLACES_MAX];
    uint32_t count;
};

struct spot place_spot(const struct place *p, double across_m, double deep_m);
/* How far inside its ground a place is; negative outside. */
double place_depth_m(const struct place *p, struct spot s);
/* The four corners of a ground, the first once more. */
void place_ring(const struct place *p, struct ground g, struct spot out[5]);

/* How far inside the nearest place of these kinds (bits by place_kind), or wash bay; negative outside. */
double places_depth_m(const struct places *places, struct spot s, unsigned kinds, bool wash);

/*
 * Finds ground of this width along a street and depth. `count` places stand side by side on it, each with its
 * gate. `strong` says which nodes a gate's street must lie between. Returns the place of the first, -1 if
 * there is no such ground.
 */
struct place_wish {
    double width_m, depth_m, setback_m;
    uint32_t count;
    double gap_m;                                      /* between neighbours */
    uint8_t *strong;                                   /* with room for the nodes that gates become */
    bool (*wanted)(void *context, struct spot corner); /* NULL: anywhere */
    void *context;
};
int places_find(struct places *places, struct street_net *net, const struct nearby *streets,
                const struct place_wish *wish, struct dice *dice);

#endif
