#include "duty_visits.h"

#include "array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Some less than a degree of latitude has anywhere. */
static const double degree_m = 110000;
static const double to_rad = 0.017453292519943295769;

const char *point_state_name(enum point_state state)
{
    static const char *const names[] = {"missed", "early", "on_time", "late"};
    return names[state];
}

/* What a way comes to: more served is better, then less time off. The step is its last; VISIT_NOBODY: it has none. */
struct visit_best {
    int64_t off_ms;
    uint32_t served, step;
};

/* A point that is served, and the step before it. */
struct visit_step {
    uint32_t point, stop, before;
};

/* What was the best of a point, before the stop. */
struct visit_undo {
    struct visit_best best;
    uint32_t point;
};

static const struct visit_best none = {0, 0, VISIT_NOBODY};

static bool is_better(const struct visit_best *a, const struct visit_best *b)
{
    return a->served != b->served ? a->served > b->served : a->off_ms < b->off_ms;
}

/* ---- the best of the first points ---- */

static void set_best(struct visit_board *b, uint32_t point, struct visit_best best)
{
    uint32_t at = b->tree_size + point;
    b->tree[at] = best;
    for (at /= 2; at > 0; at /= 2)
        b->tree[at] =
            is_better(&b->tree[at * 2 + 1], &b->tree[at * 2]) ? b->tree[at * 2 + 1] : b->tree[at * 2];
}

static struct visit_best best_before(const struct visit_board *b, uint32_t point)
{
    struct visit_best best = none;
    for (uint32_t at = b->tree_size + point; at > 1; at /= 2)
        if ((at & 1) && !is_better(&best, &b->tree[at - 1]))
            best = b->tree[at - 1];
    return best;
}

bool visit_board_begin(struct visit_board *b, const struct visit_order *order)
{
    uint32_t size = 1;
    while (size < order->point_count)
        size *= 2;
    struct visit_best *tree = malloc((size_t)size * 2 * sizeof *tree);
    if (tree == NULL)
        return false;
    for (uint32_t i = 0; i < size * 2; i++)
        tree[i] = none;
    free(b->tree);
    b->tree = tree;
    b->tree_size = size;
    b->count = b->may_count = b->step_count = b->undo_count = 0;
    b->radius_m = 0;
    for (uint32_t i = 0; i < order->point_count; i++)
        b->radius_m = fmax(b->radius_m, order->points[i].radius_m);
    return true;
}

void visit_board_fini(struct visit_board *b)
{
    free(b->stops);
    free(b->may);
    free(b->tree);
    free(b->steps);
    free(b->undo);
    *b = (struct visit_board){0};
}

/* ---- which points a stop may serve ---- */

static bool serves(const struct visit_point *p, const struct duty_stop *s)
{
    return (s->inferred || s->left_ms - s->arrived_ms >= p->min_stop_ms) &&
           mw_distance_m(p->at, s->at) <= p->radius_m + (double)s->error_m;
}

static int64_t off_ms(const struct visit_point *p, const struct duty_stop *s)
{
    return s->arrived_ms > p->from_ms ? s->arrived_ms - p->from_ms : p->from_ms - s->arrived_ms;
}

/* Another window of the place is nearer, and before it; one that is farther, gives way to it. */
static bool gives_way(struct visit_board *b, const struct visit_order *order, struct visit_board_stop *x,
                      uint32_t point)
{
    const struct visit_point *p = &order->points[point];
    for (uint32_t i = 0; i < x->may_count && p->fence != 0; i++) {
        uint32_t *other = &b->may[x->may_first + i];
        if (order->points[*other].fence != p->fence)
            continue;
        if (off_ms(&order->points[*other], &x->stop) <= off_ms(p, &x->stop))
            return true;
        memmove(other, other + 1, (x->may_count - i - 1) * sizeof *other);
        b->may_count--;
        x->may_count--;
        return false;
    }
    return false;
}

