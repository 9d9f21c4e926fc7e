/*
 * audit: whether the truth is honest: what a driver truly does, held against the world as the contract words
 * it, with nothing taken off for errors.
 *
 * The fleet's reason for being is that every finding about it is false. This looks, fix by fix, at true
 * places: 4.5 m and more from every ban in force, inside the permitted way while loaded, no faster than any
 * limit, moving only in permitted hours, loading and tipping where the permit says and not elsewhere, washed,
 * covered, no heavier than allowed, standing outside no longer than 25 minutes.
 */
#ifndef MW_HONEST_AUDIT_H
#define MW_HONEST_AUDIT_H

#include "driver.h"
#include "world.h"

enum fault {
    FAULT_BAN,
    FAULT_SPEED,
    FAULT_HOURS,
    FAULT_WAY,
    FAULT_PERMIT, /* none in force names vehicle and site */
    FAULT_LOADS,
    FAULT_TIPS,
    FAULT_WASHES,
    FAULT_UNWASHED,
    FAULT_STAYS,
    FAULT_COVER,
    FAULT_WEIGHT,
    FAULT_BODY,
    FAULT_COUNT
};

struct audit {
    const struct world *world;
    int64_t stood_since_ms;  /* outside places; INT64_MAX: it does not stand there */
    bool washed, was_inside; /* on this haul; of the site */
    uint64_t looked;
    uint32_t faults, of[FAULT_COUNT];
};

void audit_begin(struct audit *a, const struct world *world);

/* Looks at the driver as he is; says each fault on stderr, the first twenty. */
void audit_look(struct audit *a, const struct driver *d);

#endif
