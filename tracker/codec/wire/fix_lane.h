/*
 * fix_lane: the quick lane: fields in the usual order, plainly written and good, one after the other, with
 * everything that matters in registers; going through struct json_scan for each step makes every step wait
 * for the one before.
 *
 * It decides nothing: what it does not take exactly as fix_object would is left to that, from that field's
 * key on. Its functions are inlined with a constant field each, so that the table of keys turns into code.
 */
#ifndef MW_FIX_LANE_H
#define MW_FIX_LANE_H

#include "fix.h"
#include "json_scan.h"

#include <stdbool.h>

/*
 * From the key at the scanner on. Stops at the first key it leaves, or past the object's closing brace: then
 * true. `seen` and *out_taken have a bit a key (fix_keys.h): those read before, and those it took.
 */
bool fix_lane_read(struct json_scan *scan, unsigned seen, struct fix *fix, unsigned *out_taken);

#endif
