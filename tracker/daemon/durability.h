/*
 * durability: whether the store keeps what it acknowledges; looked at on each connection, before anything is
 * claimed or committed on it. What is there may be another store, or the same with other settings.
 *
 * Beside settings it is the rights of the user `default`: Redis reads its own log as that user, and refuses what a
 * function wrote (it stands there as a transaction) where `default` lacks the rights for it. Nothing tells but the
 * data that is gone after the next start.
 *
 * What we have no right to look at is unknown, and counts as not durable.
 */
#ifndef MW_DURABILITY_H
#define MW_DURABILITY_H

#include "shared.h"

#include <stdbool.h>

struct durability {
    bool required; /* else it is only told */
    bool waiting;  /* for an answer */
    bool wanting;  /* something of what was looked at on this connection is not as it should be */
};

enum durability_step {
    DURABILITY_WAITS, /* for an answer, or for the next connection */
    DURABILITY_LOOKED,
    DURABILITY_AGAIN, /* to be asked for once more, after a while */
    DURABILITY_ENDS,  /* it is required and not there: we are not to run */
};

/* On a new connection, or once more. */
enum durability_step durability_begin(struct durability *d, struct shared *s);
/* To ASK_SETTINGS and ASK_DEFAULT_USER. */
enum durability_step durability_answered(struct durability *d, struct shared *s, enum ask ask,
                                         const struct reply *reply);
enum durability_step durability_unsent(struct durability *d);
/* The connection is gone. */
void durability_lost(struct durability *d);

#endif
