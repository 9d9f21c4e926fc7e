/*
 * lone: which holes lie by themselves: no other hole, and no edge of the outer ring, reaches into the box around them.
 *
 * Such a hole is in its outer ring if one of its points is, and in no other hole. Of most polygons all holes lie so, and
 * nothing else has to be asked about them.
 */
#ifndef MW_GEO_LONE_H
#define MW_GEO_LONE_H

#include "store.h"

/* Sets lone[i] for each hole i of the rings that follow `outer`, `count` rings in all; lone[0], the outer ring's, is
 * false. A hole may lie by itself without being told so, if boxes overlap along both axes by the hundred. */
enum mw_error geo_lone_holes(const struct geo_store *store, uint32_t outer, uint32_t count, bool *out_lone);

#endif
