/*
 * bound: where the engine stops looking, so that a fix has a cost and a state a size.
 *
 * Each is far beyond what a city has. What did not fit is left out, and told: in the outcome by its bit, in
 * log, metric and replay by its name; never dropped without a word. What is never in force again for the
 * vehicle counts for nothing.
 */
#ifndef MW_BOUND_H
#define MW_BOUND_H

#include <stddef.h>

enum bound {
    BOUND_FENCES = 1 << 0,   /* more fences over one place than are looked at */
    BOUND_PATHS = 1 << 1,    /* more on one path */
    BOUND_EPISODES = 1 << 2, /* more episodes at once than a vehicle's state holds */
    BOUND_YARDS = 1 << 3,    /* more sites, or disposals, at a time than it holds */
    BOUND_PERMITS = 1 << 4, /* more permits of one haul were broken than it holds: the others count as kept */
};

#define BOUND_COUNT 5

/* Of the bit at this place; "" beyond them. */
const char *bound_name(size_t place);

#endif
