/*
 * trail: the leaves that a path passes.
 *
 * Both ends in one cell, or in two with a side in common, is the usual case for one step of a vehicle: the
 * cells of both ends are found side by side and nothing else is looked at. Otherwise the walk starts at the
 * smallest table that holds both, and looks at those slots which the path's box covers.
 */
#ifndef MW_GEO_TRAIL_H
#define MW_GEO_TRAIL_H

#include "tree.h"

/* A step of 100 m meets one to three leaves; a gap of ten minutes on a motorway about a hundred. */
#define TRAIL_LEAVES_MAX 128

struct geo_leaf_at {
    const uint32_t *words;
    uint64_t x, y; /* any place in the cell */
};

struct geo_trail {
    struct geo_xy a, b; /* the path's ends in steps of the tree */
    struct geo_place from, to;
    const uint32_t *from_leaf, *to_leaf; /* NULL: an empty cell */
    uint32_t count;
    bool overflow; /* more than there is room for */
    struct geo_leaf_at leaves[TRAIL_LEAVES_MAX];
};

/* Ends on the globe, a tree with fences. Asks for the leaves' first lines ahead. */
void geo_trail_follow(const struct geo_tree *tree, struct mw_point from, struct mw_point to,
                      struct geo_trail *out);

#endif
