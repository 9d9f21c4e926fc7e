/*
 * What is read from the archive's files.
 */
#include "archive_folder_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Whether it has a row, to be left behind; false where it failed. */
static bool has(struct archive_folder *f, struct folder_file *file, struct sqlite_query *q, bool *out)
{
    enum sqlite_came came = sqlite_next(file->db, q);
    *out = came == SQLITE_CAME_ROW;
    sqlite_leave(q);
    return folder_says(f, came != SQLITE_CAME_NOT, file);
}

static bool load(void *context, struct archive_state *out)
{
    struct folder_file *city;
    struct sqlite_query *q = folder_ask(context, ARCHIVE_CITY,
                                        "SELECT (SELECT value FROM state WHERE name = 'archive'), "
                                        "(SELECT value FROM state WHERE name = 'turn'), "
                                        "(SELECT value FROM state WHERE name = 'life'), "
                                        "(SELECT value FROM state WHERE name = 'batch')",
                                        &city);
    if (q == NULL || sqlite_next(city->db, q) != SQLITE_CAME_ROW)
        return q != NULL && folder_failed(context, city);
    struct text id = sqlite_bytes(q, 0);
    *out = (struct archive_state){
        .turn = sqlite_whole(q, 1), .life = sqlite_whole(q, 2), .batch = sqlite_whole(q, 3)};
    snprintf(out->id, sizeof out->id, "%.*s", TEXT_ARG(id));
    sqlite_leave(q);
    return true;
}

bool folder_cursors(struct archive_folder *f, int32_t number, archive_each_cursor *each, void *arg)
{
    struct folder_file *file;
    struct sqlite_query *q =
        folder_ask(f, number, "SELECT stream, life, ms, seq, missed, ifnull(added, -1) FROM cursors", &file);
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(file->db, q)) == SQLITE_CAME_ROW) {
        const struct archive_cursor cursor = {
            sqlite_bytes(q, 0),
            {sqlite_whole(q, 1), sqlite_whole(q, 2), (uint64_t)sqlite_whole(q, 3)},
            sqlite_whole(q, 4),
            sqlite_whole(q, 5)};
        if (!each(arg, &cursor)) {
            sqlite_leave(q);
            snprintf(f->why, sizeof f->why, "out of memory");
            return false;
        }
    }
    return q != NULL && folder_says(f, came == SQLITE_CAME_END, file);
}

static bool each_cursor(void *context, archive_each_cursor *each, void *arg)
{
    int32_t *days;
    size_t count;
    bool ok = folder_days(context, &days, &count) && folder_cursors(context, ARCHIVE_CITY, each, arg);
    for (size_t i = 0; i < count && ok; i++)
        ok = folder_cursors(context, days[i], each, arg);
    free(days);
    return ok;
}

/* A row at a time, since who takes it asks other things meanwhile. */
static bool tail_of(struct archive_folder *f, int32_t day, archive_each_tail *each, void *arg)
{
    char name[32];
    struct folder_file *file;
    for (int64_t after = -1;;) {
        struct sqlite_query *q =
            folder_ask(f, day, "SELECT n, part, body FROM tail WHERE n > ? ORDER BY n LIMIT 1", &file);
        if (q == NULL)
            return false;
        sqlite_bind_whole(q, 1, after);
        enum sqlite_came came = sqlite_next(file->db, q);
        if (came != SQLITE_CAME_ROW)
            return folder_says(f, came == SQLITE_CAME_END, file);
        after = sqlite_whole(q, 0);
        uint32_t part = (uint32_t)sqlite_whole(q, 1);
        bool whole = press_unpack(file->passing, sqlite_bytes(q, 2), &f->lines);
        sqlite_leave(q);
        bool taken = whole && each(arg, day, part, buf_text(&f->lines));
        if (!taken) {
            folder_name(day, name);
            snprintf(f->why, sizeof f->why, "%s: the tail is damaged at row %lld", name, (long long)after);
            return false;
        }
    }
}

