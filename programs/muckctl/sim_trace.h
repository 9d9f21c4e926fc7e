/*
 * sim_trace: recorded fixes in memory, as the simulator's units go through them.
 *
 * A line is a fix of one vehicle; numbers (boot, seq) of the recording are dropped, since a simulated unit
 * has its own. A line is due when it was received, or else at its own time, never before the line above it.
 */
#ifndef MW_SIM_TRACE_H
#define MW_SIM_TRACE_H

#include "fix.h"

#include <stdint.h>
#include <stdio.h>

struct sim_line {
    struct fix fix;
    int64_t due_ms;
    uint32_t vehicle;
};

struct sim_vehicle {
    char id[65];
    uint32_t *lines; /* indices, ascending */
    uint32_t line_count, line_cap;
};

struct sim_trace {
    struct sim_line *lines;
    uint32_t line_count, line_cap;
    struct sim_vehicle *vehicles;
    uint32_t vehicle_count, vehicle_cap;
    uint32_t bad_lines;
};

/* Reads lines of the contract's replay form until the end. False without memory. Lines refused are counted.
 */
bool sim_trace_read(struct sim_trace *trace, FILE *in);
void sim_trace_free(struct sim_trace *trace);

/* The vehicle of this id, or NULL. */
struct sim_vehicle *sim_trace_vehicle(struct sim_trace *trace, struct text id);

/* First and last due time; 0 when empty. */
int64_t sim_trace_begin_ms(const struct sim_trace *trace);
int64_t sim_trace_end_ms(const struct sim_trace *trace);
/* From one beginning to the next where the trace is repeated. */
int64_t sim_trace_period_ms(const struct sim_trace *trace);

#endif
