#include "road_match.h"

#include <math.h>

/* What a road costs beside distance and angle: the present one nothing. */
static const double next_cost = 0.3, other_cost = 2.5;
/* Two that differ by less cannot be told apart without history. */
static const double doubt_cost = 0.5;
static const double reach_more_m = 8, error_least_m = 5, angle_scale = 0.1;
static const double cos_35_deg = 0.81915204428899178968;
static const double to_rad = 0.017453292519943295769;

struct candidate {
    struct road_match match;
    double cost;
};

/* The place of a leg nearest to where the vehicle is, in metres east and north of it. */
struct foot {
    double distance_m, aside_m, share;
    double east, north; /* of the leg's direction, of length 1 */
};

static bool find_foot(const struct road *s, const struct road_point *p, struct mw_point at, struct foot *out)
{
    double x = (p[0].lon_deg - at.lon_deg) * s->lon_m, y = (p[0].lat_deg - at.lat_deg) * s->lat_m;
    double dx = (p[1].lon_deg - p[0].lon_deg) * s->lon_m, dy = (p[1].lat_deg - p[0].lat_deg) * s->lat_m;
    double length2 = dx * dx + dy * dy;
    if (!(length2 > 0))
        return false;
    double share = -(x * dx + y * dy) / length2, length = sqrt(length2);
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    double fx = x + share * dx, fy = y + share * dy;
    *out = (struct foot){.distance_m = sqrt(fx * fx + fy * fy),
                         .aside_m = (dx * y - dy * x) / length,
                         .share = share,
                         .east = dx / length,
                         .north = dy / length};
    return true;
}

static double transition_cost(const struct roads *roads, const struct match_query *q, uint32_t road, int dir)
{
    if (q->before == UINT32_MAX || q->before == road)
        return 0;
    uint32_t left = road_exit(&roads->list[q->before], q->before_dir);
    return road_entry(&roads->list[road], dir) == left ? next_cost : other_cost;
}

/* Of a leg: in the direction in which the vehicle drives it, if it may. */
static bool weigh(const struct roads *roads, const struct match_query *q, const struct road_leg *leg,
                  struct candidate *out)
{
    const struct road *s = &roads->list[leg->road];
    const struct road_point *p = &roads->points[leg->point];
    double bearing = (double)q->bearing_deg * to_rad, error_m = (double)q->error_m;
    double reach_m = error_m + reach_more_m < ROADS_REACH_M ? error_m + reach_more_m : ROADS_REACH_M;
    struct foot foot;
    if (!find_foot(s, p, q->at, &foot) || foot.distance_m > reach_m)
        return false;
    double along = foot.east * sin(bearing) + foot.north * cos(bearing);
    int dir = along >= 0 ? 1 : -1;
    if (fabs(along) < cos_35_deg || !road_allows(s, dir))
        return false;
    double d = foot.distance_m / (error_m / 2 > error_least_m ? error_m / 2 : error_least_m);
    double angle = (1 - fabs(along)) / angle_scale;
    *out = (struct candidate){
        .match = {.road = leg->road,
                  .dir = dir,
                  .at_m = (float)((double)p[0].at_m + foot.share * (double)(p[1].at_m - p[0].at_m)),
                  .aside_m = (float)foot.aside_m},
        .cost = d * d + angle * angle + transition_cost(roads, q, leg->road, dir)};
    return true;
}

static bool is_better(const struct match_query *q, const struct candidate *a, const struct candidate *best)
{
    if (a->cost != best->cost)
        return a->cost < best->cost;
    return a->match.road == q->before && best->match.road != q->before;
}

struct road_match road_match_find(const struct roads *roads, const struct match_query *q)
{
    struct candidate best = {.match = {.road = UINT32_MAX}, .cost = INFINITY}, now;
    double second = INFINITY; /* the least cost of another road */
    struct road_legs legs = roads_near(roads, q->at);
    for (uint32_t i = 0; i < legs.count; i++) {
        if (!weigh(roads, q, &legs.list[i], &now))
            continue;
        bool same = now.match.road == best.match.road;
        if (best.match.road == UINT32_MAX || is_better(q, &now, &best)) {
            second = same ? second : best.cost;
            best = now;
        } else if (!same && now.cost < second) {
            second = now.cost;
        }
    }
    if (q->before == UINT32_MAX && second - best.cost <= doubt_cost)
        best.match.road = UINT32_MAX;
    return best.match;
}
