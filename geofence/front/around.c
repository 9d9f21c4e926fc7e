/*
 * around: the fences near a place. A path is what the index answers quickly, so the place is asked about by four lines
 * through it, this much longer to either side than what counts as near: a border that near is met by one of them, unless
 * the fence is smaller than the gap between two. Each fence met is then measured.
 */
#include <muckwatch/geofence.h>

#include <assert.h>
#include <math.h>

#define LINE_LENGTH    1.25
#define METRES_PER_DEG 110574.0 /* of latitude, at the equator, where it is least */

enum { LINES = 4, LINE_FENCES_MAX = MW_AROUND_MAX / LINES };

struct around {
    const struct mw_index *index;
    struct mw_point at;
    double reach_m;
    uint32_t *fences;
    size_t count;
    bool more;
};

static bool is_told(const struct around *a, uint32_t fence)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->fences[i] == fence)
            return true;
    return false;
}

static void look_along(struct around *a, double north, double east)
{
    struct mw_crossing met[LINE_FENCES_MAX];
    double reach_deg = a->reach_m * LINE_LENGTH / METRES_PER_DEG;
    double lat_deg = reach_deg * north, lon_deg = reach_deg * east / cos(a->at.lat_deg * (M_PI / 180));
    struct mw_point from = {a->at.lat_deg - lat_deg, a->at.lon_deg - lon_deg};
    struct mw_point to = {a->at.lat_deg + lat_deg, a->at.lon_deg + lon_deg};
    size_t n = mw_index_path(a->index, from, to, met, LINE_FENCES_MAX);
    a->more |= n > LINE_FENCES_MAX;
    for (size_t i = 0; i < n && i < LINE_FENCES_MAX; i++)
        if (!is_told(a, met[i].fence) && mw_index_near(a->index, met[i].fence, a->at, a->reach_m)) {
            assert(a->count < MW_AROUND_MAX); /* each line tells its share at most */
            a->fences[a->count++] = met[i].fence;
        }
}

size_t mw_index_around(const struct mw_index *index, struct mw_point point, double reach_m,
                       uint32_t out_fences[MW_AROUND_MAX], bool *out_more)
{
    struct around a = {index, point, reach_m, out_fences, 0, false};
    look_along(&a, 1, 0);
    look_along(&a, 0, 1);
    look_along(&a, M_SQRT1_2, M_SQRT1_2);
    look_along(&a, M_SQRT1_2, -M_SQRT1_2);
    *out_more = a.more;
    return a.count;
}
