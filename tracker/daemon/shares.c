#include "shares.h"

const struct share_bound share_bounds[SHARE_KINDS] = {
    [SHARE_WRITTEN] = {.at_once = 32 << 20, .per_s = 1 << 20},
    [SHARE_READ] = {.at_once = 64 << 20, .per_s = 8 << 20},
};

static int64_t owes(const struct share *share, enum share_of kind, struct mono now)
{
    int64_t paid = (now.ms - share->since.ms) * share_bounds[kind].per_s / 1000;
    return share->owed[kind] > paid ? share->owed[kind] - paid : 0;
}

/* How long it would take to pay off all it owes, about. */
static int64_t owes_s(const struct share *share, struct mono now)
{
    int64_t longest_s = 0;
    for (enum share_of k = 0; k < SHARE_KINDS; k++) {
        int64_t s = (owes(share, k, now) + share_bounds[k].per_s - 1) / share_bounds[k].per_s;
        longest_s = s > longest_s ? s : longest_s;
    }
    return longest_s;
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
        if (owes_s(&s->list[i], now) > 0)
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
        if (owes_s(&s->list[i], now) < owes_s(least, now))
            least = &s->list[i];
    }
    if (s->count < SHARES_MAX)
        least = &s->list[s->count++];
    *least = (struct share){.place = place, .since = now};
    return least;
}

bool shares_take(struct shares *s, uint32_t place, const size_t weights[SHARE_KINDS], struct mono now)
{
    if (weights[SHARE_WRITTEN] < SHARE_NOTED && weights[SHARE_READ] < SHARE_NOTED)
        return false;
    forget(s, now);
    bool over = false;
    struct share *share = find(s, place, now);
    for (enum share_of k = 0; k < SHARE_KINDS; k++) {
        share->owed[k] = owes(share, k, now) + (int64_t)weights[k];
        over |= share->owed[k] > share_bounds[k].at_once;
    }
    share->since = now;
    return over;
}

bool shares_over(const struct shares *s, uint32_t place, enum share_of kind, size_t more, struct mono now)
{
    int64_t owed = (int64_t)more;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->list[i].place == place)
            owed += owes(&s->list[i], kind, now);
    return owed > share_bounds[kind].at_once;
}
