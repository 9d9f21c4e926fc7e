#include "duty_book.h"

#include "array.h"
#include "duties_near.h"
#include "duty_bytes.h"
#include "duty_day.h"

#include <stdlib.h>
#include <string.h>

void duty_book_init(struct duty_book *b, const struct names *names, struct duty_listener listener)
{
    *b = (struct duty_book){.judge = {.names = names, .listener = listener}, .clock_ms = DUTY_NEVER};
}

void duty_book_clear(struct duty_book *b)
{
    for (size_t i = 0; i < b->count; i++)
        ledger_free(b->ledgers[i]);
    duty_times_clear(&b->clocks);
    duty_times_clear(&b->since);
    free(b->table);
    b->table = NULL;
    b->count = b->gone_count = b->table_size = 0;
    b->clock_ms = DUTY_NEVER;
}

void duty_book_fini(struct duty_book *b)
{
    duty_book_clear(b);
    free((void *)b->ledgers);
    free(b->days);
    duty_times_fini(&b->clocks);
    duty_times_fini(&b->since);
    free(b->gone);
    duty_judge_fini(&b->judge);
    *b = (struct duty_book){0};
}

bool duty_book_restore_clock(struct duty_book *b, uint32_t vehicle, int64_t ms)
{
    b->clock_ms = ms > b->clock_ms ? ms : b->clock_ms;
    return duty_times_restore(&b->clocks, vehicle, ms);
}

bool duty_book_restore_since(struct duty_book *b, uint32_t duty, int64_t ms)
{
    return duty_times_restore(&b->since, duty, ms);
}

void duty_book_written(struct duty_book *b)
{
    duty_times_written(&b->clocks);
    duty_times_written(&b->since);
    for (size_t i = 0; i < b->count; i++) {
        b->ledgers[i]->changed = false;
        b->ledgers[i]->changed_from = b->ledgers[i]->changed_to = 0;
    }
    b->gone_count = 0;
}

static bool note_clock(struct duty_book *b, uint32_t vehicle, int64_t ms)
{
    b->clock_ms = ms > b->clock_ms ? ms : b->clock_ms;
    return ms <= duty_times_ms(&b->clocks, vehicle) || duty_times_set(&b->clocks, vehicle, ms);
}

/* How far all have come that may do it, and were ever heard of; those of nobody: the farthest there is. */
static int64_t least_clock(const struct duty_book *b, const struct duty *d)
{
    int64_t least_ms = INT64_MAX;
    for (uint32_t i = 0; i < d->member_count; i++) {
        int64_t ms = duty_times_ms(&b->clocks, d->members[i]);
        if (ms != DUTY_NEVER && ms < least_ms)
            least_ms = ms;
    }
    return least_ms != INT64_MAX ? least_ms : b->clock_ms;
}

/* ---- ledgers: which is where ---- */

static uint32_t *find_slot(const struct duty_book *b, uint32_t duty, int32_t day)
{
    uint64_t key = ((uint64_t)duty << 32 | (uint32_t)day) * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(key >> 32) & (b->table_size - 1);
    while (b->table[slot] != 0) {
        const struct duty_ledger *l = b->ledgers[b->table[slot] - 1];
        if (l->duty == duty && l->day == day)
            break;
        slot = (slot + 1) & (b->table_size - 1);
    }
    return &b->table[slot];
}

/* After ledgers came or went. */
static bool index_ledgers(struct duty_book *b)
{
    size_t size = 64;
    while (size < b->count * 4)
        size *= 2;
    uint32_t *table = calloc(size, sizeof *table);
    if (table == NULL)
        return false;
    free(b->table);
    b->table = table;
    b->table_size = size;
    for (size_t i = 0; i < b->count; i++)
        *find_slot(b, b->ledgers[i]->duty, b->ledgers[i]->day) = (uint32_t)i + 1;
    return true;
}

bool duty_book_restore_ledger(struct duty_book *b, struct duty_ledger *take)
{
    if (!array_reserve(&b->ledgers, &b->cap, b->count + 1, sizeof(struct duty_ledger *))) {
        ledger_free(take);
        return false;
    }
    b->ledgers[b->count++] = take;
    if (b->table_size < b->count * 2)
        return index_ledgers(b);
    *find_slot(b, take->duty, take->day) = (uint32_t)b->count;
    return true;
}

