/*
 * feed_log: what the streams told, in their order, for whoever was told a part of it: as far back as there is room for.
 *
 * A list for each stream of each partition, each in the order of its ids. From a place on they are read as one, by the time in the
 * ids, so the order from one stream to another is that of the store's clock, and within a stream its own. Of an alert the log has the
 * id alone: what is told is how it stands. An entry of which nothing is told has its place all the same: a place that a reader
 * was at is in the log, or before it, or was never in this store.
 *
 * Beyond the room the oldest go, by time; in it counts what the log takes, in use or not: whoever fills it once has met all the
 * memory that it will ever ask for. No memory is as no room.
 */
#ifndef MW_FEED_LOG_H
#define MW_FEED_LOG_H

#include "desk.h"
#include "feed_place.h"

#include <stdbool.h>

enum feed_kind { FEED_NOTHING, FEED_ALERT, FEED_ACTION, FEED_SHIFT, FEED_WORLD, FEED_KIND_COUNT };
const char *feed_kind_word(enum feed_kind kind);

struct feed_item {
    struct entry_id id;
    enum feed_kind kind;
    char alert[DESK_ID_LENGTH]; /* of ALERT and ACTION */
    uint32_t len;
    char *
        bytes; /* ACTION, SHIFT, WORLD: what is told, JSON; ALERT: whose it was before, "jurisdiction\0company", or nothing */
};

#define FEED_LOG_BYTES ((size_t)64 << 20)

struct feed_log;

/* NULL without memory. The partitions' numbers are copied. */
struct feed_log *feed_log_new(const uint32_t *partitions, size_t count, size_t bytes_max);
void feed_log_free(struct feed_log *log);

/* The next entry of a stream of the partition at `part`; later than those before. Its texts are copied. */
void feed_log_put(struct feed_log *log, size_t part, enum feed_stream stream, const struct feed_item *item);
/* As if nothing had been told. */
void feed_log_clear(struct feed_log *log);

/* Where the log ends. Borrowed. */
const struct feed_place *feed_log_end(const struct feed_log *log);

enum feed_resume {
    FEED_GOES_ON,
    FEED_TRIMMED, /* what comes behind this place is not known any more */
    FEED_AHEAD, /* nothing is known of this place: the store went back, or this is another reader of it that is behind */
    FEED_STRANGE /* this place is not in the store that is followed now */
};
enum feed_resume feed_log_resume(const struct feed_log *log, const struct feed_place *place);

/* What comes behind a place, which goes on to it. NULL: the place is the end. Good until something is put. */
const struct feed_item *feed_log_next(const struct feed_log *log, struct feed_place *place);

size_t feed_log_bytes(const struct feed_log *log);

#endif
