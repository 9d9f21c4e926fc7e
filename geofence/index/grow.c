#include "grow.h"

#include "lay.h"
#include "leaf.h"
#include "metric.h"
#include "pages.h"
#include "split.h"

#include <stdlib.h>
#include <string.h>

/* A cell is cut into quarters while both hold: its outlines and runs have more points than the first figure,
 * and the number of these points times the cell's area in square metres is above the second. The second stops
 * the cutting where many fences overlap: smaller cells would repeat all of them and make no query cheaper.
 * Both were measured with 1,000, 10,000 and 100,000 fences, which lie fourteen deep. The side in place of the
 * area made cells too large where fences are few. */
#define TREE_LEAF_POINTS      8
#define TREE_LEAF_POINT_AREAS 7e6
/* No cell is smaller. What is crowded within 12 m stays crowded in smaller cells: a corridor that turns on
 * the spot, or many fences that share a corner. */
#define TREE_CELL_MIN_M 12.0
/* Once the tree has this many words for each point of input, no further cell is cut. This bounds the tree of
 * many equal fences on top of each other, and the time to build it: 100,000 take half of what they took with
 * four times as many words. Ordinary fences need less than half of it. */
#define TREE_WORDS_PER_POINT 16u
/* The time that building may take: points of pieces in cells that are cut, for each point of input. A comb of
 * 100,000 teeth would be cut along each tooth in each cell that it passes. Ordinary fences need 5 to 20. */
#define TREE_WORK_PER_POINT 128u
#define TREE_WORK_LEAST     1000000u
/* The words for each point that are reserved at the start. Ordinary cities take 5 to 7. */
#define TREE_WORDS_USUAL 8u

struct build {
    struct split split;
    struct geo_tree *tree;
    size_t point_count, word_limit;
    size_t work, work_limit; /* weight of the cells that were cut */
    int shift_min;
    double step_m;
};

/* One table while it is filled, quarter by quarter. */
struct table {
    uint32_t *slots;
    int bits;  /* slots an axis, as a power of two */
    int depth; /* deepest quarter that was cut */
};

/* The square of a table's slots that one cell covers: its first slot, and how often the table was quartered
 * to get there. */
struct part {
    struct table *table;
    uint32_t x, y;
    int depth;
};

static enum mw_error build_table(struct build *b, const struct batch *batch, struct cell cell,
                                 uint32_t *out_slot);

static bool worth_cutting(struct build *b, const struct batch *batch, struct cell cell)
{
    if (cell.shift <= b->shift_min || b->tree->word_count > b->word_limit || b->work > b->work_limit)
        return false;
    static const size_t weights[] = {[PIECE_WHOLE] = 0, [PIECE_OUTLINE] = 1, [PIECE_RUN] = 2};
    size_t weight = 0;
    const struct piece *pieces = geo_split_pieces(&b->split, batch);
    for (size_t i = 0; i < batch->count; i++)
        weight += weights[pieces[i].type] * pieces[i].count;
    double size_m = b->step_m * (double)(1ull << cell.shift);
    bool worth =
        (double)weight > TREE_LEAF_POINTS && (double)weight * size_m * size_m > TREE_LEAF_POINT_AREAS;
    b->work += worth ? weight : 0;
    return worth;
}

static uint32_t part_side(struct part part)
{
    return 1u << (part.table->bits - part.depth);
}

static struct part part_quarter(struct part part, uint32_t quarter)
{
    uint32_t half = part_side(part) / 2;
    return (struct part){part.table, part.x + (quarter & 1) * half, part.y + (quarter >> 1) * half,
                         part.depth + 1};
}

static void set_slots(struct part part, uint32_t slot)
{
    struct table *table = part.table;
    uint32_t side = part_side(part);
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            table->slots[((part.y + y) << table->bits) + part.x + x] = slot;
    table->depth = part.depth > table->depth ? part.depth : table->depth;
}

static enum mw_error write_leaf(struct build *b, const struct batch *batch, struct cell cell,
                                uint32_t *out_slot)
{
    enum mw_error error = MW_OK;
    for (size_t i = 0; i < batch->count && !error; i++)
        error = geo_lay_piece(&b->split, &geo_split_pieces(&b->split, batch)[i]);
    return error ? error : geo_leaf_write(b->tree, &b->split, batch, cell, out_slot);
}

static enum mw_error fill(struct build *b, const struct batch *batch, struct cell cell, struct part part);

static enum mw_error fill_quarters(struct build *b, const struct batch *batch, struct cell cell,
                                   struct part part)
{
    struct batch quarters[4];
    enum mw_error error = geo_split_cell(&b->split, batch, cell, quarters);
    for (uint32_t i = 0; i < 4 && !error; i++) {
        error = fill(b, &quarters[i], geo_cell_quarter(cell, i), part_quarter(part, i));
        b->split.piles[i].count = quarters[i].first;
    }
    return error;
}

/* Fills the part of a table that the cell covers. */
static enum mw_error fill(struct build *b, const struct batch *batch, struct cell cell, struct part part)
{
    size_t points = b->split.point_count;
    bool cut = batch->count && worth_cutting(b, batch, cell);
    enum mw_error error = MW_OK;
    if (cut && part.depth < part.table->bits) {
        error = fill_quarters(b, batch, cell, part);
    } else {
        uint32_t slot = 0;
        if (batch->count)
            error = cut ? build_table(b, batch, cell, &slot) : write_leaf(b, batch, cell, &slot);
        if (!error)
            set_slots(part, slot);
    }
    b->split.point_count = points;
    return error;
}

