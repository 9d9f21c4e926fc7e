/*
 * flow: all that a process holds, and what follows what in it. The parts return what comes of a step; here it
 * is followed through the stages. Of use to stages.c alone, which tells it of the facts.
 */
#ifndef MW_FLOW_H
#define MW_FLOW_H

#include "attention.h"
#include "clock_telling.h"
#include "committing.h"
#include "durability.h"
#include "fresh_log.h"
#include "janitor.h"
#include "partition.h"
#include "redoing.h"
#include "reload.h"
#include "settling.h"
#include "shared.h"
#include "starting.h"

#include <stdbool.h>

enum stage {
    STAGE_STARTING, /* waiting for the store, checking it, claiming, loading */
    STAGE_SETTLING, /* states are there; closing what the world in force no longer has */
    STAGE_RUNNING,
    STAGE_STOPPING, /* the batch in hand is finished, then it ends */
    STAGE_ENDED,    /* ACTION_END was the last; facts change nothing any more */
};

struct stages {
    enum stage stage;
    struct shared shared;
    struct partition partition;
    struct attention attention;
    struct starting starting;
    struct settling settling;
    struct committing committing;
    struct durability durability;
    enum fresh_log fresh_log;
    struct reload reload;
    struct janitor janitor;
    struct clock_telling clock_telling;
    struct redoing redoing;
    bool acknowledge_all; /* once it runs: the store went back */
    bool beat_waiting;    /* for its answer */
    bool beat_refused;    /* the last one */
    bool live_granted;    /* by the broker, when it was last asked for live positions */
};

bool flow_busy(const struct stages *m);
/* All that was read is durable, or nothing was. */
bool flow_between_batches(const struct stages *m);
/* Messages may be judged: it runs, and nothing is under way. */
bool flow_may_read(const struct stages *m);

/* The last action; what is not durable is given up. */
void flow_end(struct stages *m, int exit_code);
void flow_end_fenced(struct stages *m);

/* What was judged, and what is due by now, to the store, if it runs and nothing is under way. */
void flow_begin_batch(struct stages *m);
/* What comes of a step of the batch, or of the start. */
void flow_follow(struct stages *m, enum committing_step step);
void flow_follow_start(struct stages *m, enum starting_step step);
void flow_follow_log(struct stages *m, enum fresh_log_step step);
void flow_follow_look(struct stages *m, enum durability_step step);
/* Sees to it that the store's file is new, then goes on with the start, or with the commit in hand. */
void flow_begin_log(struct stages *m);
/* TIMER_RETRY: what the store refused, or did not take, once more: the look, the start, the log or the commit. */
void flow_retry(struct stages *m);
/* Fires deadlines and sends acks that are due, if nothing is under way; arms the timer for the next. */
void flow_run_due(struct stages *m);

/* What waited at the broker has been read; no more than a claim, it looks at the rest. */
void flow_catch_up(struct stages *m);
void flow_lose_attention(struct stages *m);
/* The broker's connections are closed without a word. */
void flow_leave_broker(struct stages *m);

/* Begins to judge again what came late and has waited long enough. */
void flow_look_for_late(struct stages *m);
/* Looks for work that duties have not been held against. */
void flow_look_for_work(struct stages *m);
/* TIMER_REDO: a slice of judging again what came late, and its result if it is there. */
void flow_redo(struct stages *m);

/* A reload's next step, if it is time for it. */
void flow_step_reload(struct stages *m);
/* The store lost what it had acknowledged: forget, load again, acknowledge backwards. */
void flow_start_over(struct stages *m, const char *reason);

#endif
