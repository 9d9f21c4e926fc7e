/*
 * clock: the two kinds of time, as types that cannot be mixed, and the one place that reads clocks.
 *
 * Wall time is milliseconds since the epoch, UTC, floored. Monotonic time only ever grows and means nothing
 * outside this process. Everything but the programs and the adapters takes `now` as an argument.
 */
#ifndef MW_CLOCK_H
#define MW_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct wall {
    int64_t ms; /* since 1970-01-01T00:00:00Z */
};

struct mono {
    int64_t ms;
};

/* Now, by the system's clocks. */
struct wall clock_wall(void);
struct mono clock_mono(void);
/* What the kernel knows of its wall clock (ntp_adjtime). */
struct clock_sync {
    bool known; /* false: this machine does not say */
    bool synchronised;
    int64_t offset_us, error_us; /* what is still to be put right; the largest error, as it is estimated */
};
struct clock_sync clock_sync(void);
/* Processor time that the calling thread has taken, in ns. */
int64_t clock_thread_cpu_ns(void);

#endif
