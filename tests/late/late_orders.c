/*
 * The orders in which terminals send: the newest first after a dead zone and what was stored behind it, forwards,
 * backwards or in any order; at once or slowly; once more under other numbers; and one that was lost for a day.
 */
#include "late.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

enum { ZONES_MAX = 6 };

enum batch {
    BATCH_FORWARDS,
    BATCH_BACKWARDS,
    BATCH_MIXED,
    BATCH_BLOCKS,  /* the last block first, each forwards */
    BATCH_BETWEEN, /* one stored fix after each live one */
    BATCHES
};

struct terminal {
    const struct drives *d;
    struct arrivals *a;
    struct chance *c;
    const struct arrival_wish *wish;
    uint32_t who;
    enum batch batch;
    int64_t spacing_ms, latency_ms;
    struct {
        int64_t from_ms, to_ms;
    } zones[ZONES_MAX];
    uint32_t zone_count;
    int64_t sound_ms; /* its clock is right from here on */
    size_t *held;
    size_t held_count, held_cap;
    uint32_t turn;
};

static void send(struct terminal *t, size_t fix, int64_t received_ms, bool again)
{
    struct arrivals *a = t->a;
    if (a->count == a->cap) {
        a->cap = a->cap * 2 + 256;
        a->list = realloc(a->list, a->cap * sizeof *a->list);
        if (a->list == NULL)
            abort();
    }
    a->list[a->count++] =
        (struct came){.fix = fix, .received_ms = received_ms, .turn = t->turn++, .again = again};
}

static void hold(struct terminal *t, size_t fix)
{
    if (t->held_count == t->held_cap) {
        t->held_cap = t->held_cap * 2 + 64;
        t->held = realloc(t->held, t->held_cap * sizeof *t->held);
        if (t->held == NULL)
            abort();
    }
    t->held[t->held_count++] = fix;
}

static bool is_added(const struct terminal *t, size_t held)
{
    return t->d->list[t->held[held]].added;
}

static void turn_round(size_t *list, size_t from, size_t to)
{
    for (; from + 1 < to; from++, to--) {
        size_t x = list[from];
        list[from] = list[to - 1];
        list[to - 1] = x;
    }
}

/* The stored fixes in the order in which they are sent. */
static void put_in_order(struct terminal *t)
{
    size_t n = t->held_count;
    if (t->batch == BATCH_BACKWARDS || t->batch == BATCH_BLOCKS)
        turn_round(t->held, 0, n);
    size_t block = 5 + chance_below(t->c, 60);
    for (size_t i = 0; t->batch == BATCH_BLOCKS && i < n; i += block)
        turn_round(t->held, i, i + block < n ? i + block : n);
    for (size_t i = n; t->batch == BATCH_MIXED && i > 1; i--) {
        size_t k = chance_below(t->c, (uint32_t)i), x = t->held[k];
        t->held[k] = t->held[i - 1];
        t->held[i - 1] = x;
    }
}

/* The whole of a batch, or a piece of it, once more. */
static void repeat(struct terminal *t, int64_t at_ms)
{
    size_t from = chance_one_in(t->c, 2) ? 0 : chance_below(t->c, (uint32_t)t->held_count);
    at_ms += (int64_t)(pow(10, chance_between(t->c, 2, 6.5)));
    for (size_t i = from; i < t->held_count; i++)
        send(t, t->held[i], at_ms + (int64_t)(i - from) * t->spacing_ms, true);
}

static void empty(struct terminal *t, int64_t at_ms)
{
    put_in_order(t);
    for (size_t i = 0; i < t->held_count; i++)
        send(t, t->held[i], at_ms + (int64_t)i * t->spacing_ms, false);
    if (chance_one_in(t->c, 3))
        repeat(t, at_ms + (int64_t)t->held_count * t->spacing_ms);
    t->held_count = 0;
}

/* With what belongs to the same moment. */
static void send_oldest(struct terminal *t, int64_t at_ms)
{
    size_t n = 1;
    while (n < t->held_count && is_added(t, n))
        n++;
    for (size_t i = 0; i < n; i++)
        send(t, t->held[i], at_ms, false);
    memmove(t->held, t->held + n, (t->held_count - n) * sizeof *t->held);
    t->held_count -= n;
}

