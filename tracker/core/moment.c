#include "moment.h"

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool hours_open(const struct moment *m, const struct mw_hours *hours, uint32_t slot,
                       int64_t *out_until_ms)
{
    *out_until_ms = TIME_NEVER;
    if (hours == NULL)
        return true;
    const struct mw_hours_answer *answer =
        mw_hours_at_cached(&m->hours_cache[slot], hours, m->world->calendar, m->world->zone, m->at_ms);
    *out_until_ms = answer->until_ms;
    return answer->open;
}

static bool valid(const struct moment *m, int64_t from_ms, int64_t to_ms, int64_t *out_until_ms)
{
    *out_until_ms = m->at_ms < from_ms ? from_ms : m->at_ms < to_ms ? to_ms : TIME_NEVER;
    return from_ms <= m->at_ms && m->at_ms < to_ms;
}

bool moment_in_force(const struct moment *m, const struct fence *fence, int64_t *out_until_ms)
{
    int64_t valid_until_ms, open_until_ms;
    bool is_valid = valid(m, fence->valid_from_ms, fence->valid_to_ms, &valid_until_ms);
    /* An area's hours say when work is allowed there, not when the fence is in force. */
    bool is_open = fence->kind == FENCE_AREA;
    open_until_ms = TIME_NEVER;
    if (!is_open)
        is_open = hours_open(m, fence->hours, fence->hours_slot, &open_until_ms);
    *out_until_ms = is_valid ? earlier(valid_until_ms, open_until_ms) : valid_until_ms;
    return is_valid && is_open;
}

bool moment_area_open(const struct moment *m, const struct fence *area, int64_t *out_until_ms)
{
    return hours_open(m, area->hours, area->hours_slot, out_until_ms);
}

bool moment_permit_open(const struct moment *m, const struct permit *permit, int64_t *out_until_ms)
{
    return hours_open(m, permit->hours, permit->hours_slot, out_until_ms);
}

bool moment_permit_valid(const struct moment *m, const struct permit *permit, int64_t *out_until_ms)
{
    bool is_valid = valid(m, permit->valid_from_ms, permit->valid_to_ms, out_until_ms);
    return is_valid && permit->status == PERMIT_ACTIVE;
}

bool moment_fence_concerns(const struct moment *m, const struct fence *fence)
{
    return (fence->classes >> m->info->class_number & 1u) != 0 &&
           (fence->company == 0 || fence->company == m->info->company);
}

const struct permit *moment_permit(const struct moment *m, int64_t *out_until_ms)
{
    int64_t until_ms = TIME_NEVER;
    if (m->trip->phase >= TRIP_HAULING) {
        uint32_t place = m->trip->permit == 0 ? UINT32_MAX : world_permit_by_id(m->world, m->trip->permit);
        *out_until_ms = TIME_NEVER;
        return place == UINT32_MAX ? NULL : &m->world->permits[place];
    }
    const struct permit *first = NULL, *open = NULL;
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        int64_t valid_until_ms, open_until_ms;
        bool is_valid = moment_permit_valid(m, p, &valid_until_ms);
        until_ms = earlier(until_ms, valid_until_ms);
        if (!is_valid)
            continue;
        bool is_open = moment_permit_open(m, p, &open_until_ms);
        until_ms = earlier(until_ms, open_until_ms);
        if (first == NULL)
            first = p;
        if (is_open && open == NULL)
            open = p;
    }
    *out_until_ms = until_ms;
    return open != NULL ? open : first;
}
