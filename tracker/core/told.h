/*
 * told: what people need to hear beside the figures of a transition: where that was in words, which hours had
 * closed when, what is wrong with the permit that comes nearest.
 *
 * Looked up in the world for transitions and warnings only. Where it was is where it began, so that an
 * episode is told with the same words from its first entry to its last.
 */
#ifndef MW_TOLD_H
#define MW_TOLD_H

#include "moment.h"
#include "outcome.h"

/* Sets `told`, `fence_name`, `allowed_ms` and, of no_permit, `why` and `near_permit` of a transition whose
 * other fields are set. */
void told_fill(const struct moment *m, struct transition *t);

#endif