static bool each_tail(void *context, archive_each_tail *each, void *arg)
{
    int32_t *days;
    size_t count;
    bool ok = folder_days(context, &days, &count);
    for (size_t i = 0; i < count && ok; i++)
        ok = tail_of(context, days[i], each, arg);
    free(days);
    return ok;
}

/* One whose first turn was committed. Its file is not made by asking for it. */
static bool has_day(void *context, int32_t day, bool *out)
{
    const struct archive_folder *f = context;
    char path[FOLDER_PATH_MAX], name[32];
    struct folder_file *file;
    folder_name(day, name);
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    *out = false;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true;
    struct sqlite_query *q = folder_ask(context, day, "SELECT 1 FROM cursors LIMIT 1", &file);
    return q != NULL && has(context, file, q, out);
}

/* Parts are closed one after the other, so the last chunk is of the last one. */
static bool next_part(void *context, int32_t day, uint32_t *out)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(context, day,
                                        "SELECT max(ifnull((SELECT max(part) FROM tail), 0), "
                                        "ifnull((SELECT part FROM chunks ORDER BY id DESC LIMIT 1), 0)) + 1",
                                        &file);
    if (q == NULL || sqlite_next(file->db, q) != SQLITE_CAME_ROW)
        return q != NULL && folder_failed(context, file);
    *out = (uint32_t)sqlite_whole(q, 0);
    sqlite_leave(q);
    return true;
}

static bool is_closed(void *context, int32_t day, uint32_t part, struct text vehicle, bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q =
        folder_ask(context, day, "SELECT 1 FROM chunks WHERE vehicle = ? AND part = ? LIMIT 1", &file);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, vehicle);
    sqlite_bind_whole(q, 2, part);
    return has(context, file, q, out);
}

static bool has_world(void *context, struct text hash, bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(context, ARCHIVE_CITY, "SELECT 1 FROM worlds WHERE hash = ?", &file);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, hash);
    return has(context, file, q, out);
}

static bool has_row(void *context, const struct archive_position *at, struct text stream,
                    const unsigned char hash[ARCHIVE_ENTRY_HASH], bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(
        context, ARCHIVE_CITY,
        "SELECT 1 FROM entries WHERE stream = ? AND ms = ? AND seq = ? AND hash = ? AND life >= 0", &file);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, stream);
    sqlite_bind_whole(q, 2, at->ms);
    sqlite_bind_whole(q, 3, (int64_t)at->seq);
    sqlite_bind_bytes(q, 4, hash, ARCHIVE_ENTRY_HASH);
    return has(context, file, q, out);
}

static bool has_mark(void *context, const struct archive_position *at, struct text stream, struct text line,
                     bool *out)
{
    int32_t *days;
    size_t count;
    bool ok = folder_days(context, &days, &count);
    *out = false;
    for (size_t i = count; i > 0 && ok && !*out; i--) {
        struct folder_file *file;
        struct sqlite_query *q =
            folder_ask(context, days[i - 1],
                       "SELECT 1 FROM marks WHERE stream = ? AND ms = ? AND seq = ? AND line IS ?", &file);
        ok = q != NULL;
        if (!ok)
            break;
        sqlite_bind_text(q, 1, stream);
        sqlite_bind_whole(q, 2, at->ms);
        sqlite_bind_whole(q, 3, (int64_t)at->seq);
        sqlite_bind_text(q, 4, line);
        ok = has(context, file, q, out);
    }
    free(days);
    return ok;
}

static bool has_orphan(void *context, struct text stream, const unsigned char key[ARCHIVE_ENTRY_HASH],
                       bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q =
        folder_ask(context, ARCHIVE_CITY, "SELECT 1 FROM orphans WHERE stream = ? AND key = ?", &file);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, stream);
    sqlite_bind_bytes(q, 2, key, ARCHIVE_ENTRY_HASH);
    return has(context, file, q, out);
}

static bool has_orphans(void *context, bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(context, ARCHIVE_CITY, "SELECT 1 FROM orphans LIMIT 1", &file);
    return q != NULL && has(context, file, q, out);
}

