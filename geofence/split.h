/*
 * split: the part of building that cuts fences into pieces of cells.
 *
 * A piece is what one cell needs to know of one fence: that it holds the whole cell, an outline cut to the
 * cell, or a run of the segments of a line that come within the half-width of the cell. The pieces of a cell
 * are cut for its four quarters at once, since what tells one quarter from another is then asked once. They
 * lie on four piles, one a quarter, those of a cell next to each other in ascending order of fence; the
 * points of outlines and runs lie on a stack that all share. Runs and outlines that lie in their quarter
 * altogether, or nearly so, share the points of the level above.
 *
 * The root cell names rings of the store instead of points: most of a city lies far from the borders of large
 * cells, and a fence is laid onto the stack where it is cut first (lay.h).
 *
 * Tried without gain: halves of cells as a level of their own (twice the pieces), large pages for the stack,
 * sentinels before each outline instead of asking whether it is empty, words of leaves copied a vector at a
 * time instead of by memcpy. What is left is jumps that depend on where fences lie, and clearing new memory.
 */
#ifndef MW_GEO_SPLIT_H
#define MW_GEO_SPLIT_H

#include "clip.h"
#include "tree.h"

enum piece_type { PIECE_WHOLE, PIECE_OUTLINE, PIECE_RUN };

struct piece {
    uint32_t fence;
    uint8_t type;
    bool laid;
    uint32_t count; /* points */
    uint32_t line;  /* runs: where the first point lies in the store's lines, or wide */
    size_t first;   /* laid: among the points of the stack; else its first ring in the store */
    struct geo_span span;
    double reach_x, reach_y; /* runs: the half-width in steps, slightly too large */
};

/* A square of steps. */
struct cell {
    uint64_t x, y;
    int shift;
};

struct pile {
    struct piece *pieces;
    size_t count, cap;
};

/* The pieces of one cell. */
struct batch {
    uint32_t pile;
    size_t first, count;
};

struct split {
    const struct geo_store *store;
    const struct geo_tree *tree;
    struct geo_corner *points;
    size_t point_count, point_cap;
    struct geo_corner *halves; /* scratch: an outline cut along x only */
    size_t half_cap;
    struct pile piles[4];
};

static inline struct geo_xy geo_split_point(const struct split *split, size_t i)
{
    return (struct geo_xy){split->points[i].x, split->points[i].y};
}

static inline struct piece *geo_split_pieces(const struct split *split, const struct batch *batch)
{
    return split->piles[batch->pile].pieces + batch->first;
}

void geo_split_fini(struct split *split);

/* Puts a piece on top of a pile, where the pieces of its cell begin at first. A fence that holds the whole
 * cell needs no other piece. */
enum mw_error geo_split_push(struct split *split, uint32_t pile, size_t first, const struct piece *piece);

/* Room on the stack for more points. */
enum mw_error geo_split_reserve(struct split *split, size_t more);

/* Lays the pieces that each quarter of the cell needs on its pile, cut from those of the cell. Quarters are
 * numbered from the south-west, to the east first. */
enum mw_error geo_split_cell(struct split *split, const struct batch *pieces, struct cell cell,
                             struct batch out_quarters[4]);

struct cell geo_cell_quarter(struct cell cell, uint32_t quarter);

/* The cell with a margin of 16 of its points' steps. */
struct geo_span geo_cell_span(struct cell cell);

struct mw_point geo_cell_corner(const struct geo_tree *tree, struct cell cell, double fx, double fy);

/* The least span of some points, at least one. */
struct geo_span geo_span_of(const struct geo_corner *points, size_t count);

#endif
