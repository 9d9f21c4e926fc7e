/* lanes_avx512: eight doubles, for capsule.h. */
#ifndef MW_GEO_LANES_AVX512_H
#define MW_GEO_LANES_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 8
typedef __m512d lanes;

static inline lanes lanes_all(double v)
{
    return _mm512_set1_pd(v);
}

static inline lanes lanes_load(const double *p)
{
    return _mm512_loadu_pd(p);
}

static inline void lanes_store(double *p, lanes v)
{
    _mm512_storeu_pd(p, v);
}

static inline lanes lanes_from(const int32_t *p)
{
    return _mm512_cvtepi32_pd(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

static inline lanes lanes_root(lanes v)
{
    return _mm512_sqrt_pd(v);
}

static inline lanes lanes_least(lanes a, lanes b)
{
    return _mm512_min_pd(a, b);
}

static inline lanes lanes_most(lanes a, lanes b)
{
    return _mm512_max_pd(a, b);
}

static inline lanes lanes_pick(lanes a, lanes b, lanes x, lanes y)
{
    return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_GE_OQ), y, x);
}

#endif