static enum mw_error build_table(struct build *b, const struct batch *batch, struct cell cell,
                                 uint32_t *out_slot)
{
    uint32_t slots[1 << (2 * TREE_TABLE_BITS)] = {0};
    struct table table = {slots, TREE_TABLE_BITS, 0};
    enum mw_error error = fill(b, batch, cell, (struct part){&table, 0, 0, 0});
    int bits = table.depth, skip = TREE_TABLE_BITS - bits;
    error = error ? error : geo_tree_reserve(b->tree, ((size_t)1 << (2 * bits)) + TREE_PAD_WORDS);
    if (error)
        return error;
    *out_slot = (uint32_t)bits << SLOT_OFFSET_BITS | (uint32_t)b->tree->word_count;
    for (uint32_t y = 0; y < 1u << bits; y++)
        for (uint32_t x = 0; x < 1u << bits; x++)
            b->tree->words[b->tree->word_count++] = slots[(y << skip << TREE_TABLE_BITS) + (x << skip)];
    return MW_OK;
}

/* Sets the root: the square around all fences, with some room at the rim. At its middle latitude its sides
 * are equally long in metres. */
static void place_root(struct geo_tree *tree, const struct geo_store *store)
{
    struct geo_box all = geo_box_empty();
    for (uint32_t i = 0; i < store->fence_count; i++)
        geo_box_unite(&all, &store->fences[i].box);
    double south = all.south / GEO_SCALE - 1e-6, north = all.north / GEO_SCALE + 1e-6;
    double west = all.west / GEO_SCALE - 1e-6, east = all.east / GEO_SCALE + 1e-6;
    struct geo_metric m = geo_metric_at(0, fmin(fmax((south + north) / 2, -80), 80));
    double side_m = fmax(fmax((east - west) * m.k0, (north - south) * m.m0), 100) * (1 + 1e-9);
    tree->lon0 = west;
    tree->lat0 = south;
    tree->steps_per_lon_deg = (double)(1ull << TREE_BITS) * m.k0 / side_m;
    tree->steps_per_lat_deg = (double)(1ull << TREE_BITS) * m.m0 / side_m;
    tree->root_bits = 1;
    while (tree->root_bits < TREE_ROOT_BITS_MAX && 1u << (2 * tree->root_bits) < store->fence_count)
        tree->root_bits++;
}

static enum mw_error build_all(struct build *b)
{
    struct geo_tree *tree = b->tree;
    struct batch all;
    tree->root = calloc((size_t)1 << (2 * tree->root_bits), sizeof *tree->root);
    if (tree->root == NULL)
        return MW_NO_MEMORY;
    tree->word_cap = 65536 + TREE_WORDS_USUAL * b->point_count;
    tree->words = geo_pages_room(tree->word_cap * sizeof *tree->words);
    tree->word_cap = tree->words != NULL ? tree->word_cap : 0;
    enum mw_error error = geo_tree_reserve(tree, TREE_PAD_WORDS + 1);
    if (!error) {
        tree->words[tree->word_count++] = 0; /* offset 0 names nothing */
        error = geo_lay_root(&b->split, &all);
    }
    struct table root = {tree->root, tree->root_bits, 0};
    error = error ? error : fill(b, &all, (struct cell){0, 0, TREE_BITS}, (struct part){&root, 0, 0, 0});
    error = error ? error : geo_tree_reserve(tree, TREE_PAD_WORDS);
    if (!error) {
        memset(tree->words + tree->word_count, 0, TREE_PAD_WORDS * sizeof *tree->words);
        tree->word_count += TREE_PAD_WORDS;
        size_t held = tree->word_cap * sizeof *tree->words;
        tree->words = geo_pages_settle(tree->words, tree->word_count * sizeof *tree->words, &held);
        tree->word_cap = held / sizeof *tree->words;
    }
    return error;
}

enum mw_error geo_tree_build(const struct geo_store *store, struct geo_tree *out_tree)
{
    struct geo_tree tree = {.lon0 = NAN, .lat0 = NAN}; /* no position is inside */
    if (!store->fence_count) {
        *out_tree = tree;
        return MW_OK;
    }
    place_root(&tree, store);
    struct build b = {.split = {.store = store, .tree = &tree}, .tree = &tree};
    b.point_count = (size_t)store->narrow_count + store->line_count + store->wide_count;
    b.work_limit = TREE_WORK_LEAST + TREE_WORK_PER_POINT * b.point_count;
    b.word_limit = 65536 + TREE_WORDS_PER_POINT * b.point_count;
    double step_m = GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG / tree.steps_per_lat_deg;
    b.step_m = step_m;
    b.shift_min = TREE_SHIFT_MIN;
    while (b.shift_min < TREE_BITS && step_m * (double)(2ull << b.shift_min) < 2 * TREE_CELL_MIN_M)
        b.shift_min++;
    enum mw_error error = build_all(&b);
    geo_split_fini(&b.split);
    if (error) {
        geo_tree_fini(&tree);
        return error;
    }
    *out_tree = tree;
    return MW_OK;
}
