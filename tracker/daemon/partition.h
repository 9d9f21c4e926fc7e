/*
 * partition: all that belongs to one partition: its vehicles, the batch in hand, how far it was committed,
 * which acks are owed, and its count of attended time.
 *
 * Nothing of this is shared between partitions, and nothing of a process (worlds, connections, metrics) is in
 * it; so a process may serve several one day. Everything that becomes durable is stored under its number.
 */
#ifndef MW_PARTITION_H
#define MW_PARTITION_H

#include "acks.h"
#include "asking.h"
#include "attended.h"
#include "backlog.h"
#include "batch_in_hand.h"
#include "commit_vehicle.h"
#include "committer.h"
#include "duty_stage.h"
#include "fact.h"
#include "fleet.h"
#include "shares.h"
#include "warned.h"

#include <stdbool.h>
#include <stdint.h>

enum { PARTITION_TOKEN_MAX = 64 };

struct redoing;

struct partition {
    uint32_t number;
    int64_t epoch; /* of our claim */
    char token[PARTITION_TOKEN_MAX];
    struct fleet *fleet;
    uint32_t vehicle_limit; /* of the fleet */
    struct batch batch;
    struct backlog backlog; /* of messages, for the next batches */
    struct committer committer;
    struct acks acks;
    struct redoing *redoing;
    struct shares shares; /* of what is written */
    struct warned warned;
    struct asking asking; /* for reloads */
    struct duty_stage duties;
    struct attended attended;
    struct attended_mark recorded; /* the last mark in the store */
    /*
     * Up to here every deadline has fired; what the store is told of the clock. So whoever goes on from the
     * store, under whatever world, finds nothing that was due under ours.
     */
    int64_t fired_ms;
    bool ruleset_owed;  /* no batch has said yet which world is in force */
    bool ruleset_waits; /* and signs of life are to be told before one does */
    /* What the store has of each vehicle's hashes, by place. */
    struct commit_shown *shown;
    uint32_t shown_places;
};

struct partition_options {
    uint32_t number;
    struct names *names; /* borrowed */
    uint32_t vehicle_limit;
    uint32_t batch_groups; /* full at so many */
    int64_t late_horizon_ms;
    size_t batch_bytes; /* or at so many to write */
};

/* What a claim says of what is stored. */
struct partition_claim {
    int64_t epoch;
    uint64_t committed; /* number of the last commit */
    int64_t clock_ms;
};

/* False without memory; partition_fini is due either way. */
bool partition_init(struct partition *p, const struct partition_options *options);
void partition_fini(struct partition *p);

/* Ours from here on: forgets all, and goes on from what is stored. */
void partition_claimed(struct partition *p, const struct partition_claim *claim);
/* The batch and its commit are given up; states in memory mean nothing until the next claim. */
void partition_give_up(struct partition *p);

/* Attended time, now. */
int64_t partition_clock_ms(struct partition *p, struct now now);
/* The clock stands from here on: vehicles cannot be heard. */
void partition_unattend(struct partition *p, struct now now);
/* Sets when the batch was begun: now. */
void partition_stamp(struct partition *p, struct now now);
/* Room in `shown` for a place. False without memory. */
bool partition_show(struct partition *p, uint32_t place);

#endif
