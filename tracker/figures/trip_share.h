/*
 * trip_share: what a trip is found to have been: sealed, washed, on its route, in its hours, with a permit; or that nobody
 * can tell. A finding says no. That there is none says yes only where it would have been seen: who has no sensor has not
 * been good, he has not been looked at.
 */
#ifndef MW_TRIP_SHARE_H
#define MW_TRIP_SHARE_H

#include "day_sum.h"

enum answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

enum trip_share {
    TRIP_SEALED,    /* no `uncovered`; the cover was known */
    TRIP_WASHED,    /* no `unwashed_exit`; its site has a wash */
    TRIP_ON_ROUTE,  /* no `off_route`; its permit names routes, and the track was seen */
    TRIP_IN_HOURS,  /* no `wrong_hours`; it has a permit, and the track was seen */
    TRIP_PERMITTED, /* no `no_permit`; it has a permit */
    TRIP_SHARE_COUNT
};

/* Own: of its time that has to have been seen. */
#define TRIP_SEEN_LEAST 0.9

struct trip_seen {
    bool found[TRIP_SHARE_COUNT];  /* a finding of that kind stands about it */
    int64_t departed_ms, ended_ms; /* below 0: not known */
    double completeness;           /* NaN: not known */
    double cover_share;            /* of its time; NaN: not known */
    bool has_permit, permit_has_route, site_has_wash;
};

enum answer trip_share_of(const struct trip_seen *trip, enum trip_share share);
/* The kind of finding that says no. */
const char *trip_share_kind(enum trip_share share);
/* How much of a time the spans cover. */
double trip_known_ms(const struct known_span *spans, size_t count, int64_t from_ms, int64_t to_ms);

#endif
