#include "place.h"

#include "things.h"

#include <math.h>

#define AROUND 16
/* Metres in a degree of latitude, within 0.6 % anywhere: a disc need not be rounder. */
#define M_PER_DEG 111195.0
/* The error that JT/T 794 allows a receiver. With a larger one the middle of a street tells nothing. */
#define NARROW_MARGIN_M 15.0
/* Asked beyond its error of what stands: what JT/T 794 allows a receiver. */
#define STANDING_M 15.0
/* What throws a receiver aside is over after so long, nearly always. */
#define STANDING_MS 60000
/* Steps in which the width of a street is felt for, and how many errors wide it may be. */
#define NARROW_STEPS   8
#define NARROW_MARGINS 2.0
/* The middle fifth. */
#define NARROW_MIDDLE 0.4
/* Discs within which a thing is looked for: a street is broader than the steps between them. */
#define SEAM_RINGS 5
/* Two fixes of one place: rules.tamper.frozen_m. */
#define SAME_M 1.0

struct mw_point place_moved(struct mw_point at, double north_m, double east_m)
{
    double cosine = cos(at.lat_deg * (M_PI / 180));
    double lon_deg = at.lon_deg + east_m / (M_PER_DEG * cosine);
    if (fabs(lon_deg) > 180)
        lon_deg -= copysign(360, lon_deg);
    return (struct mw_point){at.lat_deg + north_m / M_PER_DEG, lon_deg};
}

static bool holds(const struct moment *m, struct mw_point at, uint32_t thing)
{
    uint32_t fences[MOMENT_FENCES_MAX];
    size_t n = moment_fences_at(m, at, fences);
    for (size_t i = 0; i < n; i++)
        if (m->world->fences[fences[i]].thing == thing)
            return true;
    return false;
}

static struct mw_point on_disc(const struct moment *m, double radius_m, int step)
{
    double angle = step * (2 * M_PI / AROUND);
    struct mw_point at = {m->lat_deg, m->lon_deg};
    return place_moved(at, radius_m * cos(angle), radius_m * sin(angle));
}

/* One piece that holds all of the disc is enough, and mostly there is one. */
static bool piece_holds_disc(const struct moment *m, double radius_m, uint32_t thing)
{
    struct mw_point at = {m->lat_deg, m->lon_deg};
    for (uint32_t i = 0; i < m->fence_count; i++)
        if (m->world->fences[m->fences[i]].thing == thing &&
            mw_index_deep(m->world->index, m->fences[i], at, radius_m))
            return true;
    return false;
}

static bool holds_disc(const struct moment *m, double radius_m, uint32_t thing)
{
    if (piece_holds_disc(m, radius_m, thing))
        return true;
    for (int i = 0; i < AROUND; i++)
        if (!holds(m, on_disc(m, radius_m, i), thing))
            return false;
    return true;
}

static bool touches_disc(const struct moment *m, double radius_m, uint32_t thing)
{
    for (int i = 0; i < AROUND; i++)
        if (holds(m, on_disc(m, radius_m, i), thing))
            return true;
    return false;
}

/* How far the thing reaches to one side of the heading, at most NARROW_MARGINS errors. */
static double reach_m(const struct moment *m, struct mw_point from, double heading_deg, uint32_t thing)
{
    double angle = heading_deg * (M_PI / 180);
    double step_m = moment_margin_m(m) * NARROW_MARGINS / NARROW_STEPS;
    int steps = 0;
    while (steps < NARROW_STEPS) {
        double far_m = (steps + 1) * step_m;
        if (!holds(m, place_moved(from, far_m * cos(angle), far_m * sin(angle)), thing))
            break;
        steps++;
    }
    return steps * step_m;
}

static bool is_middle(const struct moment *m, struct mw_point at, float track_deg, uint32_t thing)
{
    double margin_m = moment_margin_m(m), most_m = margin_m * NARROW_MARGINS;
    if (isnan(track_deg) || !holds(m, at, thing))
        return false;
    double left_m = reach_m(m, at, (double)track_deg - 90, thing);
    double right_m = reach_m(m, at, (double)track_deg + 90, thing);
    if (left_m >= most_m || right_m >= most_m)
        return false; /* not a street: it has one edge here */
    return fmin(left_m, right_m) >= fmin(margin_m, (left_m + right_m) * NARROW_MIDDLE);
}

