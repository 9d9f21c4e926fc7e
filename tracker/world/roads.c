#include "roads.h"

#include "arena.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double cell_m = 100, meet_m = 0.5;
/* A map larger than this has larger cells. */
enum { CELLS_MAX = 1 << 20 };

/* ---- lines ---- */

/* Metres of a degree at a place. */
static void scale_at(struct mw_point at, double *out_lat_m, double *out_lon_m)
{
    const double step_deg = 0.001;
    *out_lat_m = mw_distance_m(at, (struct mw_point){at.lat_deg + step_deg, at.lon_deg}) / step_deg;
    *out_lon_m = mw_distance_m(at, (struct mw_point){at.lat_deg, at.lon_deg + step_deg}) / step_deg;
}

static void put_line(struct road *s, struct road_point *points, const struct road_spec *spec)
{
    double at_m = 0;
    for (uint32_t i = 0; i < spec->count; i++) {
        if (i > 0)
            at_m += mw_distance_m(spec->points[i - 1], spec->points[i]);
        points[i] = (struct road_point){spec->points[i].lat_deg, spec->points[i].lon_deg, (float)at_m};
    }
    s->length_m = (float)at_m;
    scale_at(spec->points[spec->count / 2], &s->lat_m, &s->lon_m);
}

static bool put_lines(struct roads *out, const struct road_spec *specs, struct arena *arena)
{
    struct road *list = arena_take(arena, out->count, sizeof *list);
    for (uint32_t i = 0; i < out->count; i++)
        out->point_count += specs[i].count;
    struct road_point *points = arena_take(arena, out->point_count, sizeof *points);
    if (list == NULL || points == NULL)
        return false;
    uint32_t first = 0;
    for (uint32_t i = 0; i < out->count; first += specs[i++].count) {
        assert(specs[i].count >= 2);
        list[i] = (struct road){.fence = specs[i].fence,
                                .first = first,
                                .count = specs[i].count,
                                .width_m = specs[i].width_m,
                                .oneway = specs[i].oneway};
        put_line(&list[i], &points[first], &specs[i]);
    }
    out->list = list;
    out->points = points;
    return true;
}

/* ---- junctions ---- */

struct end {
    struct mw_point at;
    uint32_t road, junction;
    bool last;
};

static int compare_ends(const void *a, const void *b)
{
    const struct end *x = a, *y = b;
    if (x->at.lat_deg != y->at.lat_deg)
        return x->at.lat_deg < y->at.lat_deg ? -1 : 1;
    if (x->at.lon_deg != y->at.lon_deg)
        return x->at.lon_deg < y->at.lon_deg ? -1 : 1;
    return x->road != y->road ? (x->road < y->road ? -1 : 1) : (int)x->last - (int)y->last;
}

/* An end is of the junction of the first one near it, in the order of latitude. */
static uint32_t number_junctions(struct end *ends, size_t count)
{
    const double near_deg = meet_m / 110000;
    uint32_t junctions = 0;
    for (size_t i = 0, from = 0; i < count; i++) {
        ends[i].junction = UINT32_MAX;
        while (ends[i].at.lat_deg - ends[from].at.lat_deg > near_deg)
            from++;
        for (size_t k = from; k < i && ends[i].junction == UINT32_MAX; k++)
            if (fabs(ends[i].at.lon_deg - ends[k].at.lon_deg) < 1e-3 &&
                mw_distance_m(ends[i].at, ends[k].at) <= meet_m)
                ends[i].junction = ends[k].junction;
        if (ends[i].junction == UINT32_MAX)
            ends[i].junction = junctions++;
    }
    return junctions;
}

