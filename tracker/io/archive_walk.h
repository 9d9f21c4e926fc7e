/*
 * archive_walk: the recorded track of an archive in the order in which it came: lines of all vehicles, merged by the batch
 * that wrote them, with the tracker's marks between them, as muckctl track prints them from the store.
 *
 * Of one batch: signs of life, the clock, the world, fixes by vehicle, what was judged again. A life of the archive comes
 * after the one before. In memory is a page of each vehicle of two days, and the tail.
 */
#ifndef MW_ARCHIVE_WALK_H
#define MW_ARCHIVE_WALK_H

#include "archive_look.h"
#include "open_part.h"
#include "track_line.h"

struct archive_line {
    enum track_line_kind kind;
    struct text vehicle; /* of a fix, or of a mark that names one */
    int32_t day;         /* whose file it is in */
    struct part_line at; /* of a mark `late` says nothing */
    struct text line;    /* without a line feed */
};

struct archive_walk {
    const struct text *vehicles; /* in order; NULL: all. Marks of others are left out */
    size_t vehicle_count;
    struct archive_span span; /* event time of chunks: of those that are partly in it all lines come */
    int32_t first_day, last_day;
    size_t page_bytes; /* of all vehicles together; 0: the usual */
    /* The least time of an id in the store at which a vehicle's lines are wanted; NULL: all are. */
    int64_t (*begins_ms)(void *arg, struct text vehicle);
    /* Whether a line of a fix is wanted; NULL: all are. */
    bool (*wants)(void *arg, struct text line);
    /* Texts are borrowed for the call. False ends the walk. */
    bool (*each)(void *arg, const struct archive_line *line);
    void *arg;
};

/* A walk over all there is. */
struct archive_walk archive_walk_all(void);
/* False when `each` ended it, or without memory: *out_no_memory. What is damaged is told by `look`, and passed over. */
bool archive_walk(struct archive_look *look, const struct archive_walk *walk, bool *out_no_memory);

#endif
