#include "cross.h"

#include "exact.h"
#include "lanes_plain.h"
#include "predicate.h"

#include "capsule.h"

/* So many crossings of one path are kept for sorting, where the sum of fractions does not do. The few shapes
 * that are crossed more often are judged by these. */
#define SORTED_MAX 256
/* So many separate stretches of one path in one corridor are kept; after that the two nearest are joined. */
#define STRETCHES_MAX 32

/* Where the path meets an edge, and whether it goes in there (1), out (-1), or only touches a corner (0). */
struct meeting {
    double t;
    int turn;
};

struct tally {
    int entries, exits;
    bool touches; /* an end of the path lies on an edge */
    double sum;   /* the sum of the exits' fractions less that of the entries' */
    double first_entry, last_exit;
    struct meeting at[SORTED_MAX];
    int kept;
};

/* A coordinate in counts as a whole number. A path may reach to 360 degrees; no fence does. */
static int32_t whole_count(double count)
{
    const double end = 190 * GEO_SCALE;
    return (int32_t)geo_most(-end, geo_least(count, end));
}

/* The box around the path in whole counts, a little larger. */
static struct geo_box path_box(const struct geo_path *path)
{
    return (struct geo_box){whole_count(path->west - 2), whole_count(path->south - 2),
                            whole_count(path->east + 2), whole_count(path->north + 2)};
}

static bool path_meets_box(const struct geo_path *path, const struct geo_box *box, double dx, double dy)
{
    return path->east + dx >= box->west && path->west - dx <= box->east && path->north + dy >= box->south &&
           path->south - dy <= box->north;
}

/* Whether a segment comes within the box around the path, widened by dx and dy; these are in counts. */
static bool path_near_edge(const struct geo_path *path, struct geo_xy a, struct geo_xy b, double dx,
                           double dy)
{
    double ax = a.x * GEO_SCALE, ay = a.y * GEO_SCALE, bx = b.x * GEO_SCALE, by = b.y * GEO_SCALE;
    return (ax > bx ? ax : bx) + dx >= path->west && (ax < bx ? ax : bx) - dx <= path->east &&
           (ay > by ? ay : by) + dy >= path->south && (ay < by ? ay : by) - dy <= path->north;
}

static bool between(double v, double a, double b)
{
    return v >= geo_least(a, b) && v <= geo_most(a, b);
}

static void keep(struct tally *tally, double t, int turn)
{
    if (tally->kept < SORTED_MAX)
        tally->at[tally->kept++] = (struct meeting){t, turn};
}

static void cross_edge(const struct geo_path *path, struct geo_xy a, struct geo_xy b, struct tally *tally)
{
    double from = geo_orient(a, b, path->a);
    double to = geo_orient(a, b, path->b);
    tally->touches = tally->touches ||
                     (from == 0 && between(path->a.x, a.x, b.x) && between(path->a.y, a.y, b.y)) ||
                     (to == 0 && between(path->b.x, a.x, b.x) && between(path->b.y, a.y, b.y));
    if ((from >= 0) == (to >= 0))
        return;
    double a_side = geo_orient(path->a, path->b, a);
    double b_side = geo_orient(path->a, path->b, b);
    double t = from / (from - to);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    if ((a_side >= 0) == (b_side >= 0)) {
        if (a_side == 0 || b_side == 0)
            keep(tally, t, 0); /* may lie in the middle of no stretch */
        return;
    }
    if (to >= 0) {
        tally->entries++;
        tally->sum -= t;
        tally->first_entry = geo_least(tally->first_entry, t);
    } else {
        tally->exits++;
        tally->sum += t;
        tally->last_exit = geo_most(tally->last_exit, t);
    }
    keep(tally, t, to >= 0 ? 1 : -1);
}

/* The sides of the path's box that a point lies beyond, as bits. */
static unsigned beyond(const struct geo_box *box, struct geo_narrow p)
{
    return (unsigned)(p.lon < box->west) | (unsigned)(p.lon > box->east) << 1 |
           (unsigned)(p.lat < box->south) << 2 | (unsigned)(p.lat > box->north) << 3;
}

static struct geo_xy narrow_xy(struct geo_narrow p)
{
    return (struct geo_xy){(double)p.lon / GEO_SCALE, (double)p.lat / GEO_SCALE};
}

/* Consecutive edges of a ring: those that start at its points from first to before last. */
struct edge_range {
    const struct geo_ring *ring;
    uint32_t first, last;
};

static void cross_narrow(const struct geo_store *store, struct edge_range s, const struct geo_path *path,
                         struct tally *tally)
{
    const struct geo_narrow *points = store->narrow + s.ring->start;
    struct geo_box box = path_box(path);
    unsigned before = beyond(&box, points[s.first]);
    for (uint32_t i = s.first; i < s.last; i++) {
        uint32_t next = geo_ring_next(s.ring, i);
        unsigned here = beyond(&box, points[next]);
        if (!(before & here))
            cross_edge(path, narrow_xy(points[i]), narrow_xy(points[next]), tally);
        before = here;
    }
}

