/*
 * backoff: how long to wait before the next attempt at something that keeps failing.
 *
 * The wait doubles from `min_ms` to `max_ms`, and of each wait the second half is left to chance, so that
 * many clients that have lost one server do not come back to it at once. Pure: random numbers come from the
 * seed.
 */
#ifndef MW_BACKOFF_H
#define MW_BACKOFF_H

#include <stdint.h>

/* Doubling stops here, long after any max_ms is reached. */
enum { BACKOFF_DOUBLINGS = 16 };

struct backoff {
    uint32_t min_ms, max_ms;
    uint32_t attempt; /* how many have failed since the last success */
    uint64_t random;
};

/* `min_ms` below 2^16; a `max_ms` below it counts. Any seed will do; two clients should have two. */
void backoff_init(struct backoff *b, uint32_t min_ms, uint32_t max_ms, uint64_t seed);
/* After a failure: the wait until the next attempt. */
uint32_t backoff_next_ms(struct backoff *b);
/* After a success. */
void backoff_reset(struct backoff *b);

#endif
