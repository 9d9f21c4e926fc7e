/*
 * eval_body: the source of an evaluator. Each eval_*.c includes it once, after it has defined
 *
 *     EVAL_NAME, EVAL_TEXT                         the struct geo_eval to define, and its name as text
 *     poly_bits(points, edges, px, py, bits)       sets a bit for each edge that lies east of the position;
 *                                                  returns whether any edge's line is nearer than two steps
 *     run_squares(points, edges, frame, squares)   square of the distance to each segment, in square metres
 *     run_least(squares, edges)                    the least square of one run, which has at least one edge
 *     marked_leaf(words, at, out, cap)             the answer of eval_leaf for a leaf with marks, or UNTOLD
 *     strip_bits(points, edges, strip)             a bit for each edge, of at most 64: it may touch the
 *                                                  strip; the bits of edges beyond may be anything
 *     count_less(items, item)                      how many of eight numbers are less
 *     has_id(ids, count, id)                       whether one of the first 16 is the id
 *     and what capsule.h asks for.
 *
 * After it, the file includes batch.h or batch_avx512.h, which define eval_points.
 */
#include "chunk.h"
#include "exact.h"

#include <string.h>

/* How many cache lines of a leaf are prefetched before its header is there to say how long it is; more in a
 * large tree, where many fences overlap. */
#define LEAF_LINES_FEW  4u
#define LEAF_LINES_MANY 9u
#define TREE_WORDS_DEEP ((size_t)1 << 24)

/* Where the fences of an answer go: the first cap of them are written. */
struct room {
    uint32_t *out;
    size_t cap;
};

/* What judging a chunk leaves behind. */
struct scratch {
    float squares[CHUNK_RUN_POINTS_MAX + TREE_PAD_WORDS]; /* of the distance to each segment of its runs */
    uint32_t poly_points;                                 /* points of its outlines */
};

struct verdict {
    uint64_t inside, doubt; /* a bit for each entry of the chunk */
};

/* Whether the position is within two steps of an edge of this outline. */
static bool near_outline(const uint32_t *points, uint32_t edges, int px, int py)
{
    for (uint32_t i = 0; i < edges; i++) {
        int x1 = geo_word_x(points[i]), y1 = geo_word_y(points[i]);
        int x2 = geo_word_x(points[i + 1]), y2 = geo_word_y(points[i + 1]);
        int dx = x2 - x1, dy = y2 - y1;
        int cross = dx * (py - y1) - dy * (px - x1);
        int band = 2 * ((dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy));
        if (cross < band && cross > -band && px >= (x1 < x2 ? x1 : x2) - 2 && px <= (x1 < x2 ? x2 : x1) + 2 &&
            py >= (y1 < y2 ? y1 : y2) - 2 && py <= (y1 < y2 ? y2 : y1) + 2)
            return true;
    }
    return false;
}

static inline unsigned bits_odd(const uint8_t *bits, uint32_t first, uint32_t count)
{
    unsigned odd = 0;
    while (true) {
        uint64_t word;
        uint32_t take = count < 56 ? count : 56;
        memcpy(&word, bits + first / 8, sizeof word);
        odd ^= (unsigned)__builtin_popcountll(word >> first % 8 & ((1ull << take) - 1));
        if (count == take)
            return odd & 1;
        first += take;
        count -= take;
    }
}

static inline uint32_t chunk_poly_points(const struct geo_chunk *c)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < c->polys; i++)
        total += c->poly[2 * i + 1] + 1u;
    return total;
}

static inline uint32_t chunk_run_points(const struct geo_chunk *c)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < c->runs; i++)
        total += c->run[2 * i + 1] + 1u;
    return total;
}

static inline void judge_polys(const struct geo_chunk *c, int px, int py, struct verdict *v,
                               uint32_t *out_points)
{
    uint8_t bits[CHUNK_POLY_POINTS_MAX / 8 + 64];
    uint32_t total = chunk_poly_points(c);
    *out_points = total;
    bool near = poly_bits(c->points, total, px, py, bits);
    uint64_t items = 0, inside = 0;
    uint32_t first = 0;
    for (uint32_t i = 0; i < c->polys; i++) {
        uint32_t place = c->poly[2 * i], edges = c->poly[2 * i + 1];
        inside |= (uint64_t)bits_odd(bits, first, edges) << place;
        items |= 1ull << place;
        first += edges + 1;
    }
    v->inside = (v->inside & ~items) | inside;
    if (__builtin_expect(near, 0)) {
        first = 0;
        for (uint32_t i = 0; i < c->polys; i++) {
            uint32_t edges = c->poly[2 * i + 1];
            if (near_outline(c->points + first, edges, px, py))
                v->doubt |= 1ull << c->poly[2 * i];
            first += edges + 1;
        }
    }
}

