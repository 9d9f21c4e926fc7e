#include "duty_judge.h"

#include "array.h"
#include "duty_finding.h"

#include <stdlib.h>
#include <string.h>

void duty_judge_fini(struct duty_judge *j)
{
    free(j->stops);
    free(j->visits);
    free(j->intervals);
    free(j->plan);
    *j = (struct duty_judge){0};
}

/* The clocks have come to it since the ledger was judged last. */
static bool has_passed(const struct duty_ledger *l, int64_t ms)
{
    return l->clock_ms >= ms && l->settled_ms < ms;
}

static bool is_judged(const struct duty_ledger *l, uint32_t i)
{
    return l->on && l->times[i].from_ms >= l->since_ms && l->clock_ms >= l->times[i].judged_ms;
}

static void note_settled(struct duty_ledger *l)
{
    l->settled_ms = l->clock_ms;
    l->unsettled = false;
}

static struct duty_telling telling_of(const struct duty_ledger *l, const struct duty *duty, uint32_t i,
                                      int64_t received_ms)
{
    return (struct duty_telling){.duty_symbol = l->duty,
                                 .duty = duty,
                                 .day = l->day,
                                 .received_ms = received_ms,
                                 .place = i,
                                 .times = l->times[i],
                                 .at_ms = l->times[i].judged_ms};
}

/* FNV-1a. */
static void mix_byte(uint64_t *digest, uint8_t byte)
{
    *digest = (*digest ^ byte) * UINT64_C(0x100000001b3);
}

#define DIGEST_BEGIN UINT64_C(0xcbf29ce484222325)

/* What orders the deeds of several vehicles of one time: the same whatever came first, and in every process. */
static uint64_t key_of(const struct duty_judge *j, uint32_t vehicle)
{
    struct text id = names_text(j->names, vehicle);
    uint64_t key = DIGEST_BEGIN;
    for (size_t i = 0; i < id.len; i++)
        mix_byte(&key, (uint8_t)id.data[i]);
    return key;
}

/* ---- points ---- */

/* A stop of the set; false: the item is none. */
static bool stop_of(const struct duty_judge *j, const struct duty_ledger *l, const struct ledger_item *item,
                    struct duty_stop *out)
{
    if (item->flags & ITEM_DRIVE)
        return false;
    *out = (struct duty_stop){.at = {item->stop.lat_e7 / 1e7, item->stop.lon_e7 / 1e7},
                              .arrived_ms = l->origin_ms + item->start_ms,
                              .vehicle = l->vehicles[item->vehicle],
                              .error_m = (float)item->error_dm / 10,
                              .inferred = (item->flags & ITEM_INFERRED) != 0};
    out->left_ms = out->arrived_ms + item->lasted_ms;
    out->id = key_of(j, out->vehicle);
    return true;
}

