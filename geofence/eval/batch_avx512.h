/*
 * batch_avx512: answers many positions at once; a part of eval_avx512.c.
 *
 * Three batches are under way at a time. For the first, the leaves are asked. For the second, the leaves are
 * known and are being prefetched. For the third, the tables are being prefetched. Eight positions go down the
 * tree together; those in empty cells are dropped by a compressing store, since the processor cannot predict
 * them.
 */
#ifndef MW_GEO_BATCH_AVX512_H
#define MW_GEO_BATCH_AVX512_H

/* Positions in a batch. The lines of their leaves and those of the next batch's tables fit into the
 * first-level cache. */
#define BATCH_POSITIONS 64
/* So many leaves ahead of the one that is asked are prefetched: one vector of them. */
#define BATCH_AHEAD 16
struct batch {
    uint64_t x[BATCH_POSITIONS], y[BATCH_POSITIONS];
    uint32_t slot[BATCH_POSITIONS], next[BATCH_POSITIONS], shift[BATCH_POSITIONS];
    /* The positions that have a leaf, and the offset of each leaf; then leaves of the next batch. */
    uint32_t full[BATCH_POSITIONS + 8], leaf[BATCH_POSITIONS + 8 + BATCH_AHEAD];
    size_t start, count, full_count;
    bool tables; /* some of the next slots are being prefetched */
};

/* Computes what geo_tree_place and geo_tree_root_slot compute, eight positions at a time. */
static inline void batch_root(const struct geo_tree *tree, const struct mw_point *p, struct batch *b)
{
    const __m512d lon0 = _mm512_set1_pd(tree->lon0), per_lon = _mm512_set1_pd(tree->steps_per_lon_deg);
    const __m512d lat0 = _mm512_set1_pd(tree->lat0), per_lat = _mm512_set1_pd(tree->steps_per_lat_deg);
    const __m512d zero = _mm512_setzero_pd(), end = _mm512_set1_pd((double)(1ull << TREE_BITS));
    const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    const __m512i odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    const __m128i bits = _mm_cvtsi32_si128(tree->root_bits);
    const __m128i shift = _mm_cvtsi32_si128(TREE_BITS - tree->root_bits);
    for (size_t i = 0; i < b->count; i += 8) {
        uint32_t doubles = _bzhi_u32(0xffff, 2 * (uint32_t)(b->count - i));
        __m512d low = _mm512_maskz_loadu_pd((__mmask8)doubles, p + i);
        __m512d high = _mm512_maskz_loadu_pd((__mmask8)(doubles >> 8), p + i + 4);
        __m512d lat = _mm512_permutex2var_pd(low, even, high), lon = _mm512_permutex2var_pd(low, odd, high);
        __m512d x = _mm512_mul_pd(_mm512_sub_pd(lon, lon0), per_lon);
        __m512d y = _mm512_mul_pd(_mm512_sub_pd(lat, lat0), per_lat);
        __mmask8 inside = (__mmask8)_pext_u32(doubles, 0x5555);
        inside = _mm512_mask_cmp_pd_mask(inside, x, zero, _CMP_GE_OQ);
        inside = _mm512_mask_cmp_pd_mask(inside, y, zero, _CMP_GE_OQ);
        inside = _mm512_mask_cmp_pd_mask(inside, x, end, _CMP_LT_OQ);
        inside = _mm512_mask_cmp_pd_mask(inside, y, end, _CMP_LT_OQ);
        __m512i at_x = _mm512_maskz_cvttpd_epi64(inside, x), at_y = _mm512_maskz_cvttpd_epi64(inside, y);
        __m512i row = _mm512_sll_epi64(_mm512_srl_epi64(at_y, shift), bits);
        __m512i place = _mm512_or_si512(row, _mm512_srl_epi64(at_x, shift));
        _mm512_storeu_si512(b->x + i, at_x);
        _mm512_storeu_si512(b->y + i, at_y);
        const int *root = (const int *)(const void *)tree->root;
        __m256i slot = _mm256_i32gather_epi32(root, _mm512_cvtepi64_epi32(place), sizeof *root);
        _mm256_storeu_epi32(b->slot + i, _mm256_maskz_mov_epi32(inside, slot));
        _mm256_storeu_epi32(b->shift + i, _mm256_set1_epi32(TREE_BITS - tree->root_bits));
    }
}

/* Computes and prefetches the offsets of the slots one level down, as geo_tree_step does; 0 where the slot is
 * not a table. */
static inline void batch_next(const struct geo_tree *tree, struct batch *b)
{
    const __m512i one = _mm512_set1_epi64(1);
    const __m256i offset_mask = _mm256_set1_epi32(SLOT_OFFSET_MASK);
    __mmask8 tables = 0;
    for (size_t i = 0; i < b->count; i += 8) {
        __m256i slot = _mm256_loadu_epi32(b->slot + i), bits = _mm256_srli_epi32(slot, SLOT_OFFSET_BITS);
        __m256i shift = _mm256_sub_epi32(_mm256_loadu_epi32(b->shift + i), bits);
        __m512i k = _mm512_cvtepu32_epi64(bits), down = _mm512_cvtepu32_epi64(shift);
        __m512i mask = _mm512_sub_epi64(_mm512_sllv_epi64(one, k), one);
        __m512i x = _mm512_and_si512(_mm512_srlv_epi64(_mm512_loadu_si512(b->x + i), down), mask);
        __m512i y = _mm512_and_si512(_mm512_srlv_epi64(_mm512_loadu_si512(b->y + i), down), mask);
        __m256i within = _mm512_cvtepi64_epi32(_mm512_or_si512(_mm512_sllv_epi64(y, k), x));
        __mmask8 table = _mm256_test_epi32_mask(bits, bits);
        __m256i start = _mm256_and_si256(slot, offset_mask);
        _mm256_storeu_epi32(b->shift + i, shift);
        _mm256_storeu_epi32(b->next + i, _mm256_maskz_add_epi32(table, start, within));
        tables |= table;
    }
    b->tables = tables;
    for (size_t i = 0; i < b->count && tables; i++)
        __builtin_prefetch(tree->words + b->next[i]);
}

