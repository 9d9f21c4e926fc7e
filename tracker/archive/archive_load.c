/*
 * Where everything stands, from the disk: as after a kill, and after whatever failed.
 */
#include "archive_state.h"

#include "array.h"
#include "vehicle_id.h"

#include <stdlib.h>

enum { STREAMS_MAX = 2000000, BODY_MAX = 1 << 28 };

static const struct archive_stream_row *row_of(struct text name, struct text *out_vehicle)
{
    const size_t prefix = sizeof ARCHIVE_TRACK_PREFIX - 1;
    *out_vehicle = TEXT("");
    for (size_t i = 0; i + 1 < archive_stream_count; i++)
        if (text_equal(name, text_of(archive_streams[i].name)))
            return &archive_streams[i];
    if (name.len <= prefix || memcmp(name.data, ARCHIVE_TRACK_PREFIX, prefix) != 0)
        return NULL;
    *out_vehicle = (struct text){name.data + prefix, name.len - prefix};
    return vehicle_id_valid(*out_vehicle) ? &archive_streams[archive_stream_count - 1] : NULL;
}

struct followed *archive_follow(struct archive *a, struct text name)
{
    uint32_t symbol = names_find(a->names, name);
    struct text vehicle;
    const struct archive_stream_row *row = row_of(name, &vehicle);
    if (symbol > 0)
        return &a->streams[symbol - 1];
    if (row == NULL || !array_reserve(&a->streams, &a->cap, a->count + 1, sizeof *a->streams) ||
        !names_intern(a->names, name, &symbol))
        return NULL;
    struct followed *stream = &a->streams[a->count++];
    *stream = (struct followed){.row = row,
                                .name = names_text(a->names, symbol),
                                .at = {.life = a->state.life},
                                .added = -1,
                                .marked_added = -1};
    row_of(stream->name, &stream->vehicle);
    return stream;
}

static int compare(const struct archive_position *x, const struct archive_position *y)
{
    if (x->life != y->life)
        return x->life < y->life ? -1 : 1;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* The greatest of all files is where the stream stands. One that this version does not follow is passed over. */
static bool on_cursor(void *arg, const struct archive_cursor *cursor)
{
    struct archive *a = arg;
    struct text vehicle;
    if (row_of(cursor->stream, &vehicle) == NULL)
        return true;
    bool known = names_find(a->names, cursor->stream) > 0;
    struct followed *stream = archive_follow(a, cursor->stream);
    if (stream == NULL)
        return false;
    if (!known || compare(&stream->at, &cursor->at) < 0) {
        stream->at = cursor->at;
        stream->added = cursor->added;
    }
    if (cursor->missed > stream->missed)
        stream->missed = cursor->missed;
    return true;
}

struct open_day *archive_day(struct archive *a, int32_t day, bool in_turn)
{
    struct open_day *found = NULL, *oldest = NULL;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++) {
        struct open_day *d = &a->days[i];
        if (d->used && d->day == day)
            found = d;
        else if (!d->used)
            oldest = d;
        else if (!d->in_turn && (oldest == NULL || (oldest->used && d->touched < oldest->touched)))
            oldest = d;
    }
    if (found == NULL) {
        uint32_t part;
        if (oldest == NULL || (oldest->used && !archive_close_day(a, oldest)) ||
            !a->disk->next_part(a->disk->context, day, &part))
            return NULL;
        *oldest = (struct open_day){.used = true, .day = day};
        part_init(&oldest->open, part, a->disk->press);
        buf_init(&oldest->body, BODY_MAX);
        found = oldest;
    }
    if (in_turn)
        found->touched = a->state.turn;
    return found;
}

/* The first part is closed from now on, whether that had begun or not, so a day has at most two. NULL: it has more. */
static struct open_part *part_for(const struct archive *a, struct open_day *day, uint32_t part)
{
    if (!day->is_closing) {
        part_init(&day->closing, part, a->disk->press);
        day->is_closing = true;
    }
    if (day->closing.number == part)
        return &day->closing;
    if (day->open.count == 0)
        day->open.number = part;
    return day->open.number == part ? &day->open : NULL;
}

/* Lines of a vehicle that is closed in this part are in chunks already. */
static bool on_tail(void *arg, int32_t number, uint32_t part, struct text body)
{
    struct archive *a = arg;
    struct text vehicle, line;
    struct part_line at;
    struct open_day *day = archive_day(a, number, false);
    struct open_part *into = day != NULL ? part_for(a, day, part) : NULL;
    if (into == NULL)
        return false;
    while (part_read(&body, &vehicle, &at, &line)) {
        char name[ARCHIVE_NAME_MAX + 64];
        struct buf text = {.data = name, .cap = sizeof name, .limit = sizeof name};
        buf_puts(&text, ARCHIVE_TRACK_PREFIX);
        buf_put_text(&text, vehicle);
        struct followed *stream = buf_ok(&text) ? archive_follow(a, buf_text(&text)) : NULL;
        if (stream == NULL)
            return false;
        bool closed = false; /* not, where lines of it were taken */
        if (part_find(into, archive_number(a, stream)) == NULL &&
            !a->disk->is_closed(a->disk->context, number, part, vehicle, &closed))
            return false;
        if (closed)
            continue;
        if (!part_add(into, archive_number(a, stream), stream->vehicle, &at, line))
            return false;
    }
    return body.len == 0;
}

static void unload_day(struct open_day *day)
{
    part_fini(&day->open);
    part_fini(&day->closing);
    buf_fini(&day->body);
    *day = (struct open_day){0};
}

void archive_unload(struct archive *a)
{
    a->disk->undo(a->disk->context);
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
        unload_day(&a->days[i]);
    names_free(a->names);
    free(a->streams);
    a->names = NULL;
    a->streams = NULL;
    a->count = a->cap = 0;
    a->in_turn = a->through = a->again = false;
    a->turn_bytes = a->world_count = a->asked_count = 0;
    a->vehicles_known = -1;
}

bool archive_load(struct archive *a)
{
    const struct archive_disk *disk = a->disk;
    archive_unload(a);
    a->names = names_new(STREAMS_MAX);
    if (a->names == NULL || !disk->load(disk->context, &a->state))
        return false;
    if (!disk->each_cursor(disk->context, on_cursor, a) || !disk->each_tail(disk->context, on_tail, a))
        return false;
    /* Behind the cursors: what has none begins in this life. */
    for (size_t i = 0; i + 1 < archive_stream_count; i++)
        if (archive_follow(a, text_of(archive_streams[i].name)) == NULL)
            return false;
    a->registered_batch = a->state.batch;
    return disk->has_orphans(disk->context, &a->has_orphans);
}