static int compare_stops(const void *a, const void *b)
{
    const struct duty_stop *x = a, *y = b;
    if (x->arrived_ms != y->arrived_ms)
        return x->arrived_ms < y->arrived_ms ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* All stops of the set, each at the end: so the board is made in one go. */
static bool make_board(struct duty_judge *j, struct duty_ledger *l, const struct visit_order *order)
{
    size_t count = 0;
    bool ok = array_reserve(&j->stops, &j->stop_cap, l->count + 1, sizeof *j->stops) &&
              visit_board_begin(&l->board, order);
    for (size_t i = 0; i < l->count && ok; i++)
        count += !(l->items[i].flags & ITEM_WITHDRAWN) && stop_of(j, l, &l->items[i], &j->stops[count]);
    if (count > 0)
        qsort(j->stops, count, sizeof *j->stops, compare_stops);
    for (size_t i = 0; i < count && ok; i++)
        ok = visit_board_put(&l->board, order, &j->stops[i]);
    l->board_made = ok;
    l->unsettled = true;
    return ok;
}

/* The board has all stops of the set. */
static bool keep_board(struct duty_judge *j, struct duty_ledger *l, const struct visit_order *order)
{
    size_t put = l->put;
    struct duty_stop stop;
    l->put = 0;
    if (!l->board_made)
        return make_board(j, l, order);
    if (put == 0 || !stop_of(j, l, &l->items[put - 1], &stop))
        return true;
    return l->items[put - 1].flags & ITEM_WITHDRAWN ? visit_board_drop(&l->board, order, &stop)
                                                    : visit_board_put(&l->board, order, &stop);
}

static uint8_t state_of(const struct duty_ledger *l, enum point_state state)
{
    static const uint8_t said[] = {[POINT_MISSED] = SAID_MISSED,
                                   [POINT_EARLY] = SAID_EARLY,
                                   [POINT_ON_TIME] = SAID_ON_TIME,
                                   [POINT_LATE] = SAID_LATE};
    return l->on ? said[state] : SAID_EXTRA;
}

/* Who was there, as it would be said. */
static void put_visit(const struct duty_judge *j, const struct duty_ledger *l, uint32_t i,
                      struct said_point *now)
{
    const struct point_visit *v = &j->visits[i];
    now->arrived_ms = now->left_ms = 0;
    now->vehicle = 0;
    now->distance_dm = now->inferred = 0;
    if (v->stop == VISIT_NOBODY)
        return;
    const struct duty_stop *s = &l->board.stops[v->stop].stop;
    now->arrived_ms = s->arrived_ms;
    now->left_ms = s->left_ms;
    now->vehicle = s->vehicle;
    now->distance_dm = (uint16_t)(v->distance_m * 10 + 0.5F);
    now->inferred = s->inferred;
}

static bool same_visit(const struct said_point *a, const struct said_point *b)
{
    return a->vehicle == b->vehicle && a->arrived_ms == b->arrived_ms && a->left_ms == b->left_ms &&
           a->distance_dm == b->distance_dm && a->inferred == b->inferred;
}

/* How the point stands, but for what was said. */
static struct said_point stands(const struct duty_judge *j, const struct duty_ledger *l, uint32_t i)
{
    struct said_point now = l->points[i];
    put_visit(j, l, i, &now);
    if (j->visits[i].stop != VISIT_NOBODY)
        now.state = state_of(l, j->visits[i].state);
    else
        now.state = is_judged(l, i) ? SAID_MISSED : SAID_NOTHING;
    return now;
}

static bool same_point(const struct said_point *a, const struct said_point *b)
{
    return a->state == b->state && same_visit(a, b);
}

/* Else it stands as it was said. */
static bool may_differ(const struct duty_judge *j, const struct duty_ledger *l, uint32_t i)
{
    struct said_point now;
    if (l->unsettled || has_passed(l, l->times[i].judged_ms) || has_passed(l, l->over_ms))
        return true;
    put_visit(j, l, i, &now);
    return !same_visit(&now, &l->points[i]);
}

static enum duty_event event_of(const struct said_point *said, const struct said_point *now)
{
    if (now->state == SAID_NOTHING)
        return DUTY_WITHDRAWN;
    if (now->state == SAID_MISSED)
        return DUTY_MISSED;
    return said->state == SAID_NOTHING || said->state == SAID_MISSED ? DUTY_VISITED : DUTY_UPDATED;
}

/* A finding is there where nobody came until the point was judged. */
static struct said_violation finding_of(const struct duty_ledger *l, uint32_t i, const struct said_point *now)
{
    struct said_violation v = {.no_data = !now->heard};
    bool came_late = now->state == SAID_LATE && now->arrived_ms >= l->times[i].judged_ms && is_judged(l, i);
    if (now->state == SAID_MISSED)
        v.standing = l->clock_ms >= l->over_ms ? VIOLATION_CLOSED : VIOLATION_OPEN;
    else if (came_late)
        v.standing = VIOLATION_CLOSED;
    v.cleared = came_late;
    if (v.standing == VIOLATION_CLOSED)
        v.end_ms = came_late ? now->arrived_ms : l->over_ms;
    return v;
}

static void settle_point(struct duty_judge *j, struct duty_ledger *l, struct duty_telling *t)
{
    uint32_t i = t->place;
    struct said_point *said = &l->points[i], now = stands(j, l, i);
    struct said_violation finding = finding_of(l, i, &now);
    t->fence = said->fence;
    t->from_min = said->from_min;
    t->start_ms = l->times[i].end_ms + l->plan[i].grace_ms;
    t->has_finding = finding.standing != VIOLATION_NONE;
    t->point = said;
    if (!same_point(said, &now)) {
        struct said_point was = *said;
        now.rev = was.rev + 1;
        now.violation = was.violation;
        t->type = DUTY_TELLS_POINT;
        t->event = event_of(&was, &now);
        *said = now;
        was.rev = now.rev;
        t->point = t->event == DUTY_WITHDRAWN ? &was : said;
        j->listener.tell(j->listener.context, t);
        t->point = said;
        l->changed = true;
    }
    uint32_t rev = said->violation.rev;
    duty_finding_settle(&j->listener, t, &said->violation, &finding);
    l->changed |= rev != said->violation.rev;
}

bool duty_judge_points(struct duty_judge *j, struct duty_ledger *l, const struct duty *duty,
                       int64_t received_ms)
{
    const struct visit_order order = {duty->free_order, l->plan, l->point_count};
    if (!keep_board(j, l, &order) ||
        !array_reserve(&j->visits, &j->visit_cap, (size_t)l->point_count + 1, sizeof *j->visits))
        return false;
    visit_board_assign(&l->board, &order, j->visits);
    visit_board_add_latecomers(&l->board, &order, j->visits);
    for (uint32_t i = 0; i < l->point_count; i++) {
        if (!may_differ(j, l, i))
            continue;
        struct duty_telling t = telling_of(l, duty, i, received_ms);
        settle_point(j, l, &t);
    }
    note_settled(l);
    return true;
}

/* ---- windows ---- */

static uint32_t segment_of(const struct duty_judge *j, const struct duty *duty, uint32_t fence_symbol)
{
    const struct world *w = j->world;
    uint32_t fence = world_fence_by_id(w, fence_symbol);
    if (fence == UINT32_MAX)
        return UINT32_MAX;
    for (uint32_t i = w->fence_parts_first[fence]; i < w->fence_parts_first[fence + 1]; i++)
        if (&w->duties[w->fence_parts[i].duty] == duty)
            return w->fence_parts[i].part;
    return UINT32_MAX;
}

static bool list_plan(struct duty_judge *j, const struct duty *duty)
{
    if (!array_reserve(&j->plan, &j->plan_cap, (size_t)duty->segment_count + 1, sizeof *j->plan))
        return false;
    for (uint32_t i = 0; i < duty->segment_count; i++) {
        const struct duty_segment *s = &duty->segments[i];
        const struct fence *f = &j->world->fences[s->fence];
        j->plan[i] = (struct coverage_plan){f->line_m, f->width_m, s->sides, s->passes};
    }
    return true;
}

/* The drives within a window, and how many vehicles they are of. */
static bool list_intervals(struct duty_judge *j, const struct duty_ledger *l, struct duty_telling *window,
                           size_t *out_count)
{
    size_t count = 0;
    const struct ledger_times *t = &window->times;
    uint8_t seen[UINT16_MAX / 8 + 1] = {0};
    window->vehicles = 0;
    if (!array_reserve(&j->intervals, &j->interval_cap, l->count + 1, sizeof *j->intervals))
        return false;
    for (size_t i = 0; i < l->count; i++) {
        const struct ledger_item *item = &l->items[i];
        int64_t start_ms = l->origin_ms + item->start_ms, end_ms = start_ms + item->lasted_ms;
        if (!(item->flags & ITEM_DRIVE) || (item->flags & ITEM_WITHDRAWN) || start_ms >= t->end_ms ||
            end_ms <= t->from_ms)
            continue;
        uint32_t segment = segment_of(j, window->duty, l->fences[item->drive.segment]);
        if (segment == UINT32_MAX)
            continue;
        window->vehicles += !(seen[item->vehicle / 8] >> item->vehicle % 8 & 1);
        seen[item->vehicle / 8] |= (uint8_t)(1u << item->vehicle % 8);
        j->intervals[count++] = (struct coverage_interval){.segment = segment,
                                                           .vehicle = l->vehicles[item->vehicle],
                                                           .id = key_of(j, l->vehicles[item->vehicle]),
                                                           .start_ms = start_ms,
                                                           .end_ms = end_ms,
                                                           .from_m = (float)item->drive.from_dm / 10,
                                                           .to_m = (float)item->drive.to_dm / 10,
                                                           .fast_m = (float)item->drive.fast_dm / 10,
                                                           .side = item->side};
    }
    *out_count = count;
    return true;
}

static void mix(uint64_t *digest, double value)
{
    uint64_t v = (uint64_t)(int64_t)(value * 10 + 0.5);
    for (int i = 0; i < 8; i++)
        mix_byte(digest, (uint8_t)(v >> i * 8));
}

/* Of all that is told of it: nothing is said twice. */
static uint64_t digest_of(const struct coverage *c, uint32_t vehicles)
{
    uint64_t digest = DIGEST_BEGIN;
    const double values[] = {c->planned_m, c->done_m,         c->planned_m2, c->done_m2,
                             c->fast_m,    c->unknown_side_m, vehicles,      c->unswept_count};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        mix(&digest, values[i]);
    for (size_t i = 0; i <= COVERAGE_PASSES_MAX; i++)
        mix(&digest, c->passes_m[i]);
    for (size_t i = 0; i < COVERAGE_UNSWEPT_MAX; i++)
        mix(&digest, c->unswept[i].segment * 4.0 + c->unswept[i].side);
    return digest != 0 ? digest : 1;
}

static int32_t permille_of(const struct coverage *c, bool by_area)
{
    double planned = by_area ? c->planned_m2 : c->planned_m, done = by_area ? c->done_m2 : c->done_m;
    return planned > 0 ? (int32_t)(done / planned * 1000) : 0;
}

static struct said_violation unswept_of(const struct duty_ledger *l, const struct duty *duty,
                                        const struct coverage *c, bool heard)
{
    bool over = l->clock_ms >= l->over_ms;
    if (c->unswept_count == 0)
        return (struct said_violation){.standing = VIOLATION_NONE};
    return (struct said_violation){.standing = over ? VIOLATION_CLOSED : VIOLATION_OPEN,
                                   .no_data = !heard,
                                   .end_ms = over ? l->over_ms : 0,
                                   .permille = permille_of(c, duty->by_area)};
}

static void settle_window(struct duty_judge *j, struct duty_ledger *l, const struct duty *duty,
                          struct duty_telling *t, const struct coverage *c)
{
    struct said_window *said = &l->windows[t->place];
    uint64_t digest = digest_of(c, t->vehicles);
    struct said_violation finding = unswept_of(l, duty, c, said->heard);
    t->coverage = c;
    t->window = said;
    t->from_min = said->from_min;
    t->to_min = said->to_min;
    t->start_ms = t->times.end_ms;
    t->has_finding = finding.standing != VIOLATION_NONE;
    if (c->unswept_count > 0)
        t->fence = j->world->fences[duty->segments[c->unswept[0].segment].fence].id;
    if (digest != said->digest) {
        t->type = DUTY_TELLS_WINDOW;
        t->event = said->rev == 0 ? DUTY_JUDGED : DUTY_UPDATED;
        said->rev++;
        said->digest = digest;
        j->listener.tell(j->listener.context, t);
        l->changed = true;
    }
    uint32_t rev = said->violation.rev;
    duty_finding_settle(&j->listener, t, &said->violation, &finding);
    l->changed |= rev != said->violation.rev;
}

bool duty_judge_windows(struct duty_judge *j, struct duty_ledger *l, const struct duty *duty,
                        int64_t received_ms)
{
    const struct rule_settings *s = world_rule(j->world, KIND_UNSWEPT, 0);
    if (!list_plan(j, duty))
        return false;
    for (uint32_t i = 0; i < l->window_count; i++) {
        struct duty_telling t = telling_of(l, duty, i, received_ms);
        struct coverage coverage;
        size_t count;
        if (!is_judged(l, i) ||
            !(l->unsettled || has_passed(l, t.times.judged_ms) || has_passed(l, l->over_ms)))
            continue;
        if (!list_intervals(j, l, &t, &count))
            return false;
        const struct coverage_asked asked = {.plan = j->plan,
                                             .segment_count = duty->segment_count,
                                             .from_ms = l->times[i].from_ms,
                                             .to_ms = l->times[i].end_ms,
                                             .enough = s->own[UNSWEPT_ENOUGH_PERCENT] / 100,
                                             .new_pass_ms = (int64_t)(s->own[UNSWEPT_NEW_PASS_S] * 1000)};
        duty_coverage_sum(&asked, j->intervals, count, &coverage);
        settle_window(j, l, duty, &t, &coverage);
    }
    note_settled(l);
    return true;
}

/* ---- what is gone ---- */

void duty_judge_gone(struct duty_judge *j, const struct duty_ledger *l, const struct duty_left *left,
                     int64_t at_ms)
{
    const struct said_point *point = left->point;
    const struct said_window *window = left->window;
    struct duty_telling t = {.type = DUTY_TELLS_FINDING,
                             .event = DUTY_GONE,
                             .duty_symbol = l->duty,
                             .duty = left->duty,
                             .day = l->day,
                             .received_ms = DUTY_NEVER,
                             .at_ms = at_ms,
                             .fence = point != NULL ? point->fence : 0,
                             .from_min = point != NULL ? point->from_min : window->from_min,
                             .to_min = window != NULL ? window->to_min : 0,
                             .point = point,
                             .window = window,
                             .finding = point != NULL ? point->violation : window->violation,
                             .has_finding = true};
    if (t.finding.standing != VIOLATION_OPEN)
        return;
    t.finding.standing = VIOLATION_CLOSED;
    t.finding.end_ms = at_ms;
    t.finding.rev++;
    j->listener.tell(j->listener.context, &t);
}
