#include "index.h"

#include "eval.h"
#include "exact.h"

#include <stdlib.h>

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
            __builtin_cpu_supports("pclmul")) {
            out[count++] = &geo_eval_avx512;
        }
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
    if (index) {
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
    return index->eval->points(index, points, count, out_first, out_fences, cap);
}

size_t mw_index_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out_crossings, size_t cap)
{
    return index->eval->path(index, from, to, out_crossings, cap);
}
