/*
 * kind_grid: which kinds of fences may be near a place, as one look into a small table.
 *
 * Most questions about nearness have the answer "none": no wash within the fix's error, no banned fence
 * anywhere on the path. A grid of 256 by 256 cells over all fences holds for each cell which kinds have a
 * fence whose box touches it; 128 KiB, one or two loads a question. It never misses a fence; a kind it names
 * may turn out not to be there.
 *
 * Of one kind, that which every path is asked about, another 256 KiB say which fence it is, wherever one alone
 * touches the cell: one that is known to hold the place needs not be looked for.
 */
#ifndef MW_KIND_GRID_H
#define MW_KIND_GRID_H

#include "arena.h"

#include <muckwatch/geofence.h>

#include <stdbool.h>
#include <stdint.h>

#define KIND_GRID_SIDE 256

struct kind_grid {
    double lat0_deg, lon0_deg, cells_per_lat, cells_per_lon;
    uint16_t *cells; /* bit per enum fence_kind; NULL: no fences */
    uint32_t *lone;  /* of one kind: KIND_GRID_NONE, KIND_GRID_MANY, or a number; NULL: there are none */
};

#define KIND_GRID_NONE UINT32_MAX
#define KIND_GRID_MANY (UINT32_MAX - 1)
/* So many cells the box of a path between two fixes may touch, and be told of fence by fence. */
#define KIND_GRID_PATH_CELLS 9

/* An empty grid over the fences of an index. False without memory. */
bool kind_grid_make(struct kind_grid *grid, const struct mw_index *index, struct arena *arena);

/* The boxes of one kind on their way into a grid. A box is noted where its corners are, and the cells are counted out at the
 * end: so a box costs the same however large it is, and however many lie on one place. */
struct kind_grid_boxes {
    struct kind_grid_note *notes;
};

/* False without memory; they may be ended all the same. */
bool kind_grid_boxes_init(struct kind_grid_boxes *boxes);
void kind_grid_boxes_fini(struct kind_grid_boxes *boxes);
/* As they were at the beginning. */
void kind_grid_boxes_clear(struct kind_grid_boxes *boxes);
void kind_grid_boxes_add(struct kind_grid_boxes *boxes, const struct kind_grid *grid, struct mw_bounds box,
                         uint32_t number);
/* Puts them into the grid, once after the last was added. */
void kind_grid_put(struct kind_grid *grid, struct kind_grid_boxes *boxes, unsigned kind);
/* Tells them apart as well, after kind_grid_put. False without memory. */
bool kind_grid_put_lone(struct kind_grid *grid, const struct kind_grid_boxes *boxes, struct arena *arena);

/* Kinds that may have a fence within margin_m of the box around two points: a bit each. */
uint32_t kind_grid_near(const struct kind_grid *grid, struct mw_point a, struct mw_point b, double margin_m);

/* Those of them that may touch the box around two points, some perhaps twice. Returns how many;
 * KIND_GRID_MANY: who wants to know has to ask the index. */
uint32_t kind_grid_lone(const struct kind_grid *grid, struct mw_point a, struct mw_point b,
                        uint32_t out[KIND_GRID_PATH_CELLS]);

#endif
