#include "shares.h"

static int64_t owes(const struct share *share, struct mono now)
{
    int64_t paid = (now.ms - share->since.ms) * SHARE_PER_S / 1000;
    return share->owed > paid ? share->owed - paid : 0;
}

void shares_clear(struct shares *s)
{
    s->count = 0;
}

/* Those that owe nothing any more are forgotten. */
static void forget(struct shares *s, struct mono now)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->count; i++)
        if (owes(&s->list[i], now) > 0)
            s->list[kept++] = s->list[i];
    s->count = kept;
}

/* Its own, or a new one; of too many, that of the one that owes least. */
static struct share *find(struct shares *s, uint32_t place, struct mono now)
{
    struct share *least = s->list;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->list[i].place == place)
            return &s->list[i];
        if (owes(&s->list[i], now) < owes(least, now))
            least = &s->list[i];
    }
    if (s->count < SHARES_MAX)
        least = &s->list[s->count++];
    *least = (struct share){.place = place, .since = now};
    return least;
}

bool shares_take(struct shares *s, uint32_t place, size_t weight, struct mono now)
{
    if (weight < SHARE_NOTED)
        return false;
    forget(s, now);
    struct share *share = find(s, place, now);
    share->owed = owes(share, now) + (int64_t)weight;
    share->since = now;
    return share->owed > SHARE_AT_ONCE;
}

bool shares_over(const struct shares *s, uint32_t place, struct mono now)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->list[i].place == place)
            return owes(&s->list[i], now) > SHARE_AT_ONCE;
    return false;
}
