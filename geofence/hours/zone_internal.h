/*
 * zone_internal: what a zone looks like to the files that build it and ask it.
 */
#ifndef MW_ZONE_INTERNAL_H
#define MW_ZONE_INTERNAL_H

#include <muckwatch/zone.h>

/* The wall clock is `offset_s` ahead of UTC from `from_ms` until the next segment begins. */
struct zone_segment {
    int64_t from_ms;
    int32_t offset_s;
};

/* Segments in ascending order; the first begins at INT64_MIN, so that every instant lies in one. */
struct mw_zone {
    uint32_t count;
    struct zone_segment segments[];
};

/* The greatest offset from UTC that RFC 8536, 3.2, allows in a file, and that we allow. */
#define ZONE_MAX_OFFSET_S (26 * 3600 - 1)

#endif
