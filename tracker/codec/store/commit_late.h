/*
 * commit_late: what a batch writes so that what comes late can be judged in its place, and what corrects.
 *
 * `past:VEHICLE` has states to begin with, `said:VEHICLE` the ids of what was said by their start, and all of what was said
 * in `work` (work_said.h), `ledger:ID` a trip's entry as it stands. The contract is docs/PROTOCOL.md.
 */
#ifndef MW_COMMIT_LATE_H
#define MW_COMMIT_LATE_H

#include "commit.h"

/* A checkpoint. Times are TIME_NONE where there are none. */
struct commit_past {
    struct text vehicle, state; /* the state's bytes */
    struct text ruleset;        /* in force; written are its first digits */
    int64_t upto_ms;            /* all was judged up to here; TIME_NONE: it was never seen */
    int64_t settled_ms;         /* it was settled under that ruleset then, on its clock */
    uint64_t stored_ms;         /* the track is to be read from here; 0: from where this entry stands */
    uint64_t batch;
    int64_t keep_ms;      /* for so long, should nothing more come of the vehicle */
    uint32_t keep_most;   /* entries */
    int64_t keep_from_ms; /* entries that were written before this, by the store's clock, go */
    int64_t said_from_ms; /* of what began before this it need not be known that it was said */
};

void commit_put_past(struct commit_group *g, const struct commit_past *past);
/* Whether the ruleset of a checkpoint, whole as it once was or its first digits, is that of a hash. */
bool commit_past_is_of(struct text ruleset, struct text hash);
/* Takes out an entry by its id: it is no longer true. */
void commit_drop_past(struct commit_group *g, struct text vehicle, struct text id);

/* That something was said: a violation's entry, or a trip's with what a later comparison needs. */
void commit_put_said(struct commit_group *g, struct text vehicle, const struct entry *entry);
void commit_put_said_trip(struct commit_group *g, struct text vehicle, const struct entry *entry,
                          int64_t told_ms, int64_t keep_ms);

/* The same of an entry of `work`. */
void commit_put_said_work(struct commit_group *g, struct text vehicle, const struct entry *entry,
                          int64_t at_ms);

/* An entry of `violations` that corrects: as commit_put_violation. `open`: it goes on. */
void commit_put_corrected(struct commit_group *g, const struct entry *entry, bool open);

/* In `marks`: the batch carries what was judged again. */
struct commit_redo {
    struct text vehicle;
    struct wall received;
    int64_t clock_ms;
    int64_t from_ms;  /* the least late time */
    int64_t begin_ms; /* of the checkpoint it began with; TIME_NONE: before the first fix */
    uint32_t left;    /* of the late fixes before it in the record, the last ones are no part of it */
    uint64_t batch;
};
void commit_put_redo(struct commit_group *g, const struct commit_redo *redo);

#endif
