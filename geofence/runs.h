/*
 * runs: which segments of a line come near the quarters of a cell.
 */
#ifndef MW_GEO_RUNS_H
#define MW_GEO_RUNS_H

#include "metric.h"
#include "split.h"

/* The corners of the quarters, three by three, seen by corridors that might hold all of a quarter. */
struct grid {
    bool ready;
    double lon[3];
    struct geo_metric metric[3];      /* from south to north */
    double diagonal_m[2], tangent[2]; /* of the quarters in a row */
};

/* The quarters of a cell while pieces are laid for them. */
struct quarters {
    struct split *split;
    struct cell cells[4];
    struct geo_halves x, y; /* their spans */
    size_t first[4];        /* where their pieces begin */
    struct grid grid;
};

/* Bits of quarters that what spans so much meets, and those that hold all of it but for the slack beyond the
 * outer bounds of the four. */
struct reached {
    uint32_t met, within;
};

struct reached geo_quarters_reached(const struct geo_halves *x, const struct geo_halves *y,
                                    const struct geo_span *span, double slack);

/* Pushes a piece for each quarter of the set. */
enum mw_error geo_quarters_push(struct quarters *quarters, uint32_t set, const struct piece *piece);

/* Lays the parts of a run that each quarter needs. */
enum mw_error geo_runs_split(struct quarters *quarters, struct piece *run);

#endif
