/*
 * settling: what the world in force no longer has is closed, vehicle by vehicle, at one stamp of both clocks.
 *
 * All batches of a switch have the stamp of its beginning, so that a replay settles every vehicle at the same
 * point. What was due by then fires under the world that was in force then; then the signs of life are told
 * that settling is going to ask for; only when all of them are is the new one put in force, and the batch
 * says so before anything is judged under it.
 */
#ifndef MW_SETTLING_H
#define MW_SETTLING_H

#include "partition.h"
#include "shared.h"

struct settling {
    struct world
        *before; /* while another is entering: the one that is in force until what was due has fired */
    struct wall received; /* of the switch, by both clocks */
    int64_t clock_ms;
    uint32_t told; /* places below this owe no sign of life */
};

/* A world that is no longer wanted. */
struct settling_exchange {
    struct world *gone; /* NULL: none was entering */
    bool entered;       /* the new one is in force; else it is the one that is gone, for want of memory */
};

/* From here on, by both clocks, s->world is in force; `before` was, or NULL: after a start. */
void settling_begin(struct settling *t, struct partition *p, struct world *before, struct now now);
/* A new batch of the switch; fires what was due, under the world before, and tells signs of life. False: more
 * than it holds. */
bool settling_fire(struct settling *t, struct shared *s, struct partition *p);
/* The entering world in the place of the old. */
struct settling_exchange settling_exchange(struct settling *t, struct shared *s, struct partition *p);
/* Settles as many vehicles as the batch holds. It is empty when all are. */
void settling_fill(struct shared *s, struct partition *p);

#endif
