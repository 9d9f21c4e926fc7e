/*
 * walk: a path through the tree.
 *
 * Collects the leaves that the path touches, and from them the fences to consider. A fence none of whose
 * outlines in these leaves comes near the path has one answer for the whole path, the one at its start; the
 * others are asked exactly. Paths through more leaves than there is room for are answered by scanning all
 * fences.
 */
#ifndef MW_GEO_WALK_H
#define MW_GEO_WALK_H

#include "index.h"

size_t geo_walk_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out, size_t cap);

#endif
