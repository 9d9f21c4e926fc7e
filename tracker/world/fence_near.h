/*
 * fence_near: which fences of a world lie near each other, for what is worked out once, when it is built.
 *
 * Two fences are near when the smallest distance of their outlines is at most so many metres, or one holds
 * the other. That distance is taken at a corner of one of them unless their outlines cross, so asking for the
 * corners of both and for the edges of one is enough.
 */
#ifndef MW_FENCE_NEAR_H
#define MW_FENCE_NEAR_H

#include <muckwatch/geofence.h>

#include <stdbool.h>
#include <stdint.h>

/* Whether two fences lie within near_m of each other. Costs a distance for each of their points. */
bool fence_near(const struct mw_index *index, uint32_t a, uint32_t b, double near_m);
/* Whether their boxes do: false means that they do not, at a handful of comparisons. */
bool fence_boxes_near(struct mw_bounds a, struct mw_bounds b, double near_m);
/* A box that meets all boxes for which that is true with this one, and that reach no farther from the equator. */
struct mw_bounds fence_box_wider(struct mw_bounds box, double far_lat_deg, double near_m);

/* So many pairs of fences are measured, and found near or not, before a world is refused: files in which fences lie in heaps
 * would take minutes. A city of 100,000 fences needs fewer than it has fences. */
#define FENCE_PAIRS_MAX 500000u

#endif
