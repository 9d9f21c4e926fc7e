#include "site_wash.h"

#include "fence_near.h"

#include <math.h>

/* What a wash belongs to, when not to a single site by its number. */
#define OWNER_NONE   UINT32_MAX
#define OWNER_WITHIN (UINT32_MAX - 1) /* to those it lies within */

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

static uint32_t owner_of(const struct world *world, uint32_t wash)
{
    const struct fence_list *sites = &world->of_kind[FENCE_SITE];
    double best_m = INFINITY, next_m = INFINITY;
    uint32_t owner = OWNER_NONE;
    for (uint32_t i = 0; i < sites->count; i++) {
        uint32_t site = sites->numbers[i];
        if (!fence_near(world->index, wash, site, SITE_WASH_NEAR_M))
            continue;
        if (lies_within(world->index, wash, site))
            return OWNER_WITHIN;
        double apart_m = apart(world->index, wash, site);
        if (apart_m < best_m) {
            next_m = best_m;
            best_m = apart_m;
            owner = site;
        } else if (apart_m < next_m) {
            next_m = apart_m;
        }
    }
    return next_m - best_m < SITE_WASH_TIE_M ? OWNER_NONE : owner;
}

static bool belongs(const struct world *world, uint32_t owner, uint32_t wash, uint32_t site)
{
    return owner == OWNER_WITHIN ? lies_within(world->index, wash, site) : owner == site;
}

static bool link_site(struct world *world, uint32_t site, const uint32_t *owners, struct arena *arena)
{
    const struct fence_list *washes = &world->of_kind[FENCE_WASH];
    uint32_t *list = NULL, count = 0;
    for (uint32_t i = 0; i < washes->count; i++) {
        if (!belongs(world, owners[i], washes->numbers[i], site))
            continue;
        if (list == NULL)
            list = arena_take(arena, washes->count - i, sizeof *list);
        if (list == NULL)
            return false;
        list[count++] = washes->numbers[i];
    }
    world->fences[site].washes = (struct fence_list){list, count};
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

/* A site without a wash within one that has some: they are on its way out. */
static void lend_washes(struct world *world, uint32_t outer)
{
    const struct fence_list *sites = &world->of_kind[FENCE_SITE];
    for (uint32_t i = 0; i < sites->count; i++) {
        struct fence *inner = &world->fences[sites->numbers[i]];
        if (inner->washes.count == 0 && is_enclosed(world->index, sites->numbers[i], outer))
            inner->washes = world->fences[outer].washes;
    }
}

bool site_wash_link(struct world *world, struct arena *arena)
{
    const struct fence_list *sites = &world->of_kind[FENCE_SITE], *washes = &world->of_kind[FENCE_WASH];
    if (sites->count == 0 || washes->count == 0)
        return true;
    uint32_t *owners = arena_take(arena, washes->count, sizeof *owners);
    if (owners == NULL)
        return false;
    for (uint32_t i = 0; i < washes->count; i++)
        owners[i] = owner_of(world, washes->numbers[i]);
    for (uint32_t i = 0; i < sites->count; i++)
        if (!link_site(world, sites->numbers[i], owners, arena))
            return false;
    for (uint32_t i = 0; i < sites->count; i++)
        if (world->fences[sites->numbers[i]].washes.count > 0)
            lend_washes(world, sites->numbers[i]);
    return true;
}
