/*
 * zone_internal: what a zone looks like to the files that build it and ask it.
 */
#ifndef MW_ZONE_INTERNAL_H
#define MW_ZONE_INTERNAL_H

#include <muckwatch/zone.h>

/* The wall clock is `offset_s` ahead of UTC from `from_ms` until the next one begins. */
struct zone_segment {
    int64_t from_ms;
    int32_t offset_s;
};

/* Segments in ascending order; the first begins at INT64_MIN, so that every instant lies in one. */
struct mw_zone {
    uint32_t count;
    struct zone_segment segments[];
};

/* No zone of the tz database, and none that we build, is further from UTC: RFC 8536 3.2. */
#define ZONE_MAX_OFFSET_S (26 * 3600 - 1)

#endif
