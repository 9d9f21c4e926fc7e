/*
 * hook_try: what follows from an attempt to tell an event: it is told, it is tried again, later and later up to an hour, or it is given
 * up and goes to the dead letters, so that those behind it get their turn.
 *
 * Given up is what the receiver says can never be taken (400, 413, 415, 422), and what has failed for `give_up_ms`. All else may be
 * a fault of the way, or of a setting: 401, 403, 404 and 410 too.
 */
#ifndef MW_HOOK_TRY_H
#define MW_HOOK_TRY_H

#include <stdint.h>

enum hook_next { HOOK_TOLD, HOOK_AGAIN, HOOK_DEAD };
enum { HOOK_WAIT_MIN_MS = 1000, HOOK_WAIT_MAX_MS = 3600000 };

/* Zero: the event in hand has not been tried. */
struct hook_try {
    uint32_t failed;
    int64_t first_ms, next_ms; /* by the loop's clock */
};

/* `status` is that of the answer; 0: there was none. `chance` spreads the waits. */
enum hook_next hook_tried(struct hook_try *t, int status, int64_t now_ms, int64_t give_up_ms,
                          uint32_t chance);

#endif
