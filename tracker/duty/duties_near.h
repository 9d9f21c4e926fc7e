/*
 * duties_near: the collection duties of a vehicle that a stop may be of, by where it is.
 */
#ifndef MW_DUTIES_NEAR_H
#define MW_DUTIES_NEAR_H

#include "world.h"

#include <stdbool.h>
#include <stdint.h>

/* More have no point within the error of a place. */
enum { DUTIES_NEAR_MAX = 64 };

struct duties_near {
    uint32_t list[DUTIES_NEAR_MAX]; /* places in the world's duties, ascending */
    uint32_t count;
    bool full; /* there are more, or there was no memory to look */
};

void duties_near_find(struct duties_near *out, const struct world *world, const struct vehicle_info *vehicle,
                      struct mw_point at, double reach_m);

#endif
