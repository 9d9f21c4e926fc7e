#include "audit.h"

#include <stdio.h>
#include <string.h>

enum { FENCES_MAX = 256 };

struct look {
    struct audit *audit;
    const struct driver *driver;
    const struct vehicle_info *info;
    uint32_t fences[FENCES_MAX]; /* that hold the true place */
    size_t count;
};

static const char *const faults[FAULT_COUNT] = {
    "at a ban",        "too fast",       "drives outside the hours", "off its way",     "without a permit",
    "loads elsewhere", "tips elsewhere", "washes elsewhere",         "leaves unwashed", "stands too long",
    "uncovered",       "too heavy",      "body up outside"};

void audit_begin(struct audit *a, const struct world *world)
{
    a->world = world;
    a->stood_since_ms = INT64_MAX;
    a->washed = a->was_inside = false;
}

static void fault(struct look *l, enum fault what, uint32_t fence)
{
    const struct driver *d = l->driver;
    const struct world *w = l->audit->world;
    struct mw_point p = spot_point(d->at);
    l->audit->of[what]++;
    if (l->audit->faults++ >= 20)
        return;
    struct text id = fence == UINT32_MAX ? TEXT("") : names_text(w->names, w->fences[fence].id);
    fprintf(stderr, "dishonest: %s: %s %.*s, %s, %.6f,%.6f, %lld\n", d->vehicle->id, faults[what],
            TEXT_ARG(id), task_name(d->task), p.lat_deg, p.lon_deg, (long long)d->now_ms);
}

static bool hours_open(const struct world *w, const struct mw_hours *hours, int64_t t_ms)
{
    struct mw_hours_answer answer;
    if (hours == NULL)
        return true;
    mw_hours_at(hours, w->calendar, w->zone, t_ms, &answer);
    return answer.open;
}

static bool concerns(const struct look *l, const struct fence *f)
{
    return (f->classes >> l->info->class_number & 1) && (f->company == 0 || f->company == l->info->company);
}

static bool in_force(const struct look *l, const struct fence *f)
{
    int64_t t_ms = l->driver->now_ms;
    return concerns(l, f) && t_ms >= f->valid_from_ms && t_ms < f->valid_to_ms &&
           hours_open(l->audit->world, f->hours, t_ms);
}

static bool in_kind(const struct look *l, enum fence_kind kind)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->audit->world->fences[l->fences[i]].kind == kind)
            return true;
    return false;
}

static bool is_one_of(uint32_t fence, const uint32_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == fence)
            return true;
    return false;
}

static bool is_valid(const struct look *l, const struct permit *p)
{
    return p->status == PERMIT_ACTIVE && l->driver->now_ms >= p->valid_from_ms &&
           l->driver->now_ms < p->valid_to_ms;
}

/* Whether a permit leads through a place that these fences hold. */
static bool may_pass(const struct look *l, const uint32_t *fences, size_t count)
{
    for (uint32_t i = 0; i < l->info->permit_count; i++) {
        const struct permit *p = &l->audit->world->permits[l->info->permits[i]];
        for (size_t k = 0; is_valid(l, p) && k < count; k++)
            if (fences[k] + 1 == p->site || is_one_of(fences[k], p->routes, p->route_count) ||
                is_one_of(fences[k], p->disposals, p->disposal_count))
                return true;
    }
    return false;
}

/* Eight places around it have to be free of bans, or well within what a permit allows. */
static void look_at_bans(struct look *l)
{
    const struct world *w = l->audit->world;
    for (int i = 0; i < 8; i++) {
        uint32_t fences[FENCES_MAX];
        struct spot s = {l->driver->at.east_m + 4.5 * cos(i * 0.7853981634),
                         l->driver->at.north_m + 4.5 * sin(i * 0.7853981634)};
        size_t n = mw_index_point(w->index, spot_point(s), fences, FENCES_MAX);
        for (size_t k = 0; k < n; k++)
            if (w->fences[fences[k]].kind == FENCE_BANNED && in_force(l, &w->fences[fences[k]]) &&
                !may_pass(l, fences, n)) {
                fault(l, FAULT_BAN, fences[k]);
                return;
            }
    }
}

static void look_at_speed(struct look *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct fence *f = &l->audit->world->fences[l->fences[i]];
        if (f->speed_limit_kmh > 0 && in_force(l, f) && l->driver->speed_mps * 3.6 > f->speed_limit_kmh)
            fault(l, FAULT_SPEED, l->fences[i]);
    }
}

/* NULL: it was never given. */
static const struct permit *haul_permit(const struct look *l)
{
    const struct driver *d = l->driver;
    const struct world *w = l->audit->world;
    uint32_t symbol = names_find(w->names, text_of(d->vehicle->permits[d->haul.permit].id));
    uint32_t number = symbol == 0 ? w->permit_count : world_permit_by_id(w, symbol);
    return number < w->permit_count ? &w->permits[number] : NULL;
}

