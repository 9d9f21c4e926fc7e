/*
 * committing: the batch to the store, in the pieces and under the numbers that the committer says.
 *
 * While a commit is under way nothing is read and no deadline fires, so the states in memory are those of the
 * batch and of nothing later. The bytes of a piece do not change while nobody knows whether it was applied.
 */
#ifndef MW_COMMITTING_H
#define MW_COMMITTING_H

#include "partition.h"
#include "shared.h"

struct committing {
    bool waiting;        /* the last answer was no answer: to be sent again */
    uint32_t retries;    /* of the batch */
    uint32_t unanswered; /* of the piece in hand, in a row: each time the store is given longer */
    struct mono begun;
    struct buf command;
    const struct commit_group **pieces; /* of the command */
};

/* What follows from a step. */
enum committing_step {
    COMMITTING_GOES_ON,   /* a piece is under way, or there is none */
    COMMITTING_PAUSED,    /* nobody knows: vehicles cannot be heard until it is sent again */
    COMMITTING_FINISHED,  /* all is durable, and told; the batch is empty */
    COMMITTING_WENT_BACK, /* the store has not what it had acknowledged */
    COMMITTING_FENCED,    /* someone else owns the partition */
};

/* For batches of the partition, which is there already. False without memory. */
bool committing_init(struct committing *c, const struct partition *p);
void committing_fini(struct committing *c);

/* Something is to be written though no vehicle has a part in it: a batch has to be begun. */
bool committing_owes(struct partition *p, struct now now);
/* Sends the batch, if there is something in it and nothing under way. What is due has fired. */
enum committing_step committing_begin(struct committing *c, struct shared *s, struct partition *p);
enum committing_step committing_answered(struct committing *c, struct shared *s, struct partition *p,
                                         const struct reply *reply);
/* The store has lost it: ahead of what is asked of it next. */
void committing_load_library(struct shared *s);
/* The command did not leave the house. */
void committing_unsent(struct committing *c, struct shared *s);
/* The store is back, or the pause is over: what waits is sent again. */
void committing_resume(struct committing *c, struct shared *s, struct partition *p);
/* The store went back: nothing waits. */
void committing_give_up(struct committing *c);
/* False while the batch in hand had to be sent again, or has been under way for too long. */
bool committing_passes(const struct committing *c, const struct partition *p, struct now now);

#endif
