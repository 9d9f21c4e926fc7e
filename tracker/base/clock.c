#include "clock.h"

#include <sys/timex.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts); /* cannot fail for these two clocks with a valid pointer */
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct wall clock_wall(void)
{
    return (struct wall){read_ms(CLOCK_REALTIME)};
}

struct mono clock_mono(void)
{
    return (struct mono){read_ms(CLOCK_MONOTONIC)};
}

struct clock_sync clock_sync(void)
{
    struct timex t = {.modes = 0};
    int state = ntp_adjtime(&t);
    int64_t offset = t.offset;
    return (struct clock_sync){.known = state >= 0,
                               .synchronised =
                                   state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0,
                               .offset_us = (t.status & STA_NANO) != 0 ? offset / 1000 : offset,
                               .error_us = t.maxerror};
}

int64_t clock_thread_cpu_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}