static bool area_allows(const struct look *l)
{
    bool any = false;
    for (size_t i = 0; i < l->count; i++) {
        const struct fence *f = &l->audit->world->fences[l->fences[i]];
        if (f->kind != FENCE_AREA || !concerns(l, f))
            continue;
        any = true;
        if (hours_open(l->audit->world, f->hours, l->driver->now_ms))
            return true;
    }
    return !any;
}

static void look_at_hours(struct look *l)
{
    const struct driver *d = l->driver;
    const struct permit *p = d->vehicle->sweeper ? NULL : haul_permit(l);
    if (d->speed_mps == 0 || d->task == TASK_PARKED)
        return;
    bool open = d->vehicle->sweeper ? area_allows(l)
                : p == NULL         ? true
                                    : hours_open(l->audit->world, p->hours, d->now_ms);
    if (!open)
        fault(l, FAULT_HOURS, UINT32_MAX);
}

static void look_at_way(struct look *l, const struct permit *p)
{
    bool fits = p->route_count == 0;
    for (size_t i = 0; i < l->count && !fits; i++)
        fits = l->fences[i] + 1 == p->site || is_one_of(l->fences[i], p->disposals, p->disposal_count) ||
               is_one_of(l->fences[i], p->routes, p->route_count);
    if (!fits && driver_is_loaded(l->driver) && !in_kind(l, FENCE_WASH) && !in_kind(l, FENCE_SITE))
        fault(l, FAULT_WAY, UINT32_MAX);
}

static void look_at_places(struct look *l, const struct permit *p)
{
    const struct driver *d = l->driver;
    if (d->task == TASK_LOADING &&
        (p->site == 0 ? !in_kind(l, FENCE_SITE) : !is_one_of(p->site - 1, l->fences, (uint32_t)l->count)))
        fault(l, FAULT_LOADS, UINT32_MAX);
    bool fits = d->task != TASK_TIPPING;
    for (uint32_t i = 0; i < p->disposal_count; i++)
        fits = fits || is_one_of(p->disposals[i], l->fences, (uint32_t)l->count);
    if (!fits)
        fault(l, FAULT_TIPS, UINT32_MAX);
}

static void look_at_wash(struct look *l)
{
    const struct driver *d = l->driver;
    const struct place *site = driver_wash(d);
    if (d->task == TASK_WASHING) {
        l->audit->washed = true;
        if (!in_kind(l, FENCE_WASH))
            fault(l, FAULT_WASHES, UINT32_MAX);
    }
    bool left =
        l->audit->was_inside && d->task == TASK_TO_TIP && site != NULL && place_depth_m(site, d->at) < -30;
    if (left && !l->audit->washed)
        fault(l, FAULT_UNWASHED, UINT32_MAX);
    if (d->task == TASK_LOADING)
        l->audit->was_inside = true;
    if (d->task == TASK_LOADING || left)
        l->audit->washed = false;
    if (left)
        l->audit->was_inside = false;
}

static void look_at_load(struct look *l)
{
    const struct driver *d = l->driver;
    bool ground = in_kind(l, FENCE_SITE) || in_kind(l, FENCE_DISPOSAL) || in_kind(l, FENCE_DEPOT);
    if (driver_cover_is_open(d) && driver_is_loaded(d) && d->speed_mps > 0)
        fault(l, FAULT_COVER, UINT32_MAX);
    if (driver_load_kg(d) > 16000)
        fault(l, FAULT_WEIGHT, UINT32_MAX);
    if (driver_body_raised(d) && !ground)
        fault(l, FAULT_BODY, UINT32_MAX);
}

static void look_at_haul(struct look *l)
{
    const struct permit *p = haul_permit(l);
    if (driver_is_loaded(l->driver) && (p == NULL || !is_valid(l, p)))
        fault(l, FAULT_PERMIT, UINT32_MAX);
    if (p != NULL) {
        look_at_way(l, p);
        look_at_places(l, p);
    }
    look_at_wash(l);
    look_at_load(l);
}

static void look_at_stay(struct look *l)
{
    static const enum fence_kind allow[] = {FENCE_SITE, FENCE_DISPOSAL, FENCE_DEPOT, FENCE_WASH};
    const struct driver *d = l->driver;
    bool stands = d->speed_mps == 0;
    for (size_t i = 0; i < sizeof allow / sizeof *allow; i++)
        stands = stands && !in_kind(l, allow[i]);
    if (!stands)
        l->audit->stood_since_ms = INT64_MAX;
    else if (l->audit->stood_since_ms == INT64_MAX)
        l->audit->stood_since_ms = d->now_ms;
    else if (d->now_ms - l->audit->stood_since_ms > 25 * 60000)
        fault(l, FAULT_STAYS, UINT32_MAX);
}

void audit_look(struct audit *a, const struct driver *d)
{
    struct look l = {.audit = a, .driver = d};
    l.info = world_vehicle(a->world, names_find(a->world->names, text_of(d->vehicle->id)));
    l.count = mw_index_point(a->world->index, spot_point(d->at), l.fences, FENCES_MAX);
    a->looked++;
    look_at_bans(&l);
    look_at_speed(&l);
    look_at_hours(&l);
    if (!d->vehicle->sweeper)
        look_at_haul(&l);
    look_at_stay(&l);
}
