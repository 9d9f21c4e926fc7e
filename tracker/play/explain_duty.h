/*
 * explain_duty: why a duty's finding was told: what was expected, what was done near it, and why that did not count; in
 * Chinese or English.
 */
#ifndef MW_EXPLAIN_DUTY_H
#define MW_EXPLAIN_DUTY_H

#include "buf.h"
#include "replay.h"
#include "story_words.h"

/* Appends what there is to say of one telling; in the zone of the world that it is of. */
void explain_duty_write(const struct replay_duty_finding *finding, const struct story_words *words,
                        struct buf *out);

#endif
