/*
 * work_state: what the engine remembers of the work of one vehicle (work.h), as a plain struct.
 */
#ifndef MW_WORK_STATE_H
#define MW_WORK_STATE_H

#include <stdint.h>

enum work_flag {
    WORK_PLACED = 1 << 0,  /* `ms` and the place mean something */
    WORK_MATCHED = 1 << 1, /* `road` and `at_m` do, at `matched_ms` */
    WORK_OPEN = 1 << 2,    /* an interval is under way */
    WORK_STANDS = 1 << 3,  /* a stop is: `stop` says since when and where */
};

/* Of one vehicle. No holes: states are compared as bytes. */
struct work_state {
    int64_t ms; /* of the last place that a direction was told from */
    double lat_deg, lon_deg;
    int64_t matched_ms;
    double matched_lat_deg, matched_lon_deg;
    int64_t start_ms; /* of the interval; its end is matched_ms */
    struct {
        int64_t from_ms, last_ms; /* its first and its last fix so far */
        double lat_deg, lon_deg;  /* the middle of its places */
        float error_m;            /* the least of their errors */
        uint32_t fixes;
    } stop;
    uint32_t road;           /* symbol of the fence that was matched last */
    uint32_t steps;          /* of the interval: paths between fixes */
    float at_m;              /* along it */
    float from_m, to_m;      /* of the interval, in the order of driving */
    float error_m;           /* of the last match */
    float fast_m;            /* of the interval, at more than the speed that is advised */
    float unchanged_s;       /* of movement since the signal changed */
    float aside_m;           /* of the last match: to the right of the line, seen along it */
    int8_t dir;              /* of the last match: 1 along the line, -1 against it */
    uint8_t mode, how, side; /* of the interval */
    uint8_t signal;          /* enum sensor_work: the last word */
    uint8_t flags;           /* enum work_flag */
    /* Revisions told so far of the interval, and of the stop: it had ended, and late data has it go on. */
    uint8_t told, stop_told;
};

_Static_assert(sizeof(struct work_state) <= 160, "what a vehicle's work adds to its state has a bound");

#endif
