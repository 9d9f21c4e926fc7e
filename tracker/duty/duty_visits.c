#include "duty_visits.h"

#include <stdlib.h>

const char *point_state_name(enum point_state state)
{
    static const char *const names[] = {"missed", "early", "on_time", "late"};
    return names[state];
}

/* What a way through the first points comes to: more served is better, then less time off. */
struct worth {
    uint32_t served;
    int64_t off_ms;
};

static bool is_better(struct worth a, struct worth b)
{
    return a.served != b.served ? a.served > b.served : a.off_ms < b.off_ms;
}

/* The best way that ends with this stop, or before it. */
struct reach {
    struct worth worth;
    uint32_t step; /* place of its last step; VISIT_NOBODY: nothing is served yet */
};

/* A point that is served, and the step before it. */
struct step {
    uint32_t point, stop, before;
};

struct assigning {
    const struct visit_order *order;
    const struct duty_stop *stops; /* as they were given */
    const struct duty_stop **by_time;
    uint32_t stop_count;
    struct reach *reach, *next;
    struct step *steps;
    size_t step_count, step_cap;
};

static int compare_stops(const void *a, const void *b)
{
    const struct duty_stop *x = *(const struct duty_stop *const *)a, *y = *(const struct duty_stop *const *)b;
    if (x->arrived_ms != y->arrived_ms)
        return x->arrived_ms < y->arrived_ms ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (x > y) - (x < y);
}

static bool serves(const struct visit_point *p, const struct duty_stop *s)
{
    return (s->inferred || s->left_ms - s->arrived_ms >= p->min_stop_ms) &&
           mw_distance_m(p->at, s->at) <= p->radius_m + (double)s->error_m;
}

static int64_t off_ms(const struct visit_point *p, const struct duty_stop *s)
{
    return s->arrived_ms > p->from_ms ? s->arrived_ms - p->from_ms : p->from_ms - s->arrived_ms;
}

static bool add_step(struct assigning *a, struct step step, uint32_t *out_place)
{
    if (a->step_count == a->step_cap) {
        size_t cap = a->step_cap * 2 + 64;
        struct step *grown = realloc(a->steps, cap * sizeof *grown);
        if (grown == NULL)
            return false;
        a->steps = grown;
        a->step_cap = cap;
    }
    *out_place = (uint32_t)a->step_count;
    a->steps[a->step_count++] = step;
    return true;
}

/* reach[k]: the best way whose last stop is among the first k in time. */
static bool take_point(struct assigning *a, uint32_t point)
{
    const struct visit_point *p = &a->order->points[point];
    a->next[0] = a->reach[0];
    for (uint32_t k = 1; k <= a->stop_count; k++) {
        const struct duty_stop *s = a->by_time[k - 1];
        a->next[k] = is_better(a->reach[k].worth, a->next[k - 1].worth) ? a->reach[k] : a->next[k - 1];
        if (!serves(p, s))
            continue;
        struct worth worth = {a->reach[k].worth.served + 1, a->reach[k].worth.off_ms + off_ms(p, s)};
        if (!is_better(worth, a->next[k].worth))
            continue;
        struct step step = {point, (uint32_t)(s - a->stops), a->reach[k].step};
        a->next[k].worth = worth;
        if (!add_step(a, step, &a->next[k].step))
            return false;
    }
    struct reach *now = a->next;
    a->next = a->reach;
    a->reach = now;
    return true;
}

static void settle_stop(const struct visit_point *p, const struct duty_stop *s, uint32_t stop,
                        struct point_visit *out)
{
    out->stop = stop;
    out->distance_m = (float)mw_distance_m(p->at, s->at);
    out->state = s->arrived_ms < p->from_ms - p->grace_ms ? POINT_EARLY
                 : s->arrived_ms > p->to_ms + p->grace_ms ? POINT_LATE
                                                          : POINT_ON_TIME;
}

static void settle(struct assigning *a, uint32_t point, uint32_t stop, struct point_visit *out)
{
    settle_stop(&a->order->points[point], &a->stops[stop], stop, out);
}

static bool assign_in_order(struct assigning *a, struct point_visit *out)
{
    for (uint32_t k = 0; k <= a->stop_count; k++)
        a->reach[k] = (struct reach){.step = VISIT_NOBODY};
    for (uint32_t point = 0; point < a->order->point_count; point++)
        if (!take_point(a, point))
            return false;
    for (uint32_t step = a->reach[a->stop_count].step; step != VISIT_NOBODY; step = a->steps[step].before)
        settle(a, a->steps[step].point, a->steps[step].stop, &out[a->steps[step].point]);
    return true;
}

static void assign_freely(struct assigning *a, struct point_visit *out)
{
    for (uint32_t point = 0; point < a->order->point_count; point++) {
        const struct visit_point *p = &a->order->points[point];
        const struct duty_stop *best = NULL;
        for (uint32_t k = 0; k < a->stop_count; k++)
            if (serves(p, a->by_time[k]) && (best == NULL || off_ms(p, a->by_time[k]) < off_ms(p, best)))
                best = a->by_time[k];
        if (best != NULL)
            settle(a, point, (uint32_t)(best - a->stops), &out[point]);
    }
}

bool duty_visits_assign(const struct visit_order *order, const struct duty_stop *stops, uint32_t stop_count,
                        struct point_visit *out)
{
    struct assigning a = {.order = order, .stops = stops, .stop_count = stop_count};
    a.by_time = malloc(((size_t)stop_count + 1) * sizeof(const struct duty_stop *));
    struct reach *both = malloc(((size_t)stop_count + 1) * 2 * sizeof *both);
    bool ok = a.by_time != NULL && both != NULL;
    for (uint32_t point = 0; point < order->point_count; point++)
        out[point] = (struct point_visit){.stop = VISIT_NOBODY};
    if (ok) {
        for (uint32_t k = 0; k < stop_count; k++)
            a.by_time[k] = &stops[k];
        if (stop_count > 0)
            qsort((void *)a.by_time, stop_count, sizeof *a.by_time, compare_stops);
        a.reach = both;
        a.next = both + stop_count + 1;
        if (order->free)
            assign_freely(&a, out);
        else
            ok = assign_in_order(&a, out);
    }
    free((void *)a.by_time);
    free(both);
    free(a.steps);
    return ok;
}

static bool serves_any(const struct point_visit *visits, uint32_t count, uint32_t stop)
{
    for (uint32_t i = 0; i < count; i++)
        if (visits[i].stop == stop)
            return true;
    return false;
}

void duty_visits_latecomers(const struct visit_order *order, const struct duty_stop *stops,
                            uint32_t stop_count, struct point_visit *visits)
{
    for (uint32_t i = 0; i < order->point_count; i++) {
        const struct visit_point *p = &order->points[i];
        for (uint32_t k = 0; k < stop_count && visits[i].stop == VISIT_NOBODY; k++)
            if (stops[k].arrived_ms > p->to_ms + p->grace_ms && serves(p, &stops[k]) &&
                !serves_any(visits, order->point_count, k))
                settle_stop(p, &stops[k], k, &visits[i]);
    }
}
