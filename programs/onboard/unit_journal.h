/*
 * unit_journal: the journal on the unit's flash, opened as the configuration says.
 *
 * Where it cannot be opened the unit goes on without, and that is tried again each half minute.
 */
#ifndef MW_UNIT_JOURNAL_H
#define MW_UNIT_JOURNAL_H

#include "cab.h"
#include "onboard_config.h"

#include <stdbool.h>

struct unit_journal {
    struct journal *journal; /* NULL: none now */
    struct mono tried;
    bool failing; /* told */
};

/* Opens it, for the cab. BUSY where another process has it; any other trouble is told, and tried again. */
enum journal_status unit_journal_open(struct unit_journal *j, const struct onboard_config *config,
                                      struct cab *cab, struct mono now);
/* Tells of trouble and of its end, and opens what could not be opened. */
void unit_journal_watch(struct unit_journal *j, const struct onboard_config *config, struct cab *cab,
                        struct mono now);

#endif
