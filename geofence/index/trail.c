#include "trail.h"

#include <math.h>

/* If the box around a path covers more slots of one table than this, scanning all fences is cheaper. */
#define SLOTS_MAX 1024
/* Cache lines of a leaf that are prefetched. */
#define LEAF_LINES 9u

/* A table with 2^bits slots along each axis; a slot is 2^shift steps wide. The south-west corner is at x,
 * y. */
struct table {
    const uint32_t *slots;
    int bits, shift;
    uint64_t x, y;
};

struct walk {
    const struct geo_tree *tree;
    struct geo_trail *trail;
    int64_t west, east, south, north; /* around the path, two steps larger */
};

static void add_leaf(struct geo_trail *trail, const uint32_t *words, uint64_t x, uint64_t y)
{
    for (uint32_t i = trail->count; i > 0; i--)
        if (trail->leaves[i - 1].words == words)
            return;
    if (trail->count == TRAIL_LEAVES_MAX) {
        trail->overflow = true;
        return;
    }
#pragma GCC unroll 16
    for (uint32_t line = 0; line < LEAF_LINES; line++)
        __builtin_prefetch(words + 16 * line);
    trail->leaves[trail->count++] = (struct geo_leaf_at){words, x, y};
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Whether the path's line misses a square: all corners of the square lie on one side of the line. The square
 * is taken one step larger, which is more than the rounding of the products. */
static bool line_misses(const struct geo_trail *trail, double x, double y, double size)
{
    double dx = trail->b.x - trail->a.x, dy = trail->b.y - trail->a.y, half = size / 2;
    double side = dx * (y + half - trail->a.y) - dy * (x + half - trail->a.x);
    return fabs(side) > (fabs(dx) + fabs(dy)) * (half + 1);
}

static void collect(const struct walk *w, struct table table)
{
    struct geo_trail *trail = w->trail;
    int64_t count = (int64_t)1 << table.bits, x0 = (int64_t)table.x, y0 = (int64_t)table.y;
    int64_t west = clamp((w->west - x0) >> table.shift, 0, count),
            east = clamp((w->east - x0) >> table.shift, -1, count - 1);
    int64_t south = clamp((w->south - y0) >> table.shift, 0, count),
            north = clamp((w->north - y0) >> table.shift, -1, count - 1);
    if ((east - west + 1) * (north - south + 1) > SLOTS_MAX) {
        trail->overflow = true;
        return;
    }
    double size = (double)(1ull << table.shift);
    for (int64_t row = south; row <= north && !trail->overflow; row++) {
        for (int64_t column = west; column <= east; column++) {
            uint32_t slot = table.slots[(row << table.bits) + column];
            uint64_t x = table.x + ((uint64_t)column << table.shift),
                     y = table.y + ((uint64_t)row << table.shift);
            /* If the box covers one row or one column only, line_misses is not asked: a slot too many does
             * no harm. */
            if (!slot || (east > west && north > south && line_misses(trail, (double)x, (double)y, size)))
                continue;
            int k = (int)(slot >> SLOT_OFFSET_BITS);
            const uint32_t *words = w->tree->words + (slot & SLOT_OFFSET_MASK);
            if (k)
                collect(w, (struct table){words, k, table.shift - k, x, y});
            else
                add_leaf(trail, words, x, y);
        }
    }
}

/* The lesser of two coordinates in whole steps, less two steps for rounding, and cut to -end and end. */
static int64_t least_count(double a, double b, double end)
{
    double least = a < b ? a : b;
    return (int64_t)(least < -end ? -end : least > end ? end : least) - 2;
}

/* The slot around one end of the path, and its size. The leaf may be larger: it may cover several slots. */
struct spot {
    uint32_t slot;
    int shift;
};

static void spot_down(const struct geo_tree *tree, struct geo_place at, struct spot *spot)
{
    while (spot->slot >> SLOT_OFFSET_BITS)
        spot->slot = *geo_tree_step(tree, spot->slot, at, &spot->shift);
}

/* On one axis: whether one of two cells begins where the other ends. */
static bool beside(uint64_t a, int a_shift, uint64_t b, int b_shift)
{
    uint64_t a_start = a >> a_shift << a_shift, b_start = b >> b_shift << b_shift;
    return (a_start + (1ull << a_shift) == b_start) | (b_start + (1ull << b_shift) == a_start);
}

/* On one axis: whether both places lie in one cell, and at least two steps from its ends, for the rounding of
 * the path. */
static bool same_range(uint64_t a, uint64_t b, int shift)
{
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    return (low - 2) >> shift == (high + 2) >> shift;
}

/* Whether the cells of the path's two ends have a side in common and hold the whole path. There are no
 * branches here and below, because the processor cannot predict which case comes next. */
static bool two_cells(struct geo_place a, struct geo_place b, int a_shift, int b_shift)
{
    int lesser = a_shift < b_shift ? a_shift : b_shift;
    bool same_row = same_range(a.y, b.y, lesser), same_column = same_range(a.x, b.x, lesser);
    bool beside_x = beside(a.x, a_shift, b.x, b_shift), beside_y = beside(a.y, a_shift, b.y, b_shift);
    return (same_row & beside_x) | (same_column & beside_y);
}

/* The usual cases: both ends in one leaf, or in two cells side by side. A leaf that covers several slots is a
 * square as well, so it holds the path if it holds both ends. */
static bool follow_short(const struct geo_tree *tree, struct geo_trail *trail, struct spot a, struct spot b)
{
    struct geo_place from = trail->from, to = trail->to;
    bool one_leaf = (a.slot == b.slot) & (a.slot != 0);
    bool one_slot = !(((from.x ^ to.x) | (from.y ^ to.y)) >> a.shift);
    if (!(one_leaf | one_slot | two_cells(from, to, a.shift, b.shift)))
        return false;
    if (a.slot)
        add_leaf(trail, tree->words + a.slot, from.x, from.y);
    if (b.slot && b.slot != a.slot)
        add_leaf(trail, tree->words + b.slot, to.x, to.y);
    return true;
}

/* The smallest table that holds both places. */
static struct table common_table(const struct geo_tree *tree, struct geo_place from, struct geo_place to)
{
    struct table table = {tree->root, tree->root_bits, TREE_BITS - tree->root_bits, 0, 0};
    uint64_t differ = (from.x ^ to.x) | (from.y ^ to.y);
    while (!(differ >> table.shift)) {
        uint64_t mask = (1ull << table.bits) - 1;
        uint32_t slot =
            table.slots[((from.y >> table.shift & mask) << table.bits) + (from.x >> table.shift & mask)];
        table.slots = tree->words + (slot & SLOT_OFFSET_MASK);
        table.bits = (int)(slot >> SLOT_OFFSET_BITS);
        table.shift -= table.bits;
    }
    uint64_t corner = ~((1ull << (table.shift + table.bits)) - 1);
    table.x = from.x & corner;
    table.y = from.y & corner;
    return table;
}

static void follow_all(const struct geo_tree *tree, struct geo_trail *trail, struct table table)
{
    /* An end farther outside is cut to this; so far from the tree only the direction matters. */
    const double end = 8.0 * (double)(1ull << TREE_BITS);
    struct walk w = {.tree = tree,
                     .trail = trail,
                     .west = least_count(trail->a.x, trail->b.x, end),
                     .east = -least_count(-trail->a.x, -trail->b.x, end),
                     .south = least_count(trail->a.y, trail->b.y, end),
                     .north = -least_count(-trail->a.y, -trail->b.y, end)};
    collect(&w, table);
}

void geo_trail_follow(const struct geo_tree *tree, struct mw_point from, struct mw_point to,
                      struct geo_trail *out)
{
    out->count = 0;
    out->overflow = false;
    out->from = geo_tree_place(tree, from);
    out->to = geo_tree_place(tree, to);
    out->a = (struct geo_xy){(from.lon_deg - tree->lon0) * tree->steps_per_lon_deg,
                             (from.lat_deg - tree->lat0) * tree->steps_per_lat_deg};
    out->b = (struct geo_xy){(to.lon_deg - tree->lon0) * tree->steps_per_lon_deg,
                             (to.lat_deg - tree->lat0) * tree->steps_per_lat_deg};
    int shift = TREE_BITS - tree->root_bits;
    struct spot a = {out->from.inside ? *geo_tree_root_slot(tree, out->from) : 0, shift};
    struct spot b = {out->to.inside ? *geo_tree_root_slot(tree, out->to) : 0, shift};
    spot_down(tree, out->from, &a);
    spot_down(tree, out->to, &b);
    out->from_leaf = a.slot ? tree->words + a.slot : NULL;
    out->to_leaf = b.slot ? tree->words + b.slot : NULL;
    bool both = out->from.inside && out->to.inside;
    if (!both)
        follow_all(tree, out, (struct table){tree->root, tree->root_bits, shift, 0, 0});
    else if (!follow_short(tree, out, a, b))
        follow_all(tree, out, common_table(tree, out->from, out->to));
}
