/* quarters: the four quarters of a cell, while the cell's pieces are cut and pushed for each of them. */
#ifndef MW_GEO_QUARTERS_H
#define MW_GEO_QUARTERS_H

#include "metric.h"
#include "pieces.h"

/* The nine corners of the four quarters. They are worked out once a cell, and only if a corridor of the cell
 * is wide enough to hold a whole quarter. */
struct grid {
    bool ready;
    double lon[3];
    struct geo_metric metric[3];      /* from south to north */
    double diagonal_m[2], tangent[2]; /* of the quarters in each row, the southern row first */
};

struct quarters {
    struct split *split;
    struct cell cells[4];
    struct geo_halves x, y; /* their spans */
    size_t first[4];        /* of each quarter: where its pieces begin on its pile */
    struct grid grid;
};

/* How a rectangle lies to the quarters, as a bit for each quarter. */
struct reached {
    uint32_t met;    /* the rectangle and the quarter overlap */
    uint32_t within; /* the quarter holds the rectangle, but for a slack beyond the rim of the whole cell */
};

void geo_quarters_begin(struct quarters *quarters, struct split *split, struct cell cell);

/* The same for an extent along one axis and the two halves of the cell: the lower half has bit 1, the upper
 * half bit 2. */
struct reached geo_halves_reached(const struct geo_halves *halves, double low, double high, double slack);
struct reached geo_quarters_reached(const struct geo_halves *x, const struct geo_halves *y,
                                    const struct geo_span *span, double slack);

/* Pushes a piece for each quarter of the set. */
enum mw_error geo_quarters_push(struct quarters *quarters, uint32_t set, const struct piece *piece);

#endif
