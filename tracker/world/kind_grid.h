/*
 * kind_grid: which kinds of fences may be near a place, as one look into a small table.
 *
 * Most questions about nearness have the answer "none": no wash within the fix's error, no banned fence
 * anywhere on the path. A grid of 256 by 256 cells over all fences holds for each cell which kinds have a
 * fence whose box touches it; 128 KiB, one or two loads a question. It never misses a fence; a kind it names
 * may turn out not to be there.
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
};

/* An empty grid over the fences of an index. False without memory. */
bool kind_grid_make(struct kind_grid *grid, const struct mw_index *index, struct arena *arena);
/* Adds the box of one fence. */
void kind_grid_add(struct kind_grid *grid, struct mw_bounds box, unsigned kind);
/* Kinds that may have a fence within margin_m of the box around two points: a bit each. */
uint32_t kind_grid_near(const struct kind_grid *grid, struct mw_point a, struct mw_point b, double margin_m);

#endif
