#include "kind_grid.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Boxes over more cells than this are not looked into: anything may be there. */
#define CELLS_LOOKED_AT 64
/* Fewer metres than a degree of latitude has anywhere: margins come out too wide, never too narrow. */
#define LEAST_M_PER_DEG 110000.0

static uint32_t fence_bounds(const struct mw_index *index, struct mw_bounds *all)
{
    uint32_t count = mw_index_fence_count(index);
    *all = (struct mw_bounds){{90, 180}, {-90, -180}};
    for (uint32_t i = 0; i < count; i++) {
        struct mw_bounds b = mw_index_fence_bounds(index, i);
        all->south_west.lat_deg = fmin(all->south_west.lat_deg, b.south_west.lat_deg);
        all->south_west.lon_deg = fmin(all->south_west.lon_deg, b.south_west.lon_deg);
        all->north_east.lat_deg = fmax(all->north_east.lat_deg, b.north_east.lat_deg);
        all->north_east.lon_deg = fmax(all->north_east.lon_deg, b.north_east.lon_deg);
    }
    return count;
}

bool kind_grid_make(struct kind_grid *grid, const struct mw_index *index, struct arena *arena)
{
    struct mw_bounds all;
    *grid = (struct kind_grid){0};
    if (fence_bounds(index, &all) == 0)
        return true;
    grid->cells = arena_take(arena, (size_t)KIND_GRID_SIDE * KIND_GRID_SIDE, sizeof *grid->cells);
    if (grid->cells == NULL)
        return false;
    memset(grid->cells, 0, (size_t)KIND_GRID_SIDE * KIND_GRID_SIDE * sizeof *grid->cells);
    grid->lat0_deg = all.south_west.lat_deg;
    grid->lon0_deg = all.south_west.lon_deg;
    /* A side of zero, one fence as small as a point, must not divide. */
    grid->cells_per_lat = KIND_GRID_SIDE / fmax(all.north_east.lat_deg - grid->lat0_deg, 1e-6);
    grid->cells_per_lon = KIND_GRID_SIDE / fmax(all.north_east.lon_deg - grid->lon0_deg, 1e-6);
    return true;
}

/* A box along one axis of the grid, in degrees. */
struct extent {
    double low, high;
    double zero, per_deg; /* where the grid begins, and its cells a degree */
};

/* The first and the last cell of one axis that the box meets, cut at the grid's rim; false where the box lies
 * beside the grid. */
static inline bool range(struct extent e, int out[2])
{
    double a = (e.low - e.zero) * e.per_deg, b = (e.high - e.zero) * e.per_deg;
    if (!(b >= -1 && a < KIND_GRID_SIDE + 1)) /* a cell more on either side, for rounding */
        return false;
    out[0] = a < 0 ? 0 : a >= KIND_GRID_SIDE ? KIND_GRID_SIDE - 1 : (int)a;
    out[1] = b < 0 ? 0 : b >= KIND_GRID_SIDE ? KIND_GRID_SIDE - 1 : (int)b;
    assert(out[0] >= 0 && out[1] < KIND_GRID_SIDE);
    return true;
}

static inline bool box_range(const struct kind_grid *g, struct mw_bounds box, int lat[2], int lon[2])
{
    const struct mw_point low = box.south_west, high = box.north_east;
    return range((struct extent){low.lat_deg, high.lat_deg, g->lat0_deg, g->cells_per_lat}, lat) &&
           range((struct extent){low.lon_deg, high.lon_deg, g->lon0_deg, g->cells_per_lon}, lon);
}

/* Of a cell: how many boxes begin in it less those that end before it, along both axes, and the same of their numbers. Added up
 * over all cells before it: how many boxes there are, and the sum of their numbers, which wraps and comes back. */
struct kind_grid_note {
    uint32_t count;
    uint64_t numbers;
};

/* One more cell along each axis, where boxes end that reach the rim. */
enum { NOTES_SIDE = KIND_GRID_SIDE + 1 };

bool kind_grid_boxes_init(struct kind_grid_boxes *boxes)
{
    boxes->notes = malloc(NOTES_SIDE * NOTES_SIDE * sizeof *boxes->notes);
    return boxes->notes != NULL;
}

void kind_grid_boxes_fini(struct kind_grid_boxes *boxes)
{
    free(boxes->notes);
    boxes->notes = NULL;
}

void kind_grid_boxes_clear(struct kind_grid_boxes *boxes)
{
    memset(boxes->notes, 0, NOTES_SIDE * NOTES_SIDE * sizeof *boxes->notes);
}

static void note(struct kind_grid_boxes *boxes, int y, int x, struct kind_grid_note more)
{
    struct kind_grid_note *n = &boxes->notes[y * NOTES_SIDE + x];
    n->count += more.count;
    n->numbers += more.numbers;
}

