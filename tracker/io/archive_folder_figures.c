/*
 * What reports are made of, in the archive's files (docs/ARCHIVE.md, "Figures").
 *
 * The figures of an entry are put in the transaction of the entry, from all that is stored of its id; so they are what they
 * would be had it been told once and right. A day's chunks are in `unsummed` from the transaction that put them.
 */
#include "archive_folder_state.h"

#include "archive_schema.h"
#include "track_chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool done(struct archive_folder *f, struct folder_file *file, struct sqlite_query *q)
{
    return q != NULL && folder_says(f, sqlite_do(file->db, q), file);
}

/* ---- entries ---- */

static bool with_id(struct archive_folder *f, const char *literal, struct text id)
{
    struct folder_file *city;
    struct sqlite_query *q = folder_ask(f, ARCHIVE_CITY, literal, &city);
    if (q != NULL)
        sqlite_bind_text(q, 1, id);
    return done(f, city, q);
}

static bool figure_finding(struct archive_folder *f, struct text id)
{
    return with_id(f, "DELETE FROM finding_figures WHERE id = ?", id) &&
           with_id(f, archive_figure_finding, id);
}

/* The finding that an action is about, into *out; empty where it names none. */
static bool subject_of(struct archive_folder *f, struct text fields, struct buf *out)
{
    struct folder_file *city;
    struct sqlite_query *q = folder_ask(f, ARCHIVE_CITY, "SELECT json_extract(?, '$.id')", &city);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, fields);
    bool came = sqlite_next(city->db, q) == SQLITE_CAME_ROW;
    buf_clear(out);
    if (came)
        buf_put_text(out, sqlite_bytes(q, 0));
    sqlite_leave(q);
    return folder_says(f, came && buf_ok(out), city);
}

bool folder_figure_entry(struct archive_folder *f, const struct archive_row *row)
{
    if (text_equal(row->stream, TEXT("violations")))
        return figure_finding(f, row->id);
    if (text_equal(row->stream, TEXT("trips")))
        return with_id(f, "DELETE FROM trip_figures WHERE id = ?", row->id) &&
               with_id(f, archive_figure_trip, row->id);
    if (!text_equal(row->stream, TEXT("actions")))
        return true;
    return subject_of(f, row->fields, &f->lines) &&
           (f->lines.len == 0 || figure_finding(f, buf_text(&f->lines)));
}

static bool put_ruleset(void *context, const struct archive_position *at, struct text ruleset,
                        int64_t received_ms)
{
    struct folder_file *city;
    struct sqlite_query *q =
        folder_ask(context, ARCHIVE_CITY, "INSERT OR IGNORE INTO rulesets VALUES(?, ?, ?, ?, ?)", &city);
    if (q == NULL)
        return false;
    sqlite_bind_whole(q, 1, at->life);
    sqlite_bind_whole(q, 2, at->ms);
    sqlite_bind_whole(q, 3, (int64_t)at->seq);
    sqlite_bind_text(q, 4, ruleset);
    sqlite_bind_whole(q, 5, received_ms);
    return done(context, city, q);
}

/* ---- sums of tracks ---- */

static void write_files(const struct archive_day_sum *sum, struct buf *out)
{
    buf_put_char(out, '[');
    for (size_t i = 0; i < sum->file_count; i++)
        buf_printf(out, "%s%ld", i > 0 ? "," : "", (long)sum->files[i]);
    buf_put_char(out, ']');
}

static bool put_day_sum(void *context, const struct archive_day_sum *sum)
{
    struct archive_folder *f = context;
    struct folder_file *city;
    struct sqlite_query *q = folder_ask(
        f, ARCHIVE_CITY, "INSERT OR REPLACE INTO track_figures VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", &city);
    buf_clear(&f->lines);
    day_sum_cover_write(&sum->sum, &f->lines);
    buf_clear(&f->places);
    write_files(sum, &f->places);
    if (q == NULL || !buf_ok(&f->lines) || !buf_ok(&f->places))
        return false;
    const int64_t wholes[] = {sum->sum.fixes, sum->sum.valid, sum->sum.heard_ms, sum->sum.moving_ms};
    sqlite_bind_whole(q, 1, sum->day);
    sqlite_bind_text(q, 2, sum->vehicle);
    for (int i = 0; i < 4; i++)
        sqlite_bind_whole(q, 3 + i, wholes[i]);
    sqlite_bind_real(q, 7, sum->sum.way_m);
    sqlite_bind_real(q, 8, sum->sum.gap_m);
    sqlite_bind_text(q, 9, buf_text(&f->lines));
    sqlite_bind_text(q, 10, buf_text(&f->places));
    return done(f, city, q);
}

static void bind_due(struct sqlite_query *q, struct text vehicle, const struct archive_due *due)
{
    sqlite_bind_text(q, 1, vehicle);
    sqlite_bind_whole(q, 2, due->day);
    sqlite_bind_whole(q, 3, due->start_ms);
}

