#include "permit.h"

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool permit_valid_at(const struct permit *p, int64_t at_ms)
{
    return p->status == PERMIT_ACTIVE && p->valid_from_ms <= at_ms && at_ms < p->valid_to_ms;
}

static bool listed(const uint32_t *numbers, uint32_t count, uint32_t number)
{
    for (uint32_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

bool permit_names_disposal(const struct permit *p, uint32_t number)
{
    return p->disposal_count == 0 || listed(p->disposals, p->disposal_count, number);
}

bool permit_names_fence(const struct permit *p, uint32_t number)
{
    return p->site == number + 1 || listed(p->routes, p->route_count, number) ||
           listed(p->disposals, p->disposal_count, number);
}

const struct permit *permit_for_haul(const struct moment *m, uint32_t site, int64_t left_ms)
{
    const struct world *w = m->world;
    uint32_t number = world_fence_by_id(w, site);
    const struct permit *first = NULL;
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &w->permits[m->info->permits[i]];
        if (!permit_valid_at(p, left_ms) || (p->site != 0 && p->site != number + 1))
            continue;
        if (moment_hours_open(m, p->hours, p->hours_slot, left_ms, NULL))
            return p;
        if (first == NULL)
            first = p;
    }
    return first;
}

const struct permit *moment_permit(const struct moment *m, int64_t *out_until_ms)
{
    int64_t until_ms = TIME_NEVER;
    if (trip_is_on(m->trip)) {
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

static bool near_one(const struct moment *m, const struct permit *p)
{
    for (uint32_t i = 0; i < p->route_count; i++) {
        int64_t until_ms;
        if (moment_near_fence(m, p->routes[i]) &&
            moment_in_force(m, &m->world->fences[p->routes[i]], &until_ms))
            return true;
    }
    for (uint32_t i = 0; i < p->disposal_count; i++)
        if (moment_near_fence(m, p->disposals[i]))
            return true;
    return p->site != 0 && moment_near_fence(m, p->site - 1);
}

const struct permit *permit_passing(const struct moment *m)
{
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (permit_valid_at(p, m->at_ms) && near_one(m, p))
            return p;
    }
    return NULL;
}