static bool in_zone(const struct terminal *t, int64_t ms)
{
    for (uint32_t i = 0; i < t->zone_count; i++)
        if (ms >= t->zones[i].from_ms && ms < t->zones[i].to_ms)
            return true;
    return false;
}

static void hear(struct terminal *t, size_t fix)
{
    int64_t now_ms = t->d->list[fix].made_ms + t->latency_ms;
    send(t, fix, now_ms, false);
    bool more = fix + 1 < t->d->fixes && t->d->list[fix + 1].added; /* of this moment */
    if (t->held_count == 0 || more)
        return;
    if (t->batch == BATCH_BETWEEN)
        send_oldest(t, now_ms);
    else
        empty(t, now_ms + 1 + (int64_t)chance_below(t->c, 3000));
}

/* The lost one: comes a day later, or nearly. */
static int64_t lost_until(const struct terminal *t, const struct made_fix *f)
{
    static const double hours[] = {0.2, 3, 20, 23, 23.9, 24.2};
    double h = hours[chance_below(t->c, 6)];
    return f->made_ms + (int64_t)(chance_between(t->c, 0.9, 1) * h * HOUR_MS);
}

static void choose_zones(struct terminal *t, int64_t from_ms, int64_t to_ms)
{
    uint32_t n = t->wish->in_order ? 0 : 1 + chance_below(t->c, ZONES_MAX);
    t->zone_count = 0;
    for (; n > 0; n--) {
        double seconds = 5 * pow(6 * 3600 / 5.0, chance_between(t->c, 0, 1));
        int64_t begin_ms = from_ms + (int64_t)(chance_between(t->c, 0, 1) * (double)(to_ms - from_ms));
        if (begin_ms <= t->sound_ms) /* a clock is known by ten that come as they are made */
            continue;
        t->zones[t->zone_count].from_ms = begin_ms;
        t->zones[t->zone_count++].to_ms = begin_ms + (int64_t)(seconds * 1000);
    }
}

static void choose(struct terminal *t, size_t first, size_t last)
{
    static const int64_t spacings[] = {0, 1, 10, 300, 1000};
    struct chance *c = t->c;
    t->batch = (enum batch)chance_below(c, BATCHES);
    t->spacing_ms = spacings[chance_below(c, 5)];
    /* Forwards so slowly, long after the silence, is how a wrong clock looks (core/lag.h). */
    if (t->batch != BATCH_BACKWARDS && t->batch != BATCH_MIXED && t->spacing_ms == 1000)
        t->spacing_ms = 300;
    t->latency_ms = t->wish->no_latency ? 0 : 50 + chance_below(c, 2000);
    t->sound_ms = TIME_NONE_MS;
    for (size_t i = first; i <= last; i++)
        if (t->d->list[i].who == t->who && t->d->list[i].wrong)
            t->sound_ms = t->d->list[i].made_ms;
    choose_zones(t, t->d->list[first].made_ms, t->d->list[last].made_ms);
}

static bool is_stored(const struct terminal *t, size_t i, bool before)
{
    const struct made_fix *f = &t->d->list[i];
    if (f->added)
        return before;
    return in_zone(t, f->made_ms);
}

