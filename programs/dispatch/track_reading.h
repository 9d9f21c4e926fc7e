/*
 * track_reading: a vehicle's track, read a page of entries at a time, from the first partition that has any; and what came before the
 * store's first entry, from the archive, where there is one.
 */
#ifndef MW_TRACK_READING_H
#define MW_TRACK_READING_H

#include "gateway.h"
#include "track_points.h"

struct track_wanted {
    struct text id; /* of a vehicle; valid */
    int64_t from_ms, to_ms;
};

/* What was read: to be taken over, or let go of with track_points_fini. NULL: it failed, and `why` says what. */
typedef void track_read_done(void *arg, struct track_points *points, const char *why);

/* False, with a problem, and `done` is not called: too many are being read, or the store is away. */
bool track_read(struct gateway *g, const struct track_wanted *wanted, track_read_done *done, void *arg,
                struct web_answer *refusal);

/* Whether the vehicle's company is one that this person may know of. There is a world. */
bool track_may_be_known(const struct gateway *g, const struct person *person, struct text id);

#endif
