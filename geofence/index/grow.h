/* grow: builds the tree of all fences of a store. */
#ifndef MW_GEO_GROW_H
#define MW_GEO_GROW_H

#include "tree.h"

/* MW_NO_MEMORY, MW_TOO_LARGE; then *out_tree is untouched. */
enum mw_error geo_tree_build(const struct geo_store *store, struct geo_tree *out_tree);

#endif
