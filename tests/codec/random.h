/* random: a small seeded generator for property tests (xorshift64*, Vigna 2016). The seed is fixed and
 * printed. */
#ifndef MW_TEST_RANDOM_H
#define MW_TEST_RANDOM_H

#include <stdint.h>
#include <stdio.h>

struct random {
    uint64_t state;
};

static inline struct random random_seeded(uint64_t seed)
{
    printf("seed %llu\n", (unsigned long long)seed);
    return (struct random){seed * 2685821657736338717u + 1};
}

static inline uint64_t random_next(struct random *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * 2685821657736338717u;
}

/* From 0 to n - 1. */
static inline unsigned random_below(struct random *r, unsigned n)
{
    return (unsigned)((random_next(r) >> 33) % n);
}

/* From lo to hi. */
static inline double random_between(struct random *r, double lo, double hi)
{
    return lo + (hi - lo) * (double)(random_next(r) >> 11) / 9007199254740992.0;
}

#endif
