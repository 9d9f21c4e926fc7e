/*
 * What is put into the archive's files.
 */
#include "archive_folder_state.h"

#include "archive_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *why(void *context)
{
    return ((struct archive_folder *)context)->why;
}

static bool begin(void *context, int32_t number)
{
    struct folder_file *file = folder_file(context, number);
    const char *how = ((struct archive_folder *)context)->reads ? "BEGIN" : "BEGIN IMMEDIATE";
    return file != NULL && folder_says(context, sqlite_run(file->db, how), file);
}

static bool commit(void *context, int32_t number)
{
    struct folder_file *file = folder_file(context, number);
    return file != NULL && folder_says(context, sqlite_run(file->db, "COMMIT"), file);
}

static void undo(void *context)
{
    struct archive_folder *f = context;
    for (size_t i = 0; i < FOLDER_FILES_MAX; i++)
        if (f->files[i].db != NULL && sqlite_in_transaction(f->files[i].db))
            sqlite_run(f->files[i].db, "ROLLBACK");
}

/* A statement of a file, and its end. */
struct putting {
    struct archive_folder *folder;
    struct folder_file *file;
    struct sqlite_query *q;
    int place;
};

static struct putting put(void *context, int32_t number, const char *literal)
{
    struct putting p = {.folder = context, .file = folder_file(context, number)};
    if (p.file != NULL && (p.q = sqlite_ask(p.file->db, literal)) == NULL)
        folder_failed(p.folder, p.file);
    return p;
}

static void whole(struct putting *p, int64_t value)
{
    p->place++;
    if (p->q != NULL)
        sqlite_bind_whole(p->q, p->place, value);
}

static void time_of(struct putting *p, int64_t ms)
{
    p->place++;
    if (p->q != NULL && ms >= 0)
        sqlite_bind_whole(p->q, p->place, ms);
}

static void text(struct putting *p, struct text value)
{
    p->place++;
    if (p->q != NULL)
        sqlite_bind_text(p->q, p->place, value);
}

static void bytes(struct putting *p, const void *data, size_t n)
{
    p->place++;
    if (p->q != NULL)
        sqlite_bind_bytes(p->q, p->place, data, n);
}

static void position(struct putting *p, const struct archive_position *at)
{
    whole(p, at->life);
    whole(p, at->ms);
    whole(p, (int64_t)at->seq);
}

static bool done(struct putting *p)
{
    return p->q != NULL && folder_says(p->folder, sqlite_do(p->file->db, p->q), p->file);
}

/* ---- the city ---- */

static bool put_number(void *context, const char *name, int64_t value)
{
    struct putting p = put(context, ARCHIVE_CITY, "INSERT OR REPLACE INTO state VALUES(?, ?)");
    text(&p, text_of(name));
    whole(&p, value);
    return done(&p);
}

static bool put_state(void *context, const struct archive_state *state)
{
    return put_number(context, "turn", state->turn) && put_number(context, "life", state->life) &&
           put_number(context, "batch", state->batch);
}

static bool put_life(void *context, const struct archive_life *life)
{
    struct putting p = put(context, ARCHIVE_CITY, "INSERT INTO lives VALUES(?, ?, ?, ?, ?)");
    whole(&p, life->life);
    whole(&p, life->begun_ms);
    text(&p, text_of(life->why));
    whole(&p, life->batch_archived);
    whole(&p, life->batch_found);
    return done(&p);
}

