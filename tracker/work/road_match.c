#include "road_match.h"

#include <math.h>

/* What a road costs beside distance and angle: the present one nothing. */
static const double next_cost = 0.3, other_cost = 2.5;
/* Two that differ by less cannot be told apart without history. */
static const double doubt_cost = 0.5;
static const double reach_more_m = 8, error_least_m = 5, angle_scale = 0.1;
static const double cos_35_deg = 0.81915204428899178968;

struct candidate {
    struct road_match match;
    double cost;
};

/* A leg in metres east and north of where the vehicle is, in the plane there. */
struct leg_line {
    double x, y, dx, dy; /* its beginning, and the way to its end */
    double length2;
    double along; /* the vehicle's direction by it, times its length */
};

/* Whether the vehicle heads along it, either way: most legs near a place are passed over by this. */
static bool is_along(const struct road *s, const struct road_point *p, const struct match_query *q,
                     struct leg_line *out)
{
    out->dx = (p[1].lon_deg - p[0].lon_deg) * s->lon_m;
    out->dy = (p[1].lat_deg - p[0].lat_deg) * s->lat_m;
    out->length2 = out->dx * out->dx + out->dy * out->dy;
    out->along = out->dx * q->east + out->dy * q->north;
    if (!(out->length2 > 0) || out->along * out->along < cos_35_deg * cos_35_deg * out->length2)
        return false;
    out->x = (p[0].lon_deg - q->at.lon_deg) * s->lon_m;
    out->y = (p[0].lat_deg - q->at.lat_deg) * s->lat_m;
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
    double error_m = (double)q->error_m;
    double reach_m = error_m + reach_more_m < ROADS_REACH_M ? error_m + reach_more_m : ROADS_REACH_M;
    struct leg_line l;
    if (!is_along(s, p, q, &l) || !road_allows(s, l.along >= 0 ? 1 : -1))
        return false;
    double share = -(l.x * l.dx + l.y * l.dy) / l.length2;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    double fx = l.x + share * l.dx, fy = l.y + share * l.dy, distance2 = fx * fx + fy * fy;
    if (distance2 > reach_m * reach_m)
        return false;
    int dir = l.along >= 0 ? 1 : -1;
    double length = sqrt(l.length2), least_m = error_m / 2 > error_least_m ? error_m / 2 : error_least_m;
    double angle = (1 - fabs(l.along) / length) / angle_scale;
    *out = (struct candidate){
        .match = {.road = leg->road,
                  .dir = dir,
                  .at_m = (float)((double)p[0].at_m + share * (double)(p[1].at_m - p[0].at_m)),
                  .aside_m = (float)((l.dx * l.y - l.dy * l.x) / length)},
        .cost = distance2 / (least_m * least_m) + angle * angle + transition_cost(roads, q, leg->road, dir)};
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
