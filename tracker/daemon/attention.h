/*
 * attention: whether the vehicles can be heard: the broker lets us read, the store takes what we make of it,
 * and what waited for us has been read. Only then does attended time run (attended.h).
 */
#ifndef MW_ATTENTION_H
#define MW_ATTENTION_H

#include "partition.h"

#include <stdbool.h>

struct attention {
    bool subscribed;        /* every subscription was granted */
    bool caught_up;         /* attended time runs */
    uint32_t small_batches; /* in a row */
    struct mono last_message;
};

void attention_subscribed(struct attention *a, bool granted, struct now now);
void attention_message(struct attention *a, struct now now);
/* The clock stands: the broker, the store or the fleet's past is away. */
void attention_lost(struct attention *a, struct partition *p, struct now now);
/* A turn's reading ended; it was so many messages of so many that it may take. */
void attention_read(struct attention *a, bool drained, const struct batch *b);
/* Whether it may be that what waited has been read: by small batches, or by silence. */
bool attention_after_small_batches(const struct attention *a);
bool attention_after_silence(const struct attention *a, struct now now);
/* What waited has been read: the clock runs. */
void attention_caught_up(struct attention *a, struct partition *p, struct now now);

#endif
