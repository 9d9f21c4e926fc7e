#include "cross.h"

#include "exact.h"
#include "metric.h"
#include "predicate.h"

/* Crossings kept for sorting where the sum does not do; the few shapes with more of them on one path are
 * judged by these. */
#define SORTED_MAX 256
/* Separate stretches of one path in one corridor. Beyond it the nearest two are joined. */
#define STRETCHES_MAX 32

struct path {
    struct geo_xy a, b;
    double west, east, south, north; /* in counts, as boxes are */
};

struct tally {
    int entries, exits;
    bool touches; /* an end of the path lies on the line of an edge */
    double sum;   /* of the fractions of exits, less those of entries */
    double first_entry, last_exit;
    double at[SORTED_MAX];
    int kept;
};

static struct path path_of(struct mw_point from, struct mw_point to)
{
    double x0 = from.lon_deg * GEO_SCALE, x1 = to.lon_deg * GEO_SCALE;
    double y0 = from.lat_deg * GEO_SCALE, y1 = to.lat_deg * GEO_SCALE;
    return (struct path){{from.lon_deg, from.lat_deg},
                         {to.lon_deg, to.lat_deg},
                         fmin(x0, x1),
                         fmax(x0, x1),
                         fmin(y0, y1),
                         fmax(y0, y1)};
}

static bool path_meets_box(const struct path *path, const struct geo_box *box, double dx, double dy)
{
    return path->east + dx >= box->west && path->west - dx <= box->east && path->north + dy >= box->south &&
           path->south - dy <= box->north;
}

/* The same for a segment; reach in counts. */
static bool path_near_edge(const struct path *path, struct geo_xy a, struct geo_xy b, double dx, double dy)
{
    double ax = a.x * GEO_SCALE, ay = a.y * GEO_SCALE, bx = b.x * GEO_SCALE, by = b.y * GEO_SCALE;
    return (ax > bx ? ax : bx) + dx >= path->west && (ax < bx ? ax : bx) - dx <= path->east &&
           (ay > by ? ay : by) + dy >= path->south && (ay < by ? ay : by) - dy <= path->north;
}

static void cross_edge(const struct path *path, struct geo_xy a, struct geo_xy b, struct tally *tally)
{
    if (!path_near_edge(path, a, b, 1, 1)) {
        return;
    }
    double from = geo_orient(a.x, a.y, b.x, b.y, path->a.x, path->a.y);
    double to = geo_orient(a.x, a.y, b.x, b.y, path->b.x, path->b.y);
    tally->touches = tally->touches || from == 0 || to == 0;
    if ((from >= 0) == (to >= 0)) {
        return;
    }
    bool a_left = geo_orient(path->a.x, path->a.y, path->b.x, path->b.y, a.x, a.y) >= 0;
    bool b_left = geo_orient(path->a.x, path->a.y, path->b.x, path->b.y, b.x, b.y) >= 0;
    if (a_left == b_left) {
        return;
    }
    double t = from / (from - to);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    if (to >= 0) {
        tally->entries++;
        tally->sum -= t;
        tally->first_entry = fmin(tally->first_entry, t);
    } else {
        tally->exits++;
        tally->sum += t;
        tally->last_exit = fmax(tally->last_exit, t);
    }
    if (tally->kept < SORTED_MAX) {
        tally->at[tally->kept++] = t;
    }
}

static void cross_ring(const struct geo_store *store, const struct geo_ring *ring, const struct path *path,
                       struct tally *tally)
{
    uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
    for (uint32_t run = 0; run < runs; run++) {
        if (runs > 1 && !path_meets_box(path, &store->blocks[ring->block + run], 0, 0)) {
            continue;
        }
        uint32_t first = run * GEO_BLOCK_EDGES;
        uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
        struct geo_xy a = geo_ring_point(store, ring, first);
        for (uint32_t i = first; i < last; i++) {
            struct geo_xy b = geo_ring_point(store, ring, geo_ring_next(ring, i));
            cross_edge(path, a, b, tally);
            a = b;
        }
    }
}

static void sort(double *at, int count)
{
    for (int i = 1; i < count; i++) {
        double value = at[i];
        int j = i;
        for (; j > 0 && at[j - 1] > value; j--) {
            at[j] = at[j - 1];
        }
        at[j] = value;
    }
}

