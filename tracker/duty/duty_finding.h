/*
 * duty_finding: how what is said of a finding goes from what was said of it to what is so.
 */
#ifndef MW_DUTY_FINDING_H
#define MW_DUTY_FINDING_H

#include "duty_telling.h"

/* Tells the steps from `said` to `now` (its rev plays no part), with all else as in `about`; `said` is then so. */
void duty_finding_settle(const struct duty_listener *listener, const struct duty_telling *about,
                         struct said_violation *said, const struct said_violation *now);

#endif
