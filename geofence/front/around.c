/*
 * around: the fences near a place. A path is what the index answers quickly, so the place is asked about by four lines
 * through it, this much longer to either side than what counts as near: a border that near is met by one of them, unless
 * the fence is smaller than the gap between two. Each fence met is then measured.
 */
#include <muckwatch/geofence.h>

#include <math.h>
#include <stdlib.h>

#define LINE_LENGTH    1.25
#define METRES_PER_DEG 110574.0 /* of latitude, at the equator, where it is least */

/* Mostly there are fewer. */
#define LINE_FENCES 256

struct look {
    const struct mw_index *index;
    struct mw_point at;
    double reach_m;
    void (*met)(void *context, uint32_t fence);
    void *context;
};

static bool look_along(const struct look *l, double north, double east)
{
    struct mw_crossing few[LINE_FENCES], *met = few;
    double reach_deg = l->reach_m * LINE_LENGTH / METRES_PER_DEG;
    double lat_deg = reach_deg * north, lon_deg = reach_deg * east / cos(l->at.lat_deg * (M_PI / 180));
    struct mw_point from = {l->at.lat_deg - lat_deg, l->at.lon_deg - lon_deg};
    struct mw_point to = {l->at.lat_deg + lat_deg, l->at.lon_deg + lon_deg};
    size_t all = mw_index_path(l->index, from, to, few, LINE_FENCES), n = all;
    if (all > LINE_FENCES && (met = malloc(all * sizeof *met)) != NULL)
        mw_index_path(l->index, from, to, met, all);
    if (met == NULL) {
        met = few;
        n = LINE_FENCES;
    }
    for (size_t i = 0; i < n; i++)
        l->met(l->context, met[i].fence);
    if (met != few)
        free(met);
    return n == all;
}

bool mw_index_look_around(const struct mw_index *index, struct mw_point point, double reach_m,
                          void (*met)(void *context, uint32_t fence), void *context)
{
    const struct look l = {index, point, reach_m, met, context};
    bool whole = look_along(&l, 1, 0);
    whole &= look_along(&l, 0, 1);
    whole &= look_along(&l, M_SQRT1_2, M_SQRT1_2);
    whole &= look_along(&l, M_SQRT1_2, -M_SQRT1_2);
    return whole;
}

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

static void tell_near(void *context, uint32_t fence)
{
    struct around *a = context;
    if (is_told(a, fence) || !mw_index_near(a->index, fence, a->at, a->reach_m))
        return;
    if (a->count < MW_AROUND_MAX)
        a->fences[a->count++] = fence;
    else
        a->more = true;
}

size_t mw_index_around(const struct mw_index *index, struct mw_point point, double reach_m,
                       uint32_t out_fences[MW_AROUND_MAX], bool *out_more)
{
    struct around a = {index, point, reach_m, out_fences, 0, false};
    a.more |= !mw_index_look_around(index, point, reach_m, tell_near, &a);
    *out_more = a.more;
    return a.count;
}
