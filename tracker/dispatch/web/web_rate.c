#include "web_rate.h"

#include <assert.h>
#include <string.h>

void web_rate_init(struct web_rate *rate, struct hash_key hash, int64_t every_ms, int64_t burst)
{
    assert(every_ms > 0 && burst > 0);
    memset(rate, 0, sizeof *rate);
    rate->hash = hash;
    rate->every_ms = every_ms;
    rate->burst = burst;
}

static struct web_rate_bucket *place_of(struct web_rate *rate, struct text key)
{
    uint64_t hash = hash_bytes(rate->hash, key.data, key.len) | 1;
    struct web_rate_bucket *set =
        &rate->places[(hash >> 1) % (WEB_RATE_PLACES / WEB_RATE_WAYS) * WEB_RATE_WAYS];
    struct web_rate_bucket *oldest = set;
    for (size_t i = 0; i < WEB_RATE_WAYS; i++) {
        if (set[i].key == hash)
            return &set[i];
        if (set[i].full_ms < oldest->full_ms)
            oldest = &set[i];
    }
    *oldest = (struct web_rate_bucket){.key = hash};
    return oldest;
}

bool web_rate_take(struct web_rate *rate, struct text key, struct mono now, int64_t *out_wait_ms)
{
    struct web_rate_bucket *b = place_of(rate, key);
    int64_t full_ms = b->full_ms > now.ms ? b->full_ms : now.ms;
    int64_t wait_ms = full_ms + rate->every_ms - (now.ms + rate->burst * rate->every_ms);
    if (wait_ms > 0) {
        *out_wait_ms = wait_ms;
        return false;
    }
    b->full_ms = full_ms + rate->every_ms;
    return true;
}

void web_rate_return(struct web_rate *rate, struct text key, struct mono now)
{
    struct web_rate_bucket *b = place_of(rate, key);
    if (b->full_ms > now.ms)
        b->full_ms -= rate->every_ms;
}
