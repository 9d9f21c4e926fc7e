/*
 * attended: the tracker's count of the time in which it could have heard the vehicles.
 *
 * It stands still while the tracker is down, disconnected, or has not yet read what waited for it, so that no
 * deadline fires for a silence that was ours (vehicle.h). Its value is stored with every commit and goes on
 * from there after a restart.
 *
 * It runs by the wall clock, the one that arrivals are recorded by, so that a replay can work out from the
 * recorded arrivals what it showed: as long as it runs, it and the arrivals grow by the same. A wall clock
 * that is set is noticed by the monotonic one, and what it jumped does not count. It never shows less than it
 * has shown: where the wall clock steps back by too little to be noticed, it stands until it has caught up
 * with itself. Where the two part, at a start, a stop, a jump or a step, the first batch after it records a
 * mark; attended_expected says what a replay makes of the last one.
 */
#ifndef MW_ATTENDED_H
#define MW_ATTENDED_H

#include "clock.h"

#include <stdbool.h>
#include <stdint.h>

/* A wall clock this far from where the monotonic one says it should be was set. */
#define ATTENDED_JUMP_MS 1000

struct attended {
    int64_t counted_ms; /* until `since`, or all of it while it stands */
    int64_t since_ms;   /* wall */
    int64_t ahead_ms;   /* the wall clock's lead over the monotonic one since then */
    int64_t shown_ms;   /* while it runs: what it showed last */
    bool running;
};

static inline int64_t attended_ms(const struct attended *a, struct wall now)
{
    return a->counted_ms + (a->running ? now.ms - a->since_ms : 0);
}

static inline void attended_start(struct attended *a, struct wall now, struct mono mono)
{
    if (a->running)
        return;
    a->since_ms = now.ms;
    a->ahead_ms = now.ms - mono.ms;
    a->shown_ms = a->counted_ms;
    a->running = true;
}

static inline void attended_stop(struct attended *a, struct wall now)
{
    a->counted_ms = attended_ms(a, now);
    a->running = false;
}

/* What the wall clock was moved by is no time that went by. */
static inline void attended_take_out(struct attended *a, int64_t moved_ms)
{
    a->since_ms += moved_ms;
    a->ahead_ms += moved_ms;
}

/* To be called before the count is asked for: takes out what the wall clock jumped, and stepped back. */
static inline void attended_follow(struct attended *a, struct wall now, struct mono mono)
{
    if (!a->running)
        return;
    int64_t jump_ms = now.ms - mono.ms - a->ahead_ms;
    if (jump_ms > ATTENDED_JUMP_MS || jump_ms < -ATTENDED_JUMP_MS)
        attended_take_out(a, jump_ms);
    int64_t back_ms = attended_ms(a, now) - a->shown_ms;
    if (back_ms < 0)
        attended_take_out(a, back_ms);
    a->shown_ms = attended_ms(a, now);
}

/* What was recorded: at this arrival the count was this, and it ran or stood. */
struct attended_mark {
    bool known;
    int64_t received_ms;
    int64_t clock_ms;
    bool running;
    /* Of this batch alone, which was full: only what was due by fired_ms has fired with it or before. */
    bool held;
    int64_t fired_ms;
};

/* The count at an arrival, going on from a mark. */
static inline int64_t attended_expected(const struct attended_mark *mark, int64_t received_ms)
{
    return mark->clock_ms + (mark->running ? received_ms - mark->received_ms : 0);
}

#endif
