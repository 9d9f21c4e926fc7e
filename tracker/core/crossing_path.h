/*
 * crossing_path: whether a vehicle has driven the straight path between two places, and what lies on it.
 *
 * Nothing is remembered here: a path has places, times and headings at both ends, and how far can have
 * been driven. Everything is asked of a thing (things.h), all its pieces together. Where the answer
 * depends on what nobody knows (which way round, how far aside), it is the one that accuses nobody;
 * crossing.h says why.
 */
#ifndef MW_CROSSING_PATH_H
#define MW_CROSSING_PATH_H

#include "moment.h"

#include <math.h>

/* Twice the receiver's error that standards allow (15 m, 95 %), less what a corner of a street cuts. */
#define CROSSING_MIN_M 20.0
/* Of a way over fixes inside, put aside by half as much again as the error of the places: what a corner of the
 * thing that is just touched leaves. */
#define ASIDE_LEAST_M 10.0

/* Over a longer time a road may bend twice, and headings at both ends deny nothing of the way between. */
#define HEADINGS_TELL_MS 15000

struct path {
    struct mw_point from, to;
    int64_t from_ms, to_ms;
    double reach_m;         /* how far it can have driven */
    float from_deg, to_deg; /* headings at both ends; NaN: not said */
    double least_m;         /* inside a thing, to count */
    bool guessed;           /* headings are told from the places before and behind it */
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

static inline void path_meet(const struct moment *m, struct mw_point a, struct mw_point b, struct met *out)
{
    out->count = moment_fences_on(m, m->world->banned, a, b, out->list);
}

/* Paths are asked of the banned fences alone, which have numbers of their own. */
static inline const struct fence *path_fence(const struct moment *m, const struct mw_crossing *c)
{
    return &m->world->fences[m->world->of_kind[FENCE_BANNED].numbers[c->fence]];
}

/* As the unit says; NaN: it does not. */
static inline float path_heading_now(const struct moment *m)
{
    return m->headed ? m->track_deg : NAN;
}

static inline float path_heading_before(const struct moment *m)
{
    return m->before->flags & VEHICLE_HEADED ? m->before->track_deg : NAN;
}

static inline double path_least_m(const struct moment *m)
{
    return fmax(CROSSING_MIN_M, fmax((double)m->eph_m, (double)m->before->eph_m));
}

struct mw_point path_between(struct mw_point a, struct mw_point b, double share);
/* How far it can have driven, by the speeds at both ends. */
double path_reach_m(const struct path *p, float from_mps, float to_mps);

/* The pieces of one thing taken together. Where they overlap, no more lies inside than between the ends. */
struct span path_span_of(const struct moment *m, const struct met *met, uint32_t thing, double path_m);
/* The same, of a path that nobody has asked of yet. */
struct span path_span(const struct moment *m, uint32_t thing, struct mw_point a, struct mw_point b);

/* How much lies inside at least, whichever way it went that the headings allow, if all of it was so far north
 * and east of where it was seen. */
double path_least_inside_m(const struct moment *m, const struct path *p, uint32_t thing, double north_m,
                           double east_m);
/* The same with all of it put aside to one of WAY_PLACES. */
double path_inside_aside_m(const struct moment *m, const struct path *p, uint32_t thing, int place);
/* Whether the receiver, if it is thrown aside, put all of it there: put back, or half so far, none lies inside. */
bool path_is_thrown(const struct moment *m, const struct path *p, uint32_t thing);

/* Whether both ends are outside a thing that concerns the vehicle, and enough of the straight path inside. */
bool path_lies_across(const struct moment *m, const struct path *p, const struct span *s);
/* Whether it lies across wherever the error of the places puts it. */
bool path_surely_across(const struct moment *m, const struct path *p, uint32_t thing);
/* Whether the way leads otherwise than the headings at its ends say. */
bool path_is_kinked(const struct path *p);
/* Whether it turns so sharply that the straight way cuts the corner, and no bend tells where that is. */
bool path_is_sharp(const struct path *p);
/* Whether headings speak for the straight path. */
bool path_is_vouched_for(const struct path *p);
/* Whether a bent path no longer than it can have driven leads round the thing, left or right. */
bool path_way_round(const struct moment *m, const struct path *p, uint32_t thing, const struct span *s);
/* Whether all of this says that it was driven through. */
bool path_crosses(const struct moment *m, const struct path *p, uint32_t thing, const struct span *s);

#endif
