#include "shape.h"

#include "holes.h"
#include "metric.h"
#include "predicate.h"
#include "side.h"

#include <stdlib.h>

/* About a square millimetre, in square degrees. A ring with less area is a mistake. */
#define AREA_MIN_DEG2 1e-16
/* If holes leave less than this share of their outer ring, that is a mistake as well. */
#define LEFT_MIN      1e-9
#define REACH_MAX_DEG 89.0
/* A coordinate beyond this is not in degrees, but most likely in metres of a map projection. */
#define DEGREES_MAX 1000.0

static enum mw_error refuse(struct mw_shape_error *error, enum mw_shape_problem problem, uint32_t part,
                            uint32_t point, struct mw_point at)
{
    *error = (struct mw_shape_error){problem, part, point, at};
    return MW_BAD_SHAPE;
}

void geo_scratch_fini(struct geo_scratch *scratch)
{
    free(scratch->points);
    free(scratch->origins);
    free(scratch->edges);
    free(scratch->ranks);
    geo_met_fini(&scratch->met);
    *scratch = (struct geo_scratch){0};
}

static enum mw_error scratch_points(struct geo_scratch *scratch, uint32_t count)
{
    if (count <= scratch->point_cap)
        return MW_OK;
    struct geo_xy *points = realloc(scratch->points, count * sizeof *points);
    if (points == NULL)
        return MW_NO_MEMORY;
    scratch->points = points;
    uint32_t *origins = realloc(scratch->origins, count * sizeof *origins);
    if (origins == NULL)
        return MW_NO_MEMORY;
    scratch->origins = origins;
    scratch->point_cap = count;
    return MW_OK;
}

static enum mw_error scratch_edges(struct geo_scratch *scratch, uint64_t count)
{
    if (count <= scratch->edge_cap)
        return MW_OK;
    uint64_t want = count + count / 2;
    if (want > UINT32_MAX)
        return MW_TOO_LARGE;
    struct geo_edge *edges = realloc(scratch->edges, want * sizeof *edges);
    if (edges == NULL)
        return MW_NO_MEMORY;
    scratch->edges = edges;
    scratch->edge_cap = (uint32_t)want;
    return MW_OK;
}

static enum mw_error scratch_ranks(struct geo_scratch *scratch)
{
    if (scratch->edge_count <= scratch->rank_cap)
        return MW_OK;
    struct geo_rank *ranks = realloc(scratch->ranks, (size_t)scratch->edge_cap * 2 * sizeof *ranks);
    if (ranks == NULL)
        return MW_NO_MEMORY;
    scratch->ranks = ranks;
    scratch->rank_cap = scratch->edge_cap;
    return MW_OK;
}

static enum mw_shape_problem point_problem(struct mw_point p)
{
    if (fabs(p.lat_deg) <= 90 && fabs(p.lon_deg) <= 180)
        return MW_SHAPE_FINE;
    if (!isfinite(p.lat_deg) || !isfinite(p.lon_deg))
        return MW_SHAPE_NOT_FINITE;
    if (fabs(p.lat_deg) <= 180 && fabs(p.lon_deg) <= 90)
        return MW_SHAPE_SWAPPED;
    if (fabs(p.lat_deg) <= 90 && fabs(p.lon_deg) <= 540)
        return MW_SHAPE_BEYOND_180;
    bool metres = fabs(p.lat_deg) > DEGREES_MAX || fabs(p.lon_deg) > DEGREES_MAX;
    return metres ? MW_SHAPE_NOT_DEGREES : MW_SHAPE_OUT_OF_RANGE;
}

static enum mw_error check_points(const struct mw_part *part, uint32_t index, struct mw_shape_error *error)
{
    for (uint32_t i = 0; i < part->count; i++) {
        enum mw_shape_problem problem = point_problem(part->points[i]);
        if (problem)
            return refuse(error, problem, index, i, part->points[i]);
        if (i && fabs(part->points[i].lon_deg - part->points[i - 1].lon_deg) > 180)
            return refuse(error, MW_SHAPE_CROSSES_ANTIMERIDIAN, index, i, part->points[i]);
    }
    return MW_OK;
}