/* It drives there, at this fix and the last: a road beside it is seen there for one fix once in a thousand times. A
 * deadline adds nothing to what its last fix has proven. */
static bool in_middle_of_street(const struct moment *m, uint32_t thing)
{
    const struct vehicle_state *b = m->before;
    if (!m->moving || m->thrown_lately || moment_margin_m(m) > NARROW_MARGIN_M ||
        !is_middle(m, (struct mw_point){m->lat_deg, m->lon_deg}, m->track_deg, thing))
        return false;
    return moment_has_path(m) && (b->flags & VEHICLE_MOVED) != 0 &&
           is_middle(m, (struct mw_point){b->lat_deg, b->lon_deg}, b->track_deg, thing);
}

/* It says that it drove farther than its error, and says its last place again: in a tunnel, say, and nobody knows
 * where. */
static bool is_repeated(const struct moment *m)
{
    const struct vehicle_state *b = m->before;
    if (m->derived || !moment_has_path(m) || fabs(m->said_lat_deg - b->said_lat_deg) * M_PER_DEG > SAME_M ||
        fabs(m->said_lon_deg - b->said_lon_deg) * M_PER_DEG > SAME_M)
        return false;
    double drove_m =
        fmin((double)m->speed_mps, (double)b->speed_mps) * (double)(m->at_ms - b->place_ms) / 1000;
    return drove_m > moment_margin_m(m);
}

static struct mw_point put_back(const struct moment *m, struct mw_point at, double share)
{
    return place_moved(at, -(double)m->aside_north_m * share, -(double)m->aside_east_m * share);
}

/* Put back to where it would be if its receiver was thrown aside, and half so far, as what a corner explains of it is
 * not known; and where it says that it is, if it stands and is held elsewhere: it may have been thrown aside as it
 * stopped. */
static bool holds_otherwise(const struct moment *m, uint32_t thing)
{
    if (is_repeated(m))
        return false;
    struct mw_point at = {m->lat_deg, m->lon_deg}, said = {m->said_lat_deg, m->said_lon_deg};
    if ((at.lat_deg != said.lat_deg || at.lon_deg != said.lon_deg) && !holds(m, said, thing))
        return false;
    return !m->thrown || (holds(m, put_back(m, said, 1), thing) && holds(m, put_back(m, said, 0.5), thing));
}

/* The error with which it stopped is that of all it says as it stands, and it may have been thrown aside on its way
 * there: until that is over, nearly always; and as long as it stands where its places alone say so. */
static bool may_stand_aside(const struct moment *m)
{
    int64_t since_ms = m->before->habits.stopped_ms;
    if (m->moving || m->world->common.edge_m <= 0)
        return false;
    return m->derived || since_ms == TIME_NONE || m->fix_ms - since_ms < STANDING_MS;
}

static double sure_margin_m(const struct moment *m)
{
    return moment_margin_m(m) + (may_stand_aside(m) ? STANDING_M : 0);
}

bool place_deep(const struct moment *m, uint32_t thing, double margins)
{
    return holds_otherwise(m, thing) && holds_disc(m, sure_margin_m(m) * margins, thing);
}

bool place_sure(const struct moment *m, uint32_t thing)
{
    return holds_otherwise(m, thing) &&
           (holds_disc(m, sure_margin_m(m), thing) || in_middle_of_street(m, thing));
}

bool place_near(const struct moment *m, uint32_t thing)
{
    return touches_disc(m, moment_margin_m(m), thing);
}

bool place_at_seam(const struct moment *m, uint32_t thing)
{
    for (int ring = 1; ring <= SEAM_RINGS; ring++)
        if (touches_disc(m, THING_NEAR_M * ring / SEAM_RINGS, thing))
            return true;
    return false;
}
