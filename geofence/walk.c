#include "walk.h"

#include "scan.h"

size_t geo_walk_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out, size_t cap)
{
    return geo_scan_path(&index->store, from, to, out, cap);
}
