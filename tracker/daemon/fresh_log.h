/*
 * fresh_log: a store that has been started anew begins a new append-only file before anything is committed to
 * it.
 *
 * A commit stands in that file as MULTI ... EXEC. A file that ends within one (the power failed, or kill -9
 * met a write) is cut by Redis when it starts: to the last whole command, not to before MULTI. So the
 * beginning of that commit stays, and the EXEC of the next one ends both. In memory nothing shows; at the
 * start after that one, what was never applied is applied as well, and its entries stand twice (7.0.15, seen;
 * docs/DELIVERY.md). BGREWRITEAOF opens a new file before it answers, so nothing stands before what is
 * written from then on, and at its end the old file is gone.
 *
 * What was rejected: ids of our own, so that the same entry is refused the second time (a tracker that was
 * killed together with its store makes other batches of the same fixes); and looking for what stands twice
 * (it comes with any later start, wherever it belongs by its id).
 *
 * It is asked for at a start and at each connection; what is asked for once is not asked for twice.
 */
#ifndef MW_FRESH_LOG_H
#define MW_FRESH_LOG_H

#include "shared.h"

/* Whether the store writes to an append-only file that begins with its last start. */
enum fresh_log { LOG_OLD, LOG_ASKED, LOG_NEW };

enum fresh_log_step {
    FRESH_LOG_WAITS, /* for an answer, or for the next connection */
    FRESH_LOG_BEGUN, /* it may be committed to */
    FRESH_LOG_AGAIN, /* to be asked for once more, after a while */
};

enum fresh_log_step fresh_log_begin(enum fresh_log *log, struct shared *s);
/* To ASK_PERSISTENCE and ASK_REWRITE. */
enum fresh_log_step fresh_log_answered(enum fresh_log *log, struct shared *s, enum ask ask,
                                       const struct reply *reply);
enum fresh_log_step fresh_log_unsent(enum fresh_log *log);

#endif
