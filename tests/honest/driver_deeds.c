/* What a driver of the planted run does that he must not: chosen before each way, begun and ended on it. */
#include "driver.h"

/* A round at its longest: reds and braking. */
#define ROUND_MARGIN_S 600.0

static const struct planting *planting_of(const struct driver *d)
{
    return d->town->planting;
}

static bool stands_for(enum deed deed)
{
    return deed == DEED_DUMP_BODY || deed == DEED_DUMP_LOAD || deed == DEED_LOAD || deed == DEED_OVERSTAY ||
           deed == DEED_OFFLINE;
}

/* ---- which ---- */

/* How often a deed is chosen among those that can be done; 0: it cannot. */
static uint32_t empty_weight(const struct driver *d, enum deed deed)
{
    const struct town_unit *u = &d->vehicle->unit;
    switch (deed) {
    case DEED_SPILL:
    case DEED_ANTENNA_CUT:
    case DEED_ANTENNA_SHORT:
    case DEED_POWER:
    case DEED_OFFLINE: /* whether it is in service is told by the ignition */
        return u->others;
    case DEED_HEIGHT:
        return 2 * u->height;
    case DEED_DUMP_BODY:
        return u->body;
    case DEED_OVERSTAY:
    case DEED_NO_FIX:
    case DEED_JUMP:
        return 1;
    default:
        return 0;
    }
}

/* Every permit that may apply at the site is free of corridors, or it is the only one. */
static uint32_t permits_for(const struct driver *d, int site)
{
    uint32_t count = 0;
    for (int i = 0; i < d->vehicle->permit_count; i++)
        count += town_permit_covers(&d->vehicle->permits[i], site);
    return count;
}

static uint32_t haul_weight(const struct driver *d, enum deed deed)
{
    const struct town_unit *u = &d->vehicle->unit;
    const struct town_permit *p = &d->vehicle->permits[d->haul.permit];
    bool good = p->flaw == DEED_NONE;
    switch (deed) {
    case DEED_OFF_ROUTE:
        return good && p->names_routes && !p->two_ways && permits_for(d, p->site) == 1 ? 20 : 0;
    case DEED_WRONG_SITE:
        return good && !p->names_routes && d->vehicle->stray >= 0 && (u->load || u->body) ? 6 : 0;
    case DEED_UNWASHED:
        return d->town->places.list[p->site].has_wash ? 6 : 0;
    case DEED_SPILL:
        return u->others;
    case DEED_UNCOVERED:
        return u->cover && u->load ? 4 : 0;
    case DEED_OVERLOAD:
        return u->weight || u->load ? 2 : 0;
    case DEED_HEIGHT:
        return u->height;
    case DEED_DUMP_BODY:
        return good && u->body;
    case DEED_DUMP_LOAD:
    case DEED_LOAD:
        return good && u->load ? 2 : 0;
    default:
        return 0;
    }
}

static enum deed choose(struct driver *d, uint32_t (*weight)(const struct driver *, enum deed), double share)
{
    uint32_t sum = 0;
    if (planting_of(d) == NULL || !dice_chance(&d->dice, share))
        return DEED_NONE;
    for (int i = 1; i < DEED_COUNT; i++)
        sum += weight(d, (enum deed)i);
    if (sum == 0)
        return DEED_NONE;
    uint32_t at = dice_below(&d->dice, sum);
    for (int i = 1; i < DEED_COUNT; i++) {
        uint32_t w = weight(d, (enum deed)i);
        if (at < w)
            return (enum deed)i;
        at -= w;
    }
    return DEED_NONE;
}

/* ---- how long ---- */

static double lasts_s(struct driver *d, enum deed deed, bool deep)
{
    double s = deed_lasts_s(planting_of(d), deed, deep);
    if (!deep)
        return s;
    s += dice_between(&d->dice, 2, 60);
    if (deed == DEED_UNCOVERED || deed == DEED_SPILL || deed == DEED_HEIGHT)
        s += dice_between(&d->dice, 0, 180);
    return s;
}

