/*
 * stages: the daemon as a pure machine: one fact in, a list of actions out. No library, no clock, no thread.
 *
 *   MQTT ──► receiving ──► batch ──► committing ──► Redis        starting ─► settling ─► running ─► stopping
 *   units ◄── answering, PUBACK ◄────────┘ when it is durable        ▲ the store went back │
 *                                                                    └─────────────────────┘
 *
 * A turn of work: messages of one burst are judged as they are read, and what they cause is collected in the
 * batch. Then reading stops, the batch is committed, and only when the store has said so are units and broker
 * answered and reading goes on. What always holds, whatever facts come in whatever order:
 *
 *   - at most one batch is under way, at most one commit of it, and at most one question of the start;
 *   - while one is under way, and while the stage is not RUNNING, the broker is held: nothing is judged, and
 *     nothing that was read is acknowledged;
 *   - so nothing is ever acknowledged that is not durable, and memory is bounded by one batch;
 *   - the number of a commit changes only when the one before it was applied, and its bytes not while nobody
 *     knows (committer.h);
 *   - states in memory are those of the store and of the batch in hand, and of nothing else: after a store
 *     that went back they are loaded again before anything is judged;
 *   - a world is on record before anything is judged under it;
 *   - a stop that is asked for ends within STOP_WITHIN_MS, and what is not durable then stays unacknowledged.
 *
 * A process that dies between any two actions has acknowledged less than is durable, never more: whoever
 * carries out the list does so in order, and it never has ACTION_LISTEN before the answer that allows it.
 */
#ifndef MW_STAGES_H
#define MW_STAGES_H

#include "flow.h"

#include <stdbool.h>

struct stages_options {
    struct partition_options partition; /* its names are the process' */
    struct text instance;               /* client_id@host; borrowed */
    struct text token;                  /* random, of this process; borrowed */
    bool take_over, require_durable;
    struct retention_config retention;
    struct redoing_options redoing;
};

/* Takes the world, and its texts that are to be recorded. False without memory; stages_fini is due either
 * way, and frees the world in force. */
bool stages_init(struct stages *m, const struct stages_options *options, struct world *take_world,
                 struct recording take_recording);
void stages_fini(struct stages *m);

/* Takes a fact. What is to be done is appended to m->shared.actions. */
void stages_take(struct stages *m, const struct fact *fact);

/* The pages /metrics, /healthz, /readyz, appended; returns the status code. */
int stages_page(struct stages *m, struct now now, const char *path, struct buf *out);

#endif
