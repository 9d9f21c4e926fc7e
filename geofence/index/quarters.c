#include "quarters.h"

void geo_quarters_begin(struct quarters *q, struct split *split, struct cell cell)
{
    q->split = split;
    for (uint32_t i = 0; i < 4; i++) {
        q->cells[i] = geo_cell_quarter(cell, i);
        q->first[i] = q->split->piles[i].count;
    }
    struct geo_span low = geo_cell_span(q->cells[0]), high = geo_cell_span(q->cells[3]);
    q->x = (struct geo_halves){{low.west, high.west}, {low.east, high.east}};
    q->y = (struct geo_halves){{low.south, high.south}, {low.north, high.north}};
    q->grid.ready = false;
}

/* The lower half has bit 1, the upper half bit 2. An extent that sticks out of a half still counts as within
 * it if it sticks out of the two halves together, at the low or the high end, by at most the slack. */
struct reached geo_halves_reached(const struct geo_halves *halves, double low, double high, double slack)
{
    const double least[2] = {halves->low[0] - slack, halves->low[1]};
    const double most[2] = {halves->high[0], halves->high[1] + slack};
    struct reached r = {0, 0};
    for (uint32_t i = 0; i < 2; i++) {
        r.met |= ((uint32_t)(high >= halves->low[i]) & (uint32_t)(low <= halves->high[i])) << i;
        r.within |= ((uint32_t)(low >= least[i]) & (uint32_t)(high <= most[i])) << i;
    }
    return r;
}

/* A bit for each quarter that lies in one of these columns and in one of these rows. Quarters 0 and 1 make
 * the lower row, quarters 0 and 2 the lower column. */
static uint32_t quarters_in(uint32_t columns, uint32_t rows)
{
    return ((rows & 1) | (rows & 2) << 1) * columns;
}

struct reached geo_quarters_reached(const struct geo_halves *x, const struct geo_halves *y,
                                    const struct geo_span *span, double slack)
{
    struct reached columns = geo_halves_reached(x, span->west, span->east, slack);
    struct reached rows = geo_halves_reached(y, span->south, span->north, slack);
    return (struct reached){quarters_in(columns.met, rows.met), quarters_in(columns.within, rows.within)};
}

enum mw_error geo_quarters_push(struct quarters *q, uint32_t set, const struct piece *piece)
{
    enum mw_error error = MW_OK;
    for (; set && !error; set &= set - 1) {
        uint32_t quarter = (uint32_t)__builtin_ctz(set);
        error = geo_split_push(q->split, quarter, q->first[quarter], piece);
    }
    return error;
}
