/*
 * box_tree: which boxes lie near one, where thousands may lie on each other.
 *
 * Boxes stand in an array in the order of a curve that keeps neighbours together (Morton, 1966), with a binary tree over it:
 * each node has a box around its own and the count of those that are left. What has been dealt with is taken out, so
 * that who goes from neighbour to neighbour sees each box once, however many lie on one place.
 */
#ifndef MW_BOX_TREE_H
#define MW_BOX_TREE_H

#include <muckwatch/geofence.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box_tree {
    struct mw_bounds *boxes; /* by the number that was given */
    uint32_t *order;         /* of numbers, along the curve */
    uint32_t *places;        /* of each number, in `order` */
    struct box_node *nodes;  /* the children of k are 2 k and 2 k + 1; 1 is the root */
    uint32_t count;
    double far_lat_deg; /* no box is farther from the equator */
    uint64_t looks;     /* boxes that were held against one that was asked about */
};

/* Of `count` boxes, which are copied. False without memory; the tree may be ended all the same. */
bool box_tree_init(struct box_tree *tree, const struct mw_bounds *boxes, uint32_t count);
void box_tree_fini(struct box_tree *tree);

/* Numbers of the boxes for which fence_boxes_near is true with this one, whichever of the two comes first, and perhaps a
 * few more, in no order. `out` has room for all that are left. */
uint32_t box_tree_near(struct box_tree *tree, struct mw_bounds box, double near_m, uint32_t *out);

/* Whether it was not taken out. */
bool box_tree_holds(const struct box_tree *tree, uint32_t number);
/* The tree holds it. */
void box_tree_remove(struct box_tree *tree, uint32_t number);

#endif
