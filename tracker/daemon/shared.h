/*
 * shared: what the parts of the daemon see beside the partition: names, the world in force, metrics, which
 * connections there are, what time it is, and the list of actions they add to.
 *
 * The parts (receiving, committing, starting, reload, janitor) get it and their own struct, know nothing of
 * each other, and return what follows; only stages.c knows them all.
 */
#ifndef MW_SHARED_H
#define MW_SHARED_H

#include "actions.h"
#include "entry.h"
#include "fact.h"
#include "metrics.h"
#include "names.h"
#include "outcome.h"
#include "world.h"

#include <stdbool.h>

struct shared {
    struct names *names;
    struct world *world; /* in force; while another is entering, the one that enters */
    struct metrics *metrics;
    struct actions actions;
    struct now now; /* of the fact in hand */
    bool store_up, broker_up;
    bool store_looked_at; /* on this connection: it is durable, or need not be (durability.h) */
    bool store_fresh;     /* it may be committed to (fresh_log.h) */
    /* Too large for the stack. */
    struct outcome outcome;
    struct entry entry;
};

#endif
