#include "runs.h"

#include "lay.h"

/*
 * For nearly every segment its two ends decide whether it comes near a quarter: it does if one end lies in
 * the quarter, and it does not if both ends lie outside on the same side. This test runs for all four
 * quarters at once, on bits and without branches.
 */

/* One run that is being split, with the extents of the quarters widened by the run's reach. */
struct scan {
    struct quarters *q;
    const struct piece *run;
    struct geo_halves x, y;
    bool could_hold;
    double radius_m[2]; /* of the corridor, for each row, less what the scale may change in a quarter */
};

static struct geo_halves widen(const struct geo_halves *halves, double reach)
{
    return (struct geo_halves){{halves->low[0] - reach, halves->low[1] - reach},
                               {halves->high[0] + reach, halves->high[1] + reach}};
}

/* Four groups of four bits, a bit for each quarter: the point does not lie west of the quarter (lowest
 * group), not east of it, not south of it, not north of it. */
static inline uint32_t not_outside(const struct scan *scan, const struct geo_corner *p)
{
    static const uint16_t x[5] = {0xf0, 0xf5, 0xff, 0xaf, 0x0f};
    static const uint16_t y[5] = {0xf000, 0xf300, 0xff00, 0xcf00, 0x0f00};
    return (uint32_t)x[geo_zone_of(p->x, &scan->x)] | (uint32_t)y[geo_zone_of(p->y, &scan->y)];
}

/* The quarters of which a point, or a pair of points whose bits are united, lies on no side. */
static inline uint32_t on_no_side(uint32_t bits)
{
    bits &= bits >> 8;
    return bits & bits >> 4 & 15;
}

/* Whether the segment meets the quarter, for a segment whose ends lie outside but not on one side. It does if
 * the quarter has corners on both sides of the segment's line. */
static bool line_meets(const struct scan *scan, const struct geo_corner *a, const struct geo_corner *b,
                       uint32_t quarter)
{
    uint32_t column = quarter & 1, row = quarter >> 1;
    double dx = b->x - a->x, dy = b->y - a->y;
    double half_x = (scan->x.high[column] - scan->x.low[column]) / 2;
    double half_y = (scan->y.high[row] - scan->y.low[row]) / 2;
    double across = dx * (scan->y.low[row] + half_y - a->y) - dy * (scan->x.low[column] + half_x - a->x);
    return fabs(across) <= half_x * fabs(dy) + half_y * fabs(dx);
}

/* The quarters that the segment comes near. */
static uint32_t near_quarters(const struct scan *scan, const struct geo_corner *a, const struct geo_corner *b,
                              uint32_t a_bits, uint32_t b_bits)
{
    uint32_t near = on_no_side(a_bits) | on_no_side(b_bits);
    for (uint32_t doubt = on_no_side(a_bits | b_bits) & ~near; doubt; doubt &= doubt - 1) {
        uint32_t quarter = (uint32_t)__builtin_ctz(doubt);
        near |= (uint32_t)line_meets(scan, a, b, quarter) << quarter;
    }
    return near;
}

static void grid_ready(struct quarters *q)
{
    const struct geo_tree *tree = q->split->tree;
    struct grid *grid = &q->grid;
    if (grid->ready)
        return;
    grid->ready = true;
    for (int i = 0; i < 3; i++) {
        struct mw_point p = geo_cell_corner(tree, q->cells[0], i, i);
        grid->lon[i] = p.lon_deg;
        grid->metric[i] = geo_metric_at(0, p.lat_deg);
    }
    for (int row = 0; row < 2; row++) {
        const struct geo_metric *a = &grid->metric[row], *b = a + 1;
        double dlon = grid->lon[1] - grid->lon[0], dlat = b->lat_deg - a->lat_deg;
        grid->diagonal_m[row] = 1.01 * sqrt(geo_metric_square(a, dlon, dlat));
        grid->tangent[row] = tan(fmin(fmax(fabs(a->lat_deg), fabs(b->lat_deg)), 89.5) * GEO_RAD_PER_DEG);
    }
}

/* Whether a quarter is small enough to lie in the capsule of one of the run's segments. */
static bool could_hold(const struct quarters *q, const struct piece *run)
{
    return q->x.high[0] - q->x.low[0] < 2.1 * run->reach_x && q->y.high[0] - q->y.low[0] < 2.1 * run->reach_y;
}

static void hold_ready(struct scan *scan)
{
    const struct grid *grid = &scan->q->grid;
    double radius = scan->q->split->store->fences[scan->run->fence].radius_m;
    grid_ready(scan->q);
    for (int row = 0; row < 2; row++) {
        double change = 4 * grid->diagonal_m[row] / GEO_RADIUS_MIN_M * (1 + grid->tangent[row]);
        scan->radius_m[row] = radius - (0.02 + radius * change);
    }
}

/* Whether a corner of the quarter is certainly outside the segment's capsule. Distances are measured with the
 * least scale that occurs in the quarter, so a corner that is too far here is too far in truth. This saves
 * most of the exact tests. */