/* Copies the points into the scratch; a point that repeats the one before is left out. */
static enum mw_error take_points(struct geo_scratch *scratch, const struct mw_part *part, uint32_t *out_count)
{
    enum mw_error error = scratch_points(scratch, part->count);
    if (error)
        return error;
    uint32_t count = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        struct geo_xy p = {part->points[i].lon_deg, part->points[i].lat_deg};
        if (!count || p.x != scratch->points[count - 1].x || p.y != scratch->points[count - 1].y) {
            scratch->points[count] = p;
            scratch->origins[count++] = i;
        }
    }
    *out_count = count;
    return MW_OK;
}

static double ring_area(const struct geo_xy *points, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 1; i + 1 < count; i++) {
        sum += (points[i].x - points[0].x) * (points[i + 1].y - points[0].y) -
               (points[i].y - points[0].y) * (points[i + 1].x - points[0].x);
    }
    return sum / 2;
}

/* Reverses a ring; its first point stays the first. */
static void ring_reverse(struct geo_xy *points, uint32_t *origins, uint32_t count)
{
    for (uint32_t i = 1, j = count - 1; i < j; i++, j--) {
        struct geo_xy p = points[i];
        uint32_t origin = origins[i];
        points[i] = points[j];
        origins[i] = origins[j];
        points[j] = p;
        origins[j] = origin;
    }
}

/* The point of the part at which the ring comes back to its first point. */
static uint32_t second_round(const struct geo_scratch *scratch, uint32_t count)
{
    const struct geo_xy *points = scratch->points;
    for (uint32_t i = 1; i < count; i++)
        if (points[i].x == points[0].x && points[i].y == points[0].y)
            return scratch->origins[i];
    return 0;
}

static enum mw_error check_rounds(struct geo_scratch *scratch, const struct mw_part *part, uint32_t index,
                                  uint32_t count, struct mw_shape_error *out_error)
{
    bool once;
    enum mw_error error = geo_ring_once(&scratch->met, scratch->points, count, &once);
    if (error || once)
        return error;
    uint32_t at = second_round(scratch, count);
    return refuse(out_error, MW_SHAPE_TRACED_TWICE, index, at, part->points[at]);
}

static enum mw_error append_ring(struct geo_store *store, struct geo_scratch *scratch,
                                 const struct mw_part *part, uint32_t index, struct mw_shape_error *out_error)
{
    uint32_t count;
    enum mw_error error = check_points(part, index, out_error);
    if (error)
        return error;
    struct mw_point none = {0, 0}, first = part->count ? part->points[0] : none;
    struct mw_point last = part->count ? part->points[part->count - 1] : none;
    if (part->count < 4)
        return refuse(out_error, MW_SHAPE_TOO_FEW_POINTS, index, 0, first);
    if (first.lat_deg != last.lat_deg || first.lon_deg != last.lon_deg)
        return refuse(out_error, MW_SHAPE_UNCLOSED, index, part->count - 1, last);
    error = take_points(scratch, part, &count);
    if (error)
        return error;
    count -= count > 1 ? 1 : 0; /* the closing point */
    if (count < 3)
        return refuse(out_error, MW_SHAPE_TOO_FEW_POINTS, index, 0, first);
    double area = ring_area(scratch->points, count);
    if (fabs(area) < AREA_MIN_DEG2)
        return refuse(out_error, MW_SHAPE_NO_AREA, index, 0, first);
    error = check_rounds(scratch, part, index, count, out_error);
    if (error)
        return error;
    scratch->area_deg2 = fabs(area);
    bool turned = (area > 0) == part->hole;
    if (turned)
        ring_reverse(scratch->points, scratch->origins, count);
    error = scratch_edges(scratch, (uint64_t)scratch->edge_count + count);
    if (error)
        return error;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i + 1 < count ? i + 1 : 0;
        uint32_t start = scratch->origins[turned ? j : i]; /* where the edge starts in the part */
        scratch->edges[scratch->edge_count++] =
            (struct geo_edge){scratch->points[i], scratch->points[j], index, start};
    }
    return geo_store_ring(store, scratch->points, count, part->hole ? GEO_RING_HOLE : 0);
}

