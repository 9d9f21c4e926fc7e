#include "duty_day.h"

#include "arena.h"

#include <stdlib.h>

static const uint32_t day_min = 1440;
static const int64_t minute_ms = 60000;

static uint32_t minutes_of(int64_t ms)
{
    return (uint32_t)((ms + minute_ms - 1) / minute_ms);
}

static uint32_t late_min(const struct world *w, const struct duty *d)
{
    double late_s = d->type == DUTY_COLLECTION ? world_rule(w, KIND_MISSED_COLLECTION, 0)->own[MISSED_LATE_S]
                                               : world_rule(w, KIND_UNSWEPT, 0)->own[UNSWEPT_LATE_S];
    return minutes_of((int64_t)(late_s * 1000));
}

/* Its windows, whatever they are of. */
static uint32_t window_count(const struct duty *d)
{
    return d->type == DUTY_COLLECTION ? d->point_count : d->window_count;
}

static struct duty_window window_at(const struct duty *d, uint32_t i, uint32_t *out_end_min)
{
    struct duty_window window = d->type == DUTY_COLLECTION ? d->points[i].window : d->windows[i];
    *out_end_min = window.to_min + (d->type == DUTY_COLLECTION ? minutes_of(d->points[i].grace_ms) : 0);
    return window;
}

uint32_t duty_judged_min(const struct world *world, const struct duty *duty, struct duty_window window,
                         int64_t grace_ms)
{
    uint32_t at = window.to_min + minutes_of(grace_ms) + late_min(world, duty);
    return at < duty->over_min ? at : duty->over_min;
}

static void set_bounds(const struct world *w, struct duty *d)
{
    uint32_t last = 0, end;
    d->first_min = UINT32_MAX;
    for (uint32_t i = 0; i < window_count(d); i++) {
        struct duty_window window = window_at(d, i, &end);
        d->first_min = window.from_min < d->first_min ? window.from_min : d->first_min;
        last = end > last ? end : last;
    }
    if (d->first_min == UINT32_MAX)
        d->first_min = 0;
    d->turn_min = (last + d->first_min + day_min) / 2;
    d->over_min = last + late_min(w, d) > d->turn_min ? last + late_min(w, d) : d->turn_min;
}

