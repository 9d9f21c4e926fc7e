/*
 * leaf: writes the chunks of one leaf from the pieces of its cell. See tree.h for their form.
 */
#ifndef MW_GEO_LEAF_H
#define MW_GEO_LEAF_H

#include "pieces.h"

/* Appends the leaf to the words of the tree; *out_slot becomes the offset of its first chunk. The points of
 * all pieces are on the stack. */
enum mw_error geo_leaf_write(struct geo_tree *tree, const struct split *split, const struct batch *batch,
                             struct cell cell, uint32_t *out_slot);

#endif
