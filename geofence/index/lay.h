/*
 * lay: fences of the store as pieces, and their points as steps of the tree.
 */
#ifndef MW_GEO_LAY_H
#define MW_GEO_LAY_H

#include "pieces.h"

/* Pushes the pieces of all fences onto the first pile, as those of the root cell. The points stay in the
 * store. */
enum mw_error geo_lay_root(struct split *split, struct batch *out_root);

/* Copies the points of a piece from the store to the stack, if they are not there yet. */
enum mw_error geo_lay_piece(struct split *split, struct piece *piece);

#endif