/* Tests the middle of every stretch between crossings. Neighbouring stretches inside count as one. */
static void settle_by_stretches(const struct geo_store *store, const struct path *path, struct tally *tally,
                                struct mw_crossing *found)
{
    double inside = 0, before = 0, since = -1;
    sort(tally->at, tally->kept);
    found->enter = found->inside_from ? 0 : 1;
    found->leave = found->inside_to ? 1 : 0;
    for (int i = 0; i <= tally->kept; i++) {
        double at = i < tally->kept ? tally->at[i] : 1, middle = before + (at - before) / 2;
        struct mw_point p = {path->a.y + (path->b.y - path->a.y) * middle,
                             path->a.x + (path->b.x - path->a.x) * middle};
        if (at <= before) {
            continue;
        }
        if (geo_fence_holds(store, found->fence, p)) {
            since = since < 0 ? before : since;
            found->enter = fmin(found->enter, since);
            found->leave = fmax(found->leave, at);
        } else if (since >= 0) {
            inside += before - since;
            since = -1;
        }
        before = at;
    }
    found->inside_m = since >= 0 ? inside + (1 - since) : inside;
}

static bool several_parts(const struct geo_store *store, const struct geo_fence *fence)
{
    uint32_t parts = 0;
    for (uint32_t r = 0; r < fence->ring_count && parts < 2; r++) {
        parts += !(store->rings[fence->ring + r].flags & GEO_RING_HOLE);
    }
    return parts > 1;
}

bool geo_cross_polygon(const struct geo_store *store, const struct geo_fence *fence, struct mw_point from,
                       struct mw_point to, struct mw_crossing *found)
{
    struct path path = path_of(from, to);
    struct tally tally = {.first_entry = 1, .last_exit = 0};
    for (uint32_t r = 0; r < fence->ring_count; r++) {
        cross_ring(store, &store->rings[fence->ring + r], &path, &tally);
    }
    if (!found->inside_from && !found->inside_to && tally.entries + tally.exits == 0) {
        return false;
    }
    found->enter = found->inside_from ? 0 : found->inside_to && !tally.entries ? 1 : tally.first_entry;
    found->leave = found->inside_to ? 1 : found->inside_from && !tally.exits ? 0 : tally.last_exit;
    bool adds_up = found->inside_from + tally.entries - tally.exits == found->inside_to;
    if (adds_up && !tally.touches && (tally.entries + tally.exits == 0 || !several_parts(store, fence))) {
        found->inside_m = tally.sum + (found->inside_to ? 1 : 0);
    } else {
        settle_by_stretches(store, &path, &tally, found);
    }
    found->inside_m = found->inside_m < 0 ? 0 : found->inside_m > 1 ? 1 : found->inside_m;
    found->inside_m *= mw_distance_m(from, to);
    return true;
}

struct stretch {
    double start, end;
};

struct stretches {
    struct stretch at[STRETCHES_MAX + 1];
    int count;
};

/* Unites one more interval with those kept, which are apart from each other and in no order. */
static void stretches_add(struct stretches *all, struct stretch s)
{
    for (int i = 0; i < all->count;) {
        struct stretch other = all->at[i];
        if (other.start <= s.end && other.end >= s.start) {
            s.start = fmin(s.start, other.start);
            s.end = fmax(s.end, other.end);
            all->at[i] = all->at[--all->count];
            i = 0;
        } else {
            i++;
        }
    }
    all->at[all->count++] = s;
    if (all->count > STRETCHES_MAX) {
        struct stretch last = all->at[--all->count], *nearest = &all->at[0];
        for (int i = 1; i < all->count; i++) {
            nearest = fabs(all->at[i].start - last.start) < fabs(nearest->start - last.start) ? &all->at[i]
                                                                                              : nearest;
        }
        nearest->start = fmin(nearest->start, last.start);
        nearest->end = fmax(nearest->end, last.end);
    }
}

/* Where |p + t d| <= r. */
static bool cut_disc(double px, double py, double dx, double dy, double r, struct stretch *out)
{
    double a = dx * dx + dy * dy, b = px * dx + py * dy, c = px * px + py * py - r * r;
    double root = b * b - a * c;
    if (a <= 0 || root < 0) {
        *out = (struct stretch){0, 1};
        return a <= 0 && c <= 0;
    }
    root = sqrt(root);
    *out = (struct stretch){(-b - root) / a, (-b + root) / a};
    return true;
}

/* Where the path is beside the segment and within r of its line: a rectangle. */
static bool cut_band(double px, double py, double dx, double dy, struct geo_xy s, double r,
                     struct stretch *out)
{
    double length = sqrt(s.x * s.x + s.y * s.y);
    if (length <= 0) {
        return false;
    }
    double ux = s.x / length, uy = s.y / length;
    double along[2] = {px * ux + py * uy, dx * ux + dy * uy},
           across[2] = {px * -uy + py * ux, dx * -uy + dy * ux};
    const double low[2] = {0, -r}, high[2] = {length, r};
    const double *line[2] = {along, across};
    *out = (struct stretch){-HUGE_VAL, HUGE_VAL};
    for (int i = 0; i < 2; i++) {
        double at = line[i][0], speed = line[i][1];
        if (fabs(speed) < 1e-12) {
            if (at < low[i] || at > high[i]) {
                return false;
            }
            continue;
        }
        double t0 = (low[i] - at) / speed, t1 = (high[i] - at) / speed;
        out->start = fmax(out->start, fmin(t0, t1));
        out->end = fmin(out->end, fmax(t0, t1));
    }
    return out->start <= out->end;
}

