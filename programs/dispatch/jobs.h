/*
 * jobs: what takes long and reads files, one piece after the other on one thread; a bounded number waits.
 *
 * A job touches what its `arg` has alone. Its `done` is called on the loop's thread, whatever comes of it: also where the gateway ends
 * before it was its turn.
 */
#ifndef MW_JOBS_H
#define MW_JOBS_H

#include "worker.h"

enum { JOBS_MAX = 16 };

struct job {
    worker_work *work;
    loop_callback *done;
    void *arg;
};

struct jobs {
    struct worker *worker;
    struct job items[JOBS_MAX]; /* the first is under way */
    size_t count;
};

bool jobs_make(struct jobs *jobs, struct loop *loop);
/* False, and neither is called: too many wait, or there is no thread. */
bool jobs_add(struct jobs *jobs, const struct job *job);
/* Waits for the one under way. */
void jobs_unmake(struct jobs *jobs);

#endif
