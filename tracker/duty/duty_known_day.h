/*
 * duty_known_day: the service day of each duty that was asked for last. Clocks nearly always stand in it, and to work it out
 * asks the time zone several times and the hours twice.
 */
#ifndef MW_DUTY_KNOWN_DAY_H
#define MW_DUTY_KNOWN_DAY_H

#include "world.h"

#include <stdbool.h>
#include <stdint.h>

struct duty_known_day {
    int64_t from_ms, to_ms; /* what is done in between belongs to it; from == to: none is known */
    int64_t first_ms;       /* its first window begins */
    int32_t day;
    bool on, on_before; /* something is expected on it, and on the day before */
};

/* The day that an instant belongs to. `known` is of the world's duties, of zeros at first. */
const struct duty_known_day *duty_known_day_at(struct duty_known_day *known, const struct world *world,
                                               const struct duty *duty, int64_t at_ms);

#endif
