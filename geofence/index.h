/* index: what mw_index holds. */
#ifndef MW_GEO_INDEX_H
#define MW_GEO_INDEX_H

#include "store.h"

struct mw_index {
    struct geo_store store;
};

#endif
