/*
 * runs: which segments of a line come near the quarters of a cell.
 */
#ifndef MW_GEO_RUNS_H
#define MW_GEO_RUNS_H

#include "quarters.h"

/* Pushes for each quarter the parts of the run that come near it, or "whole" where the corridor holds it. */
enum mw_error geo_runs_split(struct quarters *quarters, struct piece *run);

#endif
