#include "duty_ledger.h"

#include "array.h"
#include "duty_day.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Items may begin so long before the day: offsets stay positive. */
static const int64_t before_ms = 3 * INT64_C(86400000);

struct duty_ledger *ledger_new(const struct world *world, const struct duty *duty, int32_t day)
{
    struct duty_ledger *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->duty = duty->id;
    l->day = day;
    l->origin_ms = duty_minute_ms(world, day, 0) - before_ms;
    l->clock_ms = l->due_ms = l->since_ms = l->settled_ms = DUTY_NEVER;
    l->changed = true;
    if (!ledger_lay(l, world, duty, NULL, NULL)) {
        ledger_free(l);
        return NULL;
    }
    return l;
}

void ledger_free(struct duty_ledger *l)
{
    if (l == NULL)
        return;
    free(l->vehicles);
    free(l->fences);
    free(l->items);
    free(l->table);
    free(l->points);
    free(l->windows);
    free(l->plan);
    free(l->times);
    visit_board_fini(&l->board);
    free(l);
}

/* ---- what the duty expects ---- */

static void find_due(struct duty_ledger *l)
{
    uint32_t count = l->point_count + l->window_count;
    l->due_ms = l->over_ms > l->clock_ms ? l->over_ms : INT64_MAX;
    for (uint32_t i = 0; i < count; i++)
        if (l->times[i].judged_ms > l->clock_ms && l->times[i].judged_ms < l->due_ms)
            l->due_ms = l->times[i].judged_ms;
}

static struct ledger_times times_of(const struct duty_ledger *l, const struct world *w, const struct duty *d,
                                    struct duty_window window, int64_t grace_ms)
{
    return (struct ledger_times){duty_minute_ms(w, l->day, window.from_min),
                                 duty_minute_ms(w, l->day, window.to_min),
                                 duty_minute_ms(w, l->day, duty_judged_min(w, d, window, grace_ms))};
}

static struct mw_point middle_of(const struct world *w, uint32_t fence)
{
    struct mw_bounds b = mw_index_fence_bounds(w->index, fence);
    return (struct mw_point){(b.south_west.lat_deg + b.north_east.lat_deg) / 2,
                             b.south_west.lon_deg + mw_east_deg(b.south_west, b.north_east) / 2};
}

static double radius_of(const struct world *w, uint32_t fence)
{
    struct mw_bounds b = mw_index_fence_bounds(w->index, fence);
    struct mw_point north = {b.north_east.lat_deg, b.south_west.lon_deg};
    return w->fences[fence].buffer_m > 0 ? w->fences[fence].buffer_m : mw_distance_m(b.south_west, north) / 2;
}

/* What was said before of a point, or a window; NULL: nothing, or it is taken already. */
static struct said_point *said_of_point(struct duty_ledger *l, uint32_t fence, uint16_t from_min)
{
    for (uint32_t i = 0; i < l->point_count; i++)
        if (l->points[i].fence == fence && l->points[i].from_min == from_min)
            return &l->points[i];
    return NULL;
}

static struct said_window *said_of_window(struct duty_ledger *l, struct duty_window window)
{
    for (uint32_t i = 0; i < l->window_count; i++)
        if (l->windows[i].from_min == window.from_min && l->windows[i].to_min == window.to_min)
            return &l->windows[i];
    return NULL;
}

struct laying {
    struct said_point *points;
    struct said_window *windows;
    struct visit_point *plan;
    struct ledger_times *times;
};

static void lay_points(struct duty_ledger *l, const struct world *w, const struct duty *d,
                       const struct laying *to)
{
    for (uint32_t i = 0; i < d->point_count; i++) {
        const struct duty_point *p = &d->points[i];
        uint32_t fence = w->fences[p->fence].id;
        struct said_point *said = said_of_point(l, fence, p->window.from_min);
        to->points[i] = said != NULL ? *said : (struct said_point){.fence = fence};
        to->points[i].from_min = p->window.from_min;
        if (said != NULL)
            said->fence = 0; /* taken */
        to->times[i] = times_of(l, w, d, p->window, p->grace_ms);
        to->plan[i] = (struct visit_point){.fence = fence,
                                           .at = middle_of(w, p->fence),
                                           .radius_m = radius_of(w, p->fence),
                                           .from_ms = to->times[i].from_ms,
                                           .to_ms = to->times[i].end_ms,
                                           .grace_ms = p->grace_ms,
                                           .min_stop_ms = p->min_stop_ms};
    }
}

static void lay_windows(struct duty_ledger *l, const struct world *w, const struct duty *d,
                        const struct laying *to)
{
    for (uint32_t i = 0; i < d->window_count; i++) {
        struct said_window *said = said_of_window(l, d->windows[i]);
        to->windows[i] = said != NULL ? *said : (struct said_window){0};
        to->windows[i].from_min = d->windows[i].from_min;
        to->windows[i].to_min = d->windows[i].to_min;
        if (said != NULL)
            said->from_min = said->to_min = UINT16_MAX;
        to->times[i] = times_of(l, w, d, d->windows[i], 0);
    }
}