static struct mw_point crossing_place(const struct geo_edge *e, const struct geo_edge *f)
{
    double from = geo_orient(f->a, f->b, e->a);
    double to = geo_orient(f->a, f->b, e->b);
    double t = from / (from - to);
    return (struct mw_point){e->a.y + t * (e->b.y - e->a.y), e->a.x + t * (e->b.x - e->a.x)};
}

static enum mw_error check_crossings(struct geo_scratch *scratch, struct mw_shape_error *error)
{
    const struct geo_edge *e, *f;
    enum mw_error memory = scratch_ranks(scratch);
    if (memory)
        return memory;
    if (geo_sweep(scratch->edges, scratch->edge_count, scratch->ranks, &e, &f))
        return refuse(error, MW_SHAPE_SELF_CROSSING, e->part, e->point, crossing_place(e, f));
    return MW_OK;
}

/* The index in the part of a point that the store has kept. */
static uint32_t point_of_part(const struct mw_part *part, struct geo_xy p)
{
    uint32_t i = 0;
    while (i + 1 < part->count && (part->points[i].lon_deg != p.x || part->points[i].lat_deg != p.y))
        i++;
    return i;
}

/* An outer ring and its holes: `count` parts of the shape that follow each other, and their rings, which
 * follow each other in the store. */
struct outline {
    const struct mw_shape *shape;
    uint32_t part, ring, count;
};

/* Whether a hole lies in its outer ring. No edges cross, so the first point of the hole that is not on the
 * outer ring decides for all of them. */
static enum mw_error check_hole(const struct geo_store *store, const struct outline *outline, uint32_t hole,
                                struct mw_shape_error *error)
{
    const struct geo_ring *inner = &store->rings[outline->ring + hole];
    uint32_t part = outline->part + hole;
    for (uint32_t i = 0; i < inner->count; i++) {
        struct geo_xy p = geo_ring_point(store, inner, i);
        enum geo_side side = geo_ring_side(store, &store->rings[outline->ring], p);
        if (side == GEO_OUTSIDE) {
            return refuse(error, MW_SHAPE_HOLE_OUTSIDE, part, point_of_part(&outline->shape->parts[part], p),
                          (struct mw_point){p.y, p.x});
        }
        if (side == GEO_INSIDE)
            break;
    }
    return MW_OK;
}

/* Checks that every hole lies in the outer ring, also where edges lie on top of each other, and that no two
 * holes have a place in common. */
static enum mw_error check_holes(const struct geo_store *store, const struct outline *outline,
                                 struct mw_shape_error *out_error)
{
    enum mw_error error = MW_OK;
    struct geo_hole_fault fault;
    for (uint32_t i = 1; i < outline->count && !error; i++)
        error = check_hole(store, outline, i, out_error);
    error = error ? error : geo_holes_apart(store, outline->ring, outline->count, &fault);
    if (error || !fault.problem)
        return error;
    uint32_t part = outline->part + fault.hole;
    return refuse(out_error, fault.problem, part, 0, outline->shape->parts[part].points[0]);
}

/* Checks and appends one outer ring and its holes, from *part on; *part becomes the part behind them. */
static enum mw_error append_polygon(struct geo_store *store, struct geo_scratch *scratch,
                                    const struct mw_shape *shape, uint32_t *part,
                                    struct mw_shape_error *out_error)
{
    struct outline outline = {shape, *part, store->ring_count, 0};
    uint32_t first = *part, filling = 0;
    enum mw_error error = MW_OK;
    double whole = 0, left = 0;
    scratch->edge_count = 0;
    do {
        error = append_ring(store, scratch, &shape->parts[*part], *part, out_error);
        whole = *part == first ? scratch->area_deg2 : whole;
        left = *part == first ? whole : left - scratch->area_deg2;
        filling = !filling && left < whole * LEFT_MIN ? *part : filling;
        ++*part;
    } while (!error && *part < shape->part_count && shape->parts[*part].hole);
    error = error ? error : check_crossings(scratch, out_error);
    outline.count = *part - first;
    if (!error && outline.count > 1)
        error = check_holes(store, &outline, out_error);
    if (!error && filling)
        return refuse(out_error, MW_SHAPE_HOLE_FILLS, filling, 0, shape->parts[filling].points[0]);
    return error;
}

