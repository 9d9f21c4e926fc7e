#include "crossing.h"

#include "permit.h"
#include "place.h"

#include <math.h>
#include <stdlib.h>

/* Twice the receiver's error that standards allow (15 m, 95 %), less what a corner of a street cuts. */
#define CROSSING_MIN_M 20.0
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
/* Directions in which the whole path may lie aside. */
#define ASIDE_DIRECTIONS 8
#define ALL_ASIDE        0xff
/* A way over the fixes that is so much longer than the straight one is another way: by as much a bend of half
 * a right angle is. */
#define BENT_SHARE 1.1
/* So many fixes deep inside need no straight path to confirm them. */
#define DEEP_FIXES 2
/* A fix 40 m aside of a truck that drives 100 m between two makes a kink of 22 degrees; over a short way,
 * small errors make any. */
#define KINK_DEG     12.0
#define KINK_LEAST_M 20.0
/* Over a longer time a road may bend twice, and headings at both ends deny nothing of the way between; */
#define HEADINGS_TELL_MS 15000
/* and over a longer one speeds say little of it, which may have been faster. */
#define SPEEDS_TELL_MS 20000

struct path {
    struct mw_point from, to;
    int64_t from_ms, to_ms;
    double reach_m;         /* how far it can have driven */
    float from_deg, to_deg; /* headings at both ends; NaN: not said */
    double least_m;         /* inside a thing, to count */
};

/* Where a path meets a thing. */
struct span {
    uint32_t fence; /* number of the piece that it meets first; UINT32_MAX: it meets none */
    bool inside_from, inside_to;
    double enter, leave; /* fractions of the path */
    double inside_m;
};

/* Banned fences that a path meets. */
struct met {
    struct mw_crossing list[PATH_FENCES_MAX];
    size_t count;
};

static void meet(const struct moment *m, struct mw_point a, struct mw_point b, struct met *out)
{
    out->count = moment_fences_on(m, m->world->banned, a, b, out->list);
}

/* Paths are asked of the banned fences alone, which have numbers of their own. */
static const struct fence *fence_of(const struct moment *m, const struct mw_crossing *c)
{
    return &m->world->fences[m->world->of_kind[FENCE_BANNED].numbers[c->fence]];
}

/* As the unit says; NaN: it does not. */
static float heading_now(const struct moment *m)
{
    return m->headed ? m->track_deg : NAN;
}

static float heading_before(const struct moment *m)
{
    return m->before->flags & VEHICLE_HEADED ? m->before->track_deg : NAN;
}

static struct mw_point on_globe(double lat_deg, double lon_deg)
{
    return place_moved((struct mw_point){lat_deg, lon_deg}, 0, 0);
}

static struct mw_point between(struct mw_point a, struct mw_point b, double share)
{
    double lon_deg = a.lon_deg + mw_east_deg(a, b) * share;
    if (fabs(lon_deg) > 180)
        lon_deg -= copysign(360, lon_deg);
    return (struct mw_point){a.lat_deg + (b.lat_deg - a.lat_deg) * share, lon_deg};
}

