#include "site_wash.h"

#include "array.h"
#include "box_tree.h"
#include "fence_near.h"
#include "world_steps.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Nothing is nearer: it lies within. */
#define WITHIN (-INFINITY)

/* Points of a circle that are looked at, and how far out: most of its area lies nearer than that. */
enum { CIRCLE_POINTS = 8 };
#define CIRCLE_SHARE 0.7

struct share {
    uint32_t in, all;
};

static void count_point(const struct mw_index *index, uint32_t site, struct mw_point at, struct share *share)
{
    struct mw_distance d;
    share->all++;
    share->in += mw_index_distance(index, site, at, 0, &d);
}

static void count_circle(const struct mw_index *index, uint32_t site, struct mw_point centre, double radius_m,
                         struct share *share)
{
    double lat_deg = radius_m * CIRCLE_SHARE / 111320;
    double lon_deg = lat_deg / fmax(cos(centre.lat_deg * (M_PI / 180)), 0.01);
    count_point(index, site, centre, share);
    for (int i = 0; i < CIRCLE_POINTS; i++) {
        double angle = 2 * M_PI * i / CIRCLE_POINTS;
        struct mw_point at = {centre.lat_deg + lat_deg * cos(angle), centre.lon_deg + lon_deg * sin(angle)};
        count_point(index, site, at, share);
    }
}

static struct mw_point between(struct mw_point a, struct mw_point b)
{
    return (struct mw_point){(a.lat_deg + b.lat_deg) / 2, (a.lon_deg + b.lon_deg) / 2};
}

/* Whether more than half of a wash lies in a site, as its corners and the middles of its edges tell. */
static bool lies_within(const struct mw_index *index, uint32_t wash, uint32_t site)
{
    struct mw_fence_info info = mw_index_fence_info(index, wash);
    struct share share = {0};
    if (!fence_boxes_near(mw_index_fence_bounds(index, wash), mw_index_fence_bounds(index, site), 0))
        return false;
    for (uint32_t part = 0; part < info.part_count; part++) {
        uint32_t n = mw_index_part_count(index, wash, part, NULL);
        for (uint32_t i = 0; i < n; i++) {
            struct mw_point at = mw_index_part_point(index, wash, part, i);
            if (info.kind == MW_SHAPE_CIRCLE) {
                count_circle(index, site, at, info.radius_m, &share);
                continue;
            }
            count_point(index, site, at, &share);
            if (i + 1 < n || info.kind == MW_SHAPE_POLYGON)
                count_point(index, site, between(at, mw_index_part_point(index, wash, part, (i + 1) % n)),
                            &share);
        }
    }
    return 2 * share.in > share.all;
}

/* The least distance of the corners of one fence to another, if it is less than best_m. */
static double corners_apart(const struct mw_index *index, uint32_t fence, uint32_t other, double best_m)
{
    struct mw_fence_info info = mw_index_fence_info(index, fence);
    double width_m = info.kind == MW_SHAPE_POLYGON ? 0 : info.radius_m;
    for (uint32_t part = 0; part < info.part_count; part++) {
        uint32_t n = mw_index_part_count(index, fence, part, NULL);
        for (uint32_t i = 0; i < n; i++) {
            struct mw_distance d;
            struct mw_point at = mw_index_part_point(index, fence, part, i);
            if (mw_index_distance(index, other, at, best_m + width_m, &d))
                best_m = fmin(best_m, fmax(d.distance_m - width_m, 0));
        }
    }
    return best_m;
}

/* Metres between two fences that are no farther apart than SITE_WASH_NEAR_M. */
static double apart(const struct mw_index *index, uint32_t wash, uint32_t site)
{
    if (fence_near(index, wash, site, 0))
        return 0;
    return corners_apart(index, site, wash, corners_apart(index, wash, site, SITE_WASH_NEAR_M));
}

/* The ties as they are found. */
struct found {
    struct wash_tie *list;
    size_t count, cap;
};

static bool add(struct found *found, struct wash_tie tie)
{
    if (!array_reserve(&found->list, &found->cap, found->count + 1, sizeof *found->list))
        return false;
    found->list[found->count++] = tie;
    return true;
}

static int order_nearest_first(const void *a, const void *b)
{
    const struct wash_tie *x = a, *y = b;
    if (x->apart_m != y->apart_m)
        return x->apart_m < y->apart_m ? -1 : 1;
    return x->site < y->site ? -1 : x->site > y->site;
}

