/*
 * sim_chance: random numbers of a simulation: the same seed, the same run. Pure.
 */
#ifndef MW_SIM_CHANCE_H
#define MW_SIM_CHANCE_H

#include <stdint.h>

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t sim_random_u64(uint64_t *state);
/* Above 0 and below 1. */
double sim_random_unit(uint64_t *state);
/* When something happens next that happens each mean_s on average, exponentially; INT64_MAX for mean_s 0. */
int64_t sim_random_after_ms(uint64_t *state, int64_t now_ms, double mean_s);

#endif