static bool settle_chunks(void *context, int32_t number, struct text vehicle, const struct archive_due *due,
                          bool wholly)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(
        context, number,
        wholly ? "DELETE FROM unsummed WHERE vehicle = ?1 AND upto < ?2 AND time_first < ?3"
               : "UPDATE unsummed SET upto = ?2 WHERE vehicle = ?1 AND upto < ?2 AND time_first < ?3",
        &file);
    if (q == NULL)
        return false;
    bind_due(q, vehicle, due);
    return done(context, file, q);
}

/* ---- which chunks are due ---- */

bool folder_waits(struct archive_folder *f, int32_t day)
{
    for (size_t i = 0; i < f->waiting_count; i++)
        if (f->waiting[i].day == day)
            return true;
    if (!array_reserve(&f->waiting, &f->waiting_cap, f->waiting_count + 1, sizeof *f->waiting)) {
        snprintf(f->why, sizeof f->why, "out of memory");
        return false;
    }
    f->waiting[f->waiting_count++] = (struct folder_waiting){.day = day};
    return true;
}

/* The next vehicle behind the last one of this day. */
static bool next_of(struct archive_folder *f, struct folder_waiting *day, const struct archive_due *due,
                    bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(f, day->day,
                                        "SELECT vehicle FROM unsummed WHERE vehicle > ?1 AND upto < ?2 AND "
                                        "time_first < ?3 ORDER BY vehicle LIMIT 1",
                                        &file);
    if (q == NULL)
        return false;
    bind_due(q, text_of(day->after[0] != '\0' ? day->after : " "), due);
    enum sqlite_came came = sqlite_next(file->db, q);
    struct text vehicle = came == SQLITE_CAME_ROW ? sqlite_bytes(q, 0) : TEXT("");
    *out = came == SQLITE_CAME_ROW;
    snprintf(day->after, sizeof day->after, "%.*s", TEXT_ARG(vehicle));
    sqlite_leave(q);
    return folder_says(f, came != SQLITE_CAME_NOT, file);
}

static bool is_summed(struct archive_folder *f, int32_t day, bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(f, day, "SELECT 1 FROM unsummed LIMIT 1", &file);
    if (q == NULL)
        return false;
    enum sqlite_came came = sqlite_next(file->db, q);
    *out = came == SQLITE_CAME_END;
    sqlite_leave(q);
    return folder_says(f, came != SQLITE_CAME_NOT, file);
}

static bool next_due(void *context, const struct archive_due *due, int32_t *out_file,
                     struct text *out_vehicle, bool *out)
{
    struct archive_folder *f = context;
    *out = false;
    for (size_t i = 0; i < f->waiting_count;) {
        struct folder_waiting *day = &f->waiting[i];
        bool behind = day->after[0] != '\0', summed;
        if (!next_of(f, day, due, out) || (!*out && behind && !next_of(f, day, due, out)))
            return false;
        if (*out) {
            *out_file = day->day;
            *out_vehicle = text_of(day->after);
            return true;
        }
        if (!is_summed(f, day->day, &summed))
            return false;
        if (summed)
            f->waiting[i] = f->waiting[--f->waiting_count];
        else
            i++;
    }
    return true;
}

/* ---- chunks ---- */

/* Of a row `life, lines, places, hash`. */
static bool unpack(struct archive_folder *f, const struct folder_file *file, const struct sqlite_query *q)
{
    unsigned char hash[ARCHIVE_CHUNK_HASH];
    if (!press_unpack(file->press, sqlite_bytes(q, 1), &f->lines) ||
        !press_unpack(f->plain, sqlite_bytes(q, 2), &f->places))
        return false;
    track_chunk_hash(buf_text(&f->lines), hash);
    return text_equal(sqlite_bytes(q, 3), (struct text){(const char *)hash, sizeof hash});
}

/* Of rows `id, time_first, time_last` and, where the file has sums, `sum`. One that is damaged is none. */
static bool each_row(struct archive_folder *f, struct folder_file *file, struct sqlite_query *q,
                     archive_each_summed *each, void *arg)
{
    enum sqlite_came came;
    while ((came = sqlite_next(file->db, q)) == SQLITE_CAME_ROW) {
        bool has_sum = !sqlite_is_null(q, 3) && press_unpack(f->plain, sqlite_bytes(q, 3), &f->packed);
        const struct archive_summed chunk = {sqlite_whole(q, 0), sqlite_whole(q, 1), sqlite_whole(q, 2),
                                             has_sum ? buf_text(&f->packed) : TEXT("")};
        if (!each(arg, file->file, &chunk)) {
            sqlite_leave(q);
            snprintf(f->why, sizeof f->why, "out of memory");
            return false;
        }
    }
    return folder_says(f, came == SQLITE_CAME_END, file);
}

