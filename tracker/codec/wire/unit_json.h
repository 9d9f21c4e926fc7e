/*
 * unit_json: what an onboard unit says and hears besides plain fixes: status, ack, numbers put into a fix.
 *
 * The contract is docs/PROTOCOL.md. Nothing here allocates but the buffer that is written to.
 */
#ifndef MW_UNIT_JSON_H
#define MW_UNIT_JSON_H

#include "buf.h"
#include "fix.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* A range of seq that was never used. */
struct unit_range {
    uint64_t first, last;
};

struct status_message {
    bool online;
    struct text boot; /* empty: the unit has no journal */
    uint64_t first;   /* lowest seq kept */
    const struct unit_range *skipped;
    size_t skipped_count;
    struct text agent; /* program and version */
};

struct unit_ack {
    struct text boot; /* borrowed from the payload */
    uint64_t seq;
};

void unit_status_write(const struct status_message *status, struct buf *out);
/* False where it is not JSON, or lacks boot or seq, or they are not of their form. */
bool unit_ack_read(struct text payload, struct unit_ack *out);

/*
 * Appends the fix object `fix` (as fix_write wrote it, without numbers) with boot and seq, where fix_write
 * would have put them.
 */
void unit_fix_put_numbers(struct text fix, struct text boot, uint64_t seq, struct buf *out);

/* Reads an object of the contract's sensors. False where it is not one; what is unknown stays so. */
bool unit_sensors_read(struct text payload, struct sensors *out);

#endif
