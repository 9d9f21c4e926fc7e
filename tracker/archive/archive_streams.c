/*
 * Whoever adds a stream that leaves the tracker adds a row here, and a view of it in the city's file.
 */
#include "archive_streams.h"

const struct archive_stream_row archive_streams[] = {
    {"violations", ARCHIVE_TO_ENTRIES, "id", "start", false, false},
    {"trips", ARCHIVE_TO_ENTRIES, "trip", "departed", false, false},
    {"work", ARCHIVE_TO_ENTRIES, "id", "start", false, false},
    {"collections", ARCHIVE_TO_ENTRIES, "id", "window_start", false, false},
    {"coverage", ARCHIVE_TO_ENTRIES, "id", "window_start", false, false},
    {"warnings", ARCHIVE_TO_ENTRIES, NULL, NULL, false, false},
    {"actions", ARCHIVE_TO_ENTRIES, NULL, NULL, false, false},
    {"shifts", ARCHIVE_TO_ENTRIES, NULL, NULL, false, false},
    {"audit", ARCHIVE_TO_ENTRIES, NULL, NULL, false, false},
    {"rejects", ARCHIVE_TO_ENTRIES, NULL, NULL, true, true},
    {"rulesets", ARCHIVE_TO_MARKS, NULL, NULL, false, true},
    {"attended", ARCHIVE_TO_MARKS, NULL, NULL, false, true},
    {"marks", ARCHIVE_TO_MARKS, NULL, NULL, false, true},
    {"clock", ARCHIVE_TO_MARKS, NULL, NULL, false, true},
    {ARCHIVE_TRACK_PREFIX, ARCHIVE_TO_TRACK, NULL, NULL, false, true},
};

const size_t archive_stream_count = sizeof archive_streams / sizeof archive_streams[0];
