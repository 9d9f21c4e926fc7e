/*
 * tree: a grid of cells that know their answer, adaptive in depth, in one array of 32-bit words.
 *
 *      position --> fixed point, 2^40 steps across the square of all fences
 *                      |
 *             root table (4^bits slots, about one a fence)
 *                      |
 *      slot:  0                       no fence holds any point of this cell
 *             k = 0, offset           a leaf
 *             k > 0, offset           a table of 2^k x 2^k slots (k at most 4), and so on down
 *
 * A table is a quadtree of up to four levels laid flat: a leaf that covers several slots is named by each. So
 * most positions cost one step through the root table (which stays in the cache), one through a table and one
 * leaf read from front to back: two places in memory that are not yet in the cache. A leaf is a row of
 * chunks:
 *
 *      header   counts, size of the cell, "marks follow", "another chunk follows"
 *      marks    in a small chunk (most are): a bit for the last point of each outline and run; the number of
 *               points of outlines; a bit for each entry that has an outline, and for each that has a run
 *      ids      up to 63 fences, ascending: those that hold the whole cell and those whose border crosses it
 *      items    (place in ids, length) of polygon outlines, then of corridor runs; (place in ids) of fences
 *               that have to be asked themselves
 *      scale    where there are runs: the cell's step in metres, doubt, reach; then of each run its radius;
 *               then of each run its place in the store's lines
 *      points   of outlines, then of runs: one word a point, 16 bits an axis, in 1/16384 of the cell
 *      sources  of each outline, the least place in the store that its edges come from; then of each edge a
 *               byte: how far behind that place. Only queries about paths read them
 *
 * An outline is the polygon cut off at the border of the cell (a little outside it), closed along that
 * border, so that counting the edges east of a point decides inside or outside with nothing else to know.
 * Rounding a point to the cell's steps moves it by half a step (3 mm in a cell of 100 m) and the answer is
 * right wherever the position is more than two steps from the rounded edge; nearer than that (about one query
 * in a hundred) the fence itself is asked, with exact predicates. So the small integers decide what they can
 * prove and the answer is always the exact one. A run is a stretch of a corridor's line near the cell, tested
 * in single precision with a doubt that covers rounding and the flat metric.
 *
 * Tried and rejected (100,000 fences of the benchmark, fourteen deep, unless said otherwise):
 * - Cutting every cell down to 48 points: small cells in a crowd repeat the crowd. 1250 MB, 23 s to build,
 *   1.7 microseconds a point; a limit that grows as cells shrink takes 350 MB, 6 s and 0.59.
 * - Cutting without a smallest cell: one corridor that turns on the spot made 5.8 million cells among 10,000
 *   fences.
 * - Runs that name segments by fence and number: distance and progress then wait for fence, ring and point in
 *   turn, 2.0 microseconds a point instead of 1.0 with the place of the point itself.
 * - Ordinary pages, see pages.h: a difference that other work on the machine hides in one run of three.
 * - Leaves moved to where they touch the fewest lines of the cache, with the number of those lines in the
 *   slots: fetching all of them takes 41 ns a point in batches of 10,000 fences (vectors read past the end),
 *   fetching one more 33.0, and always four 32.5.
 * - Pages of 2 MiB for trees below 8 MB: no difference at 1,000 fences.
 * - A uniform grid: 6 to 14 KB a fence, since a city is not uniform.
 */
#ifndef MW_GEO_TREE_H
#define MW_GEO_TREE_H

#include "store.h"

#define TREE_BITS          40 /* steps across the root square, as a power of two */
#define TREE_CELL_BITS     14 /* steps of a point in its leaf */
#define TREE_CELL_STEPS    (1 << TREE_CELL_BITS)
#define TREE_SHIFT_MIN     (TREE_CELL_BITS + 2)
#define TREE_TABLE_BITS    4
#define TREE_ROOT_BITS_MAX 10

#define SLOT_OFFSET_BITS 29
#define SLOT_OFFSET_MASK ((1u << SLOT_OFFSET_BITS) - 1)

#define CHUNK_ENTRIES_MAX     63u
#define CHUNK_POLY_POINTS_MAX 1024u
#define CHUNK_RUN_POINTS_MAX  256u
#define OUTLINE_EDGES_MAX     255u
#define RUN_EDGES_MAX         60u
/* A chunk has marks if it has at most CHUNK_MARKED_ENTRIES_MAX entries and as many runs, at most
 * CHUNK_MARKED_POINTS_MAX points, at most one outline of each fence, and no fence that has to be asked
 * itself. The marks are 64 bits, whose upper 8 are the number of points of outlines; then 16 bits for the
 * entries that have an outline, and 16 bits for the entries that have a run. With marks, the AVX-512
 * evaluator decides the chunk as a whole, without a loop over its items. */