static void vehicle_sends(struct terminal *t)
{
    size_t first = 0, last = 0, of_it = 0;
    for (size_t i = 0; i < t->d->fixes; i++)
        if (t->d->list[i].who == t->who) {
            first = of_it++ == 0 ? i : first;
            last = i;
        }
    if (of_it == 0)
        return;
    choose(t, first, last);
    size_t lost =
        !t->wish->in_order && chance_one_in(t->c, 3) ? chance_below(t->c, (uint32_t)of_it) : SIZE_MAX;
    bool stored = false;
    for (size_t i = first, n = 0; i <= last; i++) {
        const struct made_fix *f = &t->d->list[i];
        if (f->who != t->who)
            continue;
        stored = i < last && is_stored(t, i, stored); /* the newest comes first, also in the end */
        bool alone =
            !f->added && (i + 1 == t->d->fixes || !t->d->list[i + 1].added) && f->made_ms > t->sound_ms;
        if (n++ == lost && alone && i < last)
            send(t, i, lost_until(t, f), false);
        else if (stored)
            hold(t, i);
        else
            hear(t, i);
        if (t->wish->in_order && f->made_ms > t->sound_ms && chance_one_in(t->c, 9))
            send(t, i, t->d->list[i].made_ms + t->latency_ms + (int64_t)chance_below(t->c, 20) * 60000, true);
    }
    if (t->held_count > 0)
        empty(t, t->d->list[last].made_ms + 5000);
}

static int by_arrival(const void *a, const void *b)
{
    const struct came *x = a, *y = b;
    if (x->received_ms != y->received_ms)
        return x->received_ms < y->received_ms ? -1 : 1;
    return x->turn < y->turn ? -1 : x->turn > y->turn;
}

/* By order of sending, perhaps, and anew now and then. */
static void give_numbers(struct arrivals *a, const struct drives *d, struct chance *c)
{
    for (uint32_t who = 0; who < d->count; who++) {
        bool numbered = !chance_one_in(c, 3) && !d->phone[who];
        uint32_t boot = 1, seq = 0;
        for (size_t i = 0; i < a->count; i++) {
            struct came *x = &a->list[i];
            if (d->list[x->fix].who != who)
                continue;
            x->numbered = numbered;
            x->boot = boot;
            x->seq = ++seq;
        }
    }
}

/* What is to be judged: the first time it comes, if that is not beyond the horizon. */
static void expect(struct arrivals *a, const struct drives *d, int64_t horizon_ms)
{
    int64_t newest_ms[WHO_MAX];
    bool seen[WHO_MAX] = {false};
    for (size_t i = 0; i < a->count; i++) {
        struct came *x = &a->list[i];
        const struct made_fix *f = &d->list[x->fix];
        bool within = !seen[f->who] || f->ms >= newest_ms[f->who] - horizon_ms;
        x->judged = !x->again && !f->wrong && within;
        if (!x->judged || (seen[f->who] && f->ms <= newest_ms[f->who]))
            continue;
        seen[f->who] = true;
        newest_ms[f->who] = f->ms;
    }
}

void arrivals_make(struct arrivals *a, const struct drives *d, const struct arrival_wish *wish,
                   struct chance *c)
{
    struct terminal t = {.d = d, .a = a, .c = c, .wish = wish};
    *a = (struct arrivals){0};
    for (t.who = 0; t.who < d->count; t.who++)
        vehicle_sends(&t);
    free(t.held);
    if (a->count > 0)
        qsort(a->list, a->count, sizeof *a->list, by_arrival);
    give_numbers(a, d, c);
    expect(a, d, wish->horizon_ms);
}

void arrivals_fini(struct arrivals *a)
{
    free(a->list);
}

int64_t arrivals_pause(const struct arrivals *a, const struct drives *d, struct chance *c)
{
    int64_t newest_ms = INT64_MIN, found_ms = TIME_NONE_MS;
    int64_t *least_after = calloc(a->count + 1, sizeof *least_after);
    if (least_after == NULL)
        abort();
    least_after[a->count] = INT64_MAX;
    for (size_t i = a->count; i > 0; i--) {
        int64_t ms = d->list[a->list[i - 1].fix].ms;
        least_after[i - 1] = ms < least_after[i] ? ms : least_after[i];
    }
    uint32_t n = 0;
    for (size_t i = 0; i + 1 < a->count; i++) {
        const struct came *x = &a->list[i];
        if (x->received_ms > newest_ms)
            newest_ms = x->received_ms;
        int64_t at_ms = x->received_ms + 1;
        bool quiet = a->list[i + 1].received_ms > at_ms && least_after[i + 1] > at_ms;
        if (quiet && chance_one_in(c, ++n))
            found_ms = at_ms;
    }
    free(least_after);
    return found_ms;
}
