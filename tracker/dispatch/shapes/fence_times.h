/* fence_times: whether a fence is in force at a time, by its dates and its hours, and when that changes next. */
#ifndef MW_FENCE_TIMES_H
#define MW_FENCE_TIMES_H

#include "world.h"

bool fence_in_force(const struct world *world, const struct fence *fence, int64_t at_ms);
/* INT64_MAX: it does not, or not within what is looked at (64 changes of hours, 40 years). */
int64_t fence_next_change_ms(const struct world *world, const struct fence *fence, int64_t at_ms);

#endif