static void tell_gone(const struct duty_ledger *l,
                      void (*gone)(void *, const struct said_point *, const struct said_window *),
                      void *context)
{
    for (uint32_t i = 0; i < l->point_count && gone != NULL; i++)
        if (l->points[i].fence != 0)
            gone(context, &l->points[i], NULL);
    for (uint32_t i = 0; i < l->window_count && gone != NULL; i++)
        if (l->windows[i].from_min != UINT16_MAX)
            gone(context, NULL, &l->windows[i]);
}

bool ledger_lay(struct duty_ledger *l, const struct world *world, const struct duty *duty,
                void (*gone)(void *context, const struct said_point *point, const struct said_window *window),
                void *context)
{
    bool collects = duty->type == DUTY_COLLECTION;
    uint32_t points = collects ? duty->point_count : 0, windows = collects ? 0 : duty->window_count;
    struct laying to = {
        calloc((size_t)points + 1, sizeof *to.points), calloc((size_t)windows + 1, sizeof *to.windows),
        calloc((size_t)points + 1, sizeof *to.plan), calloc((size_t)points + windows + 1, sizeof *to.times)};
    if (to.points == NULL || to.windows == NULL || to.plan == NULL || to.times == NULL) {
        free(to.points);
        free(to.windows);
        free(to.plan);
        free(to.times);
        return false;
    }
    l->on = world_duty_on(world, duty, l->day);
    l->over_ms = duty_minute_ms(world, l->day, duty->over_min);
    if (collects)
        lay_points(l, world, duty, &to);
    else
        lay_windows(l, world, duty, &to);
    tell_gone(l, gone, context);
    free(l->points);
    free(l->windows);
    free(l->plan);
    free(l->times);
    l->points = to.points;
    l->windows = to.windows;
    l->plan = to.plan;
    l->times = to.times;
    l->point_count = points;
    l->window_count = windows;
    l->board_made = false;
    l->unsettled = true;
    find_due(l);
    return true;
}

/* ---- the set ---- */

static bool place_of(uint32_t **list, size_t *count, size_t *cap, uint32_t symbol, uint16_t *out)
{
    for (size_t i = 0; i < *count; i++)
        if ((*list)[i] == symbol) {
            *out = (uint16_t)i;
            return true;
        }
    if (*count == UINT16_MAX || !array_reserve(list, cap, *count + 1, sizeof **list))
        return false;
    *out = (uint16_t)*count;
    (*list)[(*count)++] = symbol;
    return true;
}

static uint16_t decimetres(double m)
{
    return (uint16_t)(m > 0 ? fmin(floor(m * 10 + 0.5), UINT16_MAX) : 0);
}

static bool same_item(const struct ledger_item *a, const struct ledger_item *b)
{
    return a->start_ms == b->start_ms && a->vehicle == b->vehicle &&
           (a->flags & ITEM_DRIVE) == (b->flags & ITEM_DRIVE) &&
           (!(a->flags & ITEM_DRIVE) || a->drive.segment == b->drive.segment);
}

/* Whether what came takes the place of what is there. */
static bool is_newer(const struct ledger_item *now, const struct ledger_item *before)
{
    bool lasts = (now->flags & ITEM_LASTS) != 0, lasted = (before->flags & ITEM_LASTS) != 0;
    if (lasts != lasted)
        return lasted;
    if (lasts && now->lasted_ms != before->lasted_ms)
        return now->lasted_ms > before->lasted_ms;
    return now->rev != before->rev ? now->rev > before->rev : now->lasted_ms > before->lasted_ms;
}

static void note_page(struct duty_ledger *l, size_t item)
{
    size_t page = item / LEDGER_PAGE_ITEMS;
    if (l->changed_from == l->changed_to) {
        l->changed_from = page;
        l->changed_to = page + 1;
    }
    l->changed_from = page < l->changed_from ? page : l->changed_from;
    l->changed_to = page + 1 > l->changed_to ? page + 1 : l->changed_to;
}

static bool make_item(struct duty_ledger *l, const struct duty_work *w, struct ledger_item *out)
{
    bool drive = w->type == DUTY_WORK_DRIVE;
    size_t vehicles = l->vehicle_count, fences = l->fence_count;
    int64_t start_ms = w->start_ms - l->origin_ms;
    if (start_ms < 0 || start_ms > UINT32_MAX || w->end_ms < w->start_ms)
        return false;
    *out = (struct ledger_item){.start_ms = (uint32_t)start_ms,
                                .lasted_ms = (uint32_t)(w->end_ms - w->start_ms),
                                .error_dm = decimetres((double)w->error_m),
                                .rev = (uint8_t)(w->rev < UINT8_MAX ? w->rev : UINT8_MAX),
                                .side = (uint8_t)w->side};
    out->flags = (uint8_t)((drive ? ITEM_DRIVE : 0) | (w->type == DUTY_WORK_CLOCK ? ITEM_LASTS : 0) |
                           (w->inferred ? ITEM_INFERRED : 0) | (w->withdrawn ? ITEM_WITHDRAWN : 0));
    if (drive) {
        out->drive.from_dm = decimetres((double)w->from_m);
        out->drive.to_dm = decimetres((double)w->to_m);
        out->drive.fast_dm = decimetres((double)w->fast_m);
        if (!place_of(&l->fences, &l->fence_count, &l->fence_cap, w->segment, &out->drive.segment))
            return false;
    } else {
        out->stop.lat_e7 = (int32_t)lround(w->lat_deg * 1e7);
        out->stop.lon_e7 = (int32_t)lround(w->lon_deg * 1e7);
    }
    bool ok = place_of(&l->vehicles, &l->vehicle_count, &l->vehicle_cap, w->vehicle, &out->vehicle);
    l->changed |= vehicles != l->vehicle_count || fences != l->fence_count;
    return ok;
}

