#include "duty_times.h"

#include "array.h"

#include <stdlib.h>

void duty_times_clear(struct duty_times *t)
{
    for (size_t i = 0; i < t->cap; i++)
        t->of[i] = (struct duty_time){.ms = DUTY_NEVER};
    t->changed_count = 0;
}

void duty_times_fini(struct duty_times *t)
{
    free(t->of);
    free(t->changed);
}

static struct duty_time *time_of(struct duty_times *t, uint32_t symbol)
{
    size_t before = t->cap;
    if (symbol >= before && !array_reserve(&t->of, &t->cap, (size_t)symbol + 1, sizeof *t->of))
        return NULL;
    for (size_t i = before; i < t->cap; i++)
        t->of[i] = (struct duty_time){.ms = DUTY_NEVER};
    return &t->of[symbol];
}

int64_t duty_times_ms(const struct duty_times *t, uint32_t symbol)
{
    return symbol < t->cap ? t->of[symbol].ms : DUTY_NEVER;
}

bool duty_times_set(struct duty_times *t, uint32_t symbol, int64_t ms)
{
    struct duty_time *time = time_of(t, symbol);
    if (time == NULL ||
        !array_reserve(&t->changed, &t->changed_cap, t->changed_count + 1, sizeof *t->changed))
        return false;
    time->ms = ms;
    if (!time->changed)
        t->changed[t->changed_count++] = symbol;
    time->changed = true;
    return true;
}

bool duty_times_restore(struct duty_times *t, uint32_t symbol, int64_t ms)
{
    struct duty_time *time = time_of(t, symbol);
    if (time != NULL)
        time->ms = ms;
    return time != NULL;
}

void duty_times_written(struct duty_times *t)
{
    for (size_t i = 0; i < t->changed_count; i++)
        t->of[t->changed[i]].changed = false;
    t->changed_count = 0;
}
