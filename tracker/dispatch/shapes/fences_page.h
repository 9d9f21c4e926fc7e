/*
 * fences_page: the fences of a world that a part of a map shows, as GeoJSON in WGS-84.
 *
 * There are at most FENCES_PAGE_MAX; where more are there, the largest, and the answer says so: what is left out is what is hardest to see.
 */
#ifndef MW_FENCES_PAGE_H
#define MW_FENCES_PAGE_H

#include "buf.h"
#include "world.h"

enum { FENCES_PAGE_MAX = 2000 };

struct fences_asked {
    double west, south, east, north; /* degrees; west above east: over the antimeridian */
    double zoom;                     /* of a map of 512 pixels at 0 */
    int64_t at_ms;
};

/* False without memory. */
bool fences_page_write(const struct world *world, const struct fences_asked *asked, struct buf *out);

#endif