static inline void batch_step(const struct geo_tree *tree, struct batch *b)
{
    for (size_t i = 0; i < b->count; i += 8) {
        __m256i slot = _mm256_loadu_epi32(b->slot + i), next = _mm256_loadu_epi32(b->next + i);
        const int *words = (const int *)(const void *)tree->words;
        __m256i below = _mm256_i32gather_epi32(words, next, sizeof *words);
        slot = _mm256_mask_mov_epi32(slot, _mm256_test_epi32_mask(next, next), below);
        _mm256_storeu_epi32(b->slot + i, slot);
    }
}

static inline void batch_compress(struct batch *b)
{
    __m256i number = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    b->full_count = 0;
    for (size_t i = 0; i < b->count; i += 8) {
        __m256i slot = _mm256_loadu_epi32(b->slot + i);
        __mmask8 full = _mm256_test_epi32_mask(slot, slot);
        _mm256_storeu_epi32(b->full + b->full_count, _mm256_maskz_compress_epi32(full, number));
        _mm256_storeu_epi32(b->leaf + b->full_count, _mm256_maskz_compress_epi32(full, slot));
        number = _mm256_add_epi32(number, _mm256_set1_epi32(8));
        b->full_count += (size_t)__builtin_popcount(full);
    }
    _mm512_storeu_si512(b->leaf + b->full_count, _mm512_setzero_si512());
}

/* Fills a batch with the positions from `start` on and starts prefetching their tables. */
static inline void batch_open(const struct geo_tree *tree, const struct mw_point *p, size_t count,
                              size_t start, struct batch *b)
{
    b->start = start;
    b->count = count - start < BATCH_POSITIONS ? count - start : BATCH_POSITIONS;
    batch_root(tree, p + start, b);
    batch_next(tree, b);
}

/* Takes the batch down to its leaves; this is nearly always one level. */
static inline void batch_close(const struct geo_tree *tree, struct batch *b)
{
    while (b->tables) {
        batch_step(tree, b);
        batch_next(tree, b);
    }
    batch_compress(b);
}

/* Asks the leaves of the batch; returns `total` plus the number of fences found. */
static inline size_t batch_ask(const struct mw_index *index, const struct geo_points *many,
                               const struct batch *b, size_t total)
{
    const struct geo_tree *tree = &index->tree;
    uint32_t *first = many->out_first + b->start;
    const size_t cap = many->cap;
    uint32_t before = (uint32_t)total;
    memset(first, 0, b->count * sizeof *first);
    for (size_t i = 0; i < b->full_count; i++) {
        leaf_fetch(tree, tree->words + b->leaf[i + BATCH_AHEAD]);
        uint32_t at = b->full[i];
        size_t written = total < cap ? total : cap;
        const struct geo_place place = {b->x[at], b->y[at], true};
        const struct room room = {many->out_fences + written, cap - written};
        size_t found = eval_leaf(index, tree->words + b->leaf[i], place, many->points[b->start + at], room);
        first[at] = (uint32_t)found;
        total += found;
    }
    for (size_t i = 0; i < b->count; i++) {
        uint32_t found = first[i];
        first[i] = before;
        before += found;
    }
    return total;
}

static size_t eval_points(const struct mw_index *index, const struct geo_points *many)
{
    const struct geo_tree *tree = &index->tree;
    const struct mw_point *p = many->points;
    uint32_t *out_first = many->out_first;
    const size_t count = many->count;
    struct batch ring[3], *asked = &ring[0], *known = &ring[1], *opened = &ring[2];
    size_t total = 0;
    out_first[count] = 0;
    if (tree->root == NULL) {
        memset(out_first, 0, count * sizeof *out_first);
        return 0;
    }
    batch_open(tree, p, count, 0, asked);
    batch_open(tree, p, count, asked->count, known);
    batch_close(tree, asked);
    for (uint32_t i = 0; i < BATCH_AHEAD; i++)
        leaf_fetch(tree, tree->words + (i < asked->full_count ? asked->leaf[i] : 0));
    while (asked->count) {
        batch_close(tree, known);
        memcpy(asked->leaf + asked->full_count, known->leaf, BATCH_AHEAD * sizeof *known->leaf);
        batch_open(tree, p, count, known->start + known->count, opened);
        total = batch_ask(index, many, asked, total);
        struct batch *done = asked;
        asked = known;
        known = opened;
        opened = done;
    }
    out_first[count] = (uint32_t)total;
    return total;
}

#endif
