#include "fix_order.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Lags of one wrong clock differ by no more than the contract's 5 s to either side. */
#define RUN_WIDTH_MS (2 * 5 * 1000)
/* Of one instant so many are looked at for a repeat: a unit that says a thousand things of it costs no more. */
enum { SAME_TIME_MAX = 32 };

static int64_t lag_ms(const struct late_fix *f)
{
    return f->received_ms - f->fix.time.ms;
}

/* What came right before a fix of a wrong clock, late by as much, is of that clock. */
static void skip_clock_runs(struct late_fix *fixes, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        const struct late_fix *wrong = &fixes[i - 1];
        if (wrong->mark != LATE_CLOCK)
            continue;
        fixes[i - 1].skipped = true;
        for (size_t j = i - 1; j > 0 && fixes[j - 1].mark == LATE_LATE; j--) {
            if (llabs(lag_ms(&fixes[j - 1]) - lag_ms(wrong)) > RUN_WIDTH_MS)
                break;
            fixes[j - 1].skipped = true;
        }
    }
}

static bool same_sensors(const struct sensors *a, const struct sensors *b)
{
    /* The words are a byte each, from the first to `antenna`; behind that is a hole, which may hold anything. */
    return memcmp(a, b, offsetof(struct sensors, antenna) + 1) == 0 &&
           (a->load_kg == b->load_kg || (isnan(a->load_kg) && isnan(b->load_kg))) &&
           (a->height_m == b->height_m || (isnan(a->height_m) && isnan(b->height_m)));
}

static bool says_the_same(const struct late_fix *a, const struct late_fix *b)
{
    const struct fix *f = &a->fix, *g = &b->fix;
    bool placed = fix_has(f, FIX_HAS_POSITION);
    if (f->time.ms != g->time.ms || placed != fix_has(g, FIX_HAS_POSITION))
        return false;
    return (!placed || (f->lat_deg == g->lat_deg && f->lon_deg == g->lon_deg)) &&
           same_sensors(&f->sensors, &g->sensors);
}

/* The fixes stand in the order of time. */
static void skip_repeats(struct late_fix *fixes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct late_fix *f = &fixes[i];
        size_t least = i > SAME_TIME_MAX ? i - SAME_TIME_MAX : 0;
        for (size_t j = i; j > least && fixes[j - 1].fix.time.ms == f->fix.time.ms && !f->skipped; j--)
            f->skipped = f->mark == LATE_LATE && !fixes[j - 1].skipped && says_the_same(&fixes[j - 1], f);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct late_fix *f = a, *g = b;
    if (f->skipped != g->skipped)
        return f->skipped ? 1 : -1;
    if (f->fix.time.ms != g->fix.time.ms)
        return f->fix.time.ms < g->fix.time.ms ? -1 : 1;
    return f->place < g->place ? -1 : f->place > g->place;
}

size_t fix_order(struct late_fix *fixes, size_t count)
{
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        fixes[i].place = (uint32_t)i;
        fixes[i].skipped = false;
    }
    skip_clock_runs(fixes, count);
    qsort(fixes, count, sizeof *fixes, by_time);
    skip_repeats(fixes, count);
    qsort(fixes, count, sizeof *fixes, by_time);
    while (count > 0 && fixes[count - 1].skipped)
        count--;
    return count;
}
