#include "driver.h"

/* What is kept in hand before the hours close. */
#define MARGIN_S 900.0
/* Loading, washing and tipping at their longest, and the ways inside. */
#define WORK_MAX_S 1500.0
/* What a deed on the way may take beside. */
#define DEED_MAX_S 4200.0

enum {
    TO_LOAD = CHANCE_JAM | CHANCE_QUEUE | CHANCE_BREAK,
    TO_TIP = CHANCE_JAM | CHANCE_QUEUE,
    TO_HOME = CHANCE_JAM
};

const char *task_name(enum task task)
{
    static const char *const names[TASK_COUNT] = {"parked", "to_site", "loading", "to_wash",  "washing",
                                                  "to_tip", "tipping", "home",    "sweeping", "round"};
    return names[task];
}

static const struct place *place_at(const struct driver *d, int place)
{
    return &d->town->places.list[place];
}

static const struct leg *leg_between(const struct driver *d, int from, int to, int variant)
{
    return town_way(d->town, from, to, variant);
}

static const struct town_permit *permit_of(const struct driver *d)
{
    return &d->vehicle->permits[d->haul.permit];
}

static void stand(struct driver *d, enum task task, double s)
{
    d->task = task;
    d->driving = false;
    d->speed_mps = 0;
    d->stand_from_ms = d->now_ms;
    d->stand_to_ms = d->now_ms + (int64_t)(s * 1000);
}

static void park_until(struct driver *d, int64_t to_ms)
{
    stand(d, TASK_PARKED, 0);
    d->stand_to_ms = to_ms;
}

/* ---- trucks ---- */

static bool haul_fits(const struct driver *d, int from, const struct haul *h)
{
    const struct town_permit *p = &d->vehicle->permits[h->permit];
    struct timetable_window w = timetable_window(p->hours, d->now_ms);
    double need_s = driver_bound_s(leg_between(d, from, p->site, 0), TO_LOAD) +
                    driver_bound_s(leg_between(d, p->site, h->disposal, h->variant), TO_TIP) +
                    driver_bound_s(leg_between(d, h->disposal, d->vehicle->depot, 0), TO_HOME) + WORK_MAX_S +
                    MARGIN_S + (d->town->planting != NULL ? DEED_MAX_S : 0);
    return d->now_ms >= w.open_ms + 60000 && d->now_ms + (int64_t)(need_s * 1000) <= w.close_ms;
}

/* One more haul from here, any of those that surely end in time. */
static bool choose_haul(struct driver *d, int from)
{
    struct haul fit[PERMITS_MAX * DISPOSALS_MAX * 2];
    uint32_t count = 0;
    for (int p = 0; p < d->vehicle->permit_count; p++)
        for (int k = 0; k < d->vehicle->permits[p].disposal_count; k++)
            for (int variant = 0; variant <= (d->vehicle->permits[p].two_ways ? 1 : 0); variant++) {
                struct haul h = {p, d->vehicle->permits[p].disposals[k], variant};
                if (haul_fits(d, from, &h))
                    fit[count++] = h;
            }
    if (count == 0)
        return false;
    d->haul = fit[dice_below(&d->dice, count)];
    driver_plan_haul(d);
    return true;
}

/* Where it stands to load: across and deep. */
struct stand {
    double across_m, deep_m;
};

static struct stand throw_stand(struct driver *d, const struct place *site)
{
    const struct ground *g = &site->ground;
    double across_m = dice_between(&d->dice, g->across0_m + 8, g->across1_m - 8);
    double deep_m = site->outer >= 0
                        ? dice_between(&d->dice, g->deep0_m + 6, g->deep1_m - 6)
                        : dice_between(&d->dice, g->deep0_m + 25, fmin(g->deep1_m - 8, g->deep0_m + 50));
    return (struct stand){across_m, deep_m};
}

/* How far inside another site, where it is not in the one within which this one lies. */
static double other_depth_m(const struct driver *d, const struct place *site, struct spot at)
{
    const struct places *all = &d->town->places;
    double best = -INFINITY;
    for (uint32_t i = 0; i < all->count; i++)
        if (all->list[i].kind == PLACE_SITE && &all->list[i] != site && (int)i != site->outer)
            best = fmax(best, place_depth_m(&all->list[i], at));
    return best;
}

