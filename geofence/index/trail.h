/*
 * trail: the leaves that a path passes.
 *
 * The path between two fixes of a vehicle usually has both ends in one cell, or in two cells with a side in
 * common. Then the cells of the two ends are all there is to find. Otherwise the walk starts at the smallest
 * table that holds both ends, and looks at the slots that the box around the path covers.
 */
#ifndef MW_GEO_TRAIL_H
#define MW_GEO_TRAIL_H

#include "tree.h"

/* A step of 100 m meets one to three leaves; a gap of ten minutes on a motorway about a hundred. */
#define TRAIL_LEAVES_MAX 128

struct geo_leaf_at {
    const uint32_t *words;
    uint64_t x, y; /* some place in the leaf's cell */
};

struct geo_trail {
    struct geo_xy a, b; /* the path's ends in steps of the tree */
    struct geo_place from, to;
    const uint32_t *from_leaf, *to_leaf; /* NULL if no fence comes into the cell */
    uint32_t count;
    bool overflow; /* the path passes more leaves than there is room for */
    struct geo_leaf_at leaves[TRAIL_LEAVES_MAX];
};

/* Finds the leaves and prefetches their first cache lines. Both ends are on the globe; the tree has
 * fences. */
void geo_trail_follow(const struct geo_tree *tree, struct mw_point from, struct mw_point to,
                      struct geo_trail *out);

#endif
