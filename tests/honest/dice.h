/*
 * dice: chance for the honest fleet: a seeded generator (SplitMix64; Steele, Lea, Flood 2014) and the few
 * distributions it needs. Every vehicle has dice of its own, so that one more throw of one changes no other.
 */
#ifndef MW_HONEST_DICE_H
#define MW_HONEST_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* Dice for one purpose of one seed: other purposes throw independently of them. */
struct dice dice_of(uint64_t seed, uint64_t purpose);
uint64_t dice_next(struct dice *d);
/* In [0, 1). */
double dice_unit(struct dice *d);
double dice_between(struct dice *d, double lo, double hi);
/* 0 to n - 1. */
uint32_t dice_below(struct dice *d, uint32_t n);
bool dice_chance(struct dice *d, double probability);
/* Normal, mean 0, deviation 1. */
double dice_normal(struct dice *d);

#endif
