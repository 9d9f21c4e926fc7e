/* lanes_avx2: four doubles, for capsule.h. */
#ifndef MW_GEO_LANES_AVX2_H
#define MW_GEO_LANES_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 4
typedef __m256d lanes;

static inline lanes lanes_all(double v)
{
    return _mm256_set1_pd(v);
}

static inline lanes lanes_load(const double *p)
{
    return _mm256_loadu_pd(p);
}

static inline void lanes_store(double *p, lanes v)
{
    _mm256_storeu_pd(p, v);
}

static inline lanes lanes_from(const int32_t *p)
{
    return _mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline lanes lanes_root(lanes v)
{
    return _mm256_sqrt_pd(v);
}

static inline lanes lanes_least(lanes a, lanes b)
{
    return _mm256_min_pd(a, b);
}

static inline lanes lanes_most(lanes a, lanes b)
{
    return _mm256_max_pd(a, b);
}

static inline lanes lanes_pick(lanes a, lanes b, lanes x, lanes y)
{
    return _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, b, _CMP_GE_OQ));
}

#endif
