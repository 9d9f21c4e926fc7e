/*
 * evenodd: whether a ring goes round only once.
 *
 * A point is inside a polygon if a ray from it meets an odd number of edges. By this rule a ring that is
 * traced twice holds nothing. A few lines of latitude are drawn through each ring. The edges that such a
 * line meets cut it into stretches, and for each stretch it is counted how often the ring goes round it. A ring that
 * touches itself, or that runs on top of itself for a part of the way, has other stretches where it does not, and
 * passes.
 */
#ifndef MW_GEO_EVENODD_H
#define MW_GEO_EVENODD_H

#include "store.h"

/* A tenth of a millimetre: a stretch that is narrower is rounding, or nothing that a fence is drawn for. */
#define GEO_WIDTH_MIN_DEG 1e-9

/* Where a line of latitude meets an edge. */
struct geo_met {
    double x;
    int32_t turn; /* 1: the edge leads north, -1: south */
};

/* Memory that is reused from ring to ring. */
struct geo_met_list {
    struct geo_met *items;
    uint32_t count, cap;
};

void geo_met_fini(struct geo_met_list *list);

/* Whether the ring goes round only once: some stretch lies inside it once, or none lies inside it more than
 * once. The first point is not repeated at the end. */
enum mw_error geo_ring_once(struct geo_met_list *list, const struct geo_xy *points, uint32_t count,
                            bool *out_once);

#endif
