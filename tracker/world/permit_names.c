#include "permit_names.h"

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

bool permit_names_site(const struct world *world, const struct permit *p, uint32_t site)
{
    return p->site != 0 && world->fences[p->site - 1].id == site;
}
