/*
 * feed_place: how far somebody has been told, as a vector: the last entry of each stream of each partition.
 *
 *     0.1777593600125-2.0.0.1777593600001_1.0.0.0.0
 *
 * A partition's number, then a place in each of its streams, in the order of enum feed_stream: MS-N, without N where that is
 * 0; 0 is before all. It is the `id` of an event, and `after` of a snapshot. It tells when streams got their last entry, whosoever, and nothing of it.
 */
#ifndef MW_FEED_PLACE_H
#define MW_FEED_PLACE_H

#include "buf.h"
#include "fields.h"

enum feed_stream { FEED_VIOLATIONS, FEED_ACTIONS, FEED_SHIFTS, FEED_WORLDS, FEED_STREAM_COUNT };

/* As many as have room in the header of a request. */
enum { FEED_PARTITIONS_MAX = 64, FEED_PLACE_TEXT_MAX = 6000 };

struct feed_part {
    uint32_t partition;
    struct entry_id at[FEED_STREAM_COUNT];
};

struct feed_place {
    struct feed_part *parts; /* the owner's, in the order of the configuration */
    size_t count;
};

void feed_place_write(const struct feed_place *place, struct buf *out);
/*
 * Reads it over `place`, whose partitions are those that there are. FEED_PLACE_OTHER: it is a place, of other partitions.
 */
enum feed_place_read { FEED_PLACE_OK, FEED_PLACE_OTHER, FEED_PLACE_NONE };
enum feed_place_read feed_place_read(struct text t, struct feed_place *place);

#endif
