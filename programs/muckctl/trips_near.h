/*
 * trips_near: which hauls went past a place: those with a way through the circle while they lasted, by the path that muckctl
 * who asks (passing.h). From an archive, since an entry of a haul names its ends and has no way.
 */
#ifndef MW_TRIPS_NEAR_H
#define MW_TRIPS_NEAR_H

#include "look_asked.h"
#include "who_search.h"

struct trips_near {
    bool has_span;
    int64_t from_ms, to_ms; /* of all hauls */
    struct who_found found;
};

/* A haul of which it will be asked. */
void trips_near_widen(struct trips_near *near, const struct reply *fields);
/* Behind all of them. False without memory. */
bool trips_near_search(struct trips_near *near, const struct look_asked *asked, struct archive_look *look);
bool trips_near_has(const struct trips_near *near, const struct reply *fields);
void trips_near_fini(struct trips_near *near);

#endif
