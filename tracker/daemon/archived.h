/*
 * archived: how far the archive is registered to have come (docs/ARCHIVE.md, "The tracker waits").
 *
 * While an archive is registered nothing is let go of that it does not have on disk. What is not known counts as not
 * archived. A keeper of evidence registers in the same form beside it: then what goes is what both have.
 */
#ifndef MW_ARCHIVED_H
#define MW_ARCHIVED_H

#include "fact.h"

#include <muckwatch/contract.h>

/* An entry's id. */
struct stream_id {
    int64_t ms;
    uint64_t seq;
};

/* Streams that have no batch in their entries, or are few: the last id of each is registered. */
enum archived_stream {
    ARCHIVED_VIOLATIONS,
    ARCHIVED_TRIPS,
    ARCHIVED_WARNINGS,
    ARCHIVED_WORK,
    ARCHIVED_COLLECTIONS,
    ARCHIVED_COVERAGE,
    ARCHIVED_ACTIONS,
    ARCHIVED_SHIFTS,
    ARCHIVED_AUDIT,
    ARCHIVED_MARKS,
    ARCHIVED_ATTENDED,
    ARCHIVED_STREAMS
};

struct archived {
    bool known; /* on this connection */
    bool there; /* an archive is registered */
    int64_t batch, upto_ms, seen_ms;
    int64_t behind_since_ms; /* what came to the store since then it does not have */
    struct stream_id last[ARCHIVED_STREAMS];
};

struct stream_id stream_id_read(struct text id);
bool stream_id_before(struct stream_id a, struct stream_id b);
/* What is remembered of one that is registered, from turn to turn. */
struct archived_watch {
    int64_t empty_since_ms; /* it was first seen then and has nothing yet; 0: not so */
    int64_t told_ms;        /* that it lags was told last; 0: it does not */
};

/* What HGETALL of the registration answered. One that has nothing yet is behind since it was first seen. */
void archived_read(struct archived *a, struct archived_watch *watch, const struct reply *reply,
                   struct now now);
/* What both have; not known where either is not. */
struct archived archived_both(const struct archived *a, const struct archived *b);
/* An archive that has fallen behind, or is gone. */
bool archived_lags(const struct archived *a, struct now now);
/* Whether to tell so: when it begins, and each minute. */
bool archived_lag_is_due(const struct archived *a, struct archived_watch *watch, struct now now);

#endif
