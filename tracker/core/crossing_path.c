#include "crossing_path.h"

#include "place.h"
#include "thrown.h"

/* Who drives a straight path at 60 km/h has no time for a way round in a city. */
#define CITY_MPS 16.7
/* Where speeds say less than even the straight path needs, this much more of it is granted; to one that heads
 * along it at both ends, less: it would have to turn away, pass, and turn back. */
#define DETOUR_SHARE 1.3
#define ALONG_SHARE  1.1
#define ALONG_DEG    15.0

/* Headings that differ by less than three degrees are one, and a bend that makes the way longer than this
 * many times the straight one is two. */
#define CORNER_LEAST 0.05
#define CORNER_MOST  2.0
/* Where no headings are said it may have gone round a corner on either side: this far off, of the way. */
#define SIDE_CORNER 0.2
/* A fix 40 m aside of a truck that drives 100 m between two makes a kink of 22 degrees; over a short way,
 * small errors make any. */
#define KINK_DEG     12.0
#define KINK_LEAST_M 20.0
/* A corner sharper than this is CORNER_MOST of the straight way long, and lies anywhere. */
#define SHARP_DEG 120.0
/* How fast a truck gains and loses speed in a street, at most. */
#define SPURT_MPS2 1.0
/* Over a longer time speeds say little of it, which may have been faster. */
#define SPEEDS_TELL_MS 20000
/* Errors of a path are put aside by so many times what they say: half as much again is erred once in eight hundred
 * times, and as much once in twenty, on each of the roads that lead along a ban. */
#define WAY_MARGINS 1.5
/* Where headings do not speak for it nothing tells of a receiver that is thrown aside. */
#define UNTOLD_MARGINS 2.0

static struct mw_point on_globe(double lat_deg, double lon_deg)
{
    return place_moved((struct mw_point){lat_deg, lon_deg}, 0, 0);
}

struct mw_point path_between(struct mw_point a, struct mw_point b, double share)
{
    double lon_deg = a.lon_deg + mw_east_deg(a, b) * share;
    if (fabs(lon_deg) > 180)
        lon_deg -= copysign(360, lon_deg);
    return (struct mw_point){a.lat_deg + (b.lat_deg - a.lat_deg) * share, lon_deg};
}

/* The pieces of one thing taken together. Where they overlap, no more lies inside than between the ends. */
struct span path_span_of(const struct moment *m, const struct met *met, uint32_t thing, double path_m)
{
    struct span s = {.fence = UINT32_MAX, .enter = 1, .leave = 0};
    for (size_t i = 0; i < met->count; i++) {
        const struct mw_crossing *c = &met->list[i];
        if (path_fence(m, c)->thing != thing)
            continue;
        if (s.fence == UINT32_MAX || c->enter < s.enter)
            s.fence = m->world->of_kind[FENCE_BANNED].numbers[c->fence];
        s.inside_from |= c->inside_from;
        s.inside_to |= c->inside_to;
        s.enter = fmin(s.enter, c->enter);
        s.leave = fmax(s.leave, c->leave);
        s.inside_m += c->inside_m;
    }
    if (s.fence != UINT32_MAX)
        s.inside_m = fmin(s.inside_m, (s.leave - s.enter) * path_m);
    return s;
}

struct span path_span(const struct moment *m, uint32_t thing, struct mw_point a, struct mw_point b)
{
    struct met met;
    path_meet(m, a, b, &met);
    return path_span_of(m, &met, thing, mw_distance_m(a, b));
}

/* The place `aside_m` to the left of the path at a share of it. */
static struct mw_point beside(const struct path *p, double share, double aside_m)
{
    struct mw_point at = path_between(p->from, p->to, share);
    double cosine = cos(at.lat_deg * 0.017453292519943295);
    double north = p->to.lat_deg - p->from.lat_deg, east = mw_east_deg(p->from, p->to) * cosine;
    double length = hypot(north, east), straight_m = mw_distance_m(p->from, p->to);
    double deg = aside_m * length / straight_m; /* degrees of latitude that aside_m spans */
    return on_globe(at.lat_deg + deg * east / length, at.lon_deg - deg * north / length / cosine);
}

/* Whether a bent path no longer than it can have driven leads round the thing, left or right. */
bool path_way_round(const struct moment *m, const struct path *p, uint32_t thing, const struct span *s)
{
    double straight_m = mw_distance_m(p->from, p->to);
    if (p->reach_m <= straight_m || straight_m <= 0)
        return false;
    /* All places on the way lie in an ellipse around both ends; this is how wide it is at the fence. */
    double share = (s->enter + s->leave) / 2, off = 2 * share - 1;
    double width_m = sqrt(p->reach_m * p->reach_m - straight_m * straight_m) / 2 * sqrt(1 - off * off);
    for (int step = 1; step <= 3; step++)
        for (int side = -1; side <= 1; side += 2) {
            struct mw_point by = beside(p, share, side * width_m * step / 3);
            if (path_span(m, thing, p->from, by).inside_m + path_span(m, thing, by, p->to).inside_m <=
                p->least_m)
                return true;
        }
    return false;
}

