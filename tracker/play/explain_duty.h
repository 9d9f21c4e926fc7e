/*
 * explain_duty: why a duty's finding was told: what was expected, what was done near it, and why that did not count.
 */
#ifndef MW_EXPLAIN_DUTY_H
#define MW_EXPLAIN_DUTY_H

#include "buf.h"
#include "names.h"
#include "replay.h"

/* Appends what there is to say of one telling. */
void explain_duty_write(const struct replay_duty_finding *finding, const struct names *names,
                        struct buf *out);

#endif
