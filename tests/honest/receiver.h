/*
 * receiver: where a receiver says that it is.
 *
 * Its error wanders: a Gauss-Markov process an axis, whose 95 % radius is that of the run and whose time of
 * correlation, one to ten minutes, is the receiver's own. Between tall buildings it is now and then thrown 10
 * to 40 m to one side for 20 to 60 s.
 */
#ifndef MW_HONEST_RECEIVER_H
#define MW_HONEST_RECEIVER_H

#include "dice.h"
#include "plane.h"

struct receiver {
    struct dice dice;
    double sigma_m, tau_s;
    struct spot error; /* in metres */
    int64_t at_ms;
    int64_t thrown_from_ms, thrown_to_ms; /* the last excursion */
    struct spot thrown;
};

struct receiver receiver_of(struct dice dice, double error95_m, int64_t at_ms);
/* Moves its error on; `canyon_s` of the time since were driven between tall buildings. */
void receiver_advance(struct receiver *r, int64_t at_ms, double canyon_s);
struct spot receiver_sees(const struct receiver *r, struct spot truth);

#endif
