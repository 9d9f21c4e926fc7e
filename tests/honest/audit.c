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

static void fault(struct look *l, const char *what, uint32_t fence)
{
    const struct driver *d = l->driver;
    const struct world *w = l->audit->world;
    struct mw_point p = spot_point(d->at);
    if (l->audit->faults++ >= 20)
        return;
    struct text id = fence == UINT32_MAX ? TEXT("") : names_text(w->names, w->fences[fence].id);
    fprintf(stderr, "dishonest: %s: %s %.*s, %s, %.6f,%.6f, %lld\n", d->vehicle->id, what, TEXT_ARG(id),
            task_name(d->task), p.lat_deg, p.lon_deg, (long long)d->now_ms);
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

/* Eight places around it have to be free of bans. */
static void look_at_bans(struct look *l)
{
    const struct world *w = l->audit->world;
    for (int i = 0; i < 8; i++) {
        uint32_t fences[FENCES_MAX];
        struct spot s = {l->driver->at.east_m + 4.5 * cos(i * 0.7853981634),
                         l->driver->at.north_m + 4.5 * sin(i * 0.7853981634)};
        size_t n = mw_index_point(w->index, spot_point(s), fences, FENCES_MAX);
        for (size_t k = 0; k < n; k++)
            if (w->fences[fences[k]].kind == FENCE_BANNED && in_force(l, &w->fences[fences[k]])) {
                fault(l, "at a ban", fences[k]);
                return;
            }
    }
}

static void look_at_speed(struct look *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct fence *f = &l->audit->world->fences[l->fences[i]];
        if (f->speed_limit_kmh > 0 && in_force(l, f) && l->driver->speed_mps * 3.6 > f->speed_limit_kmh)
            fault(l, "too fast", l->fences[i]);
    }
}

static const struct permit *haul_permit(const struct look *l)
{
    const struct driver *d = l->driver;
    const struct world *w = l->audit->world;
    uint32_t symbol = names_find(w->names, text_of(d->vehicle->permits[d->haul.permit].id));
    return &w->permits[world_permit_by_id(w, symbol)];
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
    if (d->speed_mps == 0 || d->task == TASK_PARKED)
        return;
    bool open =
        d->vehicle->sweeper ? area_allows(l) : hours_open(l->audit->world, haul_permit(l)->hours, d->now_ms);
    if (!open)
        fault(l, "drives outside the hours", UINT32_MAX);
}

static bool is_one_of(uint32_t fence, const uint32_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == fence)
            return true;
    return false;
}

static void look_at_way(struct look *l)
{
    const struct driver *d = l->driver;
    if (d->vehicle->sweeper || !driver_is_loaded(d))
        return;
    const struct permit *p = haul_permit(l);
    bool fits = p->route_count == 0;
    for (size_t i = 0; i < l->count && !fits; i++)
        fits = l->fences[i] + 1 == p->site || is_one_of(l->fences[i], p->disposals, p->disposal_count) ||
               is_one_of(l->fences[i], p->routes, p->route_count);
    if (!fits && !in_kind(l, FENCE_WASH) && !in_kind(l, FENCE_SITE))
        fault(l, "off its way", UINT32_MAX);
}

static void look_at_work(struct look *l)
{
    const struct driver *d = l->driver;
    if (d->vehicle->sweeper)
        return;
    if (d->task == TASK_LOADING) {
        const struct permit *p = haul_permit(l);
        bool fits =
            p->site == 0 ? in_kind(l, FENCE_SITE) : is_one_of(p->site - 1, l->fences, (uint32_t)l->count);
        if (!fits)
            fault(l, "loads elsewhere", UINT32_MAX);
    }
    if (d->task == TASK_TIPPING) {
        const struct permit *p = haul_permit(l);
        bool fits = false;
        for (uint32_t i = 0; i < p->disposal_count; i++)
            fits = fits || is_one_of(p->disposals[i], l->fences, (uint32_t)l->count);
        if (!fits)
            fault(l, "tips elsewhere", UINT32_MAX);
    }
    if (d->task == TASK_WASHING && !in_kind(l, FENCE_WASH))
        fault(l, "washes elsewhere", UINT32_MAX);
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
        fault(l, "stands too long", UINT32_MAX);
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
    look_at_way(&l);
    look_at_work(&l);
    look_at_stay(&l);
}