/* A file from before there were sums has none until it is next written. */
static bool has_sums(struct archive_folder *f, int32_t number, bool *out)
{
    struct folder_file *file;
    *out = false;
    struct sqlite_query *q =
        folder_ask(f, number, "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE name = 'sums')", &file);
    if (q == NULL || sqlite_next(file->db, q) != SQLITE_CAME_ROW)
        return q != NULL && folder_failed(f, file);
    *out = sqlite_whole(q, 0) != 0;
    sqlite_leave(q);
    return true;
}

#define SUM  ", (SELECT sum FROM sums WHERE sums.id = chunks.id)"
#define NONE ", NULL"
#define DUE(sum)                                                                                             \
    "SELECT chunks.id, chunks.time_first, time_last" sum " FROM unsummed JOIN chunks ON chunks.id = "        \
    "unsummed.chunk WHERE unsummed.vehicle = ?1 AND upto < ?2 AND unsummed.time_first < ?3"
#define BETWEEN(sum)                                                                                         \
    "SELECT id, time_first, time_last" sum " FROM chunks WHERE vehicle = ? AND "                             \
    "time_first < ? AND time_last >= ? ORDER BY life, first_ms, first_seq"

static bool each_due(void *context, const struct archive_due_of *which, archive_each_summed *each, void *arg)
{
    struct folder_file *file;
    bool summed;
    if (!has_sums(context, which->file, &summed))
        return false;
    struct sqlite_query *q = folder_ask(context, which->file, summed ? DUE(SUM) : DUE(NONE), &file);
    if (q == NULL)
        return false;
    bind_due(q, which->vehicle, &which->due);
    return each_row(context, file, q, each, arg);
}

static bool each_between(void *context, const struct archive_stretch *span, archive_each_summed *each,
                         void *arg)
{
    struct folder_file *file;
    bool summed;
    if (!has_sums(context, span->file, &summed))
        return false;
    struct sqlite_query *q = folder_ask(context, span->file, summed ? BETWEEN(SUM) : BETWEEN(NONE), &file);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, span->vehicle);
    sqlite_bind_whole(q, 2, span->to_ms);
    sqlite_bind_whole(q, 3, span->from_ms);
    return each_row(context, file, q, each, arg);
}

static bool chunk_lines(void *context, int32_t number, int64_t id, archive_each_chunk *each, void *arg)
{
    struct archive_folder *f = context;
    struct folder_file *file;
    struct sqlite_query *q =
        folder_ask(f, number, "SELECT life, lines, places, hash FROM chunks WHERE id = ?", &file);
    if (q == NULL)
        return false;
    sqlite_bind_whole(q, 1, id);
    enum sqlite_came came = sqlite_next(file->db, q);
    bool ok = came != SQLITE_CAME_ROW || !unpack(f, file, q) ||
              each(arg, sqlite_whole(q, 0), buf_text(&f->lines), buf_text(&f->places));
    sqlite_leave(q);
    if (!ok)
        snprintf(f->why, sizeof f->why, "out of memory");
    return ok && folder_says(f, came != SQLITE_CAME_NOT, file);
}

/* ---- what a sum was made of ---- */

void folder_read_files(struct text text, struct archive_day_sum *sum)
{
    const char *p = text.data, *end = text.data + text.len;
    sum->file_count = 0;
    while (p < end && sum->file_count < ARCHIVE_SUM_FILES) {
        while (p < end && (*p < '0' || *p > '9'))
            p++;
        if (p < end)
            sum->files[sum->file_count++] = (int32_t)text_whole((struct text){p, (size_t)(end - p)});
        while (p < end && *p >= '0' && *p <= '9')
            p++;
    }
}

static bool files_of_day(void *context, struct archive_day_sum *sum, bool *out_there)
{
    struct archive_folder *f = context;
    struct folder_file *city;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY, "SELECT files FROM track_figures WHERE day = ? AND vehicle = ?", &city);
    *out_there = true;
    sum->file_count = 0;
    if (q == NULL)
        return false;
    sqlite_bind_whole(q, 1, sum->day);
    sqlite_bind_text(q, 2, sum->vehicle);
    enum sqlite_came came = sqlite_next(city->db, q);
    if (came == SQLITE_CAME_ROW)
        folder_read_files(sqlite_bytes(q, 0), sum);
    sqlite_leave(q);
    for (size_t i = 0; i < sum->file_count; i++) {
        char path[FOLDER_PATH_MAX], name[32];
        folder_name(sum->files[i], name);
        snprintf(path, sizeof path, "%s/%s", f->path, name);
        *out_there = *out_there && access(path, F_OK) == 0;
    }
    return folder_says(f, came != SQLITE_CAME_NOT, city);
}

void folder_figures(struct archive_disk *disk)
{
    disk->put_ruleset = put_ruleset;
    disk->put_day_sum = put_day_sum;
    disk->settle_chunks = settle_chunks;
    disk->next_due = next_due;
    disk->each_due = each_due;
    disk->each_between = each_between;
    disk->chunk_lines = chunk_lines;
    disk->files_of_day = files_of_day;
}
