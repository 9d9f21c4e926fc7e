/*
 * nearby: a set of places in the plane, asked how near the nearest of them is.
 *
 * Lines go in as a place each 2 m, so a distance is at most 0.1 m too large from 5 m on.
 */
#ifndef MW_HONEST_NEARBY_H
#define MW_HONEST_NEARBY_H

#include "plane.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nearby {
    struct spot *spots;
    size_t count, cap;
    uint32_t *first; /* by cell; made by nearby_sort */
};

void nearby_free(struct nearby *n);
void nearby_add_line(struct nearby *n, struct spot a, struct spot b);
/* Makes it ready for questions. */
void nearby_sort(struct nearby *n);
/* Metres to the nearest place, or max_m if none is nearer. */
double nearby_distance_m(const struct nearby *n, struct spot p, double max_m);
/* The same of the nearest to a line from a to b. */
double nearby_line_m(const struct nearby *n, struct spot a, struct spot b, double max_m);

#endif