/* A place given in fractions of the straight way: along it from its start, and to its right. */
static struct mw_point off_straight(const struct path *p, double along, double aside)
{
    double cosine = cos(p->from.lat_deg * (M_PI / 180));
    double north = p->to.lat_deg - p->from.lat_deg, east = mw_east_deg(p->from, p->to) * cosine;
    return on_globe(p->from.lat_deg + along * north - aside * east,
                    p->from.lon_deg + (along * east + aside * north) / cosine);
}

/*
 * The bend that the headings at both ends tell of: on from one in its heading until that of the other leads
 * there, as at a crossroads. All rounder bends lie between it and the straight path. False: there is none.
 */
static bool find_corner(const struct path *p, struct mw_point *out)
{
    double cosine = cos(p->from.lat_deg * (M_PI / 180));
    double north = p->to.lat_deg - p->from.lat_deg, east = mw_east_deg(p->from, p->to) * cosine;
    double straight = atan2(east, north);
    double out_rad = (double)p->from_deg * (M_PI / 180) - straight;
    double in_rad = (double)p->to_deg * (M_PI / 180) - straight;
    /* Both lines in fractions of the straight way, which runs from 0 to 1. */
    double turn = sin(in_rad - out_rad);
    if (isnan(turn) || fabs(turn) < CORNER_LEAST)
        return false;
    double leg = sin(in_rad) / turn, rest = -sin(out_rad) / turn;
    if (!(leg > 0) || !(rest > 0) || leg + rest > CORNER_MOST)
        return false;
    *out = off_straight(p, leg * cos(out_rad), leg * sin(out_rad));
    return true;
}

/* How much of the path lies inside when all of it is put aside; `corner` NULL: the straight one. */
static double inside_by_m(const struct moment *m, const struct path *p, uint32_t thing,
                          const struct mw_point *corner, struct mw_point aside_m)
{
    struct mw_point from = place_moved(p->from, aside_m.lat_deg, aside_m.lon_deg);
    struct mw_point to = place_moved(p->to, aside_m.lat_deg, aside_m.lon_deg);
    if (corner == NULL)
        return path_span(m, thing, from, to).inside_m;
    struct mw_point by = place_moved(*corner, aside_m.lat_deg, aside_m.lon_deg);
    return path_span(m, thing, from, by).inside_m + path_span(m, thing, by, to).inside_m;
}

enum { CORNERS_MAX = 3 };

/* The corners by which the path may have gone: that of the headings, and one to each side where none are said.
 * Returns how many. */
static int find_corners(const struct path *p, struct mw_point out[CORNERS_MAX])
{
    bool known = !isnan(p->from_deg) && !isnan(p->to_deg);
    if (mw_distance_m(p->from, p->to) < KINK_LEAST_M)
        return 0;
    int count = known ? find_corner(p, out) : 0;
    if (known && !p->guessed)
        return count;
    out[count++] = off_straight(p, 0.5, SIDE_CORNER);
    out[count++] = off_straight(p, 0.5, -SIDE_CORNER);
    return count;
}

/* How much lies inside at least, whichever of these ways it went, north and east of where it was seen. */
double path_least_inside_m(const struct moment *m, const struct path *p, uint32_t thing, double north_m,
                           double east_m)
{
    struct mw_point corners[CORNERS_MAX], aside_m = {north_m, east_m};
    int count = find_corners(p, corners);
    double inside_m = inside_by_m(m, p, thing, NULL, aside_m);
    for (int i = 0; i < count && inside_m > 0; i++)
        inside_m = fmin(inside_m, inside_by_m(m, p, thing, &corners[i], aside_m));
    return inside_m;
}

/* How far all of it may lie aside. */
static double aside_m(const struct moment *m, const struct path *p)
{
    bool told = !p->guessed && !isnan(p->from_deg) && !isnan(p->to_deg);
    return (told ? WAY_MARGINS : UNTOLD_MARGINS) * moment_margin_m(m);
}

double path_inside_aside_m(const struct moment *m, const struct path *p, uint32_t thing, int place)
{
    double angle = place % WAY_DIRECTIONS * (2 * M_PI / WAY_DIRECTIONS);
    double margin_m = aside_m(m, p) * (place < WAY_DIRECTIONS ? 1 : 0.5);
    return path_least_inside_m(m, p, thing, margin_m * cos(angle), margin_m * sin(angle));
}

bool path_is_thrown(const struct moment *m, const struct path *p, uint32_t thing)
{
    double north_m = -(double)m->aside_north_m, east_m = -(double)m->aside_east_m;
    return m->thrown && (path_least_inside_m(m, p, thing, north_m, east_m) <= 0 ||
                         path_least_inside_m(m, p, thing, north_m / 2, east_m / 2) <= 0);
}

