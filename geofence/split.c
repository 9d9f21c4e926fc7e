#include "split.h"

#include "metric.h"

#include <stdlib.h>
#include <string.h>

/* Corners of a cell, seen by corridors that might hold all of it. */
struct corners {
    bool ready;
    double diagonal_m;
    struct geo_metric metric[4];
};

void geo_split_fini(struct split *split)
{
    free(split->points);
    free(split->pieces);
    *split = (struct split){0};
}

static enum mw_error reserve_points(struct split *split, size_t more)
{
    if (split->point_count + more <= split->point_cap) {
        return MW_OK;
    }
    size_t cap = (split->point_count + more) + (split->point_count + more) / 2;
    struct geo_corner *points = realloc(split->points, cap * sizeof *points);
    if (!points) {
        return MW_NO_MEMORY;
    }
    split->points = points;
    split->point_cap = cap;
    return MW_OK;
}

/* A fence that holds the whole cell needs no other piece; first is where the cell's pieces begin. */
static enum mw_error push(struct split *split, size_t first, const struct piece *piece)
{
    while (split->piece_count > first && split->pieces[split->piece_count - 1].fence == piece->fence) {
        if (split->pieces[split->piece_count - 1].type == PIECE_WHOLE) {
            return MW_OK;
        }
        if (piece->type != PIECE_WHOLE) {
            break;
        }
        split->piece_count--;
    }
    if (split->piece_count == split->piece_cap) {
        size_t cap = split->piece_cap + split->piece_cap / 2 + 64;
        struct piece *pieces = realloc(split->pieces, cap * sizeof *pieces);
        if (!pieces) {
            return MW_NO_MEMORY;
        }
        split->pieces = pieces;
        split->piece_cap = cap;
    }
    split->pieces[split->piece_count++] = *piece;
    return MW_OK;
}

struct geo_span geo_cell_span(struct cell cell)
{
    double size = (double)(1ull << cell.shift), margin = size * 16 / TREE_CELL_STEPS;
    return (struct geo_span){(double)cell.x - margin, (double)cell.y - margin, (double)cell.x + size + margin,
                             (double)cell.y + size + margin};
}

struct mw_point geo_cell_corner(const struct geo_tree *tree, struct cell cell, double fx, double fy)
{
    double size = (double)(1ull << cell.shift);
    return (struct mw_point){tree->lat0 + ((double)cell.y + fy * size) / tree->steps_per_lat_deg,
                             tree->lon0 + ((double)cell.x + fx * size) / tree->steps_per_lon_deg};
}

static struct geo_span span_of(const struct geo_corner *points, uint32_t count)
{
    struct geo_span s = {points[0].x, points[0].y, points[0].x, points[0].y};
    for (uint32_t i = 1; i < count; i++) {
        s.west = points[i].x < s.west ? points[i].x : s.west;
        s.east = points[i].x > s.east ? points[i].x : s.east;
        s.south = points[i].y < s.south ? points[i].y : s.south;
        s.north = points[i].y > s.north ? points[i].y : s.north;
    }
    return s;
}

/* Whether edges may name the points that they start at: a path then asks these edges alone. Of polygons that
 * may overlap it asks the whole, and so where the order of points is not that of rings. */
static bool edges_named(const struct geo_store *store, const struct geo_fence *fence)
{
    const struct geo_ring *rings = &store->rings[fence->ring];
    bool named = store->kinds[fence - store->fences] == MW_SHAPE_POLYGON;
    for (uint32_t r = 1; r < fence->ring_count && named; r++) {
        named = (rings[r].flags & GEO_RING_HOLE) && !((rings[r].flags ^ rings[0].flags) & GEO_RING_WIDE);
    }
    return named;
}

static void lay_ring(struct split *split, const struct geo_ring *ring, bool named)
{
    const struct geo_tree *tree = split->tree;
    uint32_t source = ring->start | (ring->flags & GEO_RING_WIDE ? GEO_SOURCE_WIDE : 0);
    for (uint32_t i = 0; i < ring->count; i++) {
        struct geo_xy p = geo_ring_point(split->store, ring, i);
        split->points[split->point_count++] = (struct geo_corner){
            (p.x - tree->lon0) * tree->steps_per_lon_deg, (p.y - tree->lat0) * tree->steps_per_lat_deg,
            named ? source + i : GEO_SOURCE_UNKNOWN};
    }
}

/* The end of a bridge, or its start: the edge from there is none of the fence's. */
static void lay_bridge(struct split *split, size_t point)
{
    split->points[split->point_count] = split->points[point];
    split->points[split->point_count++].source = GEO_SOURCE_NONE;
}

/* An outer ring and its holes as one closed curve: out along the bridge, around the hole, back to the start.
 */
