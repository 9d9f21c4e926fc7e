/*
 * split: the part of building that cuts fences into pieces of cells.
 *
 * A piece is what one cell needs to know of one fence: that it holds the whole cell, an outline cut to the
 * cell, or a run of the segments of a line that come within the half-width of the cell. Pieces lie on a
 * stack, those of a cell next to each other in ascending order of fence; the points of outlines on another.
 * Runs and outlines that lie in their cell altogether share the points of the level above.
 */
#ifndef MW_GEO_SPLIT_H
#define MW_GEO_SPLIT_H

#include "clip.h"
#include "tree.h"

enum piece_type { PIECE_WHOLE, PIECE_OUTLINE, PIECE_RUN };

struct piece {
    uint32_t fence;
    uint32_t type;
    uint32_t count; /* points */
    uint32_t line;  /* runs: where the first point lies in the store's lines, or RUN_NOWHERE */
    size_t first;   /* in points */
    struct geo_span span;
    double reach_x, reach_y; /* runs: the half-width in steps, slightly too large */
};

/* A square of steps. */
struct cell {
    uint64_t x, y;
    int shift;
};

struct split {
    const struct geo_store *store;
    const struct geo_tree *tree;
    struct geo_corner *points;
    size_t point_count, point_cap;
    struct piece *pieces;
    size_t piece_count, piece_cap;
};

static inline struct geo_xy geo_split_point(const struct split *split, size_t i)
{
    return (struct geo_xy){split->points[i].x, split->points[i].y};
}

void geo_split_fini(struct split *split);

/* Lays the pieces of all fences on the stack: the root cell. */
enum mw_error geo_split_start(struct split *split);

/* Lays the pieces that the cell needs on top of the stack, cut from those of the cell around it. */
enum mw_error geo_split_cell(struct split *split, size_t first, size_t count, struct cell cell);

/* The cell with a margin of 16 of its points' steps. */
struct geo_span geo_cell_span(struct cell cell);

struct mw_point geo_cell_corner(const struct geo_tree *tree, struct cell cell, double fx, double fy);

#endif