/* A haul that is told by its site: it surely stands in it, in no other, and in no wash. */
static struct stand throw_sure_stand(struct driver *d, const struct place *site)
{
    const struct ground *g = &site->ground;
    double by_m = deed_depth_m(d->town->planting, true) + 1;
    for (int tries = 0; tries < 200; tries++) {
        struct stand s = {dice_between(&d->dice, g->across0_m, g->across1_m),
                          dice_between(&d->dice, g->deep0_m, g->deep1_m)};
        struct spot at = place_spot(site, s.across_m, s.deep_m);
        if (place_depth_m(site, at) >= by_m && places_depth_m(&d->town->places, at, 0, true) <= -by_m &&
            other_depth_m(d, site, at) <= -by_m)
            return s;
    }
    return throw_stand(d, site);
}

static void drive_to_load(struct driver *d, int from)
{
    const struct place *site = place_at(d, permit_of(d)->site);
    bool told = permit_of(d)->flaw != DEED_NONE || (d->haul_deed == DEED_UNWASHED && d->haul_deep);
    struct stand s = told ? throw_sure_stand(d, site) : throw_stand(d, site);
    driver_way_out(d, place_at(d, from));
    driver_plan_empty(d);
    driver_way_along(d, leg_between(d, from, permit_of(d)->site, 0), TO_LOAD);
    driver_way_to(d, site, s.across_m, s.deep_m);
    driver_set_off(d, TASK_TO_SITE);
}

static void drive_home(struct driver *d, int from)
{
    driver_way_out(d, place_at(d, from));
    driver_way_along(d, leg_between(d, from, d->vehicle->depot, 0), TO_HOME);
    driver_way_to(d, place_at(d, d->vehicle->depot), d->vehicle->park_across_m, d->vehicle->park_deep_m);
    driver_set_off(d, TASK_HOME);
}

static void drive_to_tip(struct driver *d)
{
    const struct place *tip = place_at(d, d->haul.disposal);
    const struct ground *g = &tip->ground;
    driver_way_out(d, place_at(d, permit_of(d)->site));
    driver_plan_loaded(d);
    driver_way_along(d, leg_between(d, permit_of(d)->site, d->haul.disposal, d->haul.variant), TO_TIP);
    driver_way_to(d, tip, dice_between(&d->dice, g->across0_m + 12, g->across1_m - 12),
                  dice_between(&d->dice, g->deep0_m + 15, g->deep1_m - 12));
    driver_set_off(d, TASK_TO_TIP);
}

const struct place *driver_wash(const struct driver *d)
{
    const struct place *site = place_at(d, permit_of(d)->site);
    if (!site->has_wash && site->outer >= 0)
        site = place_at(d, site->outer);
    return site->has_wash ? site : NULL;
}

static void drive_to_wash_or_tip(struct driver *d)
{
    const struct place *site = driver_wash(d);
    if (site == NULL || d->haul_deed == DEED_UNWASHED) {
        drive_to_tip(d);
        return;
    }
    motion_begin(&d->motion, d->haste);
    motion_add(&d->motion, (struct way_point){d->at, 2.8f, INFINITY, WAY_PLACE});
    struct spot bay = place_spot(site, 0, (site->wash.deep0_m + site->wash.deep1_m) / 2);
    motion_add(&d->motion, (struct way_point){bay, 2.8f, INFINITY, WAY_PLACE});
    driver_set_off(d, TASK_TO_WASH);
}

/* When the first of the permits opens next, and some minutes more. */
static int64_t next_start_ms(struct driver *d)
{
    int64_t best = INT64_MAX;
    for (int p = 0; p < d->vehicle->permit_count; p++) {
        enum timetable_row hours = d->vehicle->permits[p].hours;
        struct timetable_window w = timetable_window(hours, d->now_ms);
        if (d->now_ms >= w.open_ms)
            w = timetable_window(hours, w.close_ms);
        best = w.open_ms < best ? w.open_ms : best;
    }
    return best + (int64_t)(dice_between(&d->dice, 70, 1800) * 1000);
}

