/* cells: the squares that a tree is cut into. */
#ifndef MW_GEO_CELLS_H
#define MW_GEO_CELLS_H

#include "clip.h"
#include "tree.h"

/* A square of steps. */
struct cell {
    uint64_t x, y;
    int shift;
};

struct cell geo_cell_quarter(struct cell cell, uint32_t quarter);

/* The cell with a margin of 16 of its points' steps. */
struct geo_span geo_cell_span(struct cell cell);

struct mw_point geo_cell_corner(const struct geo_tree *tree, struct cell cell, double fx, double fy);

/* The least span of some points, at least one. */
struct geo_span geo_span_of(const struct geo_corner *points, size_t count);

#endif
