#include "lone.h"

#include <stdlib.h>
#include <string.h>

/* Boxes that a box is held against, on the average. Where it takes more, no hole is told to lie by itself. */
#define PATIENCE       64u
#define PATIENCE_LEAST 100000u

/* Around a hole, or around an edge of the outer ring. Lower and upper ends along the axis that is swept, and across. */
struct box {
    double low, high, across_low, across_high;
    uint32_t ring; /* 0: of the outer ring */
};

static struct box box_of(struct geo_span span, bool along_x, uint32_t ring)
{
    return along_x ? (struct box){span.west, span.east, span.south, span.north, ring}
                   : (struct box){span.south, span.north, span.west, span.east, ring};
}

static int compare(const void *a, const void *b)
{
    double x = ((const struct box *)a)->low, y = ((const struct box *)b)->low;
    return (x > y) - (x < y);
}

/* Whether the holes overlap less along x than along y. */
static bool sweeps_along_x(const struct geo_store *store, uint32_t outer, uint32_t count)
{
    struct geo_span all = geo_ring_span(store, &store->rings[outer]);
    double width = 0, height = 0;
    for (uint32_t hole = 1; hole < count; hole++) {
        struct geo_span span = geo_ring_span(store, &store->rings[outer + hole]);
        width += span.east - span.west;
        height += span.north - span.south;
    }
    return width * (all.north - all.south) <= height * (all.east - all.west);
}

static uint32_t take_boxes(const struct geo_store *store, uint32_t outer, uint32_t count, struct box *boxes)
{
    const struct geo_ring *ring = &store->rings[outer];
    bool along_x = sweeps_along_x(store, outer, count);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < ring->count; i++) {
        struct geo_xy a = geo_ring_point(store, ring, i),
                      b = geo_ring_point(store, ring, geo_ring_next(ring, i));
        struct geo_span span = {a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, a.x < b.x ? b.x : a.x,
                                a.y < b.y ? b.y : a.y};
        boxes[taken++] = box_of(span, along_x, 0);
    }
    for (uint32_t hole = 1; hole < count; hole++)
        boxes[taken++] = box_of(geo_ring_span(store, &store->rings[outer + hole]), along_x, hole);
    return taken;
}

/* False: there were too many to hold against each other. */
static bool part_overlapping(const struct box *boxes, uint32_t count, bool *lone)
{
    uint64_t patience = PATIENCE_LEAST + PATIENCE * (uint64_t)count;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count && boxes[k].low <= boxes[i].high; k++) {
            const struct box *a = &boxes[i], *b = &boxes[k];
            if (patience-- == 0)
                return false;
            bool apart = a->across_low > b->across_high || b->across_low > a->across_high;
            if (!apart && (a->ring != 0 || b->ring != 0))
                lone[a->ring] = lone[b->ring] = false;
        }
    return true;
}

enum mw_error geo_lone_holes(const struct geo_store *store, uint32_t outer, uint32_t count, bool *out_lone)
{
    size_t room = (size_t)store->rings[outer].count + count;
    struct box *boxes = malloc(room * sizeof *boxes);
    if (boxes == NULL)
        return MW_NO_MEMORY;
    memset(out_lone, true, count);
    out_lone[0] = false;
    uint32_t taken = take_boxes(store, outer, count, boxes);
    qsort(boxes, taken, sizeof *boxes, compare);
    if (!part_overlapping(boxes, taken, out_lone))
        memset(out_lone, false, count);
    free(boxes);
    return MW_OK;
}
