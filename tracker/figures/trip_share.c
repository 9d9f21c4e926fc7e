#include "trip_share.h"

#include <math.h>

const char *trip_share_kind(enum trip_share share)
{
    static const char *const kinds[TRIP_SHARE_COUNT] = {
        [TRIP_SEALED] = "uncovered",     [TRIP_WASHED] = "unwashed_exit", [TRIP_ON_ROUTE] = "off_route",
        [TRIP_IN_HOURS] = "wrong_hours", [TRIP_PERMITTED] = "no_permit",
    };
    return kinds[share];
}

static bool would_be_seen(const struct trip_seen *t, enum trip_share share)
{
    bool seen = t->completeness >= TRIP_SEEN_LEAST; /* false of NaN */
    switch (share) {
    case TRIP_SEALED:
        return t->cover_share >= TRIP_SEEN_LEAST;
    case TRIP_WASHED:
        return t->site_has_wash;
    case TRIP_ON_ROUTE:
        return t->has_permit && t->permit_has_route && seen;
    case TRIP_IN_HOURS:
        return t->has_permit && seen;
    case TRIP_PERMITTED:
        return t->has_permit;
    case TRIP_SHARE_COUNT:
        break;
    }
    return false;
}

enum answer trip_share_of(const struct trip_seen *t, enum trip_share share)
{
    if (t->found[share])
        return ANSWER_NO;
    return would_be_seen(t, share) ? ANSWER_YES : ANSWER_UNKNOWN;
}

double trip_known_ms(const struct known_span *spans, size_t count, int64_t from_ms, int64_t to_ms)
{
    double known = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t from = spans[i].from_ms > from_ms ? spans[i].from_ms : from_ms;
        int64_t to = spans[i].to_ms < to_ms ? spans[i].to_ms : to_ms;
        known += to > from ? (double)(to - from) : 0;
    }
    return known;
}
