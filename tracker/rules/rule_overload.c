/*
 * overload: the load sensor says over, or the load is above the vehicle's limit.
 *
 * A sensor at fault says nothing, nor does the weight that comes with it.
 */
#include "rule.h"

#include <math.h>

void rule_overload(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    uint8_t load = m->now->load;
    double limit_kg = m->info->max_load_kg > 0 ? m->info->max_load_kg : (double)NAN;
    double load_kg = (double)m->now->load_kg;
    bool weighed = !isnan(load_kg) && !isnan(limit_kg);
    enum held held = HELD_UNKNOWN;
    if (m->tick || load == LOAD_FAULT)
        held = HELD_UNKNOWN;
    else if (load == LOAD_OVER || (weighed && load_kg > limit_kg))
        held = HELD_YES;
    else if (load == LOAD_EMPTY || load == LOAD_LOADED || weighed)
        held = HELD_NO;
    findings_set(out, held, held == HELD_YES ? m->now->load_kg : NAN, (float)limit_kg);
}