static size_t slot_of(const struct duty_ledger *l, const struct ledger_item *item)
{
    uint64_t key = (uint64_t)item->start_ms << 32 | (uint64_t)item->vehicle << 16 |
                   (item->flags & ITEM_DRIVE ? item->drive.segment : UINT16_MAX);
    key *= UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(key >> 32) & (l->table_size - 1);
}

/* Its place in the table, or the free one where it belongs. */
static uint32_t *find_slot(const struct duty_ledger *l, const struct ledger_item *item)
{
    size_t slot = slot_of(l, item);
    while (l->table[slot] != 0 && !same_item(&l->items[l->table[slot] - 1], item))
        slot = (slot + 1) & (l->table_size - 1);
    return &l->table[slot];
}

bool ledger_index(struct duty_ledger *l)
{
    size_t size = 16;
    while (size < l->count * 4)
        size *= 2;
    uint32_t *table = calloc(size, sizeof *table);
    if (table == NULL)
        return false;
    free(l->table);
    l->table = table;
    l->table_size = size;
    for (size_t i = 0; i < l->count; i++)
        *find_slot(l, &l->items[i]) = (uint32_t)i + 1;
    return true;
}

/* One at a time finds its place on the board; more of them have it made anew. */
static void note_put(struct duty_ledger *l, size_t item)
{
    l->board_made &= l->put == 0 || l->put == item + 1;
    l->put = item + 1;
}

static enum ledger_put append(struct duty_ledger *l, const struct ledger_item *item)
{
    if (l->count == LEDGER_ITEMS_MAX)
        return LEDGER_FULL;
    if (!array_reserve(&l->items, &l->cap, l->count + 1, sizeof *l->items))
        return LEDGER_NO_MEMORY;
    *find_slot(l, item) = (uint32_t)l->count + 1;
    l->items[l->count] = *item;
    note_put(l, l->count);
    note_page(l, l->count++);
    l->changed = true; /* the head has their number */
    return LEDGER_CHANGED;
}

enum ledger_put ledger_put(struct duty_ledger *l, const struct duty_work *work)
{
    struct ledger_item item;
    if (!make_item(l, work, &item))
        return LEDGER_FULL;
    if (l->table_size < (l->count + 1) * 2 && !ledger_index(l))
        return LEDGER_NO_MEMORY;
    uint32_t slot = *find_slot(l, &item);
    if (slot == 0)
        return append(l, &item);
    if (!is_newer(&item, &l->items[slot - 1]))
        return LEDGER_SAME;
    l->items[slot - 1] = item;
    note_put(l, slot - 1);
    note_page(l, slot - 1);
    return LEDGER_CHANGED;
}

bool ledger_has(const struct duty_ledger *l, const struct duty_work *work)
{
    struct ledger_item item = {.start_ms = (uint32_t)(work->start_ms - l->origin_ms)};
    if (l->table_size == 0 || work->start_ms < l->origin_ms || work->type == DUTY_WORK_DRIVE)
        return false;
    for (size_t i = 0; i < l->vehicle_count; i++)
        if (l->vehicles[i] == work->vehicle) {
            item.vehicle = (uint16_t)i;
            return *find_slot(l, &item) != 0;
        }
    return false;
}

/* ---- clocks ---- */

bool ledger_hear(struct duty_ledger *l, int64_t heard_ms)
{
    bool any = false, matters = false;
    for (uint32_t i = 0; i < l->point_count + l->window_count; i++) {
        uint8_t *heard = l->point_count > 0 ? &l->points[i].heard : &l->windows[i].heard;
        int64_t grace_ms = l->point_count > 0 ? l->plan[i].grace_ms : 0;
        if (*heard || heard_ms < l->times[i].from_ms || heard_ms > l->times[i].end_ms + grace_ms)
            continue;
        *heard = any = true;
        matters |= (l->point_count > 0 ? l->points[i].violation.rev : l->windows[i].violation.rev) > 0;
    }
    l->changed |= any;
    l->unsettled |= matters;
    return matters;
}

bool ledger_clock(struct duty_ledger *l, int64_t clock_ms)
{
    if (clock_ms <= l->clock_ms)
        return false;
    bool due = clock_ms >= l->due_ms;
    l->clock_ms = clock_ms;
    l->changed |= due;
    if (due)
        find_due(l);
    return due;
}
