/* quarters: the four quarters of a cell while pieces are laid for them. */
#ifndef MW_GEO_QUARTERS_H
#define MW_GEO_QUARTERS_H

#include "metric.h"
#include "pieces.h"

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

void geo_quarters_begin(struct quarters *quarters, struct split *split, struct cell cell);

/* The same along one axis: bits of the halves, the lower one is 1. */
struct reached geo_halves_reached(const struct geo_halves *halves, double low, double high, double slack);
struct reached geo_quarters_reached(const struct geo_halves *x, const struct geo_halves *y,
                                    const struct geo_span *span, double slack);

/* Pushes a piece for each quarter of the set. */
enum mw_error geo_quarters_push(struct quarters *quarters, uint32_t set, const struct piece *piece);

#endif