struct duty_ledger *duty_book_find(const struct duty_book *b, uint32_t duty, int32_t day)
{
    uint32_t place = b->table_size > 0 ? *find_slot(b, duty, day) : 0;
    return place > 0 ? b->ledgers[place - 1] : NULL;
}

bool duty_book_restored(struct duty_book *b, uint32_t *out_damaged)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++)
        if (duty_read_whole(b->ledgers[i])) {
            b->ledgers[kept++] = b->ledgers[i];
        } else {
            ledger_free(b->ledgers[i]);
            ++*out_damaged;
        }
    b->count = kept;
    return index_ledgers(b);
}

static bool is_let_go(const struct duty_book *b, const struct duty *d, int32_t day)
{
    return b->clock_ms != DUTY_NEVER &&
           duty_minute_ms(b->judge.world, day, d->over_min) + DUTY_KEEP_MS <= b->clock_ms;
}

/* The ledger of the day, begun if there is none. *out NULL: the day is let go of. */
static bool open_ledger(struct duty_book *b, const struct duty *d, int32_t day, struct duty_ledger **out)
{
    *out = duty_book_find(b, d->id, day);
    if (*out != NULL)
        return true;
    if (is_let_go(b, d, day)) {
        b->passed_over++;
        return true;
    }
    struct duty_ledger *l = ledger_new(b->judge.world, d, day);
    if (l == NULL || !duty_book_restore_ledger(b, l))
        return false;
    int64_t since_ms = duty_times_ms(&b->since, d->id);
    l->since_ms = since_ms != DUTY_NEVER ? since_ms : INT64_MAX; /* no clock has come yet */
    *out = l;
    return true;
}

static bool note_gone(struct duty_book *b, const struct duty_ledger *l)
{
    if (!array_reserve(&b->gone, &b->gone_cap, b->gone_count + 1, sizeof *b->gone))
        return false;
    b->gone[b->gone_count++] =
        (struct duty_gone){l->duty, l->day, (l->count + LEDGER_PAGE_ITEMS - 1) / LEDGER_PAGE_ITEMS};
    return true;
}

static bool let_go(struct duty_book *b)
{
    size_t kept = 0;
    bool ok = true;
    for (size_t i = 0; i < b->count; i++) {
        struct duty_ledger *l = b->ledgers[i];
        if (ok && l->over_ms + DUTY_KEEP_MS <= b->clock_ms) {
            ok = note_gone(b, l);
            ledger_free(l);
        } else {
            b->ledgers[kept++] = l;
        }
    }
    bool any = kept < b->count;
    b->count = kept;
    return ok && (!any || index_ledgers(b));
}

static bool judge(struct duty_book *b, struct duty_ledger *l, const struct duty *d, int64_t received_ms)
{
    return d->type == DUTY_COLLECTION ? duty_judge_points(&b->judge, l, d, received_ms)
                                      : duty_judge_windows(&b->judge, l, d, received_ms);
}

/* ---- worlds ---- */

struct leaving {
    struct duty_book *b;
    struct duty_ledger *l;
    const struct duty *duty;
};

static void take_leave(void *context, const struct said_point *point, const struct said_window *window)
{
    const struct leaving *x = context;
    x->l->changed = true; /* else it would be told again by who goes on from what is written */
    const struct duty_left left = {x->duty, point, window};
    duty_judge_gone(&x->b->judge, x->l, &left, x->b->clock_ms);
}

static const struct duty *duty_of(const struct world *w, uint32_t symbol)
{
    for (uint32_t i = 0; i < w->duty_count; i++)
        if (w->duties[i].id == symbol)
            return &w->duties[i];
    return NULL;
}

/* Of a duty that is gone, or has become another. */
static bool end_ledger(struct duty_book *b, struct duty_ledger *l)
{
    struct leaving x = {b, l, NULL};
    for (uint32_t i = 0; i < l->point_count; i++)
        take_leave(&x, &l->points[i], NULL);
    for (uint32_t i = 0; i < l->window_count; i++)
        take_leave(&x, NULL, &l->windows[i]);
    bool ok = note_gone(b, l);
    ledger_free(l);
    return ok;
}

