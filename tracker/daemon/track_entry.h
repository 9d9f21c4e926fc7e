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

/* A field of an entry, or of a hash; empty where there is none. */
struct text reply_field_of(const struct reply *fields, const char *name);
int64_t reply_number_of(const struct reply *fields, const char *name);

/* False for one that has no fix: numbers that were given up. */
bool track_entry_read(const struct reply *fields, struct track_entry *out);

#endif