void kind_grid_boxes_add(struct kind_grid_boxes *boxes, const struct kind_grid *g, struct mw_bounds box,
                         uint32_t number)
{
    int lat[2], lon[2];
    assert(number < KIND_GRID_MANY);
    if (!box_range(g, box, lat, lon))
        return;
    const struct kind_grid_note one = {1, number}, less = {0u - 1, 0u - (uint64_t)number};
    note(boxes, lat[0], lon[0], one);
    note(boxes, lat[0], lon[1] + 1, less);
    note(boxes, lat[1] + 1, lon[0], less);
    note(boxes, lat[1] + 1, lon[1] + 1, one);
}

void kind_grid_put(struct kind_grid *g, struct kind_grid_boxes *boxes, unsigned kind)
{
    assert(kind < 8 * sizeof *g->cells); /* a bit each */
    for (int y = 0; y < KIND_GRID_SIDE; y++) {
        struct kind_grid_note row = {0};
        for (int x = 0; x < KIND_GRID_SIDE; x++) {
            struct kind_grid_note *n = &boxes->notes[y * NOTES_SIDE + x];
            row.count += n->count;
            row.numbers += n->numbers;
            *n = row;
            if (y > 0)
                note(boxes, y, x, n[-NOTES_SIDE]);
            if (n->count > 0)
                g->cells[y * KIND_GRID_SIDE + x] |= (uint16_t)(1u << kind);
        }
    }
}

bool kind_grid_put_lone(struct kind_grid *g, const struct kind_grid_boxes *boxes, struct arena *arena)
{
    g->lone = arena_take(arena, (size_t)KIND_GRID_SIDE * KIND_GRID_SIDE, sizeof *g->lone);
    for (int i = 0; g->lone != NULL && i < KIND_GRID_SIDE * KIND_GRID_SIDE; i++) {
        struct kind_grid_note n = boxes->notes[i / KIND_GRID_SIDE * NOTES_SIDE + i % KIND_GRID_SIDE];
        g->lone[i] = n.count == 0 ? KIND_GRID_NONE : n.count == 1 ? (uint32_t)n.numbers : KIND_GRID_MANY;
    }
    return g->lone != NULL;
}

/* As fmin and fmax, of which each is a call. */
static inline double lesser(double a, double b)
{
    return a < b ? a : b;
}

static inline double greater(double a, double b)
{
    return a > b ? a : b;
}

uint32_t kind_grid_near(const struct kind_grid *g, struct mw_point a, struct mw_point b, double margin_m)
{
    if (g->cells == NULL)
        return 0;
    double lat_deg = margin_m / LEAST_M_PER_DEG, lon_deg = 0;
    /* Towards the poles a degree of longitude shrinks; at 80 degrees, far beyond any city, to a sixth. */
    if (margin_m > 0)
        lon_deg = lat_deg / fmax(cos(a.lat_deg * 0.017453292519943295), 0.17);
    struct mw_bounds box = {
        {lesser(a.lat_deg, b.lat_deg) - lat_deg, lesser(a.lon_deg, b.lon_deg) - lon_deg},
        {greater(a.lat_deg, b.lat_deg) + lat_deg, greater(a.lon_deg, b.lon_deg) + lon_deg}};
    int lat[2], lon[2];
    if (!box_range(g, box, lat, lon))
        return 0;
    if ((lat[1] - lat[0] + 1) * (lon[1] - lon[0] + 1) > CELLS_LOOKED_AT)
        return UINT32_MAX;
    uint32_t kinds = 0;
    for (int y = lat[0]; y <= lat[1]; y++)
        for (int x = lon[0]; x <= lon[1]; x++)
            kinds |= g->cells[y * KIND_GRID_SIDE + x];
    return kinds;
}

uint32_t kind_grid_lone(const struct kind_grid *g, struct mw_point a, struct mw_point b,
                        uint32_t out[KIND_GRID_PATH_CELLS])
{
    int lat[2], lon[2];
    struct mw_bounds box = {{lesser(a.lat_deg, b.lat_deg), lesser(a.lon_deg, b.lon_deg)},
                            {greater(a.lat_deg, b.lat_deg), greater(a.lon_deg, b.lon_deg)}};
    if (g->lone == NULL || !box_range(g, box, lat, lon))
        return 0;
    if ((lat[1] - lat[0] + 1) * (lon[1] - lon[0] + 1) > KIND_GRID_PATH_CELLS)
        return KIND_GRID_MANY;
    uint32_t count = 0;
    for (int y = lat[0]; y <= lat[1]; y++)
        for (int x = lon[0]; x <= lon[1]; x++) {
            uint32_t number = g->lone[y * KIND_GRID_SIDE + x];
            if (number == KIND_GRID_MANY)
                return KIND_GRID_MANY;
            if (number != KIND_GRID_NONE)
                out[count++] = number;
        }
    assert(count <= KIND_GRID_PATH_CELLS);
    return count;
}
