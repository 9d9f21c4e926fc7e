#include "summing.h"

#include "array.h"
#include "chunk_lines.h"
#include "line_fix.h"

#include <stdlib.h>

enum { SETTLES_MS = 2 * 3600000 };

struct summing summing_new(const struct archive_disk *disk, struct city_days days, int64_t gap_ms)
{
    return (struct summing){.disk = disk, .days = days, .gap_ms = gap_ms};
}

void summing_free(struct summing *s)
{
    day_points_fini(&s->points);
    free(s->found);
    s->found = NULL;
    s->found_count = s->found_cap = 0;
}

struct archive_due summing_due(const struct summing *s, int64_t now_ms)
{
    int32_t day = city_day_of(&s->days, now_ms - SETTLES_MS);
    return (struct archive_due){day, city_day_start_ms(&s->days, day)};
}

/* ---- lines ---- */

void summing_begin(struct summing *s, int32_t day)
{
    s->points.count = 0;
    s->from_ms = city_day_start_ms(&s->days, day);
    s->to_ms = city_day_start_ms(&s->days, day + 1);
}

bool summing_time(struct text line, int64_t *out_ms)
{
    struct fix_line read;
    bool is_fix = line_fix_read(line, &read);
    *out_ms = is_fix ? read.item.fix.time.ms : 0;
    return is_fix;
}

bool summing_add_line(struct summing *s, struct text line)
{
    struct fix_line read;
    if (!line_fix_read(line, &read))
        return true;
    int64_t ms = read.item.fix.time.ms;
    return ms < s->from_ms || ms >= s->to_ms || day_points_add(&s->points, &read.item.fix);
}

/* The lines of a chunk, but those by a wrong clock. */
static bool each_line(struct text lines, struct text places, bool (*take)(struct summing *, struct text),
                      struct summing *s)
{
    struct chunk_lines chunk = chunk_lines_of(0, lines, places);
    struct part_line at;
    struct text line;
    while (chunk_lines_next(&chunk, &at, &line))
        if (at.late != PART_BY_CLOCK && !take(s, line))
            return false;
    return true;
}

static bool on_chunk(void *arg, int64_t life, struct text lines, struct text places)
{
    (void)life;
    return each_line(lines, places, summing_add_line, arg);
}

bool summing_add_file(struct summing *s, int32_t file, struct text vehicle)
{
    const struct archive_stretch span = {file, vehicle, s->from_ms, s->to_ms};
    return s->disk->each_between(s->disk->context, &span, on_chunk, s);
}

void summing_name_file(struct archive_day_sum *sum, int32_t file)
{
    size_t at = 0;
    while (at < sum->file_count && sum->files[at] < file)
        at++;
    if ((at == sum->file_count || sum->files[at] != file) && sum->file_count < ARCHIVE_SUM_FILES) {
        memmove(&sum->files[at + 1], &sum->files[at], (sum->file_count - at) * sizeof sum->files[0]);
        sum->files[at] = file;
        sum->file_count++;
    }
}

bool summing_add_files(struct summing *s, const struct archive_day_sum *sum)
{
    for (size_t i = 0; i < sum->file_count; i++)
        if (!summing_add_file(s, sum->files[i], sum->vehicle))
            return false;
    return true;
}

bool summing_make(struct summing *s, struct day_sum *out)
{
    return day_sum_make(&s->points, s->gap_ms, out);
}

/* ---- what is due ---- */

static bool find_day(struct summing *s, struct text line)
{
    int64_t ms;
    if (!summing_time(line, &ms))
        return true;
    if (s->found_count > 0 && ms >= s->from_ms && ms < s->to_ms)
        return true; /* of the same day as the line before */
    int32_t day = city_day_of(&s->days, ms);
    s->from_ms = city_day_start_ms(&s->days, day);
    s->to_ms = city_day_start_ms(&s->days, day + 1);
    for (size_t i = 0; i < s->found_count; i++)
        if (s->found[i] == day)
            return true;
    if (!array_reserve(&s->found, &s->found_cap, s->found_count + 1, sizeof *s->found))
        return false;
    s->found[s->found_count++] = day;
    return true;
}

static bool on_due(void *arg, int64_t life, struct text lines, struct text places)
{
    (void)life;
    return each_line(lines, places, find_day, arg);
}

static bool sum_day(struct summing *s, int32_t day, int32_t file, struct text vehicle)
{
    struct archive_day_sum sum = {.vehicle = vehicle, .day = day};
    bool there;
    if (!s->disk->files_of_day(s->disk->context, &sum, &there))
        return false;
    if (!there)
        return true;
    summing_begin(s, day);
    summing_name_file(&sum, file);
    bool ok = summing_add_files(s, &sum) && summing_make(s, &sum.sum) &&
              s->disk->put_day_sum(s->disk->context, &sum);
    day_sum_fini(&sum.sum);
    return ok;
}

bool summing_some(struct summing *s, const struct archive_due *due, bool *out_more)
{
    const struct archive_disk *disk = s->disk;
    int32_t file;
    struct text vehicle;
    bool wholly = true;
    if (!disk->next_due(disk->context, due, &file, &vehicle, out_more))
        return false;
    if (!*out_more)
        return true;
    s->found_count = 0;
    const struct archive_due_of which = {file, vehicle, *due};
    bool ok = disk->each_due(disk->context, &which, on_due, s) && disk->begin(disk->context, ARCHIVE_CITY);
    for (size_t i = 0; i < s->found_count && ok; i++) {
        wholly = wholly && s->found[i] < due->day;
        ok = s->found[i] >= due->day || sum_day(s, s->found[i], file, vehicle);
    }
    /* The sums first: what was summed and is still due is summed once more. */
    return ok && disk->commit(disk->context, ARCHIVE_CITY) && disk->begin(disk->context, file) &&
           disk->settle_chunks(disk->context, file, vehicle, due, wholly) &&
           disk->commit(disk->context, file);
}
