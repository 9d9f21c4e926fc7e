/* eval_avx2: eight edges at a time, for x86-64 processors since 2013. */
#include "eval.h"

#ifdef __AVX2__

#include "chunk.h"
#include "lanes_avx2.h"

#include <immintrin.h>
#include <math.h>

#define EVAL_NAME                        geo_eval_avx2
#define marked_leaf(words, at, out, cap) UNTOLD
#define EVAL_TEXT                        "avx2"

static inline bool poly_bits(const uint32_t *points, uint32_t edges, int px, int py, uint8_t *bits)
{
    const __m256i place = _mm256_set1_epi32((int)((uint32_t)(uint16_t)px | (uint32_t)(uint16_t)py << 16));
    const __m256i turned = _mm256_set1_epi32((int)((uint32_t)(uint16_t)py | (uint32_t)(uint16_t)px << 16));
    const __m256i sign = _mm256_set1_epi32((int)0xffff0001), two = _mm256_set1_epi16(2);
    __m256i near = _mm256_setzero_si256();
    for (uint32_t base = 0; base < edges; base += 8) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(points + base));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(points + base + 1));
        __m256i d = _mm256_sub_epi16(b, a);
        __m256i a_turned = _mm256_or_si256(_mm256_slli_epi32(a, 16), _mm256_srli_epi32(a, 16));
        __m256i cross = _mm256_madd_epi16(_mm256_sign_epi16(d, sign), _mm256_sub_epi16(turned, a_turned));
        __m256i straddles = _mm256_xor_si256(_mm256_cmpgt_epi16(a, place), _mm256_cmpgt_epi16(b, place));
        __m256i east = _mm256_andnot_si256(_mm256_xor_si256(cross, d), straddles);
        bits[base / 8] = (uint8_t)_mm256_movemask_ps(_mm256_castsi256_ps(east));
        __m256i band = _mm256_madd_epi16(_mm256_abs_epi16(d), two);
        near = _mm256_or_si256(near, _mm256_cmpgt_epi32(band, _mm256_abs_epi32(cross)));
    }
    return !_mm256_testz_si256(near, near);
}

static inline __m256 steps_x(__m256i words, __m256 p, __m256 f)
{
    return _mm256_mul_ps(
        _mm256_sub_ps(_mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(words, 16), 16)), p), f);
}

static inline __m256 steps_y(__m256i words, __m256 p, __m256 f)
{
    return _mm256_mul_ps(_mm256_sub_ps(_mm256_cvtepi32_ps(_mm256_srai_epi32(words, 16)), p), f);
}

static inline void run_squares(const uint32_t *points, uint32_t edges, struct geo_frame f, float *squares)
{
    const __m256 x0 = _mm256_set1_ps((float)f.px), y0 = _mm256_set1_ps((float)f.py);
    const __m256 sx = _mm256_set1_ps(f.x_m), sy = _mm256_set1_ps(f.y_m), tiny = _mm256_set1_ps(1e-12f);
    const __m256 zero = _mm256_setzero_ps(), one = _mm256_set1_ps(1);
    for (uint32_t base = 0; base < edges; base += 8) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(points + base));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(points + base + 1));
        __m256 ax = steps_x(a, x0, sx), ay = steps_y(a, y0, sy);
        __m256 dx = _mm256_sub_ps(steps_x(b, x0, sx), ax), dy = _mm256_sub_ps(steps_y(b, y0, sy), ay);
        __m256 d2 = _mm256_add_ps(_mm256_mul_ps(dx, dx), _mm256_mul_ps(dy, dy));
        __m256 dot = _mm256_add_ps(_mm256_mul_ps(ax, dx), _mm256_mul_ps(ay, dy));
        __m256 t = _mm256_div_ps(_mm256_sub_ps(zero, dot), _mm256_max_ps(d2, tiny));
        t = _mm256_min_ps(_mm256_max_ps(t, zero), one);
        __m256 x = _mm256_add_ps(ax, _mm256_mul_ps(t, dx)), y = _mm256_add_ps(ay, _mm256_mul_ps(t, dy));
        _mm256_storeu_ps(squares + base, _mm256_add_ps(_mm256_mul_ps(x, x), _mm256_mul_ps(y, y)));
    }
}