static bool list_points(struct visit_board *b, const struct visit_order *order, struct visit_board_stop *x)
{
    const struct duty_stop *s = &x->stop;
    double north_deg = (b->radius_m + (double)s->error_m) / degree_m;
    double narrow = cos((fabs(s->at.lat_deg) + north_deg) * to_rad);
    double east_deg = narrow > north_deg ? north_deg / narrow : 360;
    x->may_first = (uint32_t)b->may_count;
    x->may_count = 0;
    for (uint32_t i = 0; i < order->point_count; i++) {
        const struct visit_point *p = &order->points[i];
        if (fabs(p->at.lat_deg - s->at.lat_deg) > north_deg || fabs(mw_east_deg(s->at, p->at)) > east_deg ||
            !serves(p, s) || gives_way(b, order, x, i))
            continue;
        if (!array_reserve(&b->may, &b->may_cap, b->may_count + 1, sizeof *b->may))
            return false;
        b->may[b->may_count++] = i;
        x->may_count++;
    }
    return true;
}

/* ---- on the board, and off ---- */

static bool take_best(struct visit_board *b, uint32_t point, uint32_t stop, struct visit_best best)
{
    if (!array_reserve(&b->undo, &b->undo_cap, b->undo_count + 1, sizeof *b->undo) ||
        !array_reserve(&b->steps, &b->step_cap, b->step_count + 1, sizeof *b->steps))
        return false;
    b->undo[b->undo_count++] = (struct visit_undo){b->tree[b->tree_size + point], point};
    b->steps[b->step_count] = (struct visit_step){point, stop, best.step};
    best.step = (uint32_t)b->step_count++;
    set_best(b, point, best);
    return true;
}

/* A stop whose turn it is. */
static bool enter(struct visit_board *b, const struct visit_order *order, uint32_t stop)
{
    struct visit_board_stop *x = &b->stops[stop];
    x->undo_from = (uint32_t)b->undo_count;
    x->steps_from = (uint32_t)b->step_count;
    for (uint32_t i = 0; i < x->may_count; i++) {
        uint32_t point = b->may[x->may_first + i];
        struct visit_best best = order->free ? none : best_before(b, point);
        best.served++;
        best.off_ms += off_ms(&order->points[point], &x->stop);
        if (is_better(&best, &b->tree[b->tree_size + point]) && !take_best(b, point, stop, best))
            return false;
    }
    return true;
}

/* The last that has entered goes. */
static void leave(struct visit_board *b, uint32_t stop)
{
    const struct visit_board_stop *x = &b->stops[stop];
    while (b->undo_count > x->undo_from) {
        const struct visit_undo *undo = &b->undo[--b->undo_count];
        set_best(b, undo->point, undo->best);
    }
    b->step_count = x->steps_from;
}

static int compare(const struct duty_stop *x, const struct duty_stop *y)
{
    if (x->arrived_ms != y->arrived_ms)
        return x->arrived_ms < y->arrived_ms ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Where it is, or belongs. */
static uint32_t place_of(const struct visit_board *b, const struct duty_stop *stop, bool *out_there)
{
    uint32_t from = 0, to = (uint32_t)b->count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (compare(&b->stops[middle].stop, stop) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    for (to = from; to < b->count && compare(&b->stops[to].stop, stop) == 0; to++)
        if (b->stops[to].stop.vehicle == stop->vehicle) {
            *out_there = true;
            return to;
        }
    *out_there = false;
    return from;
}

/* Those from a place on leave, and come back by enter_from. */
static void leave_from(struct visit_board *b, uint32_t place)
{
    for (uint32_t i = (uint32_t)b->count; i > place; i--)
        leave(b, i - 1);
}

static bool enter_from(struct visit_board *b, const struct visit_order *order, uint32_t place)
{
    for (uint32_t i = place; i < b->count; i++)
        if (!enter(b, order, i))
            return false;
    return true;
}

/* Points that no stop names any more are left behind, until they are too many. */
static bool gather(struct visit_board *b)
{
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++)
        count += b->stops[i].may_count;
    if (b->may_count < 1024 || b->may_count < count * 2)
        return true;
    uint32_t *may = malloc((count + 1) * sizeof *may);
    if (may == NULL)
        return false;
    b->may_count = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct visit_board_stop *x = &b->stops[i];
        memcpy(&may[b->may_count], &b->may[x->may_first], x->may_count * sizeof *may);
        x->may_first = (uint32_t)b->may_count;
        b->may_count += x->may_count;
    }
    free(b->may);
    b->may = may;
    b->may_cap = count + 1;
    return true;
}

