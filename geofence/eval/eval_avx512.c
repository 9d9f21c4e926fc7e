/* eval_avx512: sixteen edges at a time, for x86-64 processors since 2019 (Ice Lake, Zen 4). */
#include "eval.h"

#ifdef __AVX512VPOPCNTDQ__

#include "chunk.h"
#include "lanes_avx512.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define EVAL_NAME geo_eval_avx512
#define EVAL_TEXT "avx512"

static inline __m512i both(int low, int high)
{
    return _mm512_set1_epi32((int)((uint32_t)(uint16_t)low | (uint32_t)(uint16_t)high << 16));
}

/* A bit for each edge: whether it lies east of the place, and whether its line is nearer than two steps. */
struct edge_bits {
    uint32_t east, near;
};

static inline struct edge_bits edges16(const uint32_t *points, __m512i place)
{
    __m512i a = _mm512_sub_epi16(place, _mm512_loadu_si512(points));
    __m512i b = _mm512_sub_epi16(place, _mm512_loadu_si512(points + 1));
    __m512i d = _mm512_sub_epi16(a, b), turned = _mm512_rol_epi32(d, 16);
    turned = _mm512_mask_sub_epi16(turned, 0x55555555, _mm512_setzero_si512(), turned);
    __m512i cross = _mm512_madd_epi16(turned, a);
    __m512i band = _mm512_madd_epi16(_mm512_abs_epi16(d), _mm512_set1_epi16(2));
    /* 0x24 gives the sign of (a ^ b) & ~(cross ^ a): if the edge straddles the place, a has the sign of d. */
    return (struct edge_bits){_mm512_movepi32_mask(_mm512_ternarylogic_epi32(a, b, cross, 0x24)),
                              _mm512_cmpgt_epi32_mask(band, _mm512_abs_epi32(cross))};
}

static inline bool poly_bits(const uint32_t *points, uint32_t edges, int px, int py, uint8_t *bits)
{
    const __m512i place = both(px, py);
    uint32_t near = 0;
    for (uint32_t base = 0; base < edges; base += 16) {
        struct edge_bits found = edges16(points + base, place);
        uint16_t east = (uint16_t)found.east;
        memcpy(bits + base / 8, &east, sizeof east);
        near |= found.near;
    }
    return near;
}

/* A place and the size of a step. */
struct scale {
    __m512i place;
    __m512 x_m, y_m;
};

static inline struct scale scale_at(struct geo_frame f)
{
    return (struct scale){both(f.px, f.py), _mm512_set1_ps(f.x_m), _mm512_set1_ps(f.y_m)};
}

/* The differences from points to the place. A run sticks out of its cell by less than the size of the cell,
 * so 16 bits hold them. */
static inline __m512i steps16(const uint32_t *points, const struct scale *s)
{
    return _mm512_sub_epi16(s->place, _mm512_loadu_si512(points));
}

static inline __m512 metres_x(__m512i steps, const struct scale *s)
{
    return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_madd_epi16(steps, _mm512_set1_epi32(1))), s->x_m);
}

static inline __m512 metres_y(__m512i steps, const struct scale *s)
{
    return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_srai_epi32(steps, 16)), s->y_m);
}

static inline __m512 squares16(const uint32_t *points, const struct scale *s)
{
    __m512i a = steps16(points, s), b = steps16(points + 1, s);
    __m512 ax = metres_x(a, s), ay = metres_y(a, s);
    __m512 dx = _mm512_sub_ps(ax, metres_x(b, s)), dy = _mm512_sub_ps(ay, metres_y(b, s));
    __m512 d2 = _mm512_fmadd_ps(dx, dx, _mm512_mul_ps(dy, dy));
    __m512 dot = _mm512_fmadd_ps(ax, dx, _mm512_mul_ps(ay, dy));
    __m512 t = _mm512_div_ps(dot, _mm512_max_ps(d2, _mm512_set1_ps(1e-12f)));
    t = _mm512_min_ps(_mm512_max_ps(t, _mm512_setzero_ps()), _mm512_set1_ps(1));
    __m512 x = _mm512_fnmadd_ps(t, dx, ax), y = _mm512_fnmadd_ps(t, dy, ay);
    return _mm512_fmadd_ps(x, x, _mm512_mul_ps(y, y));
}

static inline void run_squares(const uint32_t *points, uint32_t edges, struct geo_frame f, float *squares)
{
    const struct scale scale = scale_at(f);
    for (uint32_t base = 0; base < edges; base += 16)
        _mm512_storeu_ps(squares + base, squares16(points + base, &scale));
}

/* An edge does not touch the strip if both its ends lie beyond the same side of it. */
static inline uint64_t strip_bits(const uint32_t *points, uint32_t edges, const struct geo_strip *strip)
{
    const __m512i start = both(strip->x, strip->y), across = both(-strip->dy, strip->dx);
    const __m512i least = both(strip->west, strip->south), most = both(strip->east, strip->north);
    const __m512i left = _mm512_set1_epi32(strip->margin), right = _mm512_set1_epi32(-strip->margin);
    uint64_t bits = 0;
    for (uint32_t base = 0; base < edges; base += 16) {
        __m512i a = _mm512_loadu_si512(points + base), b = _mm512_loadu_si512(points + base + 1);
        __m512i cross_a = _mm512_madd_epi16(_mm512_sub_epi16(a, start), across);
        __m512i cross_b = _mm512_madd_epi16(_mm512_sub_epi16(b, start), across);
        uint32_t clear = _mm512_cmpgt_epi32_mask(_mm512_min_epi32(cross_a, cross_b), left) |
                         _mm512_cmplt_epi32_mask(_mm512_max_epi32(cross_a, cross_b), right);
        uint32_t beyond = _mm512_cmplt_epi16_mask(_mm512_max_epi16(a, b), least) |
                          _mm512_cmpgt_epi16_mask(_mm512_min_epi16(a, b), most);
        clear |= _pext_u32(beyond | beyond >> 1, 0x55555555);
        bits |= (uint64_t)(uint16_t)~clear << base;
    }
    return bits;
}

/* Most runs have at most eight edges. How many cannot be predicted, so these are done without a loop. */
static inline float run_least(const float *squares, uint32_t edges)
{
    const __m256 never = _mm256_set1_ps(HUGE_VALF);
    __m256 v = _mm256_mask_loadu_ps(never, (__mmask8)_bzhi_u32(0xff, edges), squares);
    __m128 four = _mm_min_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    four = _mm_min_ps(four, _mm_movehl_ps(four, four));
    float least = _mm_cvtss_f32(_mm_min_ss(four, _mm_movehdup_ps(four)));
    for (uint32_t i = 8; i < edges; i++)
        least = squares[i] < least ? squares[i] : least;
    return least;
}

static inline bool has_id(const uint32_t *ids, size_t count, uint32_t id)
{
    uint32_t same = _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(ids), _mm512_set1_epi32((int)id));
    return _bzhi_u32(same, count < 16 ? (uint32_t)count : 16);
}

static inline uint32_t count_less(const int64_t *items, int64_t item)
{
    return (uint32_t)_mm_popcnt_u32(
        _mm512_cmplt_epi64_mask(_mm512_loadu_si512(items), _mm512_set1_epi64(item)));
}

#include "marks_avx512.h"

#include "eval_body.h"

#include "batch_avx512.h"

#endif
