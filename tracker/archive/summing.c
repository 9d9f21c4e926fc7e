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

static void drop_chunks(struct summing *s)
{
    for (size_t i = 0; i < s->chunk_count; i++)
        day_piece_fini(&s->chunks[i].piece);
    s->chunk_count = 0;
}

void summing_free(struct summing *s)
{
    drop_chunks(s);
    free(s->chunks);
    s->chunks = NULL;
    s->chunk_cap = 0;
    day_points_fini(&s->points);
    day_points_fini(&s->more);
    free(s->found);
    s->found = NULL;
    s->found_count = s->found_cap = 0;
}

struct archive_due summing_due(const struct summing *s, int64_t now_ms)
{
    int32_t day = city_day_of(&s->days, now_ms - SETTLES_MS);
    return (struct archive_due){day, city_day_start_ms(&s->days, day)};
}

/* ---- what a day is made of ---- */

void summing_begin(struct summing *s, int32_t day)
{
    drop_chunks(s);
    s->more.count = 0;
    s->from_ms = city_day_start_ms(&s->days, day);
    s->to_ms = city_day_start_ms(&s->days, day + 1);
}

bool summing_read(struct text line, struct day_point *out)
{
    struct fix_line read;
    if (!line_fix_read(line, &read))
        return false;
    *out = day_point_of(&read.item.fix);
    return true;
}

static bool of_day(const struct summing *s, int64_t ms)
{
    return ms >= s->from_ms && ms < s->to_ms;
}

bool summing_add_point(struct summing *s, const struct day_point *point)
{
    return !of_day(s, point->ms) || day_points_add(&s->more, point);
}

/* One that lies in the day, by all its fixes that count. */
static void take_piece(const struct summing *s, struct summing_chunk *chunk, struct text sum)
{
    const struct day_piece *piece = &chunk->piece;
    chunk->has_piece = sum.len > 0 && day_piece_read(sum, s->gap_ms, &chunk->piece) &&
                       (piece->sum.fixes == 0 || (of_day(s, piece->first.ms) && of_day(s, piece->last.ms)));
    /* Of its times those by a wrong clock are. */
    if (chunk->has_piece && piece->sum.fixes > 0) {
        chunk->first_ms = piece->first.ms;
        chunk->last_ms = piece->last.ms;
    }
}