static void cross_wide(const struct geo_store *store, struct edge_range s, const struct geo_path *path,
                       struct tally *tally)
{
    const struct geo_xy *points = store->wide + s.ring->start;
    for (uint32_t i = s.first; i < s.last; i++) {
        struct geo_xy a = points[i], b = points[geo_ring_next(s.ring, i)];
        if (path_near_edge(path, a, b, 1, 1))
            cross_edge(path, a, b, tally);
    }
}

static void cross_ring(const struct geo_store *store, const struct geo_ring *ring,
                       const struct geo_path *path, struct tally *tally)
{
    uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
    const struct geo_box *groups = geo_ring_groups(ring) ? &store->blocks[ring->block + runs] : NULL;
    for (uint32_t run = 0; run < runs; run++) {
        if (groups != NULL && run % GEO_GROUP_RUNS == 0 &&
            !path_meets_box(path, &groups[run / GEO_GROUP_RUNS], 0, 0)) {
            run += GEO_GROUP_RUNS - 1;
            continue;
        }
        if (runs > 1 && !path_meets_box(path, &store->blocks[ring->block + run], 0, 0))
            continue;
        uint32_t first = run * GEO_BLOCK_EDGES;
        uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
        struct edge_range range = {ring, first, last};
        if (ring->flags & GEO_RING_WIDE)
            cross_wide(store, range, path, tally);
        else
            cross_narrow(store, range, path, tally);
    }
}

static void sort(struct meeting *at, int count)
{
    for (int i = 1; i < count; i++) {
        struct meeting value = at[i];
        int j = i;
        for (; j > 0 && at[j - 1].t > value.t; j--)
            at[j] = at[j - 1];
        at[j] = value;
    }
}

/* Sorts the crossings and tests the middle of each stretch between them. Neighbouring stretches that are
 * inside count as one. Returns the fraction of the path that is inside. */
static double settle_by_stretches(const struct geo_store *store, const struct geo_path *path,
                                  struct tally *tally, struct mw_crossing *found)
{
    double inside = 0, before = 0, since = -1;
    sort(tally->at, tally->kept);
    found->enter = found->inside_from ? 0 : 1;
    found->leave = found->inside_to ? 1 : 0;
    for (int i = 0; i <= tally->kept; i++) {
        double at = i < tally->kept ? tally->at[i].t : 1, middle = before + (at - before) / 2;
        struct mw_point p = {path->a.y + (path->b.y - path->a.y) * middle,
                             path->a.x + (path->b.x - path->a.x) * middle};
        if (at <= before)
            continue;
        if (geo_fence_holds(store, found->fence, p)) {
            since = since < 0 ? before : since;
            found->enter = geo_least(found->enter, since);
            found->leave = geo_most(found->leave, at);
        } else if (since >= 0) {
            inside += before - since;
            since = -1;
        }
        before = at;
    }
    return since >= 0 ? inside + (1 - since) : inside;
}

static bool several_parts(const struct geo_store *store, const struct geo_fence *fence)
{
    uint32_t parts = 0;
    for (uint32_t r = 0; r < fence->ring_count && parts < 2; r++)
        parts += !(store->rings[fence->ring + r].flags & GEO_RING_HOLE);
    return parts > 1;
}

/* The tally is not cleared as a whole, since at[] is large. */
static void tally_init(struct tally *tally)
{
    tally->entries = tally->exits = tally->kept = 0;
    tally->touches = false;
    tally->sum = tally->last_exit = 0;
    tally->first_entry = 1;
}

/* Whether the path goes in and out in turn. It does not where a ring crosses itself in a corner: then the
 * inside of a part of it lies to the right. */
static bool takes_turns(struct tally *tally, bool inside_from)
{
    int inside = inside_from;
    if (tally->kept == SORTED_MAX)
        return true; /* not all are known */
    sort(tally->at, tally->kept);
    for (int i = 0; i < tally->kept; i++) {
        inside += tally->at[i].turn;
        bool same_place = i + 1 < tally->kept && tally->at[i + 1].t == tally->at[i].t;
        if (!same_place && inside != 0 && inside != 1)
            return false;
    }
    return true;
}

static bool settle_polygon(const struct geo_store *store, const struct geo_path *path, struct tally *tally,
                           bool parts_may_overlap, struct mw_crossing *found)
{
    if (!found->inside_from && !found->inside_to && tally->entries + tally->exits == 0)
        return false;
    found->enter = found->inside_from ? 0 : found->inside_to && !tally->entries ? 1 : tally->first_entry;
    found->leave = found->inside_to ? 1 : found->inside_from && !tally->exits ? 0 : tally->last_exit;
    bool adds_up = found->inside_from + tally->entries - tally->exits == found->inside_to;
    double inside;
    bool simple = tally->entries + tally->exits == 0 || !parts_may_overlap;
    if (adds_up && !tally->touches && simple && takes_turns(tally, found->inside_from))
        inside = tally->sum + (found->inside_to ? 1 : 0);
    else
        inside = settle_by_stretches(store, path, tally, found);
    found->inside_m = (inside < 0 ? 0 : inside > 1 ? 1 : inside) * path->length_m;
    return true;
}