/* A vehicle's chunks of one day whose last entry is not before this id. */
static bool chunks_of(struct archive_folder *f, int32_t day, const struct archive_search *which,
                      archive_each_chunk *each, void *arg)
{
    char name[32];
    struct folder_file *file;
    for (int64_t after = -1;;) {
        struct sqlite_query *q =
            folder_ask(f, day,
                       "SELECT id, life, lines, places FROM chunks WHERE vehicle = ? AND id > ? "
                       "AND last_ms >= ? ORDER BY id LIMIT 1",
                       &file);
        if (q == NULL)
            return false;
        sqlite_bind_text(q, 1, which->vehicle);
        sqlite_bind_whole(q, 2, after);
        sqlite_bind_whole(q, 3, which->at.ms);
        enum sqlite_came came = sqlite_next(file->db, q);
        if (came != SQLITE_CAME_ROW)
            return folder_says(f, came == SQLITE_CAME_END, file);
        after = sqlite_whole(q, 0);
        int64_t life = sqlite_whole(q, 1);
        bool whole = press_unpack(file->press, sqlite_bytes(q, 2), &f->lines) &&
                     press_unpack(f->plain, sqlite_bytes(q, 3), &f->places);
        sqlite_leave(q);
        if (!whole || !each(arg, life, buf_text(&f->lines), buf_text(&f->places))) {
            folder_name(day, name);
            snprintf(f->why, sizeof f->why, "%s: chunk %lld is damaged", name, (long long)after);
            return false;
        }
    }
}

static bool each_chunk(void *context, const struct archive_search *which, archive_each_chunk *each, void *arg)
{
    int32_t *days;
    size_t count;
    bool ok = folder_days(context, &days, &count);
    for (size_t i = 0; i < count && ok; i++)
        ok = days[i] < which->from || chunks_of(context, days[i], which, each, arg);
    free(days);
    return ok;
}

/* Of one file: its newest mark, or what was in force when it was begun. */
static bool last_of(struct archive_folder *f, int32_t day, struct text stream, int64_t *out_batch, bool *out)
{
    struct folder_file *file;
    struct sqlite_query *q = folder_ask(
        f, day,
        "SELECT line, batch FROM (SELECT line, batch, life, ms, seq FROM marks WHERE stream = ?1 UNION ALL "
        "SELECT line, batch, -1, -1, -1 FROM in_force WHERE kind = ?1) ORDER BY life DESC, ms DESC, seq DESC "
        "LIMIT 1",
        &file);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, stream);
    enum sqlite_came came = sqlite_next(file->db, q);
    *out = came == SQLITE_CAME_ROW;
    buf_clear(&f->lines);
    if (*out) {
        buf_put_text(&f->lines, sqlite_bytes(q, 0));
        *out_batch = sqlite_whole(q, 1);
    }
    sqlite_leave(q);
    return folder_says(f, came != SQLITE_CAME_NOT, file);
}

static bool last_line(void *context, struct text stream, struct text *out_line, int64_t *out_batch, bool *out)
{
    struct archive_folder *f = context;
    int32_t *days;
    size_t count;
    bool ok = folder_days(context, &days, &count);
    *out = false;
    for (size_t i = count; i > 0 && ok && !*out; i--)
        ok = last_of(f, days[i - 1], stream, out_batch, out);
    free(days);
    *out_line = buf_text(&f->lines);
    return ok;
}

void folder_reads(struct archive_disk *disk)
{
    disk->load = load;
    disk->each_cursor = each_cursor;
    disk->each_tail = each_tail;
    disk->has_day = has_day;
    disk->next_part = next_part;
    disk->is_closed = is_closed;
    disk->has_world = has_world;
    disk->has_row = has_row;
    disk->has_mark = has_mark;
    disk->has_orphan = has_orphan;
    disk->has_orphans = has_orphans;
    disk->each_chunk = each_chunk;
    disk->last_line = last_line;
}