/* Until the hours open again, or, of the planted run, are well closed. */
static void park(struct driver *d, int64_t start_ms)
{
    int64_t illegal_ms = driver_illegal_start_ms(d);
    d->out_of_hours = illegal_ms != INT64_MAX;
    park_until(d, d->out_of_hours ? illegal_ms : start_ms);
}

static void leave_depot(struct driver *d)
{
    if (d->out_of_hours) {
        d->out_of_hours = false;
        driver_round(d, DEED_HOURS_PERMIT);
    } else if (driver_round_fits(d)) {
        driver_round(d, dice_chance(&d->dice, 0.7) ? DEED_FROZEN : DEED_FROZEN_STILL);
    } else if (choose_haul(d, d->vehicle->depot)) {
        drive_to_load(d, d->vehicle->depot);
    } else {
        park(d, next_start_ms(d));
    }
}

static void truck_decides(struct driver *d)
{
    switch (d->task) {
    case TASK_PARKED:
        leave_depot(d);
        break;
    case TASK_ROUND:
        park_until(d, d->now_ms + (int64_t)(dice_between(&d->dice, 300, 900) * 1000));
        break;
    case TASK_TO_SITE:
        d->cover_open = true;
        stand(d, TASK_LOADING, dice_between(&d->dice, 240, 600));
        break;
    case TASK_LOADING:
        d->loaded = d->haul_deed != DEED_LOAD;
        d->cover_open = false;
        drive_to_wash_or_tip(d);
        break;
    case TASK_TO_WASH:
        stand(d, TASK_WASHING, dice_between(&d->dice, 90, 160));
        break;
    case TASK_WASHING:
        drive_to_tip(d);
        break;
    case TASK_TO_TIP:
        d->cover_open = true;
        stand(d, TASK_TIPPING, dice_between(&d->dice, 140, 300));
        break;
    case TASK_TIPPING:
        d->loaded = false;
        d->cover_open = dice_chance(&d->dice, 0.3);
        int tip = d->haul.disposal;
        if (choose_haul(d, tip))
            drive_to_load(d, tip);
        else
            drive_home(d, tip);
        break;
    case TASK_HOME:
    case TASK_SWEEPING:
    case TASK_COUNT:
        d->cover_open = false;
        park(d, next_start_ms(d));
        break;
    }
}

/* ---- sweepers ---- */

/* One break in a tour. */
static unsigned sweep_chances(uint32_t leg)
{
    return leg == 2 ? CHANCE_BREAK : 0;
}

static double tour_bound_s(const struct driver *d)
{
    double s = MARGIN_S;
    for (uint32_t i = 0; i < d->vehicle->tour_count; i++) {
        const struct leg *leg = &d->town->legs[d->vehicle->tour[i]];
        s += leg->length_m / 1.8 + driver_bound_s(leg, sweep_chances(i));
    }
    return s;
}

static void sweep_leg(struct driver *d)
{
    uint32_t i = d->tour_at++;
    const struct leg *leg = &d->town->legs[d->vehicle->tour[i]];
    const struct place *yard = place_at(d, d->vehicle->depot);
    if (i == 0)
        driver_way_out(d, yard);
    else
        motion_begin(&d->motion, d->haste);
    size_t from = d->motion.count;
    driver_way_along(d, leg, d->plan.deed == DEED_NONE ? sweep_chances(i) : 0);
    for (size_t k = from; k < d->motion.count; k++)
        d->motion.points[k].cap_mps = fminf(d->motion.points[k].cap_mps, 2.6f);
    if (i + 1 == d->vehicle->tour_count)
        driver_way_to(d, yard, d->vehicle->park_across_m, d->vehicle->park_deep_m);
    driver_set_off(d, TASK_SWEEPING);
}

