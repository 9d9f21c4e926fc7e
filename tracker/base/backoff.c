#include "backoff.h"

#include <assert.h>

void backoff_init(struct backoff *b, uint32_t min_ms, uint32_t max_ms, uint64_t seed)
{
    assert(min_ms < 1u << BACKOFF_DOUBLINGS); /* it is shifted by less than the rest of 32 bits */
    *b = (struct backoff){.min_ms = min_ms, .max_ms = max_ms, .random = seed != 0 ? seed : 1};
}

/* xorshift64: spreads the attempts of many clients, nothing more. */
static uint32_t jitter(struct backoff *b, uint32_t below)
{
    assert(below > 0);
    b->random ^= b->random << 13;
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    return (uint32_t)(b->random >> 32) % below;
}

uint32_t backoff_next_ms(struct backoff *b)
{
    uint32_t wait_ms = b->attempt < BACKOFF_DOUBLINGS ? b->min_ms << b->attempt : b->max_ms;
    if (wait_ms > b->max_ms)
        wait_ms = b->max_ms;
    b->attempt += b->attempt < BACKOFF_DOUBLINGS;
    return wait_ms / 2 + jitter(b, wait_ms / 2 + 1);
}

void backoff_reset(struct backoff *b)
{
    b->attempt = 0;
}
