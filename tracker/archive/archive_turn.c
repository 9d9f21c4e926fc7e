/*
 * A turn: begun with its first entry, told to the store, committed file by file.
 */
#include "archive_state.h"

bool archive_turn_begin(struct archive *a)
{
    if (a->in_turn)
        return true;
    if (!a->disk->begin(a->disk->context, ARCHIVE_CITY))
        return false;
    a->in_turn = true;
    a->turn_bytes = 0;
    return true;
}

/* Cursors of the streams that moved in this file. */
static bool put_cursors(struct archive *a, int32_t file)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct followed *stream = &a->streams[i];
        const struct archive_cursor cursor = archive_cursor_of(stream);
        if (stream->moved && stream->file == file && !a->disk->put_cursor(a->disk->context, file, &cursor))
            return false;
    }
    return true;
}

static bool commit_day(struct archive *a, struct open_day *day)
{
    const struct archive_disk *disk = a->disk;
    bool ok = buf_ok(&day->body) &&
              (day->body.len == 0 ||
               disk->put_tail(disk->context, day->day, day->open.number, buf_text(&day->body))) &&
              put_cursors(a, day->day) && disk->commit(disk->context, day->day);
    buf_clear(&day->body);
    day->in_turn = day->fresh = false;
    return ok;
}

bool archive_turn_commit(struct archive *a)
{
    const struct archive_disk *disk = a->disk;
    struct archive_state state = a->state;
    state.turn = a->store_turn;
    /* The city's file has the turn's number: it goes first, so that no day is ahead of what the store is measured by. */
    if (!disk->put_state(disk->context, &state) || !put_cursors(a, ARCHIVE_CITY) ||
        !disk->commit(disk->context, ARCHIVE_CITY))
        return false;
    a->state = state;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
        if (a->days[i].in_turn && !commit_day(a, &a->days[i]))
            return false;
    for (size_t i = 0; i < a->count; i++)
        a->streams[i].moved = false;
    a->in_turn = false;
    a->turn_bytes = 0;
    a->figures.turns++;
    return true;
}

bool archive_turn_life(struct archive *a, const char *why, int64_t batch_found)
{
    const struct archive_disk *disk = a->disk;
    struct archive_state state = a->state;
    const struct archive_life life = {state.life + 1, a->wall.ms, state.batch, batch_found, why};
    state.life++;
    state.batch = batch_found < state.batch ? batch_found : state.batch;
    bool ok = disk->begin(disk->context, ARCHIVE_CITY) && disk->put_state(disk->context, &state) &&
              disk->put_life(disk->context, &life) && disk->commit(disk->context, ARCHIVE_CITY);
    if (ok)
        a->state = state;
    return ok;
}
