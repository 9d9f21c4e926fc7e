/*
 * sim_options: what muckctl simulate is asked for, and what it reports.
 */
#ifndef MW_SIM_OPTIONS_H
#define MW_SIM_OPTIONS_H

#include "mqtt_options.h"

#include <stdint.h>
#include <stdio.h>

/* A fault that comes and goes, in seconds of trace time, both exponentially distributed; every_s 0: never. */
struct sim_fault {
    double every_s, for_s;
};

struct sim_options {
    struct mqtt_options mqtt;
    bool connection_each;
    uint32_t units;   /* 0: one for each vehicle of the trace */
    double speed;     /* 0: not by time */
    double rate;      /* fixes a second, all units together; 0: no bound */
    uint64_t fixes;   /* stop making them after so many; 0: no bound */
    double for_s;     /* or after so many seconds; 0: no bound */
    double wait_s;    /* for the last acknowledgements */
    uint32_t batch;   /* fixes a message, at most */
    bool acks;        /* wait for the tracker's word; else the broker's is enough */
    bool numbers;     /* send boot and seq */
    bool repeat;      /* begin the trace again at its end */
    int64_t shift_ms; /* added to all times */
    struct sim_fault dead_zone, reboot, clock_error;
    double clock_off_s;
    double duplicates; /* share of messages sent twice, 0 to 1 */
    uint64_t seed;
    const char *prefix; /* put before every vehicle's id */
    FILE *ledger;       /* every fix made, as a replay line; NULL: none */
    bool progress;      /* a line a second to standard error */
};

struct sim_report {
    uint64_t units, fixes, acked, unacked, messages, sent_fixes, resent, bytes, duplicates, live,
        acks_received, rewinds_stalled, rewinds_back, reboots, dead_zones, clock_errors, reconnects, refused;
    double seconds;
};

#endif
