/* over_height: the height that the sensor tells is above the vehicle's limit. */
#include "rule.h"

#include <math.h>

void rule_over_height(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    float limit_m = m->info->max_height_m > 0 ? (float)m->info->max_height_m : NAN;
    float height_m = m->tick ? NAN : m->now->height_m;
    enum held held = HELD_UNKNOWN;
    if (!isnan(height_m) && !isnan(limit_m))
        held = height_m > limit_m ? HELD_YES : HELD_NO;
    findings_set(out, held, held == HELD_YES ? height_m : NAN, limit_m);
}
