/*
 * fix_write: a struct fix as the contract's JSON object, the way our own units and the simulator send it.
 *
 * Keys stand in the order of the contract, which is the one the reader guesses. Degrees have 7 decimals (1
 * cm), the rest 1 to 3; reading the text back gives the same fix to that precision. Absent fields are left
 * out.
 */
#ifndef MW_FIX_WRITE_H
#define MW_FIX_WRITE_H

#include "buf.h"
#include "fix.h"

/* Appends the object. `media` is not part of a struct fix and is not written. */
void fix_write(const struct fix *fix, struct buf *out);
/*
 * The same as a line of recorded fixes, with a newline: `vehicle` first, then the fix, then `received` in
 * milliseconds unless it is NULL.
 */
void fix_write_line(struct text vehicle, const struct fix *fix, const struct wall *received, struct buf *out);

#endif
