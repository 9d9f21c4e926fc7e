/*
 * sim_engine: many simulated units over one connection, or one each, on one loop.
 *
 * Trace time goes by `speed` times as fast as the clock, or line after line at `rate` fixes a second, or as
 * fast as acknowledgements allow. What a unit sends and sends again is up to its sender (sender.h), the
 * one that real units have.
 */
#ifndef MW_SIM_ENGINE_H
#define MW_SIM_ENGINE_H

#include "sim_options.h"
#include "sim_trace.h"

/* Runs until done or interrupted. EX_OK when all is acknowledged, EX_TEMPFAIL when not, EX_OSERR. */
int sim_run(const struct sim_trace *trace, const struct sim_options *options, struct sim_report *out_report);

#endif
