/*
 * sensor_filter: which values are believed, of sensors that chatter and readers that fall silent.
 *
 * A new value is believed once it was heard for debounce_ms. A value that nobody has repeated for stale_ms
 * becomes unknown, which neither raises nor clears anything. Numbers (load_kg, height_m) count as different
 * if they differ by delta or more; smaller changes are taken over at once and are not reported.
 *
 * Pure: `now` is an argument.
 */
#ifndef MW_SENSOR_FILTER_H
#define MW_SENSOR_FILTER_H

#include "clock.h"
#include "fix.h"

#include <stdbool.h>
#include <stdint.h>

enum sensor_index {
    SENSOR_COVER,
    SENSOR_BODY,
    SENSOR_LOAD,
    SENSOR_SPILL,
    SENSOR_DISCHARGE,
    SENSOR_WASH,
    SENSOR_IGNITION,
    SENSOR_WORK,
    SENSOR_POWER,
    SENSOR_ANTENNA,
    SENSOR_LOAD_KG,
    SENSOR_HEIGHT_M,
    SENSOR_COUNT
};

struct sensor_settings {
    int64_t debounce_ms;
    int64_t stale_ms; /* 0: never */
    double delta;     /* numbers only */
};

struct sensor_cell {
    float value, heard; /* enums as numbers; unknown is 0, or NaN for the two numbers */
    struct mono since;  /* since when `heard` has been what it is */
    struct mono last;   /* when something was heard */
    bool waiting;       /* `heard` differs from `value` */
};

struct sensor_filter {
    struct sensor_settings settings[SENSOR_COUNT];
    struct sensor_cell cells[SENSOR_COUNT];
};

void sensor_filter_init(struct sensor_filter *f, const struct sensor_settings settings[SENSOR_COUNT]);
/* Takes what a reader says. Sensors that it does not name stay as they are. */
void sensor_filter_hear(struct sensor_filter *f, const struct sensors *heard, struct mono now);
/* Lets debounce and staleness run out. True when what is believed has changed so that it is news. */
bool sensor_filter_settle(struct sensor_filter *f, struct mono now);
/* What is believed. */
struct sensors sensor_filter_values(const struct sensor_filter *f);
/* Milliseconds until sensor_filter_settle can have something to say; -1: never. */
int64_t sensor_filter_wait_ms(const struct sensor_filter *f, struct mono now);

#endif