bool geo_cross_polygon(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found)
{
    const struct geo_fence *fence = &store->fences[found->fence];
    struct tally tally;
    tally_init(&tally);
    for (uint32_t r = 0; r < fence->ring_count; r++)
        cross_ring(store, &store->rings[fence->ring + r], path, &tally);
    return settle_polygon(store, path, &tally, several_parts(store, fence), found);
}

bool geo_cross_edges(const struct geo_store *store, const struct geo_path *path,
                     const struct geo_edge_at *edges, uint32_t count, struct mw_crossing *found)
{
    struct tally tally;
    tally_init(&tally);
    for (uint32_t i = 0; i < count; i++) {
        if (edges[i].wide) {
            const struct geo_xy *p = &store->wide[edges[i].start];
            cross_edge(path, p[0], p[1], &tally);
        } else {
            const struct geo_narrow *p = &store->narrow[edges[i].start];
            cross_edge(path, narrow_xy(p[0]), narrow_xy(p[1]), &tally);
        }
    }
    return settle_polygon(store, path, &tally, false, found);
}

struct stretch {
    double start, end;
};

struct stretches {
    struct stretch at[STRETCHES_MAX + 1];
    int count;
};

/* Adds a stretch to those kept. They are separate and in no order; those that the new one touches are united
 * with it. */
static void stretches_add(struct stretches *all, struct stretch s)
{
    for (int i = 0; i < all->count;) {
        struct stretch other = all->at[i];
        if (other.start <= s.end && other.end >= s.start) {
            s.start = geo_least(s.start, other.start);
            s.end = geo_most(s.end, other.end);
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
        nearest->start = geo_least(nearest->start, last.start);
        nearest->end = geo_most(nearest->end, last.end);
    }
}

static void cross_segment(const struct geo_path *path, struct geo_xy a, struct geo_xy b, double radius_m,
                          struct stretches *all)
{
    struct lanes_cut cut =
        cut_capsule(path, (struct lanes_xy){a.x, a.y}, (struct lanes_xy){b.x, b.y}, radius_m);
    if (cut.start <= cut.end)
        stretches_add(all, (struct stretch){cut.start, cut.end});
}

/* How far, in counts, a path may stay away from a box and still come within the radius of something in it. */
static void reach_of(const struct geo_fence *fence, double *dx, double *dy)
{
    double far = geo_most(fabs((double)fence->box.south), fabs((double)fence->box.north)) / GEO_SCALE;
    struct geo_metric m = geo_metric_at(0, geo_least(far, 89.9));
    *dx = fence->radius_m * 1.001 / m.k0 * GEO_SCALE + 1;
    *dy = fence->radius_m * 1.001 / (GEO_RADIUS_MIN_M * GEO_RAD_PER_DEG) * GEO_SCALE + 1;
}

static void cross_line(const struct geo_store *store, const struct geo_fence *fence,
                       const struct geo_ring *ring, const struct geo_path *path, struct stretches *all)
{
    uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
    double dx, dy;
    reach_of(fence, &dx, &dy);
    for (uint32_t run = 0; run < runs; run++) {
        if (runs > 1 && !path_meets_box(path, &store->blocks[ring->block + run], dx, dy))
            continue;
        uint32_t first = run * GEO_BLOCK_EDGES;
        uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
        struct geo_xy a = geo_ring_point(store, ring, first);
        for (uint32_t i = first; i < last; i++) {
            struct geo_xy b = geo_ring_point(store, ring, geo_ring_next(ring, i));
            if (path_near_edge(path, a, b, dx, dy))
                cross_segment(path, a, b, fence->radius_m, all);
            a = b;
        }
    }
}

static bool settle_corridor(const struct stretches *all, const struct geo_path *path,
                            struct mw_crossing *found)
{
    if (!all->count && !found->inside_from && !found->inside_to)
        return false;
    double inside = 0;
    found->enter = found->inside_from ? 0 : 1;
    found->leave = found->inside_to ? 1 : 0;
    for (int i = 0; i < all->count; i++) {
        inside += all->at[i].end - all->at[i].start;
        found->enter = found->inside_from ? 0 : geo_least(found->enter, all->at[i].start);
        found->leave = found->inside_to ? 1 : geo_most(found->leave, all->at[i].end);
    }
    found->inside_m = geo_least(inside, 1) * path->length_m;
    return true;
}

bool geo_cross_corridor(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found)
{
    const struct geo_fence *fence = &store->fences[found->fence];
    struct stretches all;
    all.count = 0;
    for (uint32_t r = 0; r < fence->ring_count; r++)
        cross_line(store, fence, &store->rings[fence->ring + r], path, &all);
    return settle_corridor(&all, path, found);
}

bool geo_fence_cross(const struct geo_store *store, const struct geo_path *path, struct mw_crossing *found)
{
    const struct geo_box *box = &store->fences[found->fence].box;
    if (!(path->east >= box->west && path->west <= box->east && path->north >= box->south &&
          path->south <= box->north))
        return false;
    return store->kinds[found->fence] == MW_SHAPE_POLYGON ? geo_cross_polygon(store, path, found)
                                                          : geo_cross_corridor(store, path, found);
}
