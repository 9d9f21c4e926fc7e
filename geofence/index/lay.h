/*
 * lay: fences of the store as pieces, and their points as steps of the tree.
 */
#ifndef MW_GEO_LAY_H
#define MW_GEO_LAY_H

#include "pieces.h"

/* Puts the pieces of all fences on the first pile: the root cell. Their points stay in the store. */
enum mw_error geo_lay_root(struct split *split, struct batch *out_root);

/* Lays the points of a piece on the stack, unless they lie there. */
enum mw_error geo_lay_piece(struct split *split, struct piece *piece);

#endif
