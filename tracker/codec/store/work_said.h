/*
 * work_said: what was said in `work`, as `said:VEHICLE` keeps it: a member for each entry, with all of it that a later
 * comparison needs. `w-ID REV AT EVENT`, and of each field its length, a colon and its value. Of two of one id that of
 * the higher revision holds.
 */
#ifndef MW_WORK_SAID_H
#define MW_WORK_SAID_H

#include "entry.h"

#include <stdbool.h>
#include <stdint.h>

/* The fields that say what was done; the others say how it was told, or follow from the vehicle. */
enum { WORK_SAID_FIELDS = 16 };
extern const char *const work_said_fields[WORK_SAID_FIELDS];

struct work_said {
    struct text id, rev, at, event;
    struct text values[WORK_SAID_FIELDS]; /* empty: it has none */
};

void work_said_write(struct buf *out, const struct entry *e, int64_t at_ms);
/* False: it is none, or damaged. The texts lie in the member. */
bool work_said_read(struct text member, struct work_said *out);

#endif
