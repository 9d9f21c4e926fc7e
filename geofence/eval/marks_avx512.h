/*
 * marks_avx512: the answer of a leaf that is one chunk with marks (tree.h); a part of eval_avx512.c.
 *
 * There is no loop over items, and every branch that depends on the position is rare: one wrong prediction
 * costs as much time as a whole leaf. A mark is a bit at the last point of an item, so operations on 64 bits
 * handle all items at once:
 *
 *      edges east of the place      0 1 1 0 . 1 0 0 .       .  a mark
 *      odd up to here               0 1 0 0 0 1 1 1 1       xor of all before; an outline's own count is
 *                                                           odd where its mark differs from the one before
 *
 *      segments within the radius   0 1 1 0 . 0 0 0 .
 *      plus ones between marks      the sum carries into a mark if any segment before it is within
 *
 * Outlines and runs are both computed, whether the leaf has them or not. With all of its data in the cache a
 * leaf takes about 14 ns; skipping the runs would make that 7, skipping the outlines 11, but a wrong
 * prediction costs more. Tried and rejected: marks computed from the lengths of items, 3 to 4 ns more for
 * each leaf; a leaf for empty cells as well, so that the test for one falls away, 34 ns a point with 1,000
 * fences instead of 25; reciprocals instead of divisions, and loads of exactly the points there are, no clear
 * difference.
 */
#ifndef MW_GEO_MARKS_AVX512_H
#define MW_GEO_MARKS_AVX512_H

#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct marked {
    uint64_t poly_marks, run_marks; /* run_marks begin at the first point of the first run */
    uint32_t poly_points, run_points, runs;
    uint32_t poly_places, run_places; /* a bit for each entry that has an outline, a run */
    const uint32_t *ids, *points;
    const float *scale;
};

/* The scale of a chunk without runs. Its points must not be read as a scale: taken for floats they may be
 * denormal, which is slow. */
static const float no_runs[CHUNK_SCALE_WORDS + CHUNK_MARKED_ENTRIES_MAX];

ALWAYS_INLINE struct marked marked_open(const uint32_t *words)
{
    uint64_t marks;
    memcpy(&marks, words + 1, sizeof marks);
    struct marked m = {.poly_points = (uint32_t)(marks >> CHUNK_MARKED_POINTS_MAX)};
    marks = _bzhi_u64(marks, CHUNK_MARKED_POINTS_MAX);
    m.poly_marks = _bzhi_u64(marks, m.poly_points);
    m.run_marks = marks >> m.poly_points;
    m.run_points = 64 - (uint32_t)_lzcnt_u64(m.run_marks);
    m.runs = (uint32_t)__builtin_popcountll(m.run_marks);
    m.poly_places = words[3] & 0xffff;
    m.run_places = words[3] >> 16;
    m.ids = words + 1 + CHUNK_MARK_WORDS;
    uint32_t item_bytes = 2 * (uint32_t)__builtin_popcountll(marks);
    const uint32_t *after = m.ids + CHUNK_ENTRIES(*words) + (item_bytes + 3) / 4;
    m.scale = m.runs ? (const float *)(const void *)after : no_runs;
    m.points = m.runs ? after + CHUNK_SCALE_WORDS + 2 * m.runs : after;
    return m;
}

ALWAYS_INLINE uint64_t xor_of_all_before(uint64_t bits)
{
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)bits), _mm_set1_epi8(-1), 0));
}

/* A bit for each entry whose outline holds the position. */
ALWAYS_INLINE uint32_t marked_odd(const struct marked *m, int px, int py, bool *out_near)
{
    const __m512i place = both(px, py);
    struct edge_bits found = edges16(m->points, place);
    uint64_t east = found.east, near = found.near;
    for (uint32_t base = 16; base < m->poly_points; base += 16) {
        found = edges16(m->points + base, place);
        east |= (uint64_t)found.east << base;
        near |= (uint64_t)found.near << base;
    }
    uint64_t edges = _bzhi_u64(~m->poly_marks, m->poly_points);
    *out_near = (near & edges) != 0;
    uint32_t odd = (uint32_t)_pext_u64(xor_of_all_before(east & edges), m->poly_marks);
    return _pdep_u32(odd ^ odd << 1, m->poly_places);
}

/* Two bits for each segment of a run: whether it is nearer than the radius less the doubt, and whether it is
 * nearer than the radius plus the doubt. */
struct run_bits {
    uint64_t sure, maybe;
};

