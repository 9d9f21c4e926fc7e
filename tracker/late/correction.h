/*
 * correction: what has to be said now that a stretch was judged again, by comparing what was found with what was
 * said, id by id.
 *
 *     said and found, same fields             nothing
 *     said and found, other fields            `updated`: the fields as they stand
 *     said, not found                         `withdrawn`; `replaced_by` what overlaps it most
 *     found, never said                       `opened`, and `updated` or `closed` if it came so far; `replaces`
 *     withdrawn before, found again           `updated`
 *     said to be over, open since before all  `updated`: as it was said, without its end and its words
 *     checkpoints and not found in the stretch
 *
 * In this order: withdrawn, updated, then opened and closed by their time. Each entry has the next revision of its
 * id and `cause` = `late` (kinds that have a cause keep theirs). Trips likewise; those that say nothing new of
 * themselves have no `event`.
 *
 * Work likewise (correction_work.c). A clock that was told is not withdrawn; a stop that only clocks told of, and that was none, is,
 * as a visit that was never told.
 *
 * `received` is left out of the comparison, as are the kinds that depend on arrival (late.h); of those only `offline`
 * is touched: that data came for the silence is said once, `late_data`.
 */
#ifndef MW_CORRECTION_H
#define MW_CORRECTION_H

#include "correction_type.h"
#include "redo.h"
#include "said.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct correction {
    enum correction_type type;
    bool trip, work;
    uint32_t rev;
    size_t said;  /* which item: of what was said before; SIZE_MAX: none */
    size_t found; /* which episode, trip or work; SIZE_MAX: none */
    int64_t at_ms;
    char id[VIOLATION_ID_LENGTH + 1];
    char other[VIOLATION_ID_LENGTH + 1]; /* replaces, or is replaced by; empty: nothing */
};

struct corrections {
    struct correction *list;
    size_t count, cap;
    uint64_t found, said; /* compared */
    /* Something has to be said of an episode that opened before the checkpoint, and what it was is not known
     * here: begin before this time, or, where nothing reaches so far, compare once more with `earliest` set.
     * TIME_NONE: no. */
    int64_t begin_before_ms;
    uint32_t forgotten; /* withdrawn, of which a later opening will not know (late.h) */
    bool failed;        /* without memory */
};

/* Compares. The redo is finished; it gets the revisions of its open episodes. */
void corrections_find(struct corrections *c, struct redo *r, const struct said *said);
void corrections_fini(struct corrections *c);

/* Between the files of this part. NULL without memory. */
struct correction *corrections_add(struct corrections *c, enum correction_type type, const char *id);
/* The redo gets the revisions of what is under way. */
void corrections_find_work(struct corrections *c, struct redo *r, const struct said *said,
                           struct entry *scratch);
void correction_entry_of_work(const struct correction *c, const struct redo *r, const struct said *said,
                              struct entry *e);

/* The entry to be written for one of them. */
void correction_entry(const struct correction *c, const struct redo *r, const struct said *said,
                      struct entry *e);

#endif