/* What finds the sites near a fence. */
struct finding {
    const struct world *world;
    struct box_tree sites; /* by place in the list of sites */
    uint32_t *near;        /* places that were found, as many as there are sites */
    uint32_t measured;     /* pairs */
};

static int order_places(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static bool finding_init(struct finding *f, const struct world *world)
{
    const struct fence_list *sites = &world->of_kind[FENCE_SITE];
    struct mw_bounds *boxes = malloc(sites->count * sizeof *boxes);
    *f = (struct finding){.world = world, .near = malloc(sites->count * sizeof *f->near)};
    for (uint32_t i = 0; i < sites->count && boxes != NULL; i++)
        boxes[i] = mw_index_fence_bounds(world->index, sites->numbers[i]);
    bool ok = boxes != NULL && f->near != NULL && box_tree_init(&f->sites, boxes, sites->count);
    free(boxes);
    return ok;
}

static void finding_fini(struct finding *f)
{
    box_tree_fini(&f->sites);
    free(f->near);
}

/* Sites whose boxes are near that of the fence, and perhaps a few more, in the order of the list, as numbers. */
static uint32_t sites_near(struct finding *f, uint32_t fence, double near_m)
{
    uint32_t count = box_tree_near(&f->sites, mw_index_fence_bounds(f->world->index, fence), near_m, f->near);
    if (count > 0)
        qsort(f->near, count, sizeof *f->near, order_places);
    for (uint32_t i = 0; i < count; i++)
        f->near[i] = f->world->of_kind[FENCE_SITE].numbers[f->near[i]];
    return count;
}

static bool find_sites(struct finding *f, uint32_t wash, struct found *found)
{
    const struct mw_index *index = f->world->index;
    size_t first = found->count;
    uint32_t near = sites_near(f, wash, SITE_WASH_NEAR_M);
    f->measured += near;
    for (uint32_t i = 0; i < near && f->measured <= FENCE_PAIRS_MAX; i++) {
        uint32_t site = f->near[i];
        if (!fence_near(index, wash, site, SITE_WASH_NEAR_M))
            continue;
        double apart_m = lies_within(index, wash, site) ? WITHIN : apart(index, wash, site);
        if (!add(found, (struct wash_tie){wash, site, apart_m}))
            return false;
    }
    if (found->count > first)
        qsort(found->list + first, found->count - first, sizeof *found->list, order_nearest_first);
    return true;
}

/* Between two ties of no wash, so that looking to both sides of one ends. */
static bool find_ties(struct finding *f, struct found *found)
{
    static const struct wash_tie end = {UINT32_MAX, UINT32_MAX, INFINITY};
    const struct fence_list *washes = &f->world->of_kind[FENCE_WASH];
    bool ok = add(found, end);
    for (uint32_t i = 0; i < washes->count && ok && f->measured <= FENCE_PAIRS_MAX; i++)
        ok = find_sites(f, washes->numbers[i], found);
    return ok && add(found, end);
}

/* Gives each site the list of its ties, in the order of its washes. */
static bool give_ties(struct world *world, const struct found *found, struct arena *arena)
{
    struct wash_tie *ties = arena_take(arena, found->count, sizeof *ties);
    const struct wash_tie **lists = arena_take(arena, found->count, sizeof *lists);
    if (ties == NULL || lists == NULL)
        return false;
    memcpy(ties, found->list, found->count * sizeof *ties);
    for (size_t i = 1; i + 1 < found->count; i++)
        world->fences[ties[i].site].wash_tie_count++;
    const struct fence_list *sites = &world->of_kind[FENCE_SITE];
    for (uint32_t i = 0; i < sites->count; i++) {
        struct fence *site = &world->fences[sites->numbers[i]];
        site->wash_ties = lists;
        lists += site->wash_tie_count;
        site->wash_tie_count = 0;
    }
    for (size_t i = 1; i + 1 < found->count; i++) {
        struct fence *site = &world->fences[ties[i].site];
        assert(&site->wash_ties[site->wash_tie_count] < lists); /* counted above */
        ((const struct wash_tie **)(uintptr_t)site->wash_ties)[site->wash_tie_count++] = &ties[i];
    }
    return true;
}

/* Whether one lies so well within the other that all ways out lead over the other's ground. */
static bool is_enclosed(const struct mw_index *index, uint32_t inner, uint32_t outer)
{
    struct mw_fence_info info = mw_index_fence_info(index, inner);
    double clear_m = SITE_WASH_GATE_M + (info.kind == MW_SHAPE_POLYGON ? 0 : info.radius_m);
    if (!fence_boxes_near(mw_index_fence_bounds(index, inner), mw_index_fence_bounds(index, outer), 0))
        return false;
    for (uint32_t part = 0; part < info.part_count; part++) {
        uint32_t n = mw_index_part_count(index, inner, part, NULL);
        for (uint32_t i = 0; i < 2 * n; i++) {
            struct mw_point at = mw_index_part_point(index, inner, part, i / 2);
            struct mw_distance d;
            if (i % 2 == 1)
                at = between(at, mw_index_part_point(index, inner, part, (i / 2 + 1) % n));
            if (!mw_index_distance(index, outer, at, 0, &d) || -d.distance_m < clear_m)
                return false;
        }
    }
    return info.part_count > 0;
}

/* The sites with ties that a site lies within: their washes are on its way out. */
static bool find_lenders(struct finding *f, struct fence *fences, uint32_t inner, struct arena *arena)
{
    uint32_t near = sites_near(f, inner, 0), count = 0;
    for (uint32_t i = 0; i < near && f->measured <= FENCE_PAIRS_MAX; i++) {
        uint32_t outer = f->near[i];
        if (outer == inner || fences[outer].wash_tie_count == 0)
            continue;
        f->measured++;
        if (is_enclosed(f->world->index, inner, outer))
            f->near[count++] = outer;
    }
    uint32_t *list = count > 0 ? arena_take(arena, count, sizeof *list) : NULL;
    if (count > 0 && list == NULL)
        return false;
    if (count > 0)
        memcpy(list, f->near, count * sizeof *list);
    fences[inner].wash_lenders = (struct fence_list){list, count};
    return true;
}

enum world_status site_wash_link(struct world *world, struct arena *arena, struct world_error *out_error)
{
    const struct fence_list *sites = &world->of_kind[FENCE_SITE];
    struct found found = {0};
    struct finding finding;
    if (sites->count == 0 || world->of_kind[FENCE_WASH].count == 0)
        return WORLD_OK;
    bool ok = finding_init(&finding, world) && find_ties(&finding, &found) && give_ties(world, &found, arena);
    for (uint32_t i = 0; i < sites->count && ok && finding.measured <= FENCE_PAIRS_MAX; i++)
        ok = find_lenders(&finding, world->fences, sites->numbers[i], arena);
    finding_fini(&finding);
    free(found.list);
    if (ok && finding.measured > FENCE_PAIRS_MAX)
        return world_fail(
            out_error,
            "sites and washes lie on each other in heaps: more than %u pairs would have to be measured",
            FENCE_PAIRS_MAX);
    return ok ? WORLD_OK : WORLD_NO_MEMORY;
}

/* ---- asked ---- */

static bool is_rival(const struct wash_tie *t, const struct wash_tie *rival, const struct wash_question *q)
{
    return t->site != rival->site && q->counts(q->context, rival->site);
}

/* Whether no other site that is there lies nearer, or about as near. */
static bool belongs(const struct wash_tie *t, const struct wash_question *q)
{
    if (t->apart_m == WITHIN)
        return true;
    for (const struct wash_tie *r = t - 1; r->wash == t->wash; r--)
        if (is_rival(t, r, q))
            return false;
    for (const struct wash_tie *r = t + 1; r->wash == t->wash && r->apart_m - t->apart_m < SITE_WASH_TIE_M;
         r++)
        if (is_rival(t, r, q))
            return false;
    return true;
}

/* Adds to *has whether the site has a wash of its own. */
static bool any_of(const struct fence *site, const struct wash_question *q, bool *has)
{
    for (uint32_t i = 0; i < site->wash_tie_count; i++) {
        const struct wash_tie *t = site->wash_ties[i];
        if (!q->counts(q->context, t->wash) || !belongs(t, q))
            continue;
        *has = true;
        if (q->is == NULL || q->is(q->context, t->wash))
            return true;
    }
    return false;
}

bool site_wash_any(const struct world *world, uint32_t site, const struct wash_question *q)
{
    const struct fence *fence = &world->fences[site];
    bool has = false, found = any_of(fence, q, &has);
    for (uint32_t i = 0; i < fence->wash_lenders.count && !has && !found; i++) {
        bool lends = false;
        uint32_t lender = fence->wash_lenders.numbers[i];
        found = q->counts(q->context, lender) && any_of(&world->fences[lender], q, &lends);
    }
    return found;
}