static inline void judge_runs(const struct geo_chunk *c, const uint32_t *points, struct geo_frame frame,
                              float *squares, struct verdict *v)
{
    uint32_t total = chunk_run_points(c);
    run_squares(points, total, frame, squares);
    const float *radius = c->scale + CHUNK_SCALE_WORDS;
    uint64_t items = 0, inside = 0, doubt = 0;
    uint32_t first = 0;
    for (uint32_t i = 0; i < c->runs; i++) {
        uint32_t place = c->run[2 * i], edges = c->run[2 * i + 1];
        float least = run_least(squares + first, edges);
        float low = radius[i] - c->scale[2], high = radius[i] + c->scale[2];
        low = low > 0 ? low : 0;
        inside |= (uint64_t)(least < low * low) << place;
        doubt |= (uint64_t)((least >= low * low) & (least < high * high)) << place;
        items |= 1ull << place;
        first += edges + 1;
    }
    v->inside = (v->inside & ~items) | inside;
    v->doubt |= doubt;
}

static inline uint64_t settle(const struct mw_index *index, const struct geo_chunk *c, struct mw_point p,
                              struct verdict v)
{
    for (uint32_t i = 0; i < c->exacts; i++) {
        v.doubt |= 1ull << c->exact[i];
        v.inside &= ~(1ull << c->exact[i]);
    }
    /* A fence in doubt is asked itself, also if another of its items certainly holds the position. */
    for (uint64_t doubt = v.doubt; doubt; doubt &= doubt - 1) {
        int place = __builtin_ctzll(doubt);
        bool holds = geo_fence_holds(&index->store, c->ids[place], p);
        v.inside = (v.inside & ~(1ull << place)) | (uint64_t)holds << place;
    }
    return v.inside;
}

/* A bit for each entry of the chunk whose fence holds the position. An entry without an item holds the whole
 * cell. */
static inline uint64_t judge(const struct mw_index *index, const struct geo_chunk *c, struct geo_place at,
                             struct mw_point p, struct scratch *out)
{
    int px = geo_chunk_step(c, at.x), py = geo_chunk_step(c, at.y);
    struct verdict v = {(1ull << c->entries) - 1, 0};
    uint32_t poly_points = 0;
    if (c->polys)
        judge_polys(c, px, py, &v, &poly_points);
    if (c->runs) {
        const struct geo_frame frame = {px, py, c->scale[0], c->scale[1]};
        judge_runs(c, c->points + poly_points, frame, out->squares, &v);
    }
    out->poly_points = poly_points;
    return v.doubt || c->exacts ? settle(index, c, p, v) : v.inside;
}

static inline const uint32_t *chunk_end(const struct geo_chunk *c, uint32_t poly_points, uint32_t run_points)
{
    return c->points + poly_points + run_points + c->polys + (poly_points + 3) / 4;
}

static size_t eval_chunks(const struct mw_index *index, const uint32_t *words, struct geo_place at,
                          struct mw_point p, struct room room)
{
    struct scratch scratch; /* not cleared: it is large */
    size_t count = 0;
    while (true) {
        struct geo_chunk c = geo_chunk_open(words);
        uint64_t inside = judge(index, &c, at, p, &scratch);
        for (; inside; inside &= inside - 1) {
            if (count < room.cap)
                room.out[count] = c.ids[__builtin_ctzll(inside)];
            count++;
        }
        if (!c.more)
            return count;
        words = chunk_end(&c, scratch.poly_points, chunk_run_points(&c));
    }
}

/* Always inline: otherwise gcc takes it for a function without effect and drops the call. */
static inline __attribute__((always_inline)) void leaf_fetch(const struct geo_tree *tree,
                                                             const uint32_t *words)
{
    uint32_t lines = tree->word_count > TREE_WORDS_DEEP ? LEAF_LINES_MANY : LEAF_LINES_FEW;
    for (uint32_t line = 0; line < lines; line++)
        __builtin_prefetch(words + (size_t)16 * line);
}

static inline size_t eval_leaf(const struct mw_index *index, const uint32_t *words, struct geo_place at,
                               struct mw_point p, struct room room)
{
    size_t count = marked_leaf(words, at, room.out, room.cap);
    return count == UNTOLD ? eval_chunks(index, words, at, p, room) : count;
}

static size_t eval_point(const struct mw_index *index, struct mw_point p, uint32_t *out, size_t cap)
{
    struct geo_place at = geo_tree_place(&index->tree, p);
    const uint32_t *leaf = geo_tree_leaf(&index->tree, at);
    if (leaf == NULL)
        return 0;
    leaf_fetch(&index->tree, leaf);
    return eval_leaf(index, leaf, at, p, (struct room){out, cap});
}

static size_t eval_points(const struct mw_index *index, const struct geo_points *many);

/* What the runs of one chunk tell about an entry: the least square of the distance to its line, and whether
 * all the points of its runs are in the store's lines. */
struct near_run {
    float least;
    bool known;
};

static inline struct near_run nearest_run(const struct geo_chunk *c, uint32_t place, const float *squares)
{
    struct near_run near = {HUGE_VALF, true};
    uint32_t first = 0;
    for (uint32_t i = 0; i < c->runs; i++) {
        uint32_t edges = c->run[2 * i + 1];
        if (c->run[2 * i] == place) {
            float here = run_least(squares + first, edges);
            near.least = here < near.least ? here : near.least;
            near.known = near.known && !(c->line[i] & GEO_PLACE_WIDE);
        }
        first += edges + 1;
    }
    return near;
}