static bool sticks_out(const struct scan *scan, const struct geo_corner *a, const struct geo_corner *b,
                       uint32_t quarter)
{
    const struct cell *cell = &scan->q->cells[quarter];
    double per_x = 1 / scan->run->reach_x, per_y = 1 / scan->run->reach_y;
    double half = (double)(1ull << cell->shift) / 2;
    double dx = (b->x - a->x) * per_x, dy = (b->y - a->y) * per_y;
    double cx = ((double)cell->x + half - a->x) * per_x, cy = ((double)cell->y + half - a->y) * per_y;
    double across = fabs(dx * cy - dy * cx) + half * (per_x * fabs(dy) + per_y * fabs(dx));
    return across * across > dx * dx + dy * dy;
}

/* Whether the segment's capsule holds the quarter. In a plane a capsule is convex: if it holds the four
 * corners it holds all of the quarter. On the ellipsoid this is nearly true, so the radius is shortened. */
static bool capsule_holds(const struct scan *scan, const struct geo_corner *a, const struct geo_corner *b,
                          uint32_t quarter)
{
    const struct geo_tree *tree = scan->q->split->tree;
    const struct grid *grid = &scan->q->grid;
    uint32_t column = quarter & 1, row = quarter >> 1;
    double radius = scan->radius_m[row];
    if (radius <= 0 || sticks_out(scan, a, b, quarter))
        return false;
    double ax = a->x / tree->steps_per_lon_deg, ay = a->y / tree->steps_per_lat_deg;
    double bx = b->x / tree->steps_per_lon_deg, by = b->y / tree->steps_per_lat_deg;
    for (uint32_t i = 0; i < 4; i++) {
        const struct geo_metric *m = &grid->metric[row + i / 2];
        double lon = tree->lon0 - grid->lon[column + i % 2], lat = tree->lat0 - m->lat_deg;
        struct geo_near near = geo_metric_near(m, ax + lon, ay + lat, bx + lon, by + lat);
        if (near.square_m2 > radius * radius)
            return false;
    }
    return true;
}

/* Pushes the run's segments `from` to before `to` as a piece of the quarter. */
static enum mw_error push_part(const struct scan *scan, uint32_t quarter, uint32_t from, uint32_t to)
{
    struct piece part = *scan->run;
    uint32_t count = part.count > 1 ? to - from + 1 : 1;
    if (count < part.count) {
        part.first += from;
        part.line += from;
        part.count = count;
        part.span = geo_span_of(scan->q->split->points + part.first, count);
    }
    return geo_quarters_push(scan->q, 1u << quarter, &part);
}

/* Those of the quarters in `near` that the segment's capsule holds. */
static uint32_t held_quarters(const struct scan *scan, const struct geo_corner *a, const struct geo_corner *b,
                              uint32_t near)
{
    uint32_t held = 0;
    for (; near; near &= near - 1) {
        uint32_t quarter = (uint32_t)__builtin_ctz(near);
        held |= (uint32_t)capsule_holds(scan, a, b, quarter) << quarter;
    }
    return held;
}

/* For each quarter in `turned`: if a part of the run is open there, segment i ends that part and is not in
 * it; otherwise a part begins with segment i. */
static enum mw_error turn(const struct scan *scan, uint32_t turned, uint32_t open, uint32_t from[4],
                          uint32_t i)
{
    enum mw_error error = MW_OK;
    for (; turned && !error; turned &= turned - 1) {
        uint32_t quarter = (uint32_t)__builtin_ctz(turned);
        error = open >> quarter & 1 ? push_part(scan, quarter, from[quarter], i) : MW_OK;
        from[quarter] = i;
    }
    return error;
}

static enum mw_error fill_quarters(const struct scan *scan, uint32_t held)
{
    struct piece whole = *scan->run;
    whole.type = PIECE_WHOLE;
    return geo_quarters_push(scan->q, held, &whole);
}

static enum mw_error scan_run(const struct scan *scan)
{
    const struct piece *run = scan->run;
    const struct geo_corner *a = scan->q->split->points + run->first;
    uint32_t edges = run->count > 1 ? run->count - 1 : 1, step = run->count > 1;
    uint32_t from[4] = {0}, open = 0, held = 0, a_bits = not_outside(scan, a);
    enum mw_error error = MW_OK;
    for (uint32_t i = 0; i < edges && !error; i++) {
        const struct geo_corner *b = a + step;
        uint32_t b_bits = not_outside(scan, b);
        uint32_t near = near_quarters(scan, a, b, a_bits, b_bits) & ~held;
        uint32_t filled = scan->could_hold ? held_quarters(scan, a, b, near) : 0;
        if (filled) {
            error = fill_quarters(scan, filled);
            held |= filled;
            near &= ~filled;
            open &= ~filled;
        }
        if (near != open && !error) {
            error = turn(scan, near ^ open, open, from, i);
            open = near;
        }
        a = b;
        a_bits = b_bits;
    }
    return error ? error : turn(scan, open, open, from, edges);
}

enum mw_error geo_runs_split(struct quarters *q, struct piece *run)
{
    struct scan scan = {.q = q,
                        .run = run,
                        .x = widen(&q->x, run->reach_x),
                        .y = widen(&q->y, run->reach_y),
                        .could_hold = could_hold(q, run)};
    struct reached r = geo_quarters_reached(&scan.x, &scan.y, &run->span, 0);
    if (!scan.could_hold && !(r.met & ~r.within))
        return geo_quarters_push(q, r.within, run);
    enum mw_error error = r.met ? geo_lay_piece(q->split, run) : MW_OK;
    if (error || !r.met)
        return error;
    if (scan.could_hold)
        hold_ready(&scan);
    return scan_run(&scan);
}
