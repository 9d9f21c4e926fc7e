#include "index.h"

#include "cross.h"
#include "eval.h"
#include "exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint32_t geo_eval_list(const struct geo_eval *out[GEO_EVALS_MAX])
{
    uint32_t count = 0;
    out[count++] = &geo_eval_plain;
#if defined(__x86_64__) && defined(MW_GEO_VECTORS)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("popcnt")) {
        out[count++] = &geo_eval_avx2;
        if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vpopcntdq") &&
            __builtin_cpu_supports("pclmul"))
            out[count++] = &geo_eval_avx512;
    }
#endif
    return count;
}

const struct geo_eval *geo_eval_best(void)
{
    const struct geo_eval *evals[GEO_EVALS_MAX];
    return evals[geo_eval_list(evals) - 1];
}

void mw_index_free(struct mw_index *index)
{
    if (index != NULL) {
        geo_tree_fini(&index->tree);
        geo_store_fini(&index->store);
        free(index);
    }
}

size_t mw_index_point(const struct mw_index *index, struct mw_point point, uint32_t *out_fences, size_t cap)
{
    return index->eval->point(index, point, out_fences, cap);
}

size_t mw_index_point_detail(const struct mw_index *index, struct mw_point point, struct mw_hit *out_hits,
                             size_t cap)
{
    return index->eval->detail(index, point, out_hits, cap);
}

size_t mw_index_points(const struct mw_index *index, const struct mw_point *points, size_t count,
                       uint32_t *out_first, uint32_t *out_fences, size_t cap)
{
    const struct geo_points many = {points, count, out_first, out_fences, cap};
    return index->eval->points(index, &many);
}

/* Joins the answers about the two halves of a path over the antimeridian. The first `before` crossings belong
 * to the half up to it, the next `beyond` to the half behind it; `share` is the first half's part of the
 * length. No fence crosses the antimeridian, but a fence may have parts on both sides of it. */
static size_t join_paths(struct mw_crossing *out, size_t before, size_t beyond, double share)
{
    size_t count = before;
    for (size_t i = 0; i < before; i++) {
        out[i].enter *= share;
        out[i].leave *= share;
        out[i].inside_to = false; /* it was said of the cut, not of the path's end */
    }
    for (size_t i = before; i < before + beyond; i++) {
        struct mw_crossing c = out[i];
        size_t k = 0;
        c.enter = share + (1 - share) * c.enter;
        c.leave = share + (1 - share) * c.leave;
        c.inside_from = false;
        while (k < count && out[k].fence < c.fence)
            k++;
        if (k < count && out[k].fence == c.fence) {
            out[k].inside_to = c.inside_to;
            out[k].leave = c.leave;
            out[k].inside_m += c.inside_m;
            continue;
        }
        memmove(&out[k + 1], &out[k], (count - k) * sizeof *out);
        out[k] = c;
        count++;
    }
    return count;
}

static bool is_over_antimeridian(struct mw_point from, struct mw_point to)
{
    return fabs(to.lon_deg - from.lon_deg) > 180 && fabs(from.lon_deg) <= 180 && fabs(to.lon_deg) <= 180;
}

/* Where the path leaves one side, and where it goes on beyond it. Returns the share of it that lies before. */
static double cut_at_antimeridian(struct mw_point from, struct mw_point to, struct mw_point out_cut[2])
{
    double east = mw_east_deg(from, to), edge = east > 0 ? 180 : -180;
    double share = (edge - from.lon_deg) / east;
    double lat_deg = from.lat_deg + share * (to.lat_deg - from.lat_deg);
    out_cut[0] = (struct mw_point){lat_deg, edge};
    out_cut[1] = (struct mw_point){lat_deg, -edge};
    return share;
}

static size_t path_over_antimeridian(const struct mw_index *index, struct mw_point from, struct mw_point to,
                                     struct mw_crossing *out, size_t cap)
{
    struct mw_point cut[2];
    double share = cut_at_antimeridian(from, to, cut);
    size_t before = index->eval->path(index, from, cut[0], out, cap);
    size_t held = before < cap ? before : cap, room = cap - held;
    struct mw_crossing *rest = room > 0 ? out + held : NULL;
    size_t beyond = index->eval->path(index, cut[1], to, rest, room);
    size_t more = beyond < room ? beyond : room;
    return join_paths(out, held, more, share) + (before - held) + (beyond - more);
}

size_t mw_index_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out_crossings, size_t cap)
{
    if (is_over_antimeridian(from, to))
        return path_over_antimeridian(index, from, to, out_crossings, cap);
    return index->eval->path(index, from, to, out_crossings, cap);
}

static bool meets(const struct geo_store *store, uint32_t fence, struct mw_point from, struct mw_point to)
{
    if (!geo_on_globe(from) || !geo_on_globe(to))
        return false;
    struct geo_path path = geo_path_of(from, to);
    struct mw_crossing found = {
        fence, geo_fence_holds(store, fence, from), geo_fence_holds(store, fence, to), 0, 0, 0};
    return geo_fence_cross(store, &path, &found);
}

bool mw_index_path_meets(const struct mw_index *index, uint32_t fence, struct mw_point from,
                         struct mw_point to)
{
    struct mw_point cut[2];
    if (!is_over_antimeridian(from, to))
        return meets(&index->store, fence, from, to);
    cut_at_antimeridian(from, to, cut);
    return meets(&index->store, fence, from, cut[0]) || meets(&index->store, fence, cut[1], to);
}
