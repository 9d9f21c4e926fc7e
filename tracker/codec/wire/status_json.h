/*
 * status_json: what a unit says of itself on `muck/v1/{vehicle}/status`, read; and the ack it is answered
 * with.
 *
 * The reader is the tracker's side of unit_json. It checks the whole payload; unknown members are stepped
 * over.
 */
#ifndef MW_STATUS_JSON_H
#define MW_STATUS_JSON_H

#include "buf.h"
#include "unit_status.h"

/* More ranges than this are not looked at: their numbers then count as a hole, which costs hole_s. */
enum { STATUS_RANGES_MAX = 64 };

/* False where it is not an object of the contract's form. `boot` borrows the payload, `skipped` the ranges.
 */
bool status_read(struct text payload, uint64_t (*ranges)[2], struct unit_status *out);

/* Appends the payload of `muck/v1/{vehicle}/ack`. */
void ack_write(struct text boot, uint64_t seq, struct buf *out);

#endif
