#include "evenodd.h"

#include <stdlib.h>
#include <string.h>

/* A tenth of a millimetre: what is narrower is rounding, or nothing that a fence is drawn for. */
#define WIDTH_MIN_DEG 1e-9
/* How far up the lines are drawn, as shares of a ring's height. One tells nearly always. */
static const double shares[] = {0.5, 0.29, 0.71, 0.13, 0.87};
#define SHARES      (sizeof shares / sizeof *shares)
#define HOLE_SHARES 3u /* of these, for each hole */

void geo_met_fini(struct geo_met_list *list)
{
    free(list->items);
    free(list->inside);
    *list = (struct geo_met_list){0};
}

static enum mw_error grow(struct geo_met_list *list)
{
    uint32_t cap = list->cap ? list->cap * 2 : 64;
    struct geo_met *items = realloc(list->items, cap * sizeof *items);
    if (items == NULL)
        return MW_NO_MEMORY;
    list->items = items;
    list->cap = cap;
    return MW_OK;
}

/* Half-open, so that a vertex counts once. */
static inline enum mw_error meet(struct geo_met_list *list, struct geo_xy a, struct geo_xy b, double y,
                                 uint32_t ring)
{
    if ((a.y > y) == (b.y > y))
        return MW_OK;
    if (list->count == list->cap && grow(list))
        return MW_NO_MEMORY;
    double x = a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
    list->items[list->count++] = (struct geo_met){x, ring, b.y > a.y ? 1 : -1};
    return MW_OK;
}

static int compare(const void *a, const void *b)
{
    const struct geo_met *x = a, *y = b;
    return (x->x > y->x) - (x->x < y->x);
}

static void sort(struct geo_met_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare);
}

static enum mw_error meet_points(struct geo_met_list *list, const struct geo_xy *points, uint32_t count,
                                 double y)
{
    enum mw_error error = MW_OK;
    list->count = 0;
    struct geo_xy a = points[count - 1];
    for (uint32_t i = 0; i < count && !error; i++) {
        error = meet(list, a, points[i], y, 0);
        a = points[i];
    }
    return error;
}

/* Looks along the line for stretches that are run round once, and more often. */
static void count_rounds(const struct geo_met_list *list, bool *once, bool *more)
{
    int32_t rounds = 0;
    for (uint32_t i = 0; i + 1 < list->count; i++) {
        rounds += list->items[i].turn;
        bool wide = list->items[i + 1].x - list->items[i].x > WIDTH_MIN_DEG;
        *once |= wide && (rounds == 1 || rounds == -1);
        *more |= wide && (rounds > 1 || rounds < -1);
    }
}

enum mw_error geo_ring_once(struct geo_met_list *list, const struct geo_xy *points, uint32_t count,
                            bool *out_once)
{
    double south = points[0].y, north = points[0].y;
    bool once = false, more = false;
    for (uint32_t i = 1; i < count; i++) {
        south = points[i].y < south ? points[i].y : south;
        north = points[i].y > north ? points[i].y : north;
    }
    for (size_t k = 0; k < SHARES && !once; k++) {
        enum mw_error error = meet_points(list, points, count, south + shares[k] * (north - south));
        if (error)
            return error;
        sort(list);
        count_rounds(list, &once, &more);
    }
    *out_once = once || !more;
    return MW_OK;
}

/* Edges of a ring of the store; runs that lie north or south of the line are left out. */
static enum mw_error meet_ring(struct geo_met_list *list, const struct geo_store *store, uint32_t ring,
                               double y)
{
    const struct geo_ring *r = &store->rings[ring];
    uint32_t runs = geo_ring_runs(r), edges = geo_ring_edges(r);
    enum mw_error error = MW_OK;
    for (uint32_t run = 0; run < runs && !error; run++) {
        const struct geo_box *box = runs > 1 ? &store->blocks[r->block + run] : NULL;
        if (box != NULL && (y * GEO_SCALE < box->south || y * GEO_SCALE > box->north))
            continue;
        uint32_t first = run * GEO_BLOCK_EDGES;
        uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
        struct geo_xy a = geo_ring_point(store, r, first);
        for (uint32_t i = first; i < last && !error; i++) {
            struct geo_xy b = geo_ring_point(store, r, geo_ring_next(r, i));
            error = meet(list, a, b, y, ring);
            a = b;
        }
    }
    return error;
}

/* The last hole that the line is in. */
static uint32_t hole_inside(const struct geo_met_list *list, uint32_t count)
{
    uint32_t ring = count - 1;
    while (ring > 1 && !list->inside[ring])
        ring--;
    return ring;
}

/* Walks along the line of latitude, which enters and leaves the rings, and looks at each stretch between. */
static struct geo_hole_fault walk(struct geo_met_list *list, uint32_t outer, uint32_t count)
{
    uint32_t holes = 0;
    memset(list->inside, 0, count);
    for (uint32_t i = 0; i + 1 < list->count; i++) {
        uint32_t ring = list->items[i].ring - outer;
        list->inside[ring] ^= 1;
        holes += ring == 0 ? 0 : list->inside[ring] ? 1u : UINT32_MAX;
        bool wide = list->items[i + 1].x - list->items[i].x > WIDTH_MIN_DEG;
        if (wide && (holes > 1 || (holes == 1 && !list->inside[0]))) {
            return (struct geo_hole_fault){list->inside[0] ? MW_SHAPE_HOLE_IN_HOLE : MW_SHAPE_HOLE_OUTSIDE,
                                           hole_inside(list, count)};
        }
    }
    return (struct geo_hole_fault){MW_SHAPE_FINE, 0};
}

static enum mw_error room_for_rings(struct geo_met_list *list, uint32_t count)
{
    if (count <= list->inside_cap)
        return MW_OK;
    uint8_t *inside = realloc(list->inside, count);
    if (inside == NULL)
        return MW_NO_MEMORY;
    list->inside = inside;
    list->inside_cap = count;
    return MW_OK;
}

enum mw_error geo_holes_apart(struct geo_met_list *list, const struct geo_store *store, uint32_t outer,
                              uint32_t count, struct geo_hole_fault *out_fault)
{
    enum mw_error error = room_for_rings(list, count);
    *out_fault = (struct geo_hole_fault){MW_SHAPE_FINE, 0};
    for (uint32_t hole = 1; hole < count && !error; hole++) {
        struct geo_span span = geo_ring_span(store, &store->rings[outer + hole]);
        for (size_t k = 0; k < HOLE_SHARES && !error && !out_fault->problem; k++) {
            double y = span.south + shares[k] * (span.north - span.south);
            list->count = 0;
            for (uint32_t r = 0; r < count && !error; r++)
                error = meet_ring(list, store, outer + r, y);
            sort(list);
            if (!error)
                *out_fault = walk(list, outer, count);
        }
        if (out_fault->problem)
            break;
    }
    return error;
}
