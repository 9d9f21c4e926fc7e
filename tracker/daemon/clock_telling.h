/*
 * clock_telling: once a minute, how good the machine's own clock is, into a stream of its own. No replay takes it: it is for whoever asks later
 * what a time that the tracker wrote was worth.
 */
#ifndef MW_CLOCK_TELLING_H
#define MW_CLOCK_TELLING_H

#include "shared.h"

struct clock_telling {
    int64_t told_ms; /* by the monotonic clock */
    bool told;
};

enum { CLOCK_TELLING_EVERY_MS = 60000, CLOCK_TELLING_KEPT = 100000 /* some 69 days */ };

/* While all is well, each time the janitor has its turn; `batch` was committed last. */
void clock_telling_run(struct clock_telling *c, struct shared *s, uint32_t partition, int64_t batch,
                       const struct clock_sync *sync);

#endif
