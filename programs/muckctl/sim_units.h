/*
 * sim_units: makes the units of a simulation: one or more for each vehicle of the trace.
 */
#ifndef MW_SIM_UNITS_H
#define MW_SIM_UNITS_H

#include "sim_state.h"

/* False without memory; sim_units_free is due either way. */
bool sim_units_new(struct sim_engine *e);
void sim_units_free(struct sim_engine *e);

#endif