static enum mw_error start_polygon(struct split *split, const struct geo_fence *fence, uint32_t *ring)
{
    size_t first = split->point_count;
    bool named = edges_named(split->store, fence);
    do {
        const struct geo_ring *r = &split->store->rings[fence->ring + *ring];
        enum mw_error error = reserve_points(split, (size_t)r->count + 2);
        if (error) {
            return error;
        }
        size_t start = split->point_count;
        lay_ring(split, r, named);
        if (r->flags & GEO_RING_HOLE) {
            lay_bridge(split, start);
            lay_bridge(split, first);
        } else if (*ring + 1 < fence->ring_count && (r[1].flags & GEO_RING_HOLE)) {
            lay_bridge(split, first);
        }
        ++*ring;
    } while (*ring < fence->ring_count && (split->store->rings[fence->ring + *ring].flags & GEO_RING_HOLE));
    uint32_t count = (uint32_t)(split->point_count - first);
    struct piece piece = {.fence = (uint32_t)(fence - split->store->fences),
                          .type = PIECE_OUTLINE,
                          .count = count,
                          .first = first,
                          .span = span_of(split->points + first, count)};
    return push(split, 0, &piece);
}

static enum mw_error start_line(struct split *split, const struct geo_fence *fence, uint32_t *ring)
{
    const struct geo_ring *r = &split->store->rings[fence->ring + *ring];
    size_t first = split->point_count;
    enum mw_error error = reserve_points(split, r->count);
    if (error) {
        return error;
    }
    lay_ring(split, r, false);
    double far = fmax(fabs((double)fence->box.south), fabs((double)fence->box.north)) / GEO_SCALE;
    struct geo_metric m = geo_metric_at(0, fmin(far, 89.9));
    double reach = fence->radius_m * 1.001 + 0.01;
    struct piece piece = {.fence = (uint32_t)(fence - split->store->fences),
                          .type = PIECE_RUN,
                          .count = r->count,
                          .line = r->flags & GEO_RING_WIDE || r->count < 2 ? RUN_NOWHERE : r->start,
                          .first = first,
                          .span = span_of(split->points + first, r->count),
                          .reach_x = reach / m.k0 * split->tree->steps_per_lon_deg,
                          .reach_y =
                              reach / (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG) * split->tree->steps_per_lat_deg};
    ++*ring;
    return push(split, 0, &piece);
}

enum mw_error geo_split_start(struct split *split)
{
    const struct geo_store *store = split->store;
    enum mw_error error =
        reserve_points(split, (size_t)store->narrow_count + store->line_count + store->wide_count);
    for (uint32_t i = 0; i < store->fence_count && !error; i++) {
        const struct geo_fence *fence = &store->fences[i];
        for (uint32_t ring = 0; ring < fence->ring_count && !error;) {
            error = store->kinds[i] == MW_SHAPE_POLYGON ? start_polygon(split, fence, &ring)
                                                        : start_line(split, fence, &ring);
        }
    }
    return error;
}

static bool spans_apart(const struct geo_span *a, const struct geo_span *b)
{
    return a->east < b->west || a->west > b->east || a->north < b->south || a->south > b->north;
}

static bool span_within(const struct geo_span *a, const struct geo_span *b)
{
    return a->west >= b->west && a->east <= b->east && a->south >= b->south && a->north <= b->north;
}

/* Cuts into room above the stack and leaves the result on top of it. */
static uint32_t cut_outline(struct split *split, const struct piece *piece, const struct geo_span *span)
{
    struct geo_corner *from = split->points + piece->first, *top = split->points + split->point_count;
    struct geo_corner *spare[2] = {top, top + 8 * (size_t)piece->count + 16};
    const double bounds[4] = {span->west, span->east, span->south, span->north};
    const bool needed[4] = {piece->span.west<span->west, piece->span.east> span->east,
                            piece->span.south<span->south, piece->span.north> span->north};
    uint32_t count = piece->count;
    int turn = 0;
    for (int side = 0; side < 4 && count; side++) {
        if (needed[side]) {
            count = geo_clip_axis(from, count, side / 2, bounds[side], side % 2 == 0, spare[turn]);
            from = spare[turn];
            turn = !turn;
        }
    }
    count = count ? geo_clip_tidy(from, count, span) : 0;
    if (from != top) {
        memmove(top, from, count * sizeof *top);
    }
    return count;
}

static enum mw_error split_outline(struct split *split, size_t base, struct piece piece, struct cell cell,
                                   const struct geo_span *span)
{
    if (spans_apart(&piece.span, span)) {
        return MW_OK;
    }
    if (span_within(&piece.span, span)) {
        return push(split, base, &piece);
    }
    /* Each of the four cuts adds half of the points at worst, a little over five times in all. */
    enum mw_error error = reserve_points(split, 16 * (size_t)piece.count + 32);
    if (error) {
        return error;
    }
    uint32_t count = cut_outline(split, &piece, span);
    if (count < 2) {
        return MW_OK;
    }
    struct geo_corner *points = split->points + split->point_count;
    if (!geo_clip_crossed(points, count, span)) {
        double half = (double)(1ull << cell.shift) / 2;
        struct geo_xy middle = {(double)cell.x + half, (double)cell.y + half};
        piece.type = PIECE_WHOLE;
        return geo_clip_odd(points, count, middle) ? push(split, base, &piece) : MW_OK;
    }
    piece.first = split->point_count;
    piece.count = count;
    piece.span = span_of(points, count);
    split->point_count += count;
    return push(split, base, &piece);
}

