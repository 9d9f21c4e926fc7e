/*
 * summing: what a vehicle's day gives (day_sum.h), from the chunks of an archive.
 *
 * A sum is made anew from all chunks that have a fix of the day, so it is the same whatever came when. Which files those
 * are in is known by the chunks that were due: a file's name is put beside the sum and stays there. Once one of them was let
 * go of, the sum stays as it is. Fixes by a clock that was known to be wrong are of no day.
 */
#ifndef MW_SUMMING_H
#define MW_SUMMING_H

#include "archive_disk.h"
#include "city_day.h"
#include "day_sum.h"

struct summing {
    const struct archive_disk *disk;
    struct city_days days;
    int64_t gap_ms;
    struct day_points points;
    int64_t from_ms, to_ms; /* of the day that is summed */
    int32_t *found;         /* days that chunks have fixes of */
    size_t found_count, found_cap;
};

struct summing summing_new(const struct archive_disk *disk, struct city_days days, int64_t gap_ms);
void summing_free(struct summing *s);

/* A day is begun, gets lines from chunks and elsewhere, and is made. False without memory, or where the disk fails. */
void summing_begin(struct summing *s, int32_t day);
/* When a line's fix was; false where it is none. */
bool summing_time(struct text line, int64_t *out_ms);
bool summing_add_line(struct summing *s, struct text line);
bool summing_add_file(struct summing *s, int32_t file, struct text vehicle);
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