#define CHUNK_MARK_WORDS         3u
#define CHUNK_MARKED_ENTRIES_MAX 16u
#define CHUNK_MARKED_POINTS_MAX  56u
/* The byte that stands for the source of an edge: the distance from the base up to SOURCE_MAX; or that the
 * edge is none of the fence's; or that it is one, but which is not recorded. */
#define SOURCE_MAX     253u
#define SOURCE_NONE    254u
#define SOURCE_UNKNOWN 255u
/* The words of a chunk's scale before the radii. */
#define CHUNK_SCALE_WORDS 5u
/* How many words behind the last point a vector may read. */
#define TREE_PAD_WORDS 32u

/* Header of a chunk. */
#define CHUNK_ENTRIES(w) ((w)&63u)
#define CHUNK_POLYS(w)   (((w) >> 6) & 63u)
#define CHUNK_RUNS(w)    (((w) >> 12) & 63u)
#define CHUNK_EXACTS(w)  (((w) >> 18) & 31u)
#define CHUNK_FILLED(w)  (((w) >> 23) & 1u) /* a corridor holds the whole cell */
#define CHUNK_SHIFT(w)   (((w) >> 24) & 63u)
#define CHUNK_MARKED(w)  ((w) >> 30 & 1u)
#define CHUNK_MORE(w)    ((w) >> 31)

struct geo_tree {
    uint32_t *words;
    uint32_t *root;
    size_t word_count;
    size_t word_cap;
    int root_bits;
    double lon0, lat0;
    double steps_per_lon_deg, steps_per_lat_deg;
};

/* A position in steps of the tree; x and y count only if it is inside the root square. */
struct geo_place {
    uint64_t x, y;
    bool inside;
};

static inline struct geo_place geo_tree_place(const struct geo_tree *tree, struct mw_point p)
{
    double x = (p.lon_deg - tree->lon0) * tree->steps_per_lon_deg;
    double y = (p.lat_deg - tree->lat0) * tree->steps_per_lat_deg;
    const double end = (double)(1ull << TREE_BITS);
    /* A tree without fences has no root. */
    bool inside = (tree->root != NULL) & (x >= 0) & (x < end) & (y >= 0) & (y < end);
    return (struct geo_place){inside ? (uint64_t)(int64_t)x : 0, inside ? (uint64_t)(int64_t)y : 0, inside};
}

static inline const uint32_t *geo_tree_root_slot(const struct geo_tree *tree, struct geo_place at)
{
    int shift = TREE_BITS - tree->root_bits;
    return &tree->root[(at.y >> shift) << tree->root_bits | at.x >> shift];
}

/* The slot that holds the place, one level below a slot that is a table. *shift says how large the table's
 * cell is and is changed to the size of its slots. */
static inline const uint32_t *geo_tree_step(const struct geo_tree *tree, uint32_t slot, struct geo_place at,
                                            int *shift)
{
    int k = (int)(slot >> SLOT_OFFSET_BITS);
    uint64_t mask = (1u << k) - 1;
    *shift -= k;
    return &tree->words[(slot & SLOT_OFFSET_MASK) +
                        (((at.y >> *shift) & mask) << k | ((at.x >> *shift) & mask))];
}

/* The slot at the bottom of the tree that holds the place: empty, or a leaf. The place is inside. */
static inline const uint32_t *geo_tree_slot(const struct geo_tree *tree, struct geo_place at)
{
    const uint32_t *slot = geo_tree_root_slot(tree, at);
    int shift = TREE_BITS - tree->root_bits;
    while (*slot >> SLOT_OFFSET_BITS)
        slot = geo_tree_step(tree, *slot, at, &shift);
    return slot;
}

/* The leaf that holds the place; NULL if the place is outside or no fence comes into its cell. */
static inline const uint32_t *geo_tree_leaf(const struct geo_tree *tree, struct geo_place at)
{
    uint32_t slot = at.inside ? *geo_tree_slot(tree, at) : 0;
    return slot ? tree->words + slot : NULL;
}

/* A chunk, taken apart (chunk.h). */
struct geo_chunk {
    uint32_t entries, polys, runs, exacts, poly_points, run_points;
    int shift;
    bool more;
    const uint32_t *ids;
    const uint8_t *poly, *run, *exact; /* pairs (place in ids, edges), pairs, and places in ids */
    const float *scale;                /* metres in a step to the east and to the north; doubt in metres; the
                                        * reach of the widest run in steps to the east and to the north; then
                                        * the radius of each run */
    const uint32_t *line; /* of each run: the place of its first point in the store's lines, less the number
                           * of points of the runs before it; GEO_PLACE_WIDE tells the array */
    const uint32_t *points;
};

/* Makes room for `more` words behind those there are. */
enum mw_error geo_tree_reserve(struct geo_tree *tree, size_t more);
void geo_tree_fini(struct geo_tree *tree);
size_t geo_tree_bytes(const struct geo_tree *tree);

#endif