static void cross_segment(const struct path *path, struct geo_xy a, struct geo_xy b, double radius_m,
                          struct stretches *all)
{
    struct geo_metric m = geo_metric_at(a.x, a.y + (b.y - a.y) / 2);
    struct geo_xy s = {(b.x - a.x) * m.k0, (b.y - a.y) * m.m0};
    double px = (path->a.x - a.x) * m.k0, py = (path->a.y - a.y) * m.m0;
    double dx = (path->b.x - path->a.x) * m.k0, dy = (path->b.y - path->a.y) * m.m0;
    struct stretch cut[3], united = {HUGE_VAL, -HUGE_VAL};
    bool has[3] = {cut_disc(px, py, dx, dy, radius_m, &cut[0]),
                   cut_disc(px - s.x, py - s.y, dx, dy, radius_m, &cut[1]),
                   cut_band(px, py, dx, dy, s, radius_m, &cut[2])};
    for (int i = 0; i < 3; i++) {
        if (has[i]) {
            united.start = fmin(united.start, cut[i].start);
            united.end = fmax(united.end, cut[i].end);
        }
    }
    united.start = fmax(united.start, 0);
    united.end = fmin(united.end, 1);
    if (united.start <= united.end) {
        stretches_add(all, united);
    }
}

/* How far a path may be from a box and still be within the radius, in counts. */
static void reach_of(const struct geo_fence *fence, double *dx, double *dy)
{
    double far = fmax(fabs((double)fence->box.south), fabs((double)fence->box.north)) / GEO_SCALE;
    struct geo_metric m = geo_metric_at(0, fmin(far, 89.9));
    *dx = fence->radius_m * 1.001 / m.k0 * GEO_SCALE + 1;
    *dy = fence->radius_m * 1.001 / (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG) * GEO_SCALE + 1;
}

static void cross_line(const struct geo_store *store, const struct geo_fence *fence,
                       const struct geo_ring *ring, const struct path *path, struct stretches *all)
{
    uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
    double dx, dy;
    reach_of(fence, &dx, &dy);
    for (uint32_t run = 0; run < runs; run++) {
        if (runs > 1 && !path_meets_box(path, &store->blocks[ring->block + run], dx, dy)) {
            continue;
        }
        uint32_t first = run * GEO_BLOCK_EDGES;
        uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
        struct geo_xy a = geo_ring_point(store, ring, first);
        for (uint32_t i = first; i < last; i++) {
            struct geo_xy b = geo_ring_point(store, ring, geo_ring_next(ring, i));
            if (path_near_edge(path, a, b, dx, dy)) {
                cross_segment(path, a, b, fence->radius_m, all);
            }
            a = b;
        }
    }
}

static bool settle_corridor(const struct stretches *all, struct mw_point from, struct mw_point to,
                            struct mw_crossing *found)
{
    if (!all->count && !found->inside_from && !found->inside_to) {
        return false;
    }
    double inside = 0;
    found->enter = found->inside_from ? 0 : 1;
    found->leave = found->inside_to ? 1 : 0;
    for (int i = 0; i < all->count; i++) {
        inside += all->at[i].end - all->at[i].start;
        found->enter = found->inside_from ? 0 : fmin(found->enter, all->at[i].start);
        found->leave = found->inside_to ? 1 : fmax(found->leave, all->at[i].end);
    }
    found->inside_m = fmin(inside, 1) * mw_distance_m(from, to);
    return true;
}

bool geo_cross_corridor(const struct geo_store *store, const struct geo_fence *fence, struct mw_point from,
                        struct mw_point to, struct mw_crossing *found)
{
    struct path path = path_of(from, to);
    struct stretches all;
    all.count = 0;
    for (uint32_t r = 0; r < fence->ring_count; r++) {
        cross_line(store, fence, &store->rings[fence->ring + r], &path, &all);
    }
    return settle_corridor(&all, from, to, found);
}

bool geo_cross_segments(const struct geo_store *store, const struct geo_fence *fence, const uint32_t *lines,
                        uint32_t count, struct mw_point from, struct mw_point to, struct mw_crossing *found)
{
    struct path path = path_of(from, to);
    struct stretches all;
    all.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct geo_line_point *p = &store->lines[lines[i]];
        struct geo_xy a = {(double)p[0].at.lon / GEO_SCALE, (double)p[0].at.lat / GEO_SCALE};
        struct geo_xy b = {(double)p[1].at.lon / GEO_SCALE, (double)p[1].at.lat / GEO_SCALE};
        cross_segment(&path, a, b, fence->radius_m, &all);
    }
    return settle_corridor(&all, from, to, found);
}
