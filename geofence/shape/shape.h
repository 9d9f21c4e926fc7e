/*
 * shape: what is refused, and where.
 *
 * A shape is checked part by part, in the order in which a person would repair it: coordinates that are not
 * finite; places off the globe, with a hint if latitude and longitude look swapped; rings left open; too few
 * points; edges over the antimeridian; no area; rings that go round twice; edges that cross; holes outside
 * their outer ring, in each other, or as large as their outer ring. Edges that touch or lie on top of each
 * other are no error: the rule of even and odd is defined for them.
 */
#ifndef MW_GEO_SHAPE_H
#define MW_GEO_SHAPE_H

#include "evenodd.h"
#include "store.h"
#include "sweep.h"

/* Memory for the checks, reused from shape to shape. */
struct geo_scratch {
    struct geo_xy *points;
    uint32_t *origins; /* index of each point in its part, before repetitions were dropped */
    uint32_t point_cap;
    struct geo_edge *edges;
    struct geo_rank *ranks; /* two for each edge */
    uint32_t edge_count, edge_cap, rank_cap;
    struct geo_met_list met;
    double area_deg2; /* of the ring that is being checked */
};

void geo_scratch_fini(struct geo_scratch *scratch);

/* Checks the shape and appends it to the store; on any error the store is as before. */
enum mw_error geo_shape_append(struct geo_store *store, struct geo_scratch *scratch,
                               const struct mw_shape *shape, struct mw_shape_error *out_error);

#endif
