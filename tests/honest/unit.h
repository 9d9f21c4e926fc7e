/*
 * unit: what the unit of a vehicle says of what its driver does: a fix each interval, with the receiver's
 * error, tunnels, and the sensors that are wired to it.
 */
#ifndef MW_HONEST_UNIT_H
#define MW_HONEST_UNIT_H

#include "driver.h"
#include "fix.h"
#include "meter.h"
#include "receiver.h"

struct unit {
    struct driver driver;
    struct receiver receiver;
    struct dice dice;
    double eph_m;
    int64_t interval_ms;
    uint64_t seq;
    char boot[12];
    struct spot held; /* where it was seen last, in a tunnel */
    double held_mps, held_deg;
    bool in_tunnel, flickered;
    struct spot frozen_at; /* of the planted run */
    bool frozen;
    struct meter *meter; /* NULL: honest */
};

void unit_start(struct unit *u, struct town *town, const struct town_vehicle *vehicle, uint64_t seed,
                double error95_m, int64_t interval_ms, int64_t now_ms);
void unit_stop(struct unit *u);
/* The next fix, an interval after the last; false where the unit says nothing. It borrows from the unit. */
bool unit_next(struct unit *u, struct fix *out);

#endif
