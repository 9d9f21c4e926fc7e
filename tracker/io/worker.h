/*
 * worker: one long piece of work at a time beside the loop, on a thread of its own.
 *
 * The work must not touch anything that the loop uses meanwhile, except what is documented as shared (names,
 * log). It cannot be cancelled. Its results in `arg` belong to the loop once `done` is called. Signals are
 * handled by the loop's thread. This is the only file that makes threads.
 */
#ifndef MW_WORKER_H
#define MW_WORKER_H

#include "loop.h"

#include <stdbool.h>

struct worker;

typedef void worker_work(void *arg);

/* NULL without memory or descriptors. */
struct worker *worker_new(struct loop *loop);
/* Calls work(arg) on a thread, and when it is over done(arg) from the loop. False, and neither is called,
 * while it is busy or when the system has no thread for us. */
bool worker_run(struct worker *worker, worker_work *work, loop_callback *done, void *arg);
/* From worker_run until `done` is called. */
bool worker_busy(const struct worker *worker);
/* Waits for the work, however long it takes; `done` is not called. Takes NULL. A program that cannot wait
 * ends by _exit instead. */
void worker_free(struct worker *worker);

#endif