/* The pieces of one thing taken together. Where they overlap, no more lies inside than between the ends. */
static struct span span_of(const struct moment *m, const struct met *met, uint32_t thing, double path_m)
{
    struct span s = {.fence = UINT32_MAX, .enter = 1, .leave = 0};
    for (size_t i = 0; i < met->count; i++) {
        const struct mw_crossing *c = &met->list[i];
        if (fence_of(m, c)->thing != thing)
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

static struct span span(const struct moment *m, uint32_t thing, struct mw_point a, struct mw_point b)
{
    struct met met;
    meet(m, a, b, &met);
    return span_of(m, &met, thing, mw_distance_m(a, b));
}

/* The place `aside_m` to the left of the path at a share of it. */
static struct mw_point beside(const struct path *p, double share, double aside_m)
{
    struct mw_point at = between(p->from, p->to, share);
    double cosine = cos(at.lat_deg * 0.017453292519943295);
    double north = p->to.lat_deg - p->from.lat_deg, east = mw_east_deg(p->from, p->to) * cosine;
    double length = hypot(north, east), straight_m = mw_distance_m(p->from, p->to);
    double deg = aside_m * length / straight_m; /* degrees of latitude that aside_m spans */
    return on_globe(at.lat_deg + deg * east / length, at.lon_deg - deg * north / length / cosine);
}

/* Whether a bent path no longer than it can have driven leads round the thing, left or right. */
static bool way_round(const struct moment *m, const struct path *p, uint32_t thing, const struct span *s)
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
            if (span(m, thing, p->from, by).inside_m + span(m, thing, by, p->to).inside_m <= p->least_m)
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
        return span(m, thing, from, to).inside_m;
    struct mw_point by = place_moved(*corner, aside_m.lat_deg, aside_m.lon_deg);
    return span(m, thing, from, by).inside_m + span(m, thing, by, to).inside_m;
}

/* The corners by which the path may have gone: that of the headings, one to each side where none are said.
 * Returns how many. */
static int find_corners(const struct path *p, struct mw_point out[2])
{
    if (mw_distance_m(p->from, p->to) < KINK_LEAST_M)
        return 0;
    if (!isnan(p->from_deg) && !isnan(p->to_deg))
        return find_corner(p, out);
    out[0] = off_straight(p, 0.5, SIDE_CORNER);
    out[1] = off_straight(p, 0.5, -SIDE_CORNER);
    return 2;
}

/* How much lies inside at least, whichever of these ways it went, north and east of where it was seen. */
static double least_inside_m(const struct moment *m, const struct path *p, uint32_t thing, double north_m,
                             double east_m)
{
    struct mw_point corners[2], aside_m = {north_m, east_m};
    int count = find_corners(p, corners);
    double inside_m = inside_by_m(m, p, thing, NULL, aside_m);
    for (int i = 0; i < count && inside_m > 0; i++)
        inside_m = fmin(inside_m, inside_by_m(m, p, thing, &corners[i], aside_m));
    return inside_m;
}

/* In which directions, of all round, the path may be put aside by its error and still lie inside. */
static unsigned inside_aside(const struct moment *m, const struct path *p, uint32_t thing)
{
    unsigned bits = 0;
    for (int i = 0; i < ASIDE_DIRECTIONS; i++) {
        double angle = i * (2 * M_PI / ASIDE_DIRECTIONS), margin_m = moment_margin_m(m);
        if (least_inside_m(m, p, thing, margin_m * cos(angle), margin_m * sin(angle)) > 0)
            bits |= 1u << i;
    }
    return bits;
}

/*
 * Whether it lies across wherever the error of the places puts it: that error lasts for minutes, so the whole
 * path may lie aside. A path along the edge of a thing, seen inside it, does not; one through it does.
 */
static bool surely_across(const struct moment *m, const struct path *p, uint32_t thing)
{
    return least_inside_m(m, p, thing, 0, 0) > p->least_m && inside_aside(m, p, thing) == ALL_ASIDE;
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
static bool is_kinked(const struct path *p)
{
    if (mw_distance_m(p->from, p->to) < KINK_LEAST_M)
        return false;
    double a = (double)p->from_deg, b = (double)p->to_deg;
    if (isnan(a) || isnan(b) || p->to_ms - p->from_ms > HEADINGS_TELL_MS)
        return true;
    double lead = right_of_deg(straight_deg(p), a), turn = right_of_deg(b, a);
    return lead < fmin(turn, 0) - KINK_DEG || lead > fmax(turn, 0) + KINK_DEG;
}

/* Whether it heads along the straight path at both ends, and says so. */
static bool leads_along(const struct path *p)
{
    double from = right_of_deg((double)p->from_deg, straight_deg(p));
    double to = right_of_deg((double)p->to_deg, straight_deg(p));
    return fabs(from) <= ALONG_DEG && fabs(to) <= ALONG_DEG;
}

static bool lies_across(const struct moment *m, const struct path *p, const struct span *s)
{
    return s->fence != UINT32_MAX && !s->inside_from && !s->inside_to && s->inside_m > p->least_m &&
           moment_fence_concerns(m, &m->world->fences[s->fence]);
}

/* Whether headings speak for the straight path: over a short time they must not deny it, over a long one both
 * must lead along it, unless it was driven too fast for any other. */
static bool is_vouched_for(const struct path *p)
{
    int64_t ms = p->to_ms - p->from_ms;
    if (ms <= SPEEDS_TELL_MS)
        return ms > HEADINGS_TELL_MS || isnan(p->from_deg) || isnan(p->to_deg) || !is_kinked(p);
    return leads_along(p) || mw_distance_m(p->from, p->to) >= CITY_MPS * (double)ms / 1000;
}

static bool crosses(const struct moment *m, const struct path *p, uint32_t thing, const struct span *s)
{
    return is_vouched_for(p) && lies_across(m, p, s) && surely_across(m, p, thing) &&
           !way_round(m, p, thing, s);
}

/* How far it can have driven, by the speeds at both ends. */
static double reach_m(const struct path *p, float from_mps, float to_mps)
{
    double straight_m = mw_distance_m(p->from, p->to), s = (double)(p->to_ms - p->from_ms) / 1000;
    double mean_m = (double)(from_mps + to_mps) / 2 * s;
    double most_m = fmax((double)from_mps, (double)to_mps) * s;
    if (isnan(mean_m))
        return straight_m;
    if (p->to_ms - p->from_ms <= SPEEDS_TELL_MS)
        return fmax(mean_m, straight_m);
    return leads_along(p) ? fmax(mean_m, straight_m * ALONG_SHARE) : fmax(most_m, straight_m * DETOUR_SHARE);
}

static double least_m(const struct moment *m)
{
    return fmax(CROSSING_MIN_M, fmax((double)m->eph_m, (double)m->before->eph_m));
}

static bool passing(const struct moment *then, struct mw_point at)
{
    struct moment there = *then;
    there.lat_deg = at.lat_deg;
    there.lon_deg = at.lon_deg;
    return permit_passing(&there) != NULL;
}

/* In force when it was entered, and no permit led through. */
static bool forbidden(const struct moment *m, const struct path *p, const struct span *s, int64_t enter_ms)
{
    struct moment then = *m;
    int64_t until_ms;
    then.at_ms = enter_ms;
    if (!moment_in_force(&then, &m->world->fences[s->fence], &until_ms))
        return false;
    if (m->info->permit_count == 0)
        return true;
    return !passing(&then, between(p->from, p->to, (s->enter + s->leave) / 2)) &&
           !(passing(&then, p->from) && passing(&then, p->to));
}

static int64_t at_share(const struct path *p, double share)
{
    return p->from_ms + (int64_t)(share * (double)(p->to_ms - p->from_ms));
}

/* ---- without a fix inside ---- */

static bool spoken_of(const struct findings *out, uint32_t thing)
{
    for (uint32_t i = 0; i < out->count; i++)
        if (out->list[i].subject == thing)
            return true;
    return false;
}

static void add_crossing(const struct moment *m, const struct path *p, const struct met *met, uint32_t thing,
                         struct findings *out)
{
    struct span s = span_of(m, met, thing, mw_distance_m(p->from, p->to));
    struct mw_point now = {m->lat_deg, m->lon_deg};
    struct finding f = finding_none();
    f.since_ms = at_share(p, s.enter);
    f.over_ms = at_share(p, s.leave);
    bool far_side = mw_distance_m(now, between(p->from, p->to, s.leave)) <
                    mw_distance_m(now, between(p->from, p->to, s.enter));
    if (!far_side || !lies_across(m, p, &s) || !forbidden(m, p, &s, f.since_ms) || !crosses(m, p, thing, &s))
        return;
    f.held = HELD_YES;
    f.at_once = true;
    f.subject = f.thing = thing;
    f.fence = m->world->fences[s.fence].id;
    findings_add(out, f);
}

/* The path of the last two places, that this fix may confirm. */
static struct path last_path(const struct moment *m)
{
    const struct vehicle_state *b = m->before;
    return (struct path){.from = {b->cross.lat_deg, b->cross.lon_deg},
                         .to = {b->lat_deg, b->lon_deg},
                         .from_ms = b->cross.ms,
                         .to_ms = b->place_ms,
                         .reach_m = (double)b->cross.reach_m,
                         .from_deg = b->cross.track_deg,
                         .to_deg = heading_before(m),
                         .least_m = least_m(m)};
}

void crossing_confirmed(const struct moment *m, struct findings *out)
{
    const struct vehicle_state *b = m->before;
    if (m->tick || !m->placed || m->gap || m->trust.jumped || b->cross.ms == TIME_NONE)
        return;
    struct path p = last_path(m);
    struct met met;
    meet(m, p.from, p.to, &met);
    for (size_t i = 0; i < met.count; i++) {
        uint32_t thing = fence_of(m, &met.list[i])->thing;
        if (!spoken_of(out, thing))
            add_crossing(m, &p, &met, thing, out);
    }
}

/* Whether the next fix has something to decide: most of what is asked there is dear. */
static bool may_cross(const struct moment *m, const struct path *p)
{
    struct met met;
    meet(m, p->from, p->to, &met);
    for (size_t i = 0; i < met.count; i++) {
        struct span s = span_of(m, &met, fence_of(m, &met.list[i])->thing, mw_distance_m(p->from, p->to));
        if (lies_across(m, p, &s))
            return true;
    }
    return false;
}

void crossing_follow(struct vehicle_state *state, const struct moment *m)
{
    if (!m->world->common.crossing || !m->placed)
        return;
    struct path p = {.from = {state->lat_deg, state->lon_deg},
                     .to = {m->lat_deg, m->lon_deg},
                     .from_ms = state->place_ms,
                     .to_ms = m->at_ms,
                     .from_deg = heading_before(m),
                     .to_deg = heading_now(m),
                     .least_m = least_m(m)};
    bool near =
        moment_saw_path(m) && (kind_grid_near(&m->world->grid, p.from, p.to, 0) >> FENCE_BANNED & 1u) != 0;
    if (!near && state->cross.ms == TIME_NONE)
        return; /* as nearly always */
    if (near)
        p.reach_m = reach_m(&p, state->speed_mps, m->speed_mps);
    bool crossed = near && may_cross(m, &p);
    state->cross.lat_deg = crossed ? p.from.lat_deg : 0;
    state->cross.lon_deg = crossed ? p.from.lon_deg : 0;
    state->cross.ms = crossed ? p.from_ms : TIME_NONE;
    state->cross.reach_m = crossed ? (float)p.reach_m : 0;
    state->cross.track_deg = crossed ? p.from_deg : 0;
}

/* ---- with fixes inside ---- */

/* Adds the way since the last fix. */
static void go_on(const struct moment *m, uint32_t thing, struct way_in *way)
{
    struct path leg = {.from = {m->before->lat_deg, m->before->lon_deg},
                       .to = {m->lat_deg, m->lon_deg},
                       .from_ms = m->before->place_ms,
                       .to_ms = m->at_ms,
                       .from_deg = heading_before(m),
                       .to_deg = heading_now(m)};
    way->way_m += (float)mw_distance_m(leg.from, leg.to);
    way->inside_m += (float)least_inside_m(m, &leg, thing, 0, 0);
    way->kinked |= is_kinked(&leg);
    if (way->aside != ALL_ASIDE)
        way->aside = (uint8_t)(way->aside | inside_aside(m, &leg, thing));
}

struct way_in crossing_enter(const struct moment *m, uint32_t thing)
{
    const struct vehicle_state *b = m->before;
    struct way_in way = {
        .ms = TIME_NONE, .enter_ms = m->at_ms, .leave_ms = TIME_NONE, .mps = NAN, .track_deg = NAN};
    if (!m->world->common.crossing || !moment_saw_path(m))
        return way;
    struct mw_point from = {b->lat_deg, b->lon_deg}, to = {m->lat_deg, m->lon_deg};
    struct span s = span(m, thing, from, to);
    if (s.fence == UINT32_MAX || s.inside_from)
        return way;
    way.lat_deg = b->lat_deg;
    way.lon_deg = b->lon_deg;
    way.ms = b->place_ms;
    way.mps = b->speed_mps;
    way.track_deg = heading_before(m);
    way.enter_ms = b->place_ms + (int64_t)(s.enter * (double)(m->at_ms - b->place_ms));
    go_on(m, thing, &way);
    return way;
}

void crossing_go_on(const struct moment *m, uint32_t thing, struct way_in *way)
{
    if (moment_saw_path(m))
        go_on(m, thing, way);
    else
        way->ms = TIME_NONE;
}

/* Whether the fixes inside lie so far off the straight path that it was not driven. */
static bool was_bent(const struct moment *m, const struct way_in *way, double straight_m)
{
    return (double)way->way_m > BENT_SHARE * straight_m + moment_margin_m(m) / 2;
}

bool crossing_driven(const struct moment *m, const struct episode *e, struct way_in *way)
{
    const struct vehicle_state *b = m->before;
    *way = e->way;
    if (!m->world->common.crossing || way->ms == TIME_NONE || !moment_saw_path(m) ||
        m->at_ms - way->ms > m->world->common.gap_ms)
        return false;
    struct path p = {.from = {way->lat_deg, way->lon_deg},
                     .to = {m->lat_deg, m->lon_deg},
                     .from_ms = way->ms,
                     .to_ms = m->at_ms,
                     .from_deg = way->track_deg,
                     .to_deg = heading_now(m),
                     .least_m = least_m(m)};
    p.reach_m = reach_m(&p, way->mps, m->speed_mps);
    struct mw_point last = {b->lat_deg, b->lon_deg};
    struct span out = span(m, e->key, last, p.to), straight = span(m, e->key, p.from, p.to);
    go_on(m, e->key, way);
    way->leave_ms = b->place_ms + (int64_t)(out.leave * (double)(m->at_ms - b->place_ms));
    if ((double)way->inside_m <= p.least_m || way->aside != ALL_ASIDE)
        return false;
    if (way->deep_fixes >= DEEP_FIXES || !way->kinked)
        return true;
    if (was_bent(m, way, mw_distance_m(p.from, p.to)) || !lies_across(m, &p, &straight) ||
        !surely_across(m, &p, e->key))
        return false;
    /* Seen there for sure it need not be wondered which way it went. */
    return way->deep_fixes > 0 || (is_vouched_for(&p) && !way_round(m, &p, e->key, &straight));
}

/* ---- which pieces ---- */

static int order_by_enter(const void *a, const void *b)
{
    const struct mw_crossing *x = a, *y = b;
    if (x->enter != y->enter)
        return x->enter < y->enter ? -1 : 1;
    return x->fence < y->fence ? -1 : x->fence > y->fence;
}

size_t crossing_pieces(const struct moment *m, uint32_t thing, bool confirmed, uint32_t *out, size_t cap)
{
    struct path p = {.from = {m->before->lat_deg, m->before->lon_deg}, .to = {m->lat_deg, m->lon_deg}};
    if (confirmed && m->before->cross.ms != TIME_NONE)
        p = last_path(m);
    else if (!moment_saw_path(m))
        return 0;
    struct met met;
    size_t count = 0;
    meet(m, p.from, p.to, &met);
    qsort(met.list, met.count, sizeof met.list[0], order_by_enter);
    for (size_t i = 0; i < met.count && count < cap; i++)
        if (fence_of(m, &met.list[i])->thing == thing)
            out[count++] = fence_of(m, &met.list[i])->id;
    return count;
}
