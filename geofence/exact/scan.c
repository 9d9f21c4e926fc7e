#include "scan.h"

#include "cross.h"
#include "exact.h"

size_t geo_scan_point(const struct geo_store *store, struct mw_point p, uint32_t *out, size_t cap)
{
    size_t count = 0;
    for (uint32_t i = 0; i < store->fence_count; i++) {
        if (geo_fence_holds(store, i, p)) {
            if (count < cap)
                out[count] = i;
            count++;
        }
    }
    return count;
}

size_t geo_scan_point_detail(const struct geo_store *store, struct mw_point p, struct mw_hit *out, size_t cap)
{
    size_t count = 0;
    for (uint32_t i = 0; i < store->fence_count; i++) {
        if (geo_fence_holds(store, i, p)) {
            if (count < cap)
                out[count] = geo_fence_hit(store, i, p);
            count++;
        }
    }
    return count;
}

size_t geo_scan_path(const struct geo_store *store, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out, size_t cap)
{
    size_t count = 0;
    if (!geo_on_globe(from) || !geo_on_globe(to))
        return 0;
    struct geo_path path = geo_path_of(from, to);
    for (uint32_t i = 0; i < store->fence_count; i++) {
        struct mw_crossing crossing = {
            i, geo_fence_holds(store, i, from), geo_fence_holds(store, i, to), 0, 0, 0};
        if (geo_fence_cross(store, &path, &crossing)) {
            if (count < cap)
                out[count] = crossing;
            count++;
        }
    }
    return count;
}