static void sweeper_decides(struct driver *d)
{
    if (d->task == TASK_SWEEPING && d->tour_at < d->vehicle->tour_count) {
        sweep_leg(d);
        return;
    }
    if (d->task == TASK_SWEEPING) { /* home: empty the bin */
        d->tour_at = 0;
        park_until(d, d->now_ms + (int64_t)(dice_between(&d->dice, 300, 900) * 1000));
        return;
    }
    if (d->out_of_hours) {
        d->out_of_hours = false;
        d->tour_at = 0;
        d->plan = (struct deed_plan){.deed = DEED_HOURS_AREA, .deep = true, .lasts_s = INFINITY};
        sweep_leg(d);
        return;
    }
    struct timetable_window w = timetable_window(d->vehicle->shift, d->now_ms);
    bool open = d->now_ms >= w.open_ms + 60000;
    if (open && d->now_ms + (int64_t)(tour_bound_s(d) * 1000) <= w.close_ms) {
        d->tour_at = 0;
        sweep_leg(d);
        return;
    }
    if (open)
        w = timetable_window(d->vehicle->shift, w.close_ms);
    park(d, w.open_ms + (int64_t)(dice_between(&d->dice, 70, 1500) * 1000));
}

/* ---- time ---- */

void driver_start(struct driver *d, struct town *town, const struct town_vehicle *vehicle, struct dice dice,
                  int64_t now_ms)
{
    *d = (struct driver){
        .town = town, .vehicle = vehicle, .dice = dice, .now_ms = now_ms, .full_kg = DRIVER_FULL_KG};
    d->haste = dice_between(&d->dice, 0.85, 1.05);
    d->at = place_spot(&town->places.list[vehicle->depot], vehicle->park_across_m, vehicle->park_deep_m);
    d->course_deg = dice_between(&d->dice, 0, 360);
    park_until(d, now_ms + (int64_t)(dice_between(&d->dice, 60, 600) * 1000));
}

void driver_stop(struct driver *d)
{
    motion_free(&d->motion);
}

static void decide(struct driver *d)
{
    d->driving = false;
    if (!d->vehicle->sweeper || d->tour_at == d->vehicle->tour_count)
        d->plan = (struct deed_plan){.deed = DEED_NONE};
    if (d->vehicle->sweeper)
        sweeper_decides(d);
    else
        truck_decides(d);
}

void driver_go_on(struct driver *d, int64_t to_ms)
{
    if (!d->driving) {
        int64_t until_ms = d->stand_to_ms < to_ms ? d->stand_to_ms : to_ms;
        d->now_ms = until_ms > d->now_ms ? until_ms : d->now_ms;
        if (d->now_ms >= d->stand_to_ms)
            decide(d);
        return;
    }
    d->now_ms += 1000;
    bool goes_on = motion_step(&d->motion);
    d->at = motion_spot(&d->motion);
    d->speed_mps = d->motion.now_mps;
    d->flags = motion_flags(&d->motion);
    if (d->speed_mps > 0)
        d->course_deg = motion_course_deg(&d->motion);
    driver_deed_step(d);
    if (!goes_on) {
        d->flags = WAY_PLACE;
        decide(d);
    }
}

/* ---- sensors ---- */

/* How much of the standing is over. */
static double stood(const struct driver *d)
{
    return (double)(d->now_ms - d->stand_from_ms) / (double)(d->stand_to_ms - d->stand_from_ms + 1);
}

bool driver_body_raised(const struct driver *d)
{
    if (d->plan.on && (d->plan.deed == DEED_DUMP_BODY || (d->plan.deed == DEED_DUMP_LOAD && d->plan.deep)))
        return true;
    return d->task == TASK_TIPPING && stood(d) > 0.2 && stood(d) < 0.8;
}

bool driver_is_loaded(const struct driver *d)
{
    if (d->task == TASK_LOADING)
        return stood(d) > 0.6 && d->haul_deed != DEED_LOAD;
    return d->loaded && !(d->task == TASK_TIPPING && stood(d) > 0.5);
}

bool driver_cover_is_open(const struct driver *d)
{
    if (d->plan.on && d->plan.deed == DEED_UNCOVERED)
        return true;
    return d->cover_open && !(d->task == TASK_LOADING && stood(d) > 0.85);
}

double driver_load_kg(const struct driver *d)
{
    if (d->task == TASK_LOADING)
        return d->haul_deed == DEED_LOAD ? 150 : d->full_kg * fmin(1, stood(d) * 1.2);
    return driver_is_loaded(d) ? d->full_kg : 150;
}
