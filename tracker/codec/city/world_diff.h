/*
 * world_diff: what one set of fences, fleet, calendar and rules changes against another, for people.
 *
 * Compares the canonical texts of two worlds (world_load.h), so it sees exactly what the hash sees: things
 * are matched by their ids, and of a thing that changed each member that did is named, with its values where
 * they are short.
 */
#ifndef MW_WORLD_DIFF_H
#define MW_WORLD_DIFF_H

#include "buf.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Appends a line a difference, the new against the old: "+ fence x", "- permit y",
 * "~ rules.off_route.confirm_s: 30 -> 45". *out_count is how many. False without memory, or for a text that
 * is no canonical world.
 */
bool world_diff_write(struct text old_canonical, struct text new_canonical, struct buf *out,
                      uint32_t *out_count);

#endif
