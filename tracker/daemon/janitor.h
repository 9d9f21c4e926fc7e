/*
 * janitor: lets go of what is older than the configuration keeps, a few streams a second, all of them in
 * turn.
 *
 * By age, as Redis' ids tell it, and never past what a consumer group has not been given or has not
 * acknowledged: XREADGROUP would skip what was trimmed, silently. The ledger of violations takes the hash of
 * each closed violation along. The stream of refusals is trimmed by count; its worth is in being looked at
 * soon.
 *
 * Each stream is a chore of a few questions: its groups, what each has pending, and of the violations the
 * oldest. A chore that is not answered is given up; its turn comes again.
 */
#ifndef MW_JANITOR_H
#define MW_JANITOR_H

#include "config.h"
#include "partition.h"
#include "shared.h"

#include <muckwatch/contract.h>

enum {
    JANITOR_EVERY_MS = 1000,
    JANITOR_WINDOW = 256, /* commands of the janitor that may wait */
};

enum chore_step { CHORE_FREE, CHORE_GROUPS, CHORE_PENDING, CHORE_VIOLATIONS };

/* One stream being looked at. */
struct chore {
    enum chore_step step; /* what its answers are about */
    char key[MW_KEY_MAX];
    bool violations;
    int64_t before_ms;  /* entries older than this may go */
    uint64_t seq;       /* with before_ms: the first id that stays */
    size_t groups_open; /* answers that are still to come */
    bool failed;
};

struct janitor {
    /* A chore waits for one answer at least, so there are no more of them than of those. */
    struct chore chores[JANITOR_WINDOW];
    uint32_t waiting; /* commands that are not answered */
    uint32_t next, turn;
};

/* TIMER_JANITOR, while all is well. */
void janitor_run(struct janitor *j, struct shared *s, const struct partition *p,
                 const struct retention_config *keep);
/* An answer to ASK_CHORE in this slot. */
void janitor_answered(struct janitor *j, struct shared *s, uint32_t slot, const struct partition *p,
                      const struct reply *reply);
/* To ASK_TRIM: that it came is all. */
void janitor_trimmed(struct janitor *j);
void janitor_memory(struct janitor *j, struct shared *s, const struct reply *reply);

#endif
