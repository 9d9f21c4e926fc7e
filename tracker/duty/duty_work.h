/*
 * duty_work: an entry of the stream of work as duties need it.
 */
#ifndef MW_DUTY_WORK_H
#define MW_DUTY_WORK_H

#include "work.h"

#include <stdbool.h>
#include <stdint.h>

enum duty_work_type {
    DUTY_WORK_NONE,
    DUTY_WORK_CLOCK, /* how far the vehicle's clock is, and the stop that lasts, if start_ms is one */
    DUTY_WORK_STOP,
    DUTY_WORK_DRIVE
};

/* No time. */
#define DUTY_NEVER INT64_MIN

struct duty_work {
    enum duty_work_type type;
    uint32_t vehicle, segment; /* symbols */
    uint32_t rev;
    bool withdrawn, inferred;
    enum work_mode mode;
    enum work_side side;
    int64_t start_ms, end_ms;
    int64_t heard_ms;    /* of a clock */
    int64_t received_ms; /* DUTY_NEVER: no fix caused it */
    double lat_deg, lon_deg;
    float error_m, from_m, to_m, fast_m;
};

#endif
