/*
 * split: the part of building that cuts fences into pieces of cells.
 *
 * A piece is what one cell needs to know of one fence. It is one of three: the fence holds the whole cell; or
 * an outline, which is a polygon cut to the cell; or a run, which is a row of segments of a corridor's line
 * that come within the corridor's half-width of the cell.
 *
 * A cell's pieces are cut for its four quarters at once, because most comparisons serve two quarters. Pieces
 * lie on four piles, one for each quarter. On its pile, the pieces of one cell follow each other in ascending
 * order of fence. The points of outlines and runs lie on one stack that all piles share. A run or an outline
 * that lies in one quarter, or nearly so, shares the points of the level above instead of copying them.
 *
 * A piece of the root cell names a ring of the store instead of points on the stack. The ring's points are
 * put on the stack when the piece is cut for the first time (lay.h); most fences lie far from the borders of
 * large cells and are cut late.
 *
 * Tried without gain: halves of cells as a level of their own (twice the pieces); large pages for the stack;
 * a sentinel before each outline instead of the test whether it is empty; copying the words of leaves with
 * vectors instead of memcpy. The time that remains goes into branches that depend on where fences lie, and
 * into clearing new memory.
 */
#ifndef MW_GEO_SPLIT_H
#define MW_GEO_SPLIT_H

#include "pieces.h"

/* Cuts the pieces of the cell and pushes, for each quarter, the pieces it needs onto the quarter's pile. The
 * quarters are numbered south-west, south-east, north-west, north-east. */
enum mw_error geo_split_cell(struct split *split, const struct batch *pieces, struct cell cell,
                             struct batch out_quarters[4]);

#endif
