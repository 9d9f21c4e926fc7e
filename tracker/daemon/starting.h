/*
 * starting: the walk from a store that answers to states in memory:
 *
 *   the store's version → begin its file anew (fresh_log.h) → load the function library → claim the partition
 *   → record the texts of the world → load the states → journals of those that are missing from their tracks
 *   (recalling.h)
 *
 * Claiming comes before loading, so that whoever owned the partition can write no more when we read. Each
 * step asks one thing and goes on in its answer, so at most one is in hand; an answer of nothing ends the
 * walk, and the next connection begins it anew. The same walk is taken when the store has gone back.
 */
#ifndef MW_STARTING_H
#define MW_STARTING_H

#include "partition.h"
#include "recalling.h"
#include "recording.h"
#include "shared.h"

struct starting {
    /* What it was started with. */
    struct text instance;       /* client_id@host; borrowed */
    struct text token;          /* of the process; borrowed */
    bool take_over;             /* from whoever owns the partition, alive or not */
    struct recording recording; /* of the world's texts, until the store has them */

    enum ask in_hand; /* ASK_NOTHING: the walk stands, or asks for tracks */
    bool awaits_log;  /* it goes on when the store's file is new */
    struct recalling recalling;
    size_t recorded;   /* commands of the recording */
    uint32_t outdated; /* states of an earlier version, met while loading */
    bool texts_lost;   /* the store has not the texts of the world in force, and nor have we */
    uint32_t claims;   /* so far: each has a token of its own */
    uint32_t vain;     /* pauses since the store last agreed with us in anything: each is longer */
    int exit_code;     /* of STARTING_ENDS */
};

enum starting_step {
    STARTING_GOES_ON,    /* or waits for the next connection, or for TIMER_RETRY */
    STARTING_AWAITS_LOG, /* call starting_go_on when the store's file is new */
    STARTING_CLAIMED,    /* it is ours: call starting_record */
    STARTING_LOADED,
    STARTING_ENDS, /* we are not to run */
};

void starting_fini(struct starting *w);
/* Begins the walk, if there is a connection and it was looked at (durability.h). */
void starting_begin(struct starting *w, struct shared *s);
/* The same because the store went back: at once, but after a pause where it had not even agreed with us since the
 * walk before. Whatever makes a store deny what it has just said, it is not asked without end. */
void starting_begin_over(struct starting *w, struct shared *s);
/* It took a commit, or a beat. */
void starting_agreed(struct starting *w);
enum starting_step starting_answered(struct starting *w, struct shared *s, struct partition *p,
                                     const struct reply *reply);
void starting_go_on(struct starting *w, struct shared *s);
/* Answers to ASK_TRACK, which come several at a time. */
enum starting_step starting_recalled(struct starting *w, struct shared *s, struct partition *p, uint32_t slot,
                                     const struct reply *reply);
enum starting_step starting_recall_unsent(struct starting *w, struct shared *s, const struct partition *p,
                                          uint32_t slot);
void starting_record(struct starting *w, struct shared *s);
/* What was in hand did not leave the house. */
void starting_unsent(struct starting *w, struct shared *s);

#endif
