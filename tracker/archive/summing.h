/*
 * summing: what a vehicle's day gives (day_sum.h), from the chunks of an archive.
 *
 * A sum is made anew from all chunks that have a fix of the day, so it is the same whatever came when. Of a chunk that lies in
 * the day and overlaps no other in time what was summed when it was closed is joined (day_sum.h says why that is the same);
 * others are read: late data, chunks over a day's end, those of which there is no such sum. Which files those
 * are in is known by the chunks that were due: a file's name is put beside the sum and stays there. Once one of them was let
 * go of, the sum stays as it is. Fixes by a clock that was known to be wrong are of no day.
 */
#ifndef MW_SUMMING_H
#define MW_SUMMING_H

#include "archive_disk.h"
#include "city_day.h"
#include "day_sum.h"

struct summing_chunk {
    int32_t file;
    int64_t id, first_ms, last_ms;
    size_t came;    /* of the vehicle's chunks, in the order in which their lines came */
    bool is_more;   /* it is no chunk: the points from elsewhere */
    bool has_piece; /* else its lines are to be read */
    struct day_piece piece;
};

struct summing {
    const struct archive_disk *disk;
    struct city_days days;
    int64_t gap_ms;
    int64_t from_ms, to_ms; /* of the day that is summed */
    struct summing_chunk *chunks;
    size_t chunk_count, chunk_cap;
    struct day_points points, more; /* that are summed at a time; those from elsewhere */
    int32_t *found;                 /* days that chunks have fixes of */
    size_t found_count, found_cap;
};

struct summing summing_new(const struct archive_disk *disk, struct city_days days, int64_t gap_ms);
void summing_free(struct summing *s);

/* A day is begun, gets chunks of files and then fixes from elsewhere, and is made. False without memory, or where the disk
 * fails. */
void summing_begin(struct summing *s, int32_t day);
/* What a line's fix counts as; false where it is none. */
bool summing_read(struct text line, struct day_point *out);
bool summing_add_point(struct summing *s, const struct day_point *point);
bool summing_add_file(struct summing *s, int32_t file, struct text vehicle);
/* All fixes are of the day; day_sum_fini is due either way. */
bool summing_make(struct summing *s, struct day_sum *out);
/* A file that the sum is made of as well. */
void summing_name_file(struct archive_day_sum *sum, int32_t file);
/* Adds all files that the sum is made of. */
bool summing_add_files(struct summing *s, const struct archive_day_sum *sum);

/* Of one vehicle whose chunks are due: every day before the due one. *out_more: there may be others. */
bool summing_some(struct summing *s, const struct archive_due *due, bool *out_more);
/* What is due at a time: days have two hours to be closed into chunks. */
struct archive_due summing_due(const struct summing *s, int64_t now_ms);

#endif
