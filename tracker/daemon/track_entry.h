/*
 * track_entry: an entry of a vehicle's track, as the store has it, back to a fix.
 */
#ifndef MW_TRACK_ENTRY_H
#define MW_TRACK_ENTRY_H

#include "fact.h"
#include "fix.h"
#include "outcome.h"

#include <stdbool.h>

struct track_entry {
    struct fix fix;       /* borrows from the reply */
    enum verdict verdict; /* VERDICT_JUDGED (or an addition), VERDICT_LATE or VERDICT_CLOCK */
    int64_t received_ms;
    uint64_t batch;
};

/* False for one that has no fix: numbers that were given up. */
bool track_entry_read(const struct reply *fields, struct track_entry *out);

#endif
