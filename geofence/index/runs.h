/*
 * runs: which segments of a line come near the quarters of a cell.
 */
#ifndef MW_GEO_RUNS_H
#define MW_GEO_RUNS_H

#include "quarters.h"

/* Lays the parts of a run that each quarter needs. */
enum mw_error geo_runs_split(struct quarters *quarters, struct piece *run);

#endif
