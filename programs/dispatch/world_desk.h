/*
 * world_desk: the files of the world, as admins change them: one job in hand, and at most one change that the trackers have not
 * settled yet.
 */
#ifndef MW_WORLD_DESK_H
#define MW_WORLD_DESK_H

#include "worker.h"
#include "world_job.h"

struct gateway;

enum world_said { WORLD_SAID_NOTHING, WORLD_SAID_OK, WORLD_SAID_REFUSED };

/* A question to all trackers, and what they said. */
struct world_question {
    char request[33]; /* empty: none is under way */
    unsigned tries;
    int64_t asked_ms; /* by the loop's clock */
    bool lost;        /* it may not have come to all of them */
    unsigned answers; /* of the store, that are still to come */
    enum world_said said[WORLD_PARTITIONS_MAX];
    char errors[1025];
};

struct world_change {
    bool open;
    bool back; /* it was refused, or never in use: what is in use is asked for as it is */
    uint64_t number, before;
    char expect[65];
    char who[WORLD_WHO_MAX + 1];
    int64_t since_ms;
    uint64_t ticket;                   /* who waits; 0: nobody */
    struct web_answer in_force, asked; /* for them */
    struct world_question question;
};

struct world_place {
    struct gateway *g;
    size_t number;
};

struct world_desk {
    struct worker *worker;
    struct loop_timer *timer; /* runs while a change is open */
    bool busy;
    struct world_job job;
    uint64_t ticket; /* who asked for it */
    struct world_change change;
    struct world_place places[WORLD_PARTITIONS_MAX];
};

#endif
