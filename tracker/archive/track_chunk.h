/*
 * track_chunk: lines of one vehicle as they are kept: ranges, hash, and four numbers a line (docs/ARCHIVE.md, "chunks").
 */
#ifndef MW_TRACK_CHUNK_H
#define MW_TRACK_CHUNK_H

#include "open_part.h"

/* At most so much of arrival in one chunk. */
#define TRACK_CHUNK_MS INT64_C(3600000)

/* What its fixes give is summed as they are read, but those by a wrong clock; gap_ms below 0: nothing is. */
struct chunk_summing {
    int64_t gap_ms;
    struct day_points points; /* to be freed with day_points_fini */
};

/* The chunk of a track's lines from `from` on, as far as they fit into one; *from is then behind it. Its texts are
 * borrowed from the track and from `places`, which has its outline and its sum as well. False without memory. */
bool track_chunk_make(const struct part_track *track, size_t *from, struct chunk_summing *summing,
                      struct buf *places, struct archive_chunk *out);

/* What is kept beside its lines, to tell damage. */
void track_chunk_hash(struct text lines, unsigned char out[ARCHIVE_CHUNK_HASH]);

/* Reads the numbers back, a line at a time. */
struct track_chunk_places {
    struct text left;
    int64_t batch, ms;
};
/* False at the end, and where they are none. */
bool track_chunk_next(struct track_chunk_places *places, struct part_line *out);

/* What tells a recorded fix from all others of its unit: of boot and seq, or of its bytes. */
void track_chunk_key(struct text line, unsigned char out[ARCHIVE_ENTRY_HASH]);

#endif
