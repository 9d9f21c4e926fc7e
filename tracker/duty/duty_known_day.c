#include "duty_known_day.h"

#include "duty_day.h"

const struct duty_known_day *duty_known_day_at(struct duty_known_day *known, const struct world *world,
                                               const struct duty *duty, int64_t at_ms)
{
    struct duty_known_day *k = &known[duty - world->duties];
    if (at_ms >= k->from_ms && at_ms < k->to_ms)
        return k;
    int32_t day = duty_day_at(world, duty, at_ms);
    *k = (struct duty_known_day){.from_ms = duty_minute_ms(world, day - 1, duty->turn_min),
                                 .to_ms = duty_minute_ms(world, day, duty->turn_min),
                                 .first_ms = duty_minute_ms(world, day, duty->first_min),
                                 .day = day,
                                 .on = world_duty_on(world, duty, day),
                                 .on_before = world_duty_on(world, duty, day - 1)};
    return k;
}
