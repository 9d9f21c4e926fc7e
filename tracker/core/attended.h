/*
 * attended: the tracker's count of the time in which it could have heard the vehicles.
 *
 * It stands still while the tracker is down, disconnected, or has not yet read what waited for it, so that no
 * deadline fires for a silence that was ours (vehicle.h). Its value is stored with every commit and goes on
 * from there after a restart.
 */
#ifndef MW_ATTENDED_H
#define MW_ATTENDED_H

#include <stdbool.h>
#include <stdint.h>

struct attended {
    int64_t counted_ms; /* until `since_ms`, or all of it while it stands */
    int64_t since_ms;   /* monotonic */
    bool running;
};

static inline int64_t attended_ms(const struct attended *a, int64_t mono_ms)
{
    return a->counted_ms + (a->running ? mono_ms - a->since_ms : 0);
}

static inline void attended_start(struct attended *a, int64_t mono_ms)
{
    if (!a->running)
        a->since_ms = mono_ms;
    a->running = true;
}

static inline void attended_stop(struct attended *a, int64_t mono_ms)
{
    a->counted_ms = attended_ms(a, mono_ms);
    a->running = false;
}

#endif
