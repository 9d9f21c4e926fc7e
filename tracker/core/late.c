#include "late.h"

#include "lag.h"

/* So many times as long as usual a run of late fixes is left alone while it may be that of a wrong clock. */
#define DOUBTFUL_WAITS 5

void late_note(struct vehicle_state *s, const struct fix *fix, struct arrival arrival, int64_t horizon_ms,
               struct outcome *out)
{
    if (horizon_ms == 0)
        return;
    if (!(s->flags & VEHICLE_SEEN) || fix->time.ms < s->time_ms - horizon_ms) {
        out->late_fate = LATE_FATE_HORIZON;
        return;
    }
    out->late_fate = LATE_FATE_WAITS;
    if (!(s->flags & VEHICLE_LATE)) {
        s->flags |= VEHICLE_LATE;
        s->late.from_ms = fix->time.ms;
        s->late.first_clock_ms = arrival.clock_ms;
    }
    if (fix->time.ms < s->late.from_ms)
        s->late.from_ms = fix->time.ms;
    s->late.last_clock_ms = arrival.clock_ms;
}

int64_t late_due_ms(const struct vehicle_state *s, const struct late_settings *settings)
{
    if (!(s->flags & VEHICLE_LATE) || settings->horizon_ms == 0)
        return TIME_NEVER;
    int64_t quiet_ms = s->late.last_clock_ms + settings->quiet_ms;
    int64_t wait_ms = s->late.first_clock_ms + settings->max_wait_ms;
    int64_t due_ms = quiet_ms < wait_ms ? quiet_ms : wait_ms;
    bool doubtful = (s->flags & VEHICLE_LAGS) && s->lag.stage == LAG_BEHIND;
    return doubtful ? s->late.last_clock_ms + DOUBTFUL_WAITS * settings->max_wait_ms : due_ms;
}

void late_done(struct vehicle_state *s)
{
    s->flags &= ~(uint32_t)VEHICLE_LATE;
    s->late.from_ms = s->late.first_clock_ms = s->late.last_clock_ms = 0;
}

void late_done_but(struct vehicle_state *s, int64_t from_ms, int64_t first_clock_ms)
{
    s->flags |= VEHICLE_LATE;
    s->late.from_ms = from_ms;
    s->late.first_clock_ms = first_clock_ms; /* and the last came when it did */
}

/* Start, kind and revision in one number, that orders by start. Times are below 2^41. */
enum { REV_BITS = 8, KIND_BITS = 8 };

static uint64_t pack(enum kind kind, int64_t start_ms)
{
    return ((uint64_t)start_ms << KIND_BITS | (uint64_t)kind) << REV_BITS;
}

uint32_t late_again(struct vehicle_state *s, enum kind kind, int64_t start_ms)
{
    for (int i = 0; i < LATE_WITHDRAWN_MAX && s->late.withdrawn[i] != 0; i++) {
        uint64_t w = s->late.withdrawn[i];
        if (w >> REV_BITS << REV_BITS != pack(kind, start_ms))
            continue;
        for (; i + 1 < LATE_WITHDRAWN_MAX; i++)
            s->late.withdrawn[i] = s->late.withdrawn[i + 1];
        s->late.withdrawn[i] = 0;
        if (s->late.withdrawn[0] == 0)
            s->flags &= ~(uint32_t)VEHICLE_TOOK_BACK;
        return (uint32_t)(w & ((1u << REV_BITS) - 1));
    }
    return 0;
}

bool late_withdraw(struct vehicle_state *s, enum kind kind, int64_t start_ms, uint32_t rev)
{
    uint32_t most = (1u << REV_BITS) - 1;
    uint64_t w = pack(kind, start_ms) | (rev < most ? rev : most);
    late_again(s, kind, start_ms);
    for (int i = 0; i < LATE_WITHDRAWN_MAX; i++)
        if (s->late.withdrawn[i] < w) { /* all others move on by one */
            uint64_t before = s->late.withdrawn[i];
            s->late.withdrawn[i] = w;
            w = before;
        }
    s->flags |= VEHICLE_TOOK_BACK;
    return w == 0;
}

bool late_leaves(enum kind kind, enum cause cause)
{
    return kind == KIND_OFFLINE || (kind == KIND_NO_FIX && cause == CAUSE_CLOCK);
}
