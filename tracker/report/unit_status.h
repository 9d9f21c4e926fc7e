/* unit_status: what a unit says of itself and of its journal (docs/PROTOCOL.md, status). Borrows what it
 * names. */
#ifndef MW_UNIT_STATUS_H
#define MW_UNIT_STATUS_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit_status {
    bool online;
    bool retained;    /* the broker remembers it: no sign of life */
    struct text boot; /* empty: none */
    uint64_t first;   /* lowest number still kept; 0: not said */
    const uint64_t (*skipped)[2];
    size_t skipped_count; /* ranges never used, ascending */
};

#endif
