/* cells: the squares that a tree is cut into. */
#ifndef MW_GEO_CELLS_H
#define MW_GEO_CELLS_H

#include "clip.h"
#include "tree.h"

/* A square of the tree: its south-west corner, and its side of 2^shift steps. */
struct cell {
    uint64_t x, y;
    int shift;
};

struct cell geo_cell_quarter(struct cell cell, uint32_t quarter);

/* The cell with a margin of 16 steps of a point in its leaf, on each side. */
struct geo_span geo_cell_span(struct cell cell);

struct mw_point geo_cell_corner(const struct geo_tree *tree, struct cell cell, double fx, double fy);

/* The smallest rectangle around `count` points; there is at least one. */
struct geo_span geo_span_of(const struct geo_corner *points, size_t count);

#endif
