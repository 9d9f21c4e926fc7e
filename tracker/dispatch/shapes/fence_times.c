#include "fence_times.h"

enum { CHANGES_MAX = 64 };

static bool is_valid(const struct fence *f, int64_t at_ms)
{
    return at_ms >= f->valid_from_ms && at_ms < f->valid_to_ms;
}

bool fence_in_force(const struct world *world, const struct fence *f, int64_t at_ms)
{
    struct mw_hours_answer answer;
    if (!is_valid(f, at_ms))
        return false;
    if (f->hours == NULL)
        return true;
    mw_hours_at(f->hours, world->calendar, world->zone, at_ms, &answer);
    return answer.open;
}

/* The next time at which it may be another. */
static int64_t next_edge(const struct world *world, const struct fence *f, int64_t at_ms)
{
    struct mw_hours_answer answer;
    if (at_ms < f->valid_from_ms)
        return f->valid_from_ms;
    if (at_ms >= f->valid_to_ms)
        return INT64_MAX;
    if (f->hours == NULL)
        return f->valid_to_ms;
    mw_hours_at(f->hours, world->calendar, world->zone, at_ms, &answer);
    return answer.until_ms < f->valid_to_ms ? answer.until_ms : f->valid_to_ms;
}

int64_t fence_next_change_ms(const struct world *world, const struct fence *f, int64_t at_ms)
{
    bool now = fence_in_force(world, f, at_ms);
    for (int i = 0; i < CHANGES_MAX; i++) {
        at_ms = next_edge(world, f, at_ms);
        if (at_ms == INT64_MAX || fence_in_force(world, f, at_ms) != now)
            return at_ms;
    }
    return INT64_MAX;
}
