/*
 * pieces: the piles of pieces and the stack of their points while a tree is built (split.h says what a piece
 * is).
 */
#ifndef MW_GEO_PIECES_H
#define MW_GEO_PIECES_H

#include "cells.h"

enum piece_type { PIECE_WHOLE, PIECE_OUTLINE, PIECE_RUN };

struct piece {
    uint32_t fence;
    uint8_t type;
    bool laid;
    uint32_t count; /* points */
    uint32_t line;  /* runs: place of the first point in the store's lines, or in wide (GEO_PLACE_WIDE) */
    size_t first;   /* laid: first point on the stack; not laid: first ring in the store */
    struct geo_span span;
    double reach_x, reach_y; /* runs: the corridor's half-width in steps, rounded up */
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

/* Puts a piece on top of a pile; the pieces of its cell begin at `first`. If a fence holds the whole cell,
 * that piece replaces all others of the fence in this cell. */
enum mw_error geo_split_push(struct split *split, uint32_t pile, size_t first, const struct piece *piece);

/* Makes room on the stack for `more` points. */
enum mw_error geo_split_reserve(struct split *split, size_t more);

/* Makes room for `need` points in an array of them. */
enum mw_error geo_corners_reserve(struct geo_corner **points, size_t *cap, size_t need);

#endif