static int compare_minutes(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool make_ticks(const struct world *w, struct duty *d, struct arena *arena)
{
    uint32_t count = window_count(d), put = 0, kept = 0, end;
    uint32_t *ticks = arena_take(arena, (size_t)count * 3 + 1, sizeof *ticks);
    if (ticks == NULL)
        return false;
    set_bounds(w, d);
    for (uint32_t i = 0; i < count; i++) {
        ticks[put++] = window_at(d, i, &end).from_min;
        ticks[put++] = end;
        ticks[put++] = end + late_min(w, d);
    }
    ticks[put++] = d->over_min;
    qsort(ticks, put, sizeof *ticks, compare_minutes);
    for (uint32_t i = 0; i < put; i++)
        if (kept == 0 || ticks[i] != ticks[kept - 1])
            ticks[kept++] = ticks[i];
    d->ticks = ticks;
    d->tick_count = kept;
    return true;
}

static bool list_by_vehicle(struct world *w, struct arena *arena)
{
    for (uint32_t v = 0; v < w->vehicle_count; v++) {
        struct vehicle_info *info = &w->vehicles[v];
        uint32_t count = 0;
        if (info->work_modes == 0 && !info->collects)
            continue;
        for (uint32_t i = 0; i < w->duty_count; i++)
            count += w->duties[i].type != DUTY_NONE && world_duty_of(&w->duties[i], info);
        uint32_t *list = arena_take(arena, count, sizeof *list);
        if (list == NULL)
            return false;
        for (uint32_t i = 0; i < w->duty_count; i++)
            if (w->duties[i].type != DUTY_NONE && world_duty_of(&w->duties[i], info))
                list[info->duty_count++] = i;
        info->duties = list;
    }
    return true;
}

static bool list_members(struct world *w, struct arena *arena)
{
    for (uint32_t v = 0; v < w->vehicle_count; v++)
        for (uint32_t k = 0; k < w->vehicles[v].duty_count; k++)
            w->duties[w->vehicles[v].duties[k]].member_count++;
    for (uint32_t i = 0; i < w->duty_count; i++) {
        w->duties[i].members = arena_take(arena, w->duties[i].member_count, sizeof *w->duties[i].members);
        if (w->duties[i].members == NULL && w->duties[i].member_count > 0)
            return false;
        w->duties[i].member_count = 0;
    }
    for (uint32_t v = 0; v < w->vehicle_count; v++)
        for (uint32_t k = 0; k < w->vehicles[v].duty_count; k++) {
            struct duty *d = &w->duties[w->vehicles[v].duties[k]];
            ((uint32_t *)(uintptr_t)d->members)[d->member_count++] = w->vehicles[v].id;
        }
    return true;
}

/* By fence: first counted one place on, then put. */
static void put_parts(const struct world *w, uint32_t *next, struct duty_part *out)
{
    for (uint32_t i = 0; i < w->duty_count; i++) {
        const struct duty *d = &w->duties[i];
        for (uint32_t k = 0; k < d->point_count; k++) {
            uint32_t place = next[d->points[k].fence]++;
            if (out != NULL)
                out[place] = (struct duty_part){i, k};
        }
        for (uint32_t k = 0; k < d->segment_count; k++) {
            uint32_t place = next[d->segments[k].fence]++;
            if (out != NULL)
                out[place] = (struct duty_part){i, k};
        }
    }
}

static bool list_by_fence(struct world *w, struct arena *arena)
{
    uint32_t total = 0;
    uint32_t *first = arena_take(arena, (size_t)w->fence_count + 1, sizeof *first);
    uint32_t *next = calloc((size_t)w->fence_count + 1, sizeof *next);
    bool ok = first != NULL && next != NULL;
    if (ok)
        put_parts(w, next, NULL);
    for (uint32_t i = 0; i <= w->fence_count && ok; i++) {
        uint32_t here = next[i];
        first[i] = next[i] = total;
        total += here;
    }
    struct duty_part *parts = ok ? arena_take(arena, (size_t)total + 1, sizeof *parts) : NULL;
    if (parts != NULL)
        put_parts(w, next, parts);
    free(next);
    w->fence_parts_first = first;
    w->fence_parts = parts;
    return parts != NULL;
}

bool duty_days_make(struct world *world, struct arena *arena)
{
    for (uint32_t i = 0; i < world->duty_count; i++)
        if (!make_ticks(world, &world->duties[i], arena))
            return false;
    return list_by_vehicle(world, arena) && list_members(world, arena) && list_by_fence(world, arena);
}

int64_t duty_minute_ms(const struct world *world, int32_t day, uint32_t minute)
{
    return mw_zone_local_to_ms(world->zone, (int64_t)day * MW_DAY_MS + (int64_t)minute * minute_ms);
}

static int32_t local_day(const struct world *w, int64_t at_ms)
{
    int64_t local_ms = mw_zone_furthest_local_ms(w->zone, at_ms);
    return (int32_t)(local_ms / MW_DAY_MS - (local_ms % MW_DAY_MS < 0));
}

int32_t duty_day_at(const struct world *world, const struct duty *duty, int64_t at_ms)
{
    int32_t day = local_day(world, at_ms) + 1;
    while (duty_minute_ms(world, day - 1, duty->turn_min) > at_ms)
        day--;
    return day;
}

/* The first tick of a day after an instant. */
static int64_t tick_of_day_ms(const struct world *w, const struct duty *d, int32_t day, int64_t after_ms,
                              bool over_only)
{
    uint32_t from = over_only ? d->tick_count - 1 : 0, to = d->tick_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (duty_minute_ms(w, day, d->ticks[middle]) > after_ms)
            to = middle;
        else
            from = middle + 1;
    }
    return from < d->tick_count ? duty_minute_ms(w, day, d->ticks[from]) : INT64_MAX;
}

int64_t duty_next_tick_ms(const struct world *world, const struct vehicle_info *vehicle, int64_t after_ms,
                          bool over_only)
{
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < vehicle->duty_count; i++) {
        const struct duty *d = &world->duties[vehicle->duties[i]];
        int32_t today = local_day(world, after_ms);
        /* A service day ends at most two days after it began. */
        for (int32_t day = today - 2; day <= today + 1; day++) {
            int64_t tick_ms = tick_of_day_ms(world, d, day, after_ms, over_only);
            next_ms = tick_ms < next_ms ? tick_ms : next_ms;
        }
    }
    return next_ms;
}