bool visit_board_put(struct visit_board *b, const struct visit_order *order, const struct duty_stop *stop)
{
    bool there;
    uint32_t place = place_of(b, stop, &there);
    struct visit_board_stop put = {.stop = *stop};
    if (!array_reserve(&b->stops, &b->cap, b->count + 1, sizeof *b->stops) || !gather(b))
        return false;
    leave_from(b, place);
    /* One that lasts is told again and again. */
    if (there && b->stops[place].may_first + b->stops[place].may_count == b->may_count)
        b->may_count = b->stops[place].may_first;
    if (!list_points(b, order, &put))
        return false;
    if (!there) {
        memmove(&b->stops[place + 1], &b->stops[place], (b->count - place) * sizeof *b->stops);
        b->count++;
    }
    b->stops[place] = put;
    return enter_from(b, order, place);
}

bool visit_board_drop(struct visit_board *b, const struct visit_order *order, const struct duty_stop *stop)
{
    bool there;
    uint32_t place = place_of(b, stop, &there);
    if (!there)
        return true;
    leave_from(b, place);
    b->count--;
    memmove(&b->stops[place], &b->stops[place + 1], (b->count - place) * sizeof *b->stops);
    return enter_from(b, order, place);
}

/* ---- what comes of it ---- */

static void settle(struct visit_board *b, const struct visit_order *order, uint32_t point, uint32_t stop,
                   struct point_visit *out)
{
    const struct visit_point *p = &order->points[point];
    const struct duty_stop *s = &b->stops[stop].stop;
    b->stops[stop].used = true;
    out[point].stop = stop;
    out[point].distance_m = (float)mw_distance_m(p->at, s->at);
    out[point].state = s->arrived_ms < p->from_ms - p->grace_ms ? POINT_EARLY
                       : s->arrived_ms > p->to_ms + p->grace_ms ? POINT_LATE
                                                                : POINT_ON_TIME;
}

static bool may_serve(const struct visit_board *b, const struct visit_board_stop *x, uint32_t point)
{
    for (uint32_t i = 0; i < x->may_count; i++)
        if (b->may[x->may_first + i] == point)
            return true;
    return false;
}

static void find_latecomer(struct visit_board *b, const struct visit_order *order, uint32_t point,
                           struct point_visit *out)
{
    int64_t behind_ms = order->points[point].to_ms + order->points[point].grace_ms;
    uint32_t first = (uint32_t)b->count;
    while (first > 0 && b->stops[first - 1].stop.arrived_ms > behind_ms)
        first--;
    for (uint32_t i = first; i < b->count; i++)
        if (!b->stops[i].used && may_serve(b, &b->stops[i], point)) {
            settle(b, order, point, i, out);
            return;
        }
}

void visit_board_assign(struct visit_board *b, const struct visit_order *order, struct point_visit *out)
{
    for (size_t i = 0; i < b->count; i++)
        b->stops[i].used = false;
    for (uint32_t point = 0; point < order->point_count; point++) {
        uint32_t step = b->tree[b->tree_size + point].step;
        out[point] = (struct point_visit){.stop = VISIT_NOBODY};
        if (order->free && step != VISIT_NOBODY)
            settle(b, order, point, b->steps[step].stop, out);
    }
    for (uint32_t step = order->free ? VISIT_NOBODY : b->tree[1].step; step != VISIT_NOBODY;
         step = b->steps[step].before)
        settle(b, order, b->steps[step].point, b->steps[step].stop, out);
}

void visit_board_add_latecomers(struct visit_board *b, const struct visit_order *order,
                                struct point_visit *out)
{
    for (uint32_t point = 0; point < order->point_count; point++)
        if (out[point].stop == VISIT_NOBODY)
            find_latecomer(b, order, point, out);
}
