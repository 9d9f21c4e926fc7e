/*
 * fix_order: the fixes of a vehicle's track, from the order in which they came to the order in which they were.
 *
 * By time, and those of one time by arrival. Left out is what a replay in order would not judge: fixes by a
 * clock that is wrong, with those of the same run that came before it was known to be (lag.h); and a late fix
 * that says at one time what another has said, under whatever number.
 */
#ifndef MW_FIX_ORDER_H
#define MW_FIX_ORDER_H

#include "fix.h"

#include <stddef.h>
#include <stdint.h>

/* How it stands in the track. */
enum late_mark { LATE_NOT, LATE_LATE, LATE_CLOCK };

struct late_fix {
    struct fix fix; /* without its number; `boot` is empty */
    int64_t received_ms;
    uint64_t batch;  /* that brought it: says which world was in force */
    uint64_t stored; /* where it stands in the track; never falls with arrival */
    uint32_t place;  /* in the order of arrival; set by fix_order */
    uint8_t mark;    /* enum late_mark */
    bool skipped;    /* left out; set by fix_order */
};

/*
 * Sorts fixes that stand in the order of arrival and moves those left out behind the others. Returns how many
 * are to be judged.
 */
size_t fix_order(struct late_fix *fixes, size_t count);

#endif