static bool list_junctions(struct roads *out, const struct end *ends, struct arena *arena)
{
    uint32_t *first = arena_take(arena, (size_t)out->junction_count + 1, sizeof *first);
    uint32_t *roads = arena_take(arena, (size_t)out->count * 2, sizeof *roads);
    if (first == NULL || roads == NULL)
        return false;
    memset(first, 0, ((size_t)out->junction_count + 1) * sizeof *first);
    for (size_t i = 0; i < (size_t)out->count * 2; i++)
        first[ends[i].junction + 1]++;
    for (uint32_t j = 0; j < out->junction_count; j++)
        first[j + 1] += first[j];
    uint32_t *filled = calloc((size_t)out->junction_count + 1, sizeof *filled);
    if (filled == NULL)
        return false;
    for (size_t i = 0; i < (size_t)out->count * 2; i++) {
        uint32_t j = ends[i].junction;
        roads[first[j] + filled[j]++] = ends[i].road;
    }
    free(filled);
    out->junction_first = first;
    out->junction_roads = roads;
    return true;
}

static bool join(struct roads *out, struct arena *arena)
{
    struct road *list = (struct road *)(uintptr_t)out->list; /* ours until it is handed over */
    struct end *ends = malloc(((size_t)out->count * 2 + 1) * sizeof *ends);
    if (ends == NULL)
        return false;
    for (uint32_t i = 0; i < out->count; i++)
        for (uint32_t k = 0; k < 2; k++) {
            const struct road_point *p = &out->points[list[i].first + (k == 0 ? 0 : list[i].count - 1)];
            ends[2 * i + k] = (struct end){.at = {p->lat_deg, p->lon_deg}, .road = i, .last = k == 1};
        }
    qsort(ends, (size_t)out->count * 2, sizeof *ends, compare_ends);
    out->junction_count = number_junctions(ends, (size_t)out->count * 2);
    for (size_t i = 0; i < (size_t)out->count * 2; i++)
        *(ends[i].last ? &list[ends[i].road].to : &list[ends[i].road].from) = ends[i].junction;
    bool ok = list_junctions(out, ends, arena);
    free(ends);
    return ok;
}

/* ---- the grid ---- */

/* Cells that a box covers. */
struct cells {
    uint32_t west, east, south, north; /* all belong to it */
};

static uint32_t cell_of(double offset_deg, double cell_deg, uint32_t count)
{
    double cell = offset_deg / cell_deg;
    return cell <= 0 ? 0 : cell >= count ? count - 1 : (uint32_t)cell;
}

static struct cells cells_of(const struct roads *out, const struct road *s, const struct road_point *p)
{
    double reach_lat = ROADS_REACH_M / s->lat_m * 1.01, reach_lon = ROADS_REACH_M / s->lon_m * 1.01;
    double west = fmin(p[0].lon_deg, p[1].lon_deg) - reach_lon,
           east = fmax(p[0].lon_deg, p[1].lon_deg) + reach_lon;
    double south = fmin(p[0].lat_deg, p[1].lat_deg) - reach_lat,
           north = fmax(p[0].lat_deg, p[1].lat_deg) + reach_lat;
    return (struct cells){cell_of(west - out->west_deg, out->cell_lon_deg, out->columns),
                          cell_of(east - out->west_deg, out->cell_lon_deg, out->columns),
                          cell_of(south - out->south_deg, out->cell_lat_deg, out->rows),
                          cell_of(north - out->south_deg, out->cell_lat_deg, out->rows)};
}

static void measure_grid(struct roads *out)
{
    double north_deg = -90, east_deg = -180, margin_deg = 0.001;
    out->south_deg = 90;
    out->west_deg = 180;
    for (uint32_t i = 0; i < out->point_count; i++) {
        out->south_deg = fmin(out->south_deg, out->points[i].lat_deg);
        out->west_deg = fmin(out->west_deg, out->points[i].lon_deg);
        north_deg = fmax(north_deg, out->points[i].lat_deg);
        east_deg = fmax(east_deg, out->points[i].lon_deg);
    }
    out->south_deg -= margin_deg;
    out->west_deg -= margin_deg;
    out->cell_lat_deg = cell_m / out->list[0].lat_m;
    out->cell_lon_deg = cell_m / out->list[0].lon_m;
    double rows = (north_deg + margin_deg - out->south_deg) / out->cell_lat_deg;
    double columns = (east_deg + margin_deg - out->west_deg) / out->cell_lon_deg;
    double wider = rows * columns > CELLS_MAX ? sqrt(rows * columns / CELLS_MAX) : 1;
    out->cell_lat_deg *= wider;
    out->cell_lon_deg *= wider;
    out->rows = (uint32_t)(rows / wider) + 1;
    out->columns = (uint32_t)(columns / wider) + 1;
}