ALWAYS_INLINE struct run_bits marked_segments(const struct marked *m, int px, int py)
{
    const struct scale scale = scale_at((struct geo_frame){px, py, m->scale[0], m->scale[1]});
    const __m512i before =
        _mm512_setr_epi32(0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 8191, 16383, 32767);
    __m512 radius = _mm512_loadu_ps(m->scale + CHUNK_SCALE_WORDS), doubt = _mm512_set1_ps(m->scale[2]);
    __m512 low = _mm512_max_ps(_mm512_sub_ps(radius, doubt), _mm512_setzero_ps());
    __m512 high = _mm512_add_ps(radius, doubt);
    low = _mm512_mul_ps(low, low);
    high = _mm512_mul_ps(high, high);
    struct run_bits bits = {0, 0};
    uint32_t base = 0, run = 0;
    do {
        uint32_t here = (uint32_t)(m->run_marks >> base) & 0xffff;
        __m512i marks = _mm512_and_si512(_mm512_set1_epi32((int)here), before);
        __m512i runs = _mm512_add_epi32(_mm512_set1_epi32((int)run), _mm512_popcnt_epi32(marks));
        __m512 squares = squares16(m->points + m->poly_points + base, &scale);
        __mmask16 sure = _mm512_cmp_ps_mask(squares, _mm512_permutexvar_ps(runs, low), _CMP_LT_OQ);
        __mmask16 maybe = _mm512_cmp_ps_mask(squares, _mm512_permutexvar_ps(runs, high), _CMP_LT_OQ);
        bits.sure |= (uint64_t)sure << base;
        bits.maybe |= (uint64_t)maybe << base;
        run += (uint32_t)__builtin_popcount(here);
        base += 16;
    } while (base < m->run_points);
    return bits;
}

/* The marks of those items in which any of the bits is set. */
ALWAYS_INLINE uint64_t marks_after_any(uint64_t bits, uint64_t marks)
{
    return (bits + ~marks) & marks;
}

/* The same as the pdep in marked_near for chunks in which an entry has more than one run; these are few. */
static __attribute__((noinline)) uint32_t places_of_runs(const struct marked *m, const uint32_t *words,
                                                         uint32_t runs)
{
    const uint8_t *run = (const uint8_t *)(m->ids + CHUNK_ENTRIES(*words)) + 2 * CHUNK_POLYS(*words);
    uint32_t places = 0;
    for (; runs; runs &= runs - 1)
        places |= 1u << run[2 * __builtin_ctz(runs)];
    return places;
}

/* A bit for each entry with a run that holds the position. */
ALWAYS_INLINE uint32_t marked_near(const struct marked *m, const uint32_t *words, int px, int py,
                                   bool *out_doubt)
{
    struct run_bits bits = marked_segments(m, px, py);
    uint64_t edges = _bzhi_u64(~m->run_marks, m->run_points);
    uint64_t sure = marks_after_any(bits.sure & edges, m->run_marks);
    *out_doubt = (marks_after_any(bits.maybe & edges, m->run_marks) & ~sure) != 0;
    uint32_t runs = (uint32_t)_pext_u64(sure, m->run_marks);
    if (__builtin_expect((uint32_t)__builtin_popcount(m->run_places) != m->runs, 0))
        return places_of_runs(m, words, runs);
    return _pdep_u32(runs, m->run_places);
}

/* Writes the ids of the entries whose bits are set; returns how many there are. */
ALWAYS_INLINE size_t marked_write(const uint32_t *ids, uint32_t entries, uint32_t *out, size_t cap)
{
    uint32_t count = (uint32_t)__builtin_popcount(entries);
    __m512i named = _mm512_maskz_compress_epi32((__mmask16)entries, _mm512_loadu_si512(ids));
    if (__builtin_expect(cap >= 16, 1)) {
        _mm512_storeu_si512(out, named);
    } else {
        uint32_t fit = count < cap ? count : (uint32_t)cap;
        _mm512_mask_storeu_epi32(out, (__mmask16)_bzhi_u32(0xffff, fit), named);
    }
    return count;
}

ALWAYS_INLINE size_t marked_leaf(const uint32_t *words, struct geo_place at, uint32_t *out, size_t cap)
{
    uint32_t header = *words;
    if (__builtin_expect((CHUNK_MARKED(header) & ~CHUNK_MORE(header)) == 0, 0))
        return UNTOLD;
    struct marked m = marked_open(words);
    uint32_t fine = CHUNK_SHIFT(header) - TREE_CELL_BITS;
    int px = (int)(at.x >> fine) & (TREE_CELL_STEPS - 1), py = (int)(at.y >> fine) & (TREE_CELL_STEPS - 1);
    bool near, doubt;
    uint32_t inside = marked_odd(&m, px, py, &near);
    inside |= marked_near(&m, words, px, py, &doubt);
    if (__builtin_expect(near | doubt, 0))
        return UNTOLD;
    uint32_t whole = _bzhi_u32(0xffff, CHUNK_ENTRIES(header)) & ~(m.poly_places | m.run_places);
    return marked_write(m.ids, inside | whole, out, cap);
}

#endif