static bool fits(const struct duty_ledger *l, const struct duty *d)
{
    return d != NULL && d->type != DUTY_NONE &&
           (d->type == DUTY_COLLECTION ? l->window_count == 0 : l->point_count == 0);
}

/* What was taken out and is put back is known since then. */
static bool forget_since(struct duty_book *b)
{
    for (uint32_t symbol = 0; symbol < b->since.cap; symbol++) {
        if (b->since.of[symbol].ms == DUTY_NEVER)
            continue;
        const struct duty *d = duty_of(b->judge.world, symbol);
        bool expects = d != NULL && d->type != DUTY_NONE;
        if (!expects && !duty_times_set(&b->since, symbol, DUTY_NEVER))
            return false;
    }
    return true;
}

bool duty_book_set_world(struct duty_book *b, const struct world *world)
{
    size_t kept = 0;
    free(b->days);
    b->days = calloc((size_t)world->duty_count + 1, sizeof *b->days);
    bool ok = b->days != NULL;
    b->judge.world = world;
    for (size_t i = 0; i < b->count; i++) {
        struct duty_ledger *l = b->ledgers[i];
        const struct duty *d = duty_of(world, l->duty);
        struct leaving x = {b, l, d};
        if (!fits(l, d)) {
            ok = end_ledger(b, l) && ok;
            continue;
        }
        b->ledgers[kept++] = l;
        ok = ok && ledger_lay(l, world, d, take_leave, &x);
    }
    b->count = kept;
    return ok && forget_since(b) && index_ledgers(b);
}

/* ---- entries ---- */

static const struct duty_known_day *day_at(const struct duty_book *b, const struct duty *d, int64_t at_ms)
{
    return duty_known_day_at(b->days, b->judge.world, d, at_ms);
}

/* Into the ledger of that day; *out NULL: that changes nothing. */
static bool put(struct duty_book *b, const struct duty *d, int32_t day, const struct duty_work *work,
                struct duty_ledger **out)
{
    if (!open_ledger(b, d, day, out))
        return false;
    if (*out == NULL)
        return true;
    enum ledger_put came = ledger_put(*out, work);
    b->passed_over += came == LEDGER_FULL;
    if (came != LEDGER_CHANGED)
        *out = NULL;
    return came != LEDGER_NO_MEMORY;
}

static bool judge_stop(struct duty_book *b, const struct duty *d, const struct duty_work *work)
{
    struct duty_ledger *l;
    return put(b, d, day_at(b, d, work->start_ms)->day, work, &l) &&
           (l == NULL || judge(b, l, d, work->received_ms));
}

static bool is_near(const struct duties_near *n, uint32_t duty)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (n->list[i] == duty)
            return true;
    return false;
}

/* What is corrected may have been elsewhere, and of another duty. */
static bool take_elsewhere(struct duty_book *b, const struct vehicle_info *info, const struct duty_work *work,
                           const struct duties_near *near)
{
    for (uint32_t i = 0; i < info->duty_count; i++) {
        const struct duty *d = &b->judge.world->duties[info->duties[i]];
        if (d->type != DUTY_COLLECTION || is_near(near, info->duties[i]))
            continue;
        struct duty_ledger *l = duty_book_find(b, d->id, day_at(b, d, work->start_ms)->day);
        if (l != NULL && ledger_has(l, work) && !judge_stop(b, d, work))
            return false;
    }
    return true;
}

static bool take_stop(struct duty_book *b, const struct vehicle_info *info, const struct duty_work *work)
{
    const struct world *w = b->judge.world;
    struct duties_near n;
    duties_near_find(&n, w, info, (struct mw_point){work->lat_deg, work->lon_deg}, (double)work->error_m);
    b->passed_over += n.full;
    for (uint32_t i = 0; i < n.count; i++)
        if (!judge_stop(b, &w->duties[n.list[i]], work))
            return false;
    return work->rev <= 1 || take_elsewhere(b, info, work, &n);
}