static inline __m256i both(int low, int high)
{
    return _mm256_set1_epi32((int)((uint32_t)(uint16_t)low | (uint32_t)(uint16_t)high << 16));
}

/* An edge does not touch the strip if both its ends lie beyond the same side of it. */
static inline uint64_t strip_bits(const uint32_t *points, uint32_t edges, const struct geo_strip *strip)
{
    const __m256i start = both(strip->x, strip->y), across = both(-strip->dy, strip->dx);
    const __m256i least = both(strip->west, strip->south), most = both(strip->east, strip->north);
    const __m256i left = _mm256_set1_epi32(strip->margin), right = _mm256_set1_epi32(-strip->margin);
    uint64_t bits = 0;
    for (uint32_t base = 0; base < edges; base += 8) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(points + base));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(points + base + 1));
        __m256i cross_a = _mm256_madd_epi16(_mm256_sub_epi16(a, start), across);
        __m256i cross_b = _mm256_madd_epi16(_mm256_sub_epi16(b, start), across);
        __m256i clear = _mm256_or_si256(
            _mm256_and_si256(_mm256_cmpgt_epi32(cross_a, left), _mm256_cmpgt_epi32(cross_b, left)),
            _mm256_and_si256(_mm256_cmpgt_epi32(right, cross_a), _mm256_cmpgt_epi32(right, cross_b)));
        __m256i beyond =
            _mm256_or_si256(_mm256_and_si256(_mm256_cmpgt_epi16(least, a), _mm256_cmpgt_epi16(least, b)),
                            _mm256_and_si256(_mm256_cmpgt_epi16(a, most), _mm256_cmpgt_epi16(b, most)));
        __m256i met = _mm256_cmpeq_epi32(_mm256_or_si256(clear, beyond), _mm256_setzero_si256());
        bits |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(met)) << base;
    }
    return bits;
}

static inline uint32_t same8(const uint32_t *ids, __m256i id)
{
    __m256i eight = _mm256_loadu_si256((const __m256i *)(const void *)ids);
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(eight, id)));
}

/* Most runs have at most eight edges. How many cannot be predicted, so these are done without a loop. */
static inline float run_least(const float *squares, uint32_t edges)
{
    static const int32_t some[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    const __m256i mask =
        _mm256_loadu_si256((const __m256i *)(const void *)(some + 8 - (edges < 8 ? edges : 8)));
    const __m256 never = _mm256_set1_ps(HUGE_VALF);
    __m256 v = _mm256_blendv_ps(never, _mm256_loadu_ps(squares), _mm256_castsi256_ps(mask));
    __m128 four = _mm_min_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    four = _mm_min_ps(four, _mm_movehl_ps(four, four));
    float least = _mm_cvtss_f32(_mm_min_ss(four, _mm_movehdup_ps(four)));
    for (uint32_t i = 8; i < edges; i++)
        least = squares[i] < least ? squares[i] : least;
    return least;
}

static inline bool has_id(const uint32_t *ids, size_t count, uint32_t id)
{
    const __m256i all = _mm256_set1_epi32((int)id);
    uint32_t same = same8(ids, all) | same8(ids + 8, all) << 8;
    return _bzhi_u32(same, count < 16 ? (uint32_t)count : 16);
}

static inline uint32_t count_less(const int64_t *items, int64_t item)
{
    const __m256i all = _mm256_set1_epi64x(item), *four = (const __m256i *)(const void *)items;
    __m256i a = _mm256_cmpgt_epi64(all, _mm256_loadu_si256(four));
    __m256i b = _mm256_cmpgt_epi64(all, _mm256_loadu_si256(four + 1));
    return (uint32_t)_mm_popcnt_u32((unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(a))) +
           (uint32_t)_mm_popcnt_u32((unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(b)));
}

#include "eval_body.h"

#include "batch.h"

#endif
