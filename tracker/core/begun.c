#include "begun.h"

#include <assert.h>

/* Kind and start in one number; times are below 2^41. */
enum { KIND_BITS = 8, KIND_MASK = (1 << KIND_BITS) - 1 };

void begun_take(struct vehicle_state *s, enum kind kind, int64_t start_ms)
{
    if (!kind_row(kind)->past)
        return;
    int i = 0;
    while (i < BEGUN_MAX && s->begun[i] != 0 && (s->begun[i] & KIND_MASK) != (uint64_t)kind)
        i++;
    assert(i < BEGUN_MAX);
    s->begun[i] = (uint64_t)start_ms << KIND_BITS | (uint64_t)kind;
    s->flags |= VEHICLE_BEGUN;
}

int64_t begun_after(const struct vehicle_state *s, enum kind kind, int64_t since_ms, int64_t at_ms)
{
    for (int i = 0; i < BEGUN_MAX && s->begun[i] != 0; i++) {
        int64_t last_ms = (int64_t)(s->begun[i] >> KIND_BITS);
        if ((s->begun[i] & KIND_MASK) != (uint64_t)kind || since_ms > last_ms)
            continue;
        return at_ms > last_ms ? at_ms : last_ms + 1; /* the clock stood: worlds came and went */
    }
    return since_ms;
}