/* Whether one of the windows that were judged is touched. */
static bool touches_judged(const struct duty_ledger *l, const struct duty_work *work)
{
    for (uint32_t i = 0; i < l->window_count; i++)
        if (l->windows[i].rev > 0 && work->start_ms < l->times[i].end_ms &&
            work->end_ms > l->times[i].from_ms)
            return true;
    return false;
}

static bool take_drive(struct duty_book *b, const struct vehicle_info *info, const struct duty_work *work)
{
    const struct world *w = b->judge.world;
    uint32_t fence = world_fence_by_id(w, work->segment);
    if (fence == UINT32_MAX)
        return true;
    for (uint32_t i = w->fence_parts_first[fence]; i < w->fence_parts_first[fence + 1]; i++) {
        const struct duty *d = &w->duties[w->fence_parts[i].duty];
        if (d->type != DUTY_SWEEPING || d->mode != work->mode || !world_duty_of(d, info))
            continue;
        int32_t from = day_at(b, d, work->start_ms)->day;
        const struct duty_known_day *to = day_at(b, d, work->end_ms);
        for (int32_t day = to->day > from ? to->day - 1 : from; day <= to->day; day++) {
            struct duty_ledger *l;
            if (!(day == to->day ? to->on : to->on_before))
                continue;
            if (!put(b, d, day, work, &l))
                return false;
            if (l == NULL || !touches_judged(l, work))
                continue;
            l->unsettled = true;
            if (!judge(b, l, d, work->received_ms))
                return false;
        }
    }
    return true;
}

/* A clock has come to a day of the duty. */
static bool take_clock_of(struct duty_book *b, const struct duty *d, int32_t day, bool begun,
                          const struct duty_work *work)
{
    struct duty_ledger *l = duty_book_find(b, d->id, day);
    if (l == NULL && !begun)
        return true;
    if (l == NULL && !open_ledger(b, d, day, &l))
        return false;
    if (l == NULL)
        return true;
    if (l->since_ms == INT64_MAX) {
        l->since_ms = duty_times_ms(&b->since, d->id);
        l->changed = l->unsettled = true;
    }
    bool heard = ledger_hear(l, work->heard_ms);
    bool due = work->end_ms >= l->due_ms && ledger_clock(l, least_clock(b, d));
    return !(heard || due) || judge(b, l, d, DUTY_NEVER);
}

static bool take_clock(struct duty_book *b, const struct vehicle_info *info, const struct duty_work *work)
{
    const struct world *w = b->judge.world;
    int64_t before_ms = b->clock_ms;
    if (!note_clock(b, work->vehicle, work->end_ms))
        return false;
    for (uint32_t i = 0; i < info->duty_count; i++) {
        const struct duty *d = &w->duties[info->duties[i]];
        if (duty_times_ms(&b->since, d->id) == DUTY_NEVER && !duty_times_set(&b->since, d->id, work->end_ms))
            return false;
        const struct duty_known_day *day = day_at(b, d, work->end_ms);
        bool begun = day->on && work->end_ms >= day->first_ms;
        if (!take_clock_of(b, d, day->day - 1, day->on_before, work) ||
            !take_clock_of(b, d, day->day, begun, work))
            return false;
    }
    return b->clock_ms == before_ms || let_go(b);
}

/* A stop that still lasts at a deadline counts, as far as it was heard of; so it is entered before the clock is. */
static bool take_lasting(struct duty_book *b, const struct vehicle_info *info, const struct duty_work *work)
{
    struct duty_work stop = *work;
    stop.end_ms = work->heard_ms;
    return work->start_ms == DUTY_NEVER || stop.end_ms < stop.start_ms || take_stop(b, info, &stop);
}

bool duty_book_take(struct duty_book *b, const struct duty_work *work)
{
    const struct vehicle_info *info = world_vehicle(b->judge.world, work->vehicle);
    if (work->vehicle == 0 || info->duty_count == 0)
        return true;
    switch (work->type) {
    case DUTY_WORK_CLOCK:
        return take_lasting(b, info, work) && take_clock(b, info, work);
    case DUTY_WORK_STOP:
        return take_stop(b, info, work);
    case DUTY_WORK_DRIVE:
        return take_drive(b, info, work);
    case DUTY_WORK_NONE:
        break;
    }
    return true;
}
