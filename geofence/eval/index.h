/* index: what mw_index holds. */
#ifndef MW_GEO_INDEX_H
#define MW_GEO_INDEX_H

#include "store.h"
#include "tree.h"

struct geo_eval;

struct mw_index {
    struct geo_store store;
    struct geo_tree tree;
    const struct geo_eval *eval;
};

#endif