static bool on_chunk(void *arg, int32_t file, const struct archive_summed *chunk)
{
    struct summing *s = arg;
    if (!array_reserve(&s->chunks, &s->chunk_cap, s->chunk_count + 1, sizeof *s->chunks))
        return false;
    struct summing_chunk *at = &s->chunks[s->chunk_count];
    *at = (struct summing_chunk){.file = file,
                                 .id = chunk->id,
                                 .first_ms = chunk->time_first_ms,
                                 .last_ms = chunk->time_last_ms,
                                 .came = s->chunk_count++};
    take_piece(s, at, chunk->sum);
    return true;
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

/* ---- its sum ---- */

/* The lines of a chunk, but those by a wrong clock. */
static bool each_line(struct text lines, struct text places,
                      bool (*take)(struct summing *, const struct day_point *), struct summing *s)
{
    struct chunk_lines chunk = chunk_lines_of(0, lines, places);
    struct part_line at;
    struct day_point point;
    struct text line;
    while (chunk_lines_next(&chunk, &at, &line))
        if (at.late != PART_BY_CLOCK && summing_read(line, &point) && !take(s, &point))
            return false;
    return true;
}

static bool take_point(struct summing *s, const struct day_point *point)
{
    return !of_day(s, point->ms) || day_points_add(&s->points, point);
}

static bool on_lines(void *arg, int64_t life, struct text lines, struct text places)
{
    (void)life;
    return each_line(lines, places, take_point, arg);
}

static int by_time(const void *a, const void *b)
{
    const struct summing_chunk *x = a, *y = b;
    if (x->first_ms != y->first_ms)
        return x->first_ms < y->first_ms ? -1 : 1;
    return x->came < y->came ? -1 : x->came > y->came;
}

static int by_coming(const void *a, const void *b)
{
    const struct summing_chunk *x = a, *y = b;
    return x->came < y->came ? -1 : x->came > y->came;
}

static bool join_points(struct summing *s, struct day_piece *sum)
{
    struct day_piece piece;
    bool ok = day_piece_make(&s->points, s->gap_ms, &piece) && day_piece_join(sum, &piece, s->gap_ms);
    day_piece_fini(&piece);
    return ok;
}

static bool add_points(struct summing *s, const struct summing_chunk *chunk)
{
    if (!chunk->is_more)
        return s->disk->chunk_lines(s->disk->context, chunk->file, chunk->id, on_lines, s);
    for (size_t i = 0; i < s->more.count; i++)
        if (!day_points_add(&s->points, &s->more.points[i]))
            return false;
    return true;
}

/* Chunks that overlap one another, and no others. */
static bool join_together(struct summing *s, struct summing_chunk *chunks, size_t count,
                          struct day_piece *sum)
{
    bool ok = true;
    if (count == 1 && chunks->has_piece)
        return day_piece_join(sum, &chunks->piece, s->gap_ms);
    s->points.count = 0;
    qsort(chunks, count, sizeof *chunks, by_coming);
    for (size_t i = 0; i < count && ok; i++)
        ok = add_points(s, &chunks[i]);
    return ok && join_points(s, sum);
}

/* The fixes from elsewhere, as if they were one more chunk. */
static bool add_more(struct summing *s)
{
    if (s->more.count == 0)
        return true;
    struct summing_chunk more = {.is_more = true, .came = s->chunk_count};
    more.first_ms = more.last_ms = s->more.points[0].ms;
    for (size_t i = 1; i < s->more.count; i++) {
        int64_t ms = s->more.points[i].ms;
        more.first_ms = ms < more.first_ms ? ms : more.first_ms;
        more.last_ms = ms > more.last_ms ? ms : more.last_ms;
    }
    if (!array_reserve(&s->chunks, &s->chunk_cap, s->chunk_count + 1, sizeof *s->chunks))
        return false;
    s->chunks[s->chunk_count++] = more;
    return true;
}

bool summing_make(struct summing *s, struct day_sum *out)
{
    struct day_piece sum = {0};
    bool ok = add_more(s);
    if (s->chunk_count > 1)
        qsort(s->chunks, s->chunk_count, sizeof *s->chunks, by_time);
    for (size_t from = 0, to; from < s->chunk_count && ok; from = to) {
        int64_t end_ms = s->chunks[from].last_ms;
        for (to = from + 1; to < s->chunk_count && s->chunks[to].first_ms <= end_ms; to++)
            end_ms = s->chunks[to].last_ms > end_ms ? s->chunks[to].last_ms : end_ms;
        ok = join_together(s, &s->chunks[from], to - from, &sum);
    }
    *out = sum.sum;
    return ok;
}

/* ---- what is due ---- */

static bool find_day(struct summing *s, const struct day_point *point)
{
    if (s->found_count > 0 && of_day(s, point->ms))
        return true; /* of the same day as the one before */
    int32_t day = city_day_of(&s->days, point->ms);
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

static bool find_in_lines(void *arg, int64_t life, struct text lines, struct text places)
{
    (void)life;
    return each_line(lines, places, find_day, arg);
}

/* By its sum, where both its ends are of one day. */
static bool on_due(void *arg, int32_t file, const struct archive_summed *chunk)
{
    struct summing *s = arg;
    struct day_piece piece = {0};
    bool ok, summed = chunk->sum.len > 0 && day_piece_read(chunk->sum, s->gap_ms, &piece);
    if (summed && piece.sum.fixes > 0)
        summed = city_day_of(&s->days, piece.first.ms) == city_day_of(&s->days, piece.last.ms);
    if (summed)
        ok = piece.sum.fixes == 0 || find_day(s, &piece.first);
    else
        ok = s->disk->chunk_lines(s->disk->context, file, chunk->id, find_in_lines, s);
    day_piece_fini(&piece);
    return ok;
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
