/*
 * leg: a way along streets as it is driven: on the right side, with the speed each part allows.
 *
 * Made once from a path and shared by all who drive it. Points stand at most 15 m apart.
 */
#ifndef MW_HONEST_LEG_H
#define MW_HONEST_LEG_H

#include "street_net.h"

enum way_flag { WAY_LIGHT = 1, WAY_TUNNEL = 2, WAY_CANYON = 4, WAY_PLACE = 8 };

struct way_point {
    struct spot at;
    float cap_mps;  /* what street and bend ask of a driver who is neither hasty nor slow */
    float zone_mps; /* what a speed zone allows him; INFINITY: no zone */
    uint8_t flags;  /* of the way from here to the next point */
};

struct leg {
    struct way_point *points;
    uint32_t count;
    double length_m;
    double free_s; /* at the caps */
    uint32_t lights;
    struct street_path path;
};

void leg_make(const struct street_net *net, const struct street_path *path, struct arena *arena,
              struct leg *out);
/* The middle of the streets of a path, as a route is drawn; returns the number of points, at most cap. */
uint32_t leg_drawn(const struct street_net *net, const struct street_path *path, struct spot *out,
                   uint32_t cap);

#endif
