/*
 * duty_times: a time of each vehicle, or of each duty, by its symbol, and which of them have changed.
 */
#ifndef MW_DUTY_TIMES_H
#define MW_DUTY_TIMES_H

#include "duty_work.h"

#include <stddef.h>

/* A time of each vehicle, or duty. */
struct duty_time {
    int64_t ms; /* DUTY_NEVER: none */
    bool changed;
};

struct duty_times {
    struct duty_time *of; /* by symbol */
    size_t cap;
    uint32_t *changed; /* symbols of those that changed since they were written */
    size_t changed_count, changed_cap;
};

/* Forgets all, and keeps the memory; and lets go of that. */
void duty_times_clear(struct duty_times *t);
void duty_times_fini(struct duty_times *t);
int64_t duty_times_ms(const struct duty_times *t, uint32_t symbol);
/* False without memory. */
bool duty_times_set(struct duty_times *t, uint32_t symbol, int64_t ms);
/* The same, as it was written. */
bool duty_times_restore(struct duty_times *t, uint32_t symbol, int64_t ms);
void duty_times_written(struct duty_times *t);

#endif
