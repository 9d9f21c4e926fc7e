/*
 * archive_streams: the streams that the archive follows, a row each; tracks beside them, one a vehicle.
 *
 * A stream is named by its key behind muck:{P}:, as it stands in cursors and registration.
 */
#ifndef MW_ARCHIVE_STREAMS_H
#define MW_ARCHIVE_STREAMS_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum archive_goes { ARCHIVE_TO_ENTRIES, ARCHIVE_TO_MARKS, ARCHIVE_TO_TRACK };

struct archive_stream_row {
    const char *name;
    enum archive_goes goes;
    const char *id;    /* the field that, with `rev`, tells a telling from all others; NULL: none does */
    const char *start; /* the field of the time it is asked by; NULL: none */
    bool capped;       /* the tracker lets go of it by count, archived or not */
    bool by_track;     /* kept as long as tracks, not as findings */
};

#define ARCHIVE_TRACK_PREFIX "track:"

/* The rows; that of tracks is the last. */
extern const struct archive_stream_row archive_streams[];
extern const size_t archive_stream_count;

#endif
