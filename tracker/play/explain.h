/*
 * explain: why there is a violation, in plain words: the reviewer's first question.
 *
 * It is the engine's trace (trace.h) while recorded fixes run through the engine again. For each violation it
 * writes the rule with its thresholds, and then for each moment: where the vehicle was, the value and the
 * limit, how far the count had come, and whether the moment was that of a fix or of a deadline. Moments that
 * only repeat the line before are counted.
 */
#ifndef MW_EXPLAIN_H
#define MW_EXPLAIN_H

#include "buf.h"
#include "names.h"
#include "trace.h"

#include <stdint.h>

struct explain;

/* For one violation, or all when the id is empty; the id, names and world are borrowed. NULL without memory.
 * Finished stories are appended to out. The world may be NULL until there is something to tell. */
struct explain *explain_new(const struct names *names, const struct world *world, struct text id,
                            struct buf *out);
void explain_free(struct explain *x);
/* Another world is in force: times are told in its zone. */
void explain_set_world(struct explain *x, const struct world *world);
const struct trace *explain_trace(const struct explain *x);
/* At the end of the fixes: also tells of what is still open. Returns how many violations were told of. */
uint32_t explain_finish(struct explain *x);

#endif
