/*
 * duty_day: when the service days of a duty begin and end, and at which minutes the clocks of its vehicles are told.
 *
 *       first_min                          last end + grace    + late_s            turn_min
 *   ────────┼── window ──┼── grace ──┼── window … ──┼────────────┼──────────────────────┼────────── the next day's first
 *
 * What a vehicle does belongs to one service day of a duty: that whose windows are nearer, so the days part in the middle
 * between the last window of one and the first of the next. A tick is where something may be decided: a window begins,
 * is over with its grace, may be judged, or the day is over.
 */
#ifndef MW_DUTY_DAY_H
#define MW_DUTY_DAY_H

#include "world.h"

#include <stdint.h>

struct arena;

/* Fills in what the duties of a world that is being made, its vehicles and its fences know of each other. False without
 * memory. */
bool duty_days_make(struct world *world, struct arena *arena);

/* A minute of a service day. */
int64_t duty_minute_ms(const struct world *world, int32_t day, uint32_t minute);
/* The service day that an instant belongs to. */
int32_t duty_day_at(const struct world *world, const struct duty *duty, int64_t at_ms);
/* When a point's window, or a sweeping duty's, may be judged, as a minute: at the latest when its day is over. */
uint32_t duty_judged_min(const struct world *world, const struct duty *duty, struct duty_window window,
                         int64_t grace_ms);
/* The first tick of the vehicle's duties after an instant; INT64_MAX: it has none. `over_only`: of those at which a day
 * is over. */
int64_t duty_next_tick_ms(const struct world *world, const struct vehicle_info *vehicle, int64_t after_ms,
                          bool over_only);

#endif
