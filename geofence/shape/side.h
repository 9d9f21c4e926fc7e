/* side: on which side of a ring a point lies, exactly. */
#ifndef MW_GEO_SIDE_H
#define MW_GEO_SIDE_H

#include "store.h"

enum geo_side { GEO_OUTSIDE, GEO_INSIDE, GEO_BORDER };

/* Where the point lies in relation to this one ring. */
enum geo_side geo_ring_side(const struct geo_store *store, const struct geo_ring *ring, struct geo_xy p);

#endif