static bool put_row(void *context, const struct archive_row *row)
{
    struct putting p = put(context, ARCHIVE_CITY,
                           "INSERT OR IGNORE INTO entries VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    text(&p, row->stream);
    position(&p, &row->at);
    text(&p, row->id);
    whole(&p, row->rev);
    text(&p, row->event);
    text(&p, row->kind);
    text(&p, row->vehicle);
    text(&p, row->company);
    time_of(&p, row->start_ms);
    time_of(&p, row->received_ms);
    bytes(&p, row->hash, sizeof row->hash);
    text(&p, row->fields);
    return done(&p) && folder_figure_entry(context, row);
}

static bool put_world(void *context, struct text hash, struct text canonical)
{
    struct putting p = put(context, ARCHIVE_CITY, "INSERT OR IGNORE INTO worlds VALUES(?, ?)");
    text(&p, hash);
    bytes(&p, canonical.data, canonical.len);
    return done(&p);
}

static bool put_orphan(void *context, struct text stream, const unsigned char key[ARCHIVE_ENTRY_HASH],
                       int64_t made_ms)
{
    struct putting p = put(context, ARCHIVE_CITY, "INSERT OR IGNORE INTO orphans VALUES(?, ?, ?)");
    text(&p, stream);
    bytes(&p, key, ARCHIVE_ENTRY_HASH);
    whole(&p, made_ms);
    return done(&p);
}

static bool forget_before(void *context, const char *literal, int64_t before)
{
    struct putting p = put(context, ARCHIVE_CITY, literal);
    whole(&p, before);
    return done(&p);
}

/* Of ids of which no entry stays. */
#define FORGET_FIGURES(what, stream)                                                                         \
    "DELETE FROM " what "_figures WHERE id IN (SELECT id FROM entries e WHERE e.stream = '" stream           \
    "' AND e.ms < ?1 AND NOT EXISTS (SELECT 1 FROM entries l WHERE l.stream = '" stream                      \
    "' AND l.id = e.id AND l.ms >= ?1))"

static bool forget_rows(void *context, struct text stream, int64_t before_ms)
{
    /* Figures are kept as long as what they tell of; those of tracks as long as findings. */
    bool ok = !text_equal(stream, TEXT("trips")) ||
              forget_before(context, FORGET_FIGURES("trip", "trips"), before_ms);
    if (text_equal(stream, TEXT("violations")))
        ok = forget_before(context, FORGET_FIGURES("finding", "violations"), before_ms) &&
             forget_before(context, "DELETE FROM track_figures WHERE day < ?", before_ms / 86400000);
    struct putting p = put(context, ARCHIVE_CITY, "DELETE FROM entries WHERE stream = ? AND ms < ?");
    text(&p, stream);
    whole(&p, before_ms);
    return ok && done(&p);
}

static bool forget_orphans(void *context, int64_t before_ms)
{
    struct putting p = put(context, ARCHIVE_CITY, "DELETE FROM orphans WHERE made < ?");
    whole(&p, before_ms);
    return done(&p);
}

static bool put_cursor(void *context, int32_t number, const struct archive_cursor *cursor)
{
    struct putting p = put(context, number, "INSERT OR REPLACE INTO cursors VALUES(?, ?, ?, ?, ?, ?)");
    text(&p, cursor->stream);
    position(&p, &cursor->at);
    whole(&p, cursor->missed);
    if (cursor->added >= 0)
        whole(&p, cursor->added);
    return done(&p);
}

/* ---- a day ---- */

static bool put_tail(void *context, int32_t day, uint32_t part, struct text body)
{
    struct archive_folder *f = context;
    struct putting p = put(context, day, "INSERT INTO tail(part, body) VALUES(?, ?)");
    if (p.file != NULL && !press_pack(p.file->passing, body, &f->packed)) {
        snprintf(f->why, sizeof f->why, "out of memory");
        return false;
    }
    whole(&p, part);
    bytes(&p, f->packed.data, f->packed.len);
    return done(&p);
}

static bool drop_tail(void *context, int32_t day, uint32_t part)
{
    struct putting p = put(context, day, "DELETE FROM tail WHERE part = ?");
    whole(&p, part);
    return done(&p);
}

static bool put_box(void *context, int32_t day, const struct archive_chunk *c)
{
    struct putting p = put(context, day, "INSERT INTO boxes VALUES(last_insert_rowid(), ?, ?, ?, ?)");
    const double sides[] = {c->lat_min, c->lat_max, c->lon_min, c->lon_max};
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        if (p.q != NULL)
            sqlite_bind_real(p.q, ++p.place, sides[i]);
    return done(&p);
}

/* Of the chunk that was put last. */
static bool put_outline(void *context, int32_t day, const struct archive_chunk *c)
{
    struct folder_file *file = folder_file(context, day);
    if (file == NULL || !folder_says(context, sqlite_run(file->db, ARCHIVE_SCHEMA_OUTLINES), file))
        return false;
    struct putting p =
        put(context, day, "INSERT INTO outlines VALUES((SELECT max(id) FROM chunks), ?, ?, ?, ?)");
    text(&p, c->vehicle);
    whole(&p, c->time_first_ms);
    whole(&p, c->time_last_ms);
    bytes(&p, c->outline.data, c->outline.len);
    return done(&p);
}

static bool put_sum(void *context, int32_t day, const struct archive_chunk *c)
{
    struct archive_folder *f = context;
    struct putting p = put(context, day, "INSERT INTO sums VALUES((SELECT max(id) FROM chunks), ?)");
    if (p.file != NULL && !press_pack(f->plain, c->sum, &f->packed)) {
        snprintf(f->why, sizeof f->why, "out of memory");
        return false;
    }
    bytes(&p, f->packed.data, f->packed.len);
    return done(&p);
}

static bool put_chunk(void *context, int32_t day, const struct archive_chunk *c)
{
    struct archive_folder *f = context;
    struct putting p =
        put(context, day,
            "INSERT INTO chunks VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (p.file == NULL || !press_pack(p.file->press, c->lines, &f->packed) ||
        !press_pack(f->plain, c->places, &f->packed_places)) {
        if (p.file != NULL)
            snprintf(f->why, sizeof f->why, "out of memory");
        return false;
    }
    whole(&p, c->part);
    text(&p, c->vehicle);
    whole(&p, c->first.life);
    whole(&p, c->first.ms);
    whole(&p, (int64_t)c->first.seq);
    whole(&p, c->last.ms);
    whole(&p, (int64_t)c->last.seq);
    whole(&p, c->batch_first);
    whole(&p, c->batch_last);
    whole(&p, c->received_first_ms);
    whole(&p, c->received_last_ms);
    time_of(&p, c->has_time ? c->time_first_ms : -1);
    time_of(&p, c->has_time ? c->time_last_ms : -1);
    whole(&p, c->count);
    whole(&p, (int64_t)c->lines.len);
    bytes(&p, c->hash, sizeof c->hash);
    bytes(&p, f->packed.data, f->packed.len);
    bytes(&p, f->packed_places.data, f->packed_places.len);
    return done(&p) && (!c->has_box || (put_box(context, day, c) && put_outline(context, day, c))) &&
           (c->sum.len == 0 || put_sum(context, day, c)) && folder_waits(context, day);
}

static bool put_mark(void *context, int32_t day, const struct archive_mark *mark)
{
    struct putting p = put(context, day, "INSERT OR IGNORE INTO marks VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    position(&p, &mark->at);
    text(&p, mark->stream);
    text(&p, mark->kind);
    text(&p, mark->vehicle);
    whole(&p, mark->batch);
    time_of(&p, mark->received_ms);
    text(&p, mark->line);
    return done(&p);
}

static bool put_hole(void *context, int32_t day, const struct archive_hole *hole)
{
    struct putting p = put(context, day, "INSERT OR IGNORE INTO holes VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    position(&p, &hole->at);
    text(&p, hole->vehicle);
    whole(&p, hole->batch);
    time_of(&p, hole->received_ms);
    text(&p, hole->hole);
    whole(&p, hole->seen);
    return done(&p);
}

static bool put_in_force(void *context, int32_t day, struct text kind, int64_t batch, struct text line)
{
    struct putting p = put(context, day, "INSERT OR REPLACE INTO in_force VALUES(?, ?, ?)");
    text(&p, kind);
    whole(&p, batch);
    text(&p, line);
    return done(&p);
}

static void whole_or_none(struct putting *p, struct text digits)
{
    p->place++;
    if (p->q != NULL && digits.len > 0)
        sqlite_bind_whole(p->q, p->place, text_whole(digits));
}

static bool put_checkpoint(void *context, int32_t day, const struct archive_checkpoint *c)
{
    struct putting p =
        put(context, day, "INSERT OR REPLACE INTO checkpoints VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    text(&p, c->vehicle);
    position(&p, &c->at);
    whole_or_none(&p, c->upto);
    whole(&p, c->batch);
    text(&p, c->ruleset);
    text(&p, c->settled);
    text(&p, c->stored);
    bytes(&p, c->state.data, c->state.len);
    return done(&p);
}

/* With what SQLite keeps beside it; the file itself goes last, so that none is left with the rest of another. */
static bool forget_day(struct archive_folder *f, int32_t day)
{
    static const char *const ends[] = {"-wal", "-shm", ""};
    char name[32], path[64];
    folder_name(day, name);
    for (size_t i = 0; i < FOLDER_FILES_MAX; i++)
        if (f->files[i].db != NULL && f->files[i].file == day)
            folder_shut(&f->files[i]);
    /* Whoever asked it for what is to be summed would make it anew. */
    for (size_t i = f->waiting_count; i > 0; i--)
        if (f->waiting[i - 1].day == day)
            f->waiting[i - 1] = f->waiting[--f->waiting_count];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(path, sizeof path, "%s%s", name, ends[i]);
        if (unlinkat(f->folder, path, 0) != 0 && errno != ENOENT) {
            snprintf(f->why, sizeof f->why, "%s: %s", path, strerror(errno));
            return false;
        }
    }
    return true;
}

static bool shrink(void *context, int32_t day)
{
    struct folder_file *file = folder_file(context, day);
    return file != NULL && folder_says(context, sqlite_shrink(file->db), file);
}

static bool keep_cursor(void *context, const struct archive_cursor *cursor)
{
    struct putting p =
        put(context, ARCHIVE_CITY,
            "INSERT INTO cursors VALUES(?, ?, ?, ?, ?, NULL) ON CONFLICT(stream) DO UPDATE SET "
            "life = excluded.life, ms = excluded.ms, seq = excluded.seq "
            "WHERE (excluded.life, excluded.ms, excluded.seq) > (life, ms, seq)");
    text(&p, cursor->stream);
    position(&p, &cursor->at);
    whole(&p, cursor->missed);
    return done(&p);
}

static bool keep_cursors(struct archive_folder *f, int32_t day)
{
    return begin(f, ARCHIVE_CITY) && folder_cursors(f, day, keep_cursor, f) && commit(f, ARCHIVE_CITY);
}

static bool forget_days(void *context, int32_t before)
{
    int32_t *days;
    size_t count;
    bool ok = folder_days(context, &days, &count);
    for (size_t i = 0; i < count && ok && days[i] < before; i++)
        ok = keep_cursors(context, days[i]) && forget_day(context, days[i]);
    free(days);
    return ok;
}

void folder_puts(struct archive_disk *disk)
{
    disk->why = why;
    disk->begin = begin;
    disk->commit = commit;
    disk->undo = undo;
    disk->put_state = put_state;
    disk->put_life = put_life;
    disk->put_row = put_row;
    disk->put_world = put_world;
    disk->put_orphan = put_orphan;
    disk->put_cursor = put_cursor;
    disk->put_tail = put_tail;
    disk->drop_tail = drop_tail;
    disk->put_chunk = put_chunk;
    disk->put_mark = put_mark;
    disk->put_hole = put_hole;
    disk->put_in_force = put_in_force;
    disk->put_checkpoint = put_checkpoint;
    disk->shrink = shrink;
    disk->forget_rows = forget_rows;
    disk->forget_days = forget_days;
    disk->forget_orphans = forget_orphans;
}
