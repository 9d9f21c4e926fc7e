/*
 * From what is open to chunks: a part at a time, some vehicles a transaction. A vehicle's chunks of a part are written
 * whole in one; the part leaves the tail when all are.
 */
#include "archive_state.h"

enum {
    PART_BYTES =
        40 << 20, /* what is closed leaves memory as fast as more comes, so that all fits into 150 MB */
    TRACK_BYTES = 4 << 20, /* of one vehicle, not pressed: it is whole in memory when it is closed */
    SLICES = 32, /* of a part: each some tens of milliseconds of compressing, and as much as a turn */
    FORGET_EVERY_MS = 600000,
    ORPHANS_DAYS = 9, /* units keep what they send for seven */
};

static size_t part_most(const struct archive *a)
{
    return a->options.part_bytes > 0 ? a->options.part_bytes : PART_BYTES;
}

static bool close_vehicle(struct archive *a, struct open_day *day, const struct part_waiting *waiting)
{
    struct archive_chunk chunk;
    const struct part_track *track = part_whole(&day->closing, waiting);
    if (track == NULL)
        return false;
    for (size_t from = 0; from < track->count;) {
        if (!track_chunk_make(track, &from, &a->chunk_summing, &a->places, &chunk))
            return false;
        chunk.part = day->closing.number;
        if (!a->disk->put_chunk(a->disk->context, day->day, &chunk))
            return false;
        a->figures.chunks++;
    }
    return true;
}

/* A slice of the part that is being closed. */
static bool close_slice(struct archive *a, struct open_day *day)
{
    const struct archive_disk *disk = a->disk;
    struct open_part *part = &day->closing;
    size_t bytes = 0;
    if (!disk->begin(disk->context, day->day))
        return false;
    while (day->closed < part->count && bytes < part_most(a) / SLICES) {
        struct part_waiting *track = &part->tracks[day->closed++];
        bytes += track->bytes;
        if (!close_vehicle(a, day, track))
            return false;
        part_let_go(part, track); /* it is in chunks, or all is read again from the tail */
    }
    bool all = day->closed == part->count;
    if (all && !disk->drop_tail(disk->context, day->day, part->number))
        return false;
    if (!disk->commit(disk->context, day->day))
        return false;
    if (!all)
        return true;
    part_fini(part);
    day->is_closing = false;
    day->closed = 0;
    /* While more comes the room that the tail has left is taken by the next one. */
    return day->open.count > 0 || disk->shrink(disk->context, day->day);
}

static void switch_part(struct archive *a, struct open_day *day)
{
    uint32_t number = day->open.number;
    day->closing = day->open;
    day->is_closing = true;
    day->closed = 0;
    part_init(&day->open, number + 1, a->disk->press);
}

bool archive_close_day(struct archive *a, struct open_day *day)
{
    while (day->is_closing || day->open.count > 0) {
        if (!day->is_closing)
            switch_part(a, day);
        if (!close_slice(a, day))
            return false;
    }
    part_fini(&day->open);
    buf_fini(&day->body);
    *day = (struct open_day){0};
    return true;
}

/* An hour has gone by, or it is large, or its day is over. */
static bool is_due(const struct archive *a, const struct open_day *day)
{
    int64_t age_ms = a->mono.ms - day->open.begun_ms;
    bool over = a->wall.ms > ((int64_t)day->day + 1) * ARCHIVE_DAY_MS + TRACK_CHUNK_MS / 6;
    bool large = day->open.bytes >= part_most(a) || day->open.longest >= TRACK_BYTES;
    return day->open.count > 0 &&
           (age_ms >= TRACK_CHUNK_MS || large || (over && age_ms >= TRACK_CHUNK_MS / 60));
}

bool archive_close_some(struct archive *a, bool *out_more)
{
    *out_more = false;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++) {
        struct open_day *day = &a->days[i];
        if (!day->used)
            continue;
        if (!day->is_closing && is_due(a, day))
            switch_part(a, day);
        if (!day->is_closing)
            continue;
        if (!close_slice(a, day))
            return false;
        *out_more = true;
        return true;
    }
    return true;
}

static bool forget_rows(struct archive *a)
{
    const struct archive_disk *disk = a->disk;
    if (!disk->begin(disk->context, ARCHIVE_CITY))
        return false;
    for (size_t i = 0; i < archive_stream_count; i++) {
        const struct archive_stream_row *row = &archive_streams[i];
        int64_t keep_ms = row->by_track ? a->options.track_ms : a->options.findings_ms;
        if (row->goes == ARCHIVE_TO_ENTRIES &&
            !disk->forget_rows(disk->context, text_of(row->name), a->wall.ms - keep_ms))
            return false;
    }
    return disk->forget_orphans(disk->context, a->wall.ms - ORPHANS_DAYS * ARCHIVE_DAY_MS) &&
           disk->commit(disk->context, ARCHIVE_CITY);
}

/* A keeper that is registered and has said nothing needs all there is. */
void archive_take_needs(struct archive *a, const struct archive_answer *answer)
{
    struct archive_answer there = archive_answer_at(answer, 0), needs = archive_answer_at(answer, 1);
    a->needs_known = true;
    bool none = answer->type == ANSWER_LIST &&
                (there.type != ANSWER_TEXT || (needs.type == ANSWER_TEXT && needs.integer == 0));
    a->needs_ms = none ? INT64_MAX : needs.type == ANSWER_TEXT ? needs.integer : 0;
}

bool archive_forget(struct archive *a)
{
    if (a->wall.ms < a->forget_ms || !a->needs_known)
        return true;
    int64_t before = (a->wall.ms - a->options.track_ms) / ARCHIVE_DAY_MS;
    if (a->needs_ms / ARCHIVE_DAY_MS < before)
        before = a->needs_ms / ARCHIVE_DAY_MS;
    a->forget_ms = a->wall.ms + FORGET_EVERY_MS;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
        if (a->days[i].used && a->days[i].day < before && !archive_close_day(a, &a->days[i]))
            return false;
    return forget_rows(a) && a->disk->forget_days(a->disk->context, (int32_t)before);
}
