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

#include "pieces.h"

/* Lays the pieces that each quarter of the cell needs on its pile, cut from those of the cell. Quarters are
 * numbered from the south-west, to the east first. */
enum mw_error geo_split_cell(struct split *split, const struct batch *pieces, struct cell cell,
                             struct batch out_quarters[4]);

#endif