static void plan(struct driver *d, enum deed deed, double share)
{
    d->plan = (struct deed_plan){.deed = deed, .deep = dice_chance(&d->dice, 0.8), .at = UINT32_MAX};
    d->plan.share = share;
    if (deed == DEED_NONE)
        return;
    d->plan.lasts_s = lasts_s(d, deed, d->plan.deep);
    double angle = dice_between(&d->dice, 0, 6.283185307), far_m = dice_between(&d->dice, 6000, 20000);
    d->plan.east_m = far_m * cos(angle);
    d->plan.north_m = far_m * sin(angle);
}

void driver_plan_haul(struct driver *d)
{
    d->haul_deed = choose(d, haul_weight, 0.75);
    d->haul_deep = dice_chance(&d->dice, 0.8);
    d->full_kg = d->haul_deed != DEED_OVERLOAD ? DRIVER_FULL_KG : d->haul_deep ? 18500 : 17000;
    if (d->haul_deed == DEED_OFF_ROUTE)
        d->haul.variant = 1;
    if (d->haul_deed == DEED_WRONG_SITE) {
        d->haul.disposal = d->vehicle->stray;
        d->haul.variant = 0; /* the way that was planned with the town */
    }
}

void driver_plan_empty(struct driver *d)
{
    enum deed deed = choose(d, empty_weight, 0.75);
    plan(d, deed, dice_between(&d->dice, 0.15, deed == DEED_NO_FIX || deed == DEED_JUMP ? 0.35 : 0.75));
}

void driver_plan_loaded(struct driver *d)
{
    bool on_way = d->haul_deed != DEED_OFF_ROUTE && d->haul_deed != DEED_WRONG_SITE &&
                  d->haul_deed != DEED_UNWASHED && d->haul_deed != DEED_OVERLOAD;
    plan(d, on_way ? d->haul_deed : DEED_NONE,
         dice_between(&d->dice, 0.15, stands_for(d->haul_deed) ? 0.75 : 0.4));
}

/* ---- on the way ---- */

/* A place that is held so near a ban or a zone would break other rules: its error stays, too. */
static bool is_watched(const struct driver *d, const struct way_point *p)
{
    for (size_t i = 0; i < d->town->strip_count; i++) {
        const struct strip *s = &d->town->strips[i];
        double reach_m = s->radius_m + 3 * planting_of(d)->error_m;
        for (uint32_t k = 0; k < s->count; k++)
            if (spot_leg_distance_m(p->at, s->points[k], s->points[k + 1 < s->count ? k + 1 : k]) < reach_m)
                return true;
    }
    return false;
}

void driver_deed_lay(struct driver *d, const struct leg *leg, uint32_t i)
{
    if (d->plan.deed == DEED_NONE || d->plan.at != UINT32_MAX || i < (uint32_t)(d->plan.share * leg->count) ||
        (leg->points[i].flags & WAY_TUNNEL) ||
        (d->plan.deed == DEED_FROZEN && is_watched(d, &leg->points[i])))
        return;
    d->plan.at = (uint32_t)d->motion.count - 1;
}

double driver_deed_stand_s(const struct driver *d)
{
    bool here = d->plan.deed != DEED_NONE && d->plan.at == (uint32_t)d->motion.count - 1;
    return here && stands_for(d->plan.deed) ? d->plan.lasts_s + 12 : 0;
}

static void begin(struct driver *d)
{
    d->plan.on = true;
    d->plan.from_ms = d->now_ms;
    if (d->plan.deed == DEED_DUMP_LOAD)
        d->loaded = false;
    if (d->plan.deed == DEED_LOAD) {
        d->loaded = true;
        d->plan.lasts_s = INFINITY;
    }
}

