/*
 * sim_make: makes the fixes that are due, and on the way what befalls their units: dead zones, reboots and
 * wrong clocks.
 */
#ifndef MW_SIM_MAKE_H
#define MW_SIM_MAKE_H

#include "sim_state.h"

/* Fixes whose time has come, at most so many that acknowledgements are read in between. Ends `making` when
 * the trace, the time or the number asked for has ended. */
void sim_make_due(struct sim_engine *e, struct mono now);
/* Into a dead zone, or out of it. */
void sim_toggle_dead_zone(struct sim_engine *e, uint32_t unit, int64_t at_ms);

#endif