static inline struct geo_near near_line(const struct geo_metric *m, const struct geo_line_point *a)
{
    return geo_metric_near(
        m, (double)a[0].at.lon / GEO_SCALE - m->lon_deg, (double)a[0].at.lat / GEO_SCALE - m->lat_deg,
        (double)a[1].at.lon / GEO_SCALE - m->lon_deg, (double)a[1].at.lat / GEO_SCALE - m->lat_deg);
}

/* A chunk that has been judged: what the details of its entries are computed from. */
struct judged {
    const struct mw_index *index;
    const struct geo_chunk *chunk;
    const float *squares;       /* of the distance to each segment of the runs */
    const struct geo_metric *m; /* at the position */
    uint64_t with_runs;         /* a bit for each entry that has a run */
};

/* Distance and progress for an entry: computes them exactly for those segments that may be the nearest. */
static struct mw_hit detail_runs(const struct judged *j, uint32_t place)
{
    const struct mw_index *index = j->index;
    const struct geo_chunk *c = j->chunk;
    const float *squares = j->squares;
    const struct geo_metric *m = j->m;
    struct near_run near = nearest_run(c, place, squares);
    if (!near.known)
        return geo_fence_hit(&index->store, c->ids[place], (struct mw_point){m->lat_deg, m->lon_deg});
    float reach = sqrtf(near.least) + 2 * c->scale[2];
    struct geo_near best = {HUGE_VAL, 0};
    const struct geo_line_point *at = NULL;
    uint32_t first = 0;
    for (uint32_t i = 0; i < c->runs; i++) {
        uint32_t edges = c->run[2 * i + 1];
        for (uint32_t k = 0; k < edges && c->run[2 * i] == place; k++) {
            if (squares[first + k] > reach * reach)
                continue;
            const struct geo_line_point *a = &index->store.lines[(c->line[i] + first + k) & ~GEO_PLACE_WIDE];
            struct geo_near here = near_line(m, a);
            at = here.square_m2 < best.square_m2 ? a : at;
            best = here.square_m2 < best.square_m2 ? here : best;
        }
        first += edges + 1;
    }
    double start = (double)at[0].along_m, progress = start + best.t * ((double)at[1].along_m - start);
    return (struct mw_hit){c->ids[place], (float)sqrt(best.square_m2), (float)progress};
}

/* Prefetches the points that detail_runs will read, so that their cache misses overlap. */
static void prefetch_runs(const struct judged *j, uint64_t inside)
{
    const struct mw_index *index = j->index;
    const struct geo_chunk *c = j->chunk;
    const float *squares = j->squares;
    uint32_t first = 0;
    for (uint32_t i = 0; i < c->runs; i++) {
        uint32_t edges = c->run[2 * i + 1], nearest = 0;
        for (uint32_t k = 1; k < edges; k++)
            nearest = squares[first + k] < squares[first + nearest] ? k : nearest;
        if (inside >> c->run[2 * i] & 1 && !(c->line[i] & GEO_PLACE_WIDE))
            __builtin_prefetch(&index->store.lines[(c->line[i] + first + nearest) & ~GEO_PLACE_WIDE]);
        first += edges + 1;
    }
}

static inline struct mw_hit detail_entry(const struct judged *j, uint32_t place)
{
    if (j->with_runs >> place & 1)
        return detail_runs(j, place);
    uint32_t id = j->chunk->ids[place];
    return j->index->store.kinds[id] == MW_SHAPE_POLYGON
               ? (struct mw_hit){id, 0, 0}
               : geo_fence_hit(&j->index->store, id, (struct mw_point){j->m->lat_deg, j->m->lon_deg});
}

static size_t eval_detail(const struct mw_index *index, struct mw_point p, struct mw_hit *out, size_t cap)
{
    struct scratch scratch;
    struct geo_place at = geo_tree_place(&index->tree, p);
    const uint32_t *words = geo_tree_leaf(&index->tree, at);
    if (words != NULL)
        leaf_fetch(&index->tree, words);
    struct geo_metric m = geo_metric_at(p.lon_deg, p.lat_deg);
    size_t count = 0;
    while (words != NULL) {
        struct geo_chunk c = geo_chunk_open(words);
        struct judged j = {index, &c, scratch.squares, &m, 0};
        uint64_t inside = judge(index, &c, at, p, &scratch);
        for (uint32_t i = 0; i < c.runs; i++)
            j.with_runs |= 1ull << c.run[2 * i];
        if (inside & j.with_runs)
            prefetch_runs(&j, inside);
        for (; inside; inside &= inside - 1) {
            if (count < cap)
                out[count] = detail_entry(&j, (uint32_t)__builtin_ctzll(inside));
            count++;
        }
        words = c.more ? chunk_end(&c, scratch.poly_points, chunk_run_points(&c)) : NULL;
    }
    return count;
}

#include "walk_body.h"

const struct geo_eval EVAL_NAME = {EVAL_TEXT, eval_point, eval_points, eval_detail, eval_path};
