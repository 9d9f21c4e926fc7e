/*
 * web_rate: how often somebody may ask, as a bucket that fills with time, by a key.
 *
 * The table has a fixed size. A key that has no place takes that of whoever has been quiet for longest: what it
 * forgets is a bucket that was the fullest.
 */
#ifndef MW_WEB_RATE_H
#define MW_WEB_RATE_H

#include "clock.h"
#include "hash.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum { WEB_RATE_PLACES = 4096, WEB_RATE_WAYS = 8 };

struct web_rate_bucket {
    uint64_t key;    /* 0: free */
    int64_t full_ms; /* when it would be full again */
};

struct web_rate {
    struct hash_key hash;
    int64_t every_ms; /* one more may be asked after so long */
    int64_t burst;    /* at once, after a rest */
    struct web_rate_bucket places[WEB_RATE_PLACES];
};

void web_rate_init(struct web_rate *rate, struct hash_key hash, int64_t every_ms, int64_t burst);
/* Takes one. False when it is too soon; *out_wait_ms says how long to wait then. */
bool web_rate_take(struct web_rate *rate, struct text key, struct mono now, int64_t *out_wait_ms);
/* Gives back what was taken last: it did not count. */
void web_rate_return(struct web_rate *rate, struct text key, struct mono now);

#endif
