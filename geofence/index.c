#include "index.h"

#include "exact.h"
#include "scan.h"

#include <stdlib.h>

void mw_index_free(struct mw_index *index)
{
    if (index) {
        geo_store_fini(&index->store);
        free(index);
    }
}

size_t mw_index_point(const struct mw_index *index, struct mw_point point, uint32_t *out_fences, size_t cap)
{
    return geo_scan_point(&index->store, point, out_fences, cap);
}

size_t mw_index_point_detail(const struct mw_index *index, struct mw_point point, struct mw_hit *out_hits,
                             size_t cap)
{
    return geo_scan_point_detail(&index->store, point, out_hits, cap);
}

size_t mw_index_points(const struct mw_index *index, const struct mw_point *points, size_t count,
                       uint32_t *out_first, uint32_t *out_fences, size_t cap)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        out_first[i] = (uint32_t)total;
        size_t written = total < cap ? total : cap;
        total += mw_index_point(index, points[i], out_fences + written, cap - written);
    }
    out_first[count] = (uint32_t)total;
    return total;
}

size_t mw_index_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out_crossings, size_t cap)
{
    return geo_scan_path(&index->store, from, to, out_crossings, cap);
}