/* Counts the legs of each cell behind it in `first`, or puts them where `legs` is not NULL. */
static void visit_cells(const struct roads *out, uint32_t *first, struct road_leg *legs)
{
    for (uint32_t i = 0; i < out->count; i++)
        for (uint32_t k = 0; k + 1 < out->list[i].count; k++) {
            uint32_t point = out->list[i].first + k;
            struct cells c = cells_of(out, &out->list[i], &out->points[point]);
            for (uint32_t row = c.south; row <= c.north; row++)
                for (uint32_t column = c.west; column <= c.east; column++) {
                    uint32_t *place = &first[row * out->columns + column + 1];
                    if (legs != NULL)
                        legs[*place] = (struct road_leg){i, point};
                    ++*place;
                }
        }
}

static bool fill_grid(struct roads *out, struct arena *arena)
{
    measure_grid(out);
    size_t cells = (size_t)out->rows * out->columns;
    uint32_t *first = arena_take(arena, cells + 2, sizeof *first);
    if (first == NULL)
        return false;
    memset(first, 0, (cells + 2) * sizeof *first);
    visit_cells(out, first + 1, NULL);
    for (size_t i = 0; i < cells; i++)
        first[i + 2] += first[i + 1];
    struct road_leg *legs = arena_take(arena, first[cells + 1], sizeof *legs);
    if (legs == NULL)
        return false;
    visit_cells(out, first, legs); /* after which the first of each cell stands at its own place */
    out->cell_first = first;
    out->legs = legs;
    return true;
}

const struct roads *roads_make(const struct road_spec *specs, uint32_t count, struct arena *arena)
{
    struct roads *out = arena_take(arena, 1, sizeof *out);
    if (out == NULL)
        return NULL;
    *out = (struct roads){.count = count};
    if (count == 0)
        return out;
    return put_lines(out, specs, arena) && join(out, arena) && fill_grid(out, arena) ? out : NULL;
}

struct road_legs roads_near(const struct roads *roads, struct mw_point at)
{
    double column = (at.lon_deg - roads->west_deg) / roads->cell_lon_deg;
    double row = (at.lat_deg - roads->south_deg) / roads->cell_lat_deg;
    if (!(column >= 0 && row >= 0 && column < roads->columns && row < roads->rows))
        return (struct road_legs){NULL, 0};
    const uint32_t *first = &roads->cell_first[(uint32_t)row * roads->columns + (uint32_t)column];
    return (struct road_legs){&roads->legs[first[0]], first[1] - first[0]};
}

uint32_t roads_between(const struct roads *roads, uint32_t from, uint32_t to, double max_m, int *out_dir)
{
    uint32_t best = UINT32_MAX;
    double best_m = max_m;
    for (uint32_t i = roads->junction_first[from]; i < roads->junction_first[from + 1]; i++) {
        const struct road *s = &roads->list[roads->junction_roads[i]];
        for (int dir = 1; dir >= -1; dir -= 2)
            if (road_entry(s, dir) == from && road_exit(s, dir) == to && road_allows(s, dir) &&
                (double)s->length_m <= best_m) {
                best_m = (double)s->length_m;
                best = roads->junction_roads[i];
                *out_dir = dir;
            }
    }
    return best;
}
