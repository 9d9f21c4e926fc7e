/*
 * scan: every question answered by looking at every fence.
 *
 * This is the simplest code that can be right. Tests compare the index with it. It also answers questions
 * about paths that are so long that a walk through the index would not pay.
 */
#ifndef MW_GEO_SCAN_H
#define MW_GEO_SCAN_H

#include "store.h"

size_t geo_scan_point(const struct geo_store *store, struct mw_point p, uint32_t *out, size_t cap);
size_t geo_scan_point_detail(const struct geo_store *store, struct mw_point p, struct mw_hit *out,
                             size_t cap);
size_t geo_scan_path(const struct geo_store *store, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out, size_t cap);

#endif