static void corners_ready(struct corners *corners, const struct geo_tree *tree, struct cell cell)
{
    if (corners->ready) {
        return;
    }
    corners->ready = true;
    for (int i = 0; i < 4; i++) {
        struct mw_point p = geo_cell_corner(tree, cell, i % 2, i / 2);
        corners->metric[i] = geo_metric_at(p.lon_deg, p.lat_deg);
    }
    const struct geo_metric *a = &corners->metric[0], *b = &corners->metric[3];
    corners->diagonal_m = 1.01 * sqrt(geo_metric_square(a, b->lon_deg - a->lon_deg, b->lat_deg - a->lat_deg));
}

/* A capsule is convex, so that one which holds the four corners holds the cell; not quite so on the
 * ellipsoid, for which the radius is shortened by what the scale changes across the cell. */
static bool capsule_holds_cell(const struct split *split, const struct piece *run, uint32_t edge,
                               const struct corners *corners)
{
    const struct geo_tree *tree = split->tree;
    const struct geo_metric *m = corners->metric;
    double tangent = tan(fmin(fmax(fabs(m[0].lat_deg), fabs(m[3].lat_deg)), 89.5) * GEO_RAD_PER_DEG);
    double radius = split->store->fences[run->fence].radius_m;
    radius -= 0.02 + 4 * radius * corners->diagonal_m / GEO_RADIUS_MIN_M * (1 + tangent);
    if (radius <= 0) {
        return false;
    }
    struct geo_xy a = geo_split_point(split, run->first + edge), b = a;
    if (edge + 1 < run->count) {
        b = geo_split_point(split, run->first + edge + 1);
    }
    for (int i = 0; i < 4; i++) {
        double lon = tree->lon0 - m[i].lon_deg, lat = tree->lat0 - m[i].lat_deg;
        struct geo_near near =
            geo_metric_near(&m[i], a.x / tree->steps_per_lon_deg + lon, a.y / tree->steps_per_lat_deg + lat,
                            b.x / tree->steps_per_lon_deg + lon, b.y / tree->steps_per_lat_deg + lat);
        if (near.square_m2 > radius * radius) {
            return false;
        }
    }
    return true;
}

/* The two simple cases first; most segments are one of them. */
static bool segment_meets(struct geo_xy a, struct geo_xy b, const struct geo_span *span)
{
    if ((a.x < span->west && b.x < span->west) || (a.x > span->east && b.x > span->east) ||
        (a.y < span->south && b.y < span->south) || (a.y > span->north && b.y > span->north)) {
        return false;
    }
    bool a_in = a.x >= span->west && a.x <= span->east && a.y >= span->south && a.y <= span->north;
    return a_in || geo_clip_segment(&a, &b, span);
}

static enum mw_error split_run(struct split *split, size_t base, struct piece run, struct cell cell,
                               const struct geo_span *span, struct corners *corners)
{
    struct geo_span wide = {span->west - run.reach_x, span->south - run.reach_y, span->east + run.reach_x,
                            span->north + run.reach_y};
    if (spans_apart(&run.span, &wide)) {
        return MW_OK;
    }
    bool could_hold =
        span->east - span->west < 2.1 * run.reach_x && span->north - span->south < 2.1 * run.reach_y;
    if (could_hold) {
        corners_ready(corners, split->tree, cell);
    }
    uint32_t edges = run.count > 1 ? run.count - 1 : 1, from = 0;
    for (uint32_t i = 0; i <= edges; i++) {
        bool near = false;
        if (i < edges) {
            struct geo_xy a = geo_split_point(split, run.first + i), b = a;
            if (run.count > 1) {
                b = geo_split_point(split, run.first + i + 1);
            }
            near = segment_meets(a, b, &wide);
        }
        if (near && could_hold && capsule_holds_cell(split, &run, i, corners)) {
            run.type = PIECE_WHOLE;
            return push(split, base, &run);
        }
        if (near) {
            continue;
        }
        if (i > from) {
            struct piece part = run;
            part.first = run.first + from;
            part.line = run.line == RUN_NOWHERE ? RUN_NOWHERE : run.line + from;
            part.count = run.count > 1 ? i - from + 1 : 1;
            part.span = span_of(split->points + part.first, part.count);
            enum mw_error error = push(split, base, &part);
            if (error) {
                return error;
            }
        }
        from = i + 1;
    }
    return MW_OK;
}

enum mw_error geo_split_cell(struct split *split, size_t first, size_t count, struct cell cell)
{
    size_t base = split->piece_count;
    struct geo_span span = geo_cell_span(cell);
    struct corners corners = {.ready = false};
    enum mw_error error = MW_OK;
    for (size_t i = first; i < first + count && !error; i++) {
        struct piece piece = split->pieces[i];
        if (piece.type == PIECE_WHOLE) {
            error = push(split, base, &piece);
        } else if (piece.type == PIECE_OUTLINE) {
            error = split_outline(split, base, piece, cell, &span);
        } else {
            error = split_run(split, base, piece, cell, &span, &corners);
        }
    }
    return error;
}