/*
 * Whether it lies across wherever the error of the places puts it: that error lasts for minutes, so the whole
 * path may lie aside. A path along the edge of a thing, seen inside it, does not; one through it does.
 */
bool path_surely_across(const struct moment *m, const struct path *p, uint32_t thing)
{
    if (path_least_inside_m(m, p, thing, 0, 0) <= p->least_m || path_is_thrown(m, p, thing))
        return false;
    for (int i = 0; i < WAY_PLACES; i++)
        if (path_inside_aside_m(m, p, thing, i) <= 0)
            return false;
    return true;
}

/* From -180 to 180: how far one heading is to the right of another. */
static double right_of_deg(double a, double b)
{
    return remainder(a - b, 360);
}

static double straight_deg(const struct path *p)
{
    double cosine = cos(p->to.lat_deg * (M_PI / 180)), north = p->to.lat_deg - p->from.lat_deg;
    return atan2(mw_east_deg(p->from, p->to) * cosine, north) * (180 / M_PI);
}

/*
 * Whether the way since the last fix leads as the headings at its ends say: in a direction between both, as a
 * road that bends, within KINK_DEG. A wild fix does not: the receiver goes on measuring where the truck
 * heads.
 */
bool path_is_kinked(const struct path *p)
{
    if (mw_distance_m(p->from, p->to) < KINK_LEAST_M)
        return false;
    double a = (double)p->from_deg, b = (double)p->to_deg;
    if (isnan(a) || isnan(b) || p->to_ms - p->from_ms > HEADINGS_TELL_MS)
        return true;
    double lead = right_of_deg(straight_deg(p), a), turn = right_of_deg(b, a);
    return lead < fmin(turn, 0) - KINK_DEG || lead > fmax(turn, 0) + KINK_DEG;
}

bool path_is_sharp(const struct path *p)
{
    return fabs(right_of_deg((double)p->to_deg, (double)p->from_deg)) > SHARP_DEG;
}

/* Whether it heads along the straight path at both ends, and says so. */
static bool leads_along(const struct path *p)
{
    double from = right_of_deg((double)p->from_deg, straight_deg(p));
    double to = right_of_deg((double)p->to_deg, straight_deg(p));
    return fabs(from) <= ALONG_DEG && fabs(to) <= ALONG_DEG;
}

bool path_lies_across(const struct moment *m, const struct path *p, const struct span *s)
{
    return s->fence != UINT32_MAX && !s->inside_from && !s->inside_to && s->inside_m > p->least_m &&
           moment_fence_concerns(m, &m->world->fences[s->fence]);
}

/* Whether headings speak for the straight path: where none are said it is longer than a receiver is thrown; over a short time they must not deny it, over a long one both
 * must lead along it, unless it was driven too fast for any other. */
bool path_is_vouched_for(const struct path *p)
{
    int64_t ms = p->to_ms - p->from_ms;
    if (p->guessed && mw_distance_m(p->from, p->to) <= THROWN_MOST_M)
        return false;
    if (ms <= SPEEDS_TELL_MS)
        return ms > HEADINGS_TELL_MS || isnan(p->from_deg) || isnan(p->to_deg) || !path_is_kinked(p);
    return leads_along(p) || mw_distance_m(p->from, p->to) >= CITY_MPS * (double)ms / 1000;
}

bool path_crosses(const struct moment *m, const struct path *p, uint32_t thing, const struct span *s)
{
    return path_is_vouched_for(p) && path_lies_across(m, p, s) && path_surely_across(m, p, thing) &&
           !path_way_round(m, p, thing, s);
}

/* How far it can have driven, by the speeds at both ends. */
double path_reach_m(const struct path *p, float from_mps, float to_mps)
{
    double straight_m = mw_distance_m(p->from, p->to), s = (double)(p->to_ms - p->from_ms) / 1000;
    double mean_m = (double)(from_mps + to_mps) / 2 * s;
    double most_m = fmax((double)from_mps, (double)to_mps) * s;
    if (isnan(mean_m))
        return straight_m;
    if (p->to_ms - p->from_ms <= SPEEDS_TELL_MS) {
        /* Speeds that do not suffice for the straight path are no measure of what lies between: it has been
         * faster there. Nor are those of a truck that turns, and is slow for it. */
        bool turns = !isnan(p->from_deg) && !isnan(p->to_deg) && !leads_along(p);
        bool slow = mean_m * ALONG_SHARE < straight_m || turns;
        return fmax(slow ? mean_m + SPURT_MPS2 * s * s / 4 : mean_m, straight_m);
    }
    return leads_along(p) ? fmax(mean_m, straight_m * ALONG_SHARE) : fmax(most_m, straight_m * DETOUR_SHARE);
}