static enum mw_error append_polygons(struct geo_store *store, struct geo_scratch *scratch,
                                     const struct mw_shape *shape, struct mw_shape_error *out_error)
{
    if (shape->parts[0].hole) {
        struct mw_point at = {0, 0};
        return refuse(out_error, MW_SHAPE_HOLE_FIRST, 0, 0,
                      shape->parts[0].count ? shape->parts[0].points[0] : at);
    }
    enum mw_error error = MW_OK;
    for (uint32_t part = 0; part < shape->part_count && !error;)
        error = append_polygon(store, scratch, shape, &part, out_error);
    return error;
}

/* Refuses a line or circle whose radius reaches over the antimeridian or too near a pole. */
static enum mw_error check_reach(const struct mw_part *part, uint32_t index, double radius_m,
                                 struct mw_shape_error *error)
{
    double dlat = radius_m * 1.001 / (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG);
    for (uint32_t i = 0; i < part->count; i++) {
        struct mw_point p = part->points[i];
        if (fabs(p.lat_deg) + dlat > REACH_MAX_DEG)
            return refuse(error, MW_SHAPE_NEAR_POLE, index, i, p);
        struct geo_metric m = geo_metric_at(0, fabs(p.lat_deg) + dlat);
        if (fabs(p.lon_deg) + radius_m * 1.001 / m.k0 > 180)
            return refuse(error, MW_SHAPE_CROSSES_ANTIMERIDIAN, index, i, p);
    }
    return MW_OK;
}

static enum mw_error append_line(struct geo_store *store, struct geo_scratch *scratch,
                                 const struct mw_shape *shape, uint32_t index,
                                 struct mw_shape_error *out_error)
{
    const struct mw_part *part = &shape->parts[index];
    struct mw_point at = {0, 0};
    at = part->count ? part->points[0] : at;
    enum mw_error error = check_points(part, index, out_error);
    error = error ? error : check_reach(part, index, shape->radius_m, out_error);
    uint32_t count = 0;
    error = error ? error : take_points(scratch, part, &count);
    if (error)
        return error;
    if (count < (shape->kind == MW_SHAPE_CIRCLE ? 1 : 2))
        return refuse(out_error, MW_SHAPE_TOO_FEW_POINTS, index, 0, at);
    return geo_store_ring(store, scratch->points, count, GEO_RING_LINE);
}

static enum mw_error append_lines(struct geo_store *store, struct geo_scratch *scratch,
                                  const struct mw_shape *shape, struct mw_shape_error *out_error)
{
    struct mw_point none = {0, 0};
    if (!(shape->radius_m > 0 && shape->radius_m <= MW_RADIUS_MAX_M)) {
        return refuse(out_error, MW_SHAPE_BAD_RADIUS, 0, 0,
                      shape->parts[0].count ? shape->parts[0].points[0] : none);
    }
    enum mw_error error = MW_OK;
    for (uint32_t part = 0; part < shape->part_count && !error; part++) {
        if (shape->kind == MW_SHAPE_CIRCLE && shape->parts[part].count > 1)
            return refuse(out_error, MW_SHAPE_UNKNOWN_KIND, part, 1, shape->parts[part].points[1]);
        error = append_line(store, scratch, shape, part, out_error);
    }
    return error;
}

enum mw_error geo_shape_append(struct geo_store *store, struct geo_scratch *scratch,
                               const struct mw_shape *shape, struct mw_shape_error *out_error)
{
    struct geo_mark mark = geo_store_mark(store);
    struct mw_point none = {0, 0};
    if (!shape->part_count)
        return refuse(out_error, MW_SHAPE_NO_PARTS, 0, 0, none);
    enum mw_error error;
    bool polygon = shape->kind == MW_SHAPE_POLYGON;
    if (polygon)
        error = append_polygons(store, scratch, shape, out_error);
    else if (shape->kind == MW_SHAPE_CIRCLE || shape->kind == MW_SHAPE_CORRIDOR)
        error = append_lines(store, scratch, shape, out_error);
    else
        return refuse(out_error, MW_SHAPE_UNKNOWN_KIND, 0, 0, none);
    error = error ? error : geo_store_fence(store, shape->kind, polygon ? 0 : shape->radius_m);
    if (error)
        geo_store_rollback(store, mark);
    return error;
}