void driver_deed_step(struct driver *d)
{
    struct deed_plan *p = &d->plan;
    if (p->deed == DEED_NONE)
        return;
    if (p->from_ms == 0 && d->driving && d->motion.at >= p->at &&
        (!stands_for(p->deed) || d->motion.stand_s > 0))
        begin(d);
    if (p->on && (double)(d->now_ms - p->from_ms) >= p->lasts_s * 1000)
        p->on = false;
}

/* ---- rounds, and tours out of hours ---- */

static double round_bound_s(const struct driver *d)
{
    double s = ROUND_MARGIN_S;
    for (uint32_t i = 0; i < d->vehicle->tour_count; i++) {
        const struct leg *leg = &d->town->legs[d->vehicle->tour[i]];
        s += driver_bound_s(leg, 0) + (d->vehicle->sweeper ? leg->length_m / 1.8 : 0);
    }
    return s;
}

/* Permits whose hours count for a vehicle that is on no haul. */
static bool counts(const struct town_permit *p)
{
    return p->flaw == DEED_NONE || p->flaw == DEED_OTHER_SITE;
}

static uint32_t hours_of(const struct driver *d, enum timetable_row out[PERMITS_MAX])
{
    uint32_t count = 0;
    const struct district *district = &d->town->districts[d->vehicle->district];
    for (uint32_t i = 0; d->vehicle->sweeper && i < district->area_count; i++)
        out[count++] = district->areas[i];
    for (int i = 0; i < d->vehicle->permit_count; i++)
        if (counts(&d->vehicle->permits[i]))
            out[count++] = d->vehicle->permits[i].hours;
    return count;
}

bool driver_round_fits(struct driver *d)
{
    enum timetable_row rows[PERMITS_MAX];
    uint32_t count = hours_of(d, rows);
    if (planting_of(d) == NULL || d->vehicle->tour_count == 0 || !d->vehicle->unit.says_speed ||
        !dice_chance(&d->dice, 0.5))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct timetable_window w = timetable_window(rows[i], d->now_ms);
        if (d->now_ms >= w.open_ms + 60000 && d->now_ms + (int64_t)(round_bound_s(d) * 1000) < w.close_ms)
            return true;
    }
    return false;
}

int64_t driver_illegal_start_ms(struct driver *d)
{
    enum timetable_row rows[PERMITS_MAX];
    uint32_t count = hours_of(d, rows);
    int64_t from_ms = d->now_ms, to_ms = INT64_MAX, bound_ms = (int64_t)(round_bound_s(d) * 1000);
    if (planting_of(d) == NULL || d->vehicle->tour_count == 0 || count == 0 || !dice_chance(&d->dice, 0.9))
        return INT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        struct timetable_window w = timetable_window(rows[i], d->now_ms);
        if (timetable_text(rows[i])[0] == '\0')
            return INT64_MAX;
        if (d->now_ms >= w.open_ms) {
            from_ms = w.close_ms > from_ms ? w.close_ms : from_ms;
            w = timetable_window(rows[i], w.close_ms);
        }
        to_ms = w.open_ms < to_ms ? w.open_ms : to_ms;
    }
    from_ms += 900000;
    to_ms -= bound_ms + 900000;
    return from_ms < to_ms ? from_ms + (int64_t)(dice_unit(&d->dice) * (double)(to_ms - from_ms)) : INT64_MAX;
}

void driver_round(struct driver *d, enum deed deed)
{
    const struct place *depot = &d->town->places.list[d->vehicle->depot];
    plan(d, deed, deed == DEED_FROZEN ? 0.6 : 0);
    if (deed != DEED_FROZEN)
        d->plan.lasts_s = INFINITY;
    driver_way_out(d, depot);
    if (deed == DEED_FROZEN_STILL || deed == DEED_HOURS_PERMIT)
        d->plan.at = 0;
    for (uint32_t i = 0; i < d->vehicle->tour_count; i++)
        driver_way_along(d, &d->town->legs[d->vehicle->tour[i]], 0);
    driver_way_to(d, depot, d->vehicle->park_across_m, d->vehicle->park_deep_m);
    driver_set_off(d, TASK_ROUND);
}
