/*
 * One entry of a stream, into the file where it belongs; and whether the archive has an entry already.
 */
#include "archive_state.h"

#include "entry_row.h"

#include <stdlib.h>

struct archive_position archive_id(struct text id)
{
    const char *dash = id.len > 0 ? memchr(id.data, '-', id.len) : NULL;
    size_t len = dash != NULL ? (size_t)(dash - id.data) : id.len;
    struct text seq = dash != NULL ? (struct text){dash + 1, id.len - len - 1} : TEXT("");
    return (struct archive_position){0, text_whole((struct text){id.data, len}), (uint64_t)text_whole(seq)};
}

static enum track_line_kind line_kind(const struct followed *stream, const struct archive_answer *fields)
{
    if (stream->row->goes == ARCHIVE_TO_TRACK)
        return TRACK_LINE_FIX;
    if (text_equal(stream->name, TEXT("attended")))
        return TRACK_LINE_CLOCK;
    if (text_equal(stream->name, TEXT("rulesets")))
        return TRACK_LINE_RULESET;
    if (text_equal(stream->name, TEXT("clock")))
        return TRACK_LINE_SYNC;
    return text_equal(archive_answer_field(fields, "kind"), TEXT("redo")) ? TRACK_LINE_REDO : TRACK_LINE_LIFE;
}

static bool make_line(struct archive *a, const struct followed *stream, const struct archive_answer *fields)
{
    const struct track_entry_fields from = archive_answer_fields(fields);
    buf_clear(&a->line);
    track_line_put(&a->line, line_kind(stream, fields), stream->vehicle, &from);
    return buf_ok(&a->line);
}

/* ---- into the city's file ---- */

static enum taken take_row(struct archive *a, struct followed *stream, struct archive_position at,
                           const struct archive_answer *fields)
{
    struct archive_row row;
    if (!entry_row_make(stream->row, fields, &a->fields, &row))
        return TAKEN_NOT;
    row.at = at;
    if (!a->disk->put_row(a->disk->context, &row))
        return TAKEN_NOT;
    stream->file = ARCHIVE_CITY;
    a->turn_bytes += a->fields.len;
    a->figures.rows++;
    return TAKEN;
}

/* ---- into a day's ---- */

static int32_t day_of(int64_t ms)
{
    return (int32_t)(ms / ARCHIVE_DAY_MS);
}

static bool put_last_line(struct archive *a, int32_t day, const char *stream)
{
    struct text line;
    int64_t batch;
    bool there;
    return a->disk->last_line(a->disk->context, text_of(stream), &line, &batch, &there) &&
           (!there || a->disk->put_in_force(a->disk->context, day, text_of(stream), batch, line));
}

/* The day, in this turn. One whose file is new begins with what is in force. NULL: later, or *out_failed. */
static struct open_day *day_in_turn(struct archive *a, int32_t number, bool *out_failed)
{
    const struct archive_disk *disk = a->disk;
    struct open_day *day = archive_day(a, number, true);
    bool there, all = true;
    *out_failed = false;
    if (day == NULL) {
        for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
            all = all && a->days[i].in_turn;
        *out_failed = !all;
        return NULL;
    }
    if (day->in_turn)
        return day;
    *out_failed = true;
    if (!disk->has_day(disk->context, number, &there) || !disk->begin(disk->context, number))
        return NULL;
    if (!there && !(put_last_line(a, number, "rulesets") && put_last_line(a, number, "attended")))
        return NULL;
    *out_failed = false;
    day->in_turn = true;
    day->fresh = !there;
    return day;
}

static bool want_world(struct archive *a, struct text hash)
{
    bool there;
    if (hash.len == 0 || hash.len >= sizeof a->worlds[0])
        return true;
    if (!a->disk->has_world(a->disk->context, hash, &there))
        return false;
    for (size_t i = 0; i < a->world_count && !there; i++)
        there = text_equal(text_of(a->worlds[i]), hash);
    if (there || a->world_count == ARCHIVE_WORLDS_MAX)
        return true; /* as many worlds in one turn: those beyond are asked for when they are named again */
    memcpy(a->worlds[a->world_count], hash.data, hash.len);
    a->worlds[a->world_count++][hash.len] = '\0';
    return true;
}

static enum taken take_mark(struct archive *a, struct followed *stream, struct open_day *day,
                            const struct part_line *at, const struct archive_answer *fields)
{
    if (!make_line(a, stream, fields))
        return TAKEN_NOT;
    struct text kind = archive_answer_field(fields, "kind");
    const struct archive_mark mark = {.stream = stream->name,
                                      .kind = kind.len > 0 ? kind : stream->name,
                                      .vehicle = archive_answer_field(fields, "vehicle"),
                                      .line = buf_text(&a->line),
                                      .at = at->at,
                                      .batch = at->batch,
                                      .received_ms = at->received_ms};
    struct text ruleset = archive_answer_field(fields, "ruleset");
    a->turn_bytes += a->line.len + 64;
    a->figures.marks++;
    return a->disk->put_mark(a->disk->context, day->day, &mark) &&
                   (ruleset.len == 0 ||
                    a->disk->put_ruleset(a->disk->context, &at->at, ruleset, at->received_ms)) &&
                   want_world(a, ruleset)
               ? TAKEN
               : TAKEN_NOT;
}

static enum taken take_fix(struct archive *a, struct followed *stream, struct open_day *day,
                           struct part_line *at, const struct archive_answer *fields)
{
    struct text hole = archive_answer_field(fields, "hole"), late = archive_answer_field(fields, "late");
    const struct archive_hole gap = {.vehicle = stream->vehicle,
                                     .hole = hole,
                                     .at = at->at,
                                     .batch = at->batch,
                                     .received_ms = at->received_ms,
                                     .seen = text_equal(archive_answer_field(fields, "seen"), TEXT("1"))};
    bool known = false;
    unsigned char key[ARCHIVE_ENTRY_HASH];
    if (hole.len > 0 && !a->disk->put_hole(a->disk->context, day->day, &gap))
        return TAKEN_NOT;
    if (!make_line(a, stream, fields))
        return TAKEN_NOT;
    if (a->line.len == 0)
        return TAKEN;
    if (a->has_orphans) {
        track_chunk_key(buf_text(&a->line), key);
        if (!a->disk->has_orphan(a->disk->context, stream->name, key, &known))
            return TAKEN_NOT;
    }
    if (known) {
        a->figures.repeats++;
        return TAKEN;
    }
    at->late = text_equal(late, TEXT("1")) ? PART_LATE : late.len > 0 ? PART_BY_CLOCK : PART_IN_ORDER;
    if (day->open.count == 0)
        day->open.begun_ms = a->mono.ms;
    if (!part_add(&day->open, archive_number(a, stream), stream->vehicle, at, buf_text(&a->line)))
        return TAKEN_NOT;
    buf_put_text(&day->body, day->open.written);
    a->turn_bytes += a->line.len + 64;
    a->figures.lines++;
    return TAKEN;
}

static enum taken take_of_day(struct archive *a, struct followed *stream, struct archive_position at,
                              const struct archive_answer *fields)
{
    struct text received = archive_answer_field(fields, "received");
    struct part_line line = {.at = at,
                             .batch = text_whole(archive_answer_field(fields, "batch")),
                             .received_ms = received.len > 0 ? text_whole(received) : at.ms};
    int32_t number = day_of(line.received_ms);
    bool failed;
    if (stream->moved && stream->file != number)
        return TAKEN_LATER;
    struct open_day *day = day_in_turn(a, number, &failed);
    if (day == NULL)
        return failed ? TAKEN_NOT : TAKEN_LATER;
    stream->file = number;
    return stream->row->goes == ARCHIVE_TO_MARKS ? take_mark(a, stream, day, &line, fields)
                                                 : take_fix(a, stream, day, &line, fields);
}

enum taken archive_take_entry(struct archive *a, struct followed *stream, struct archive_position at,
                              const struct archive_answer *fields)
{
    at.life = a->state.life;
    if (!archive_turn_begin(a))
        return TAKEN_NOT;
    archive_count_before(stream, at);
    enum taken taken = stream->row->goes == ARCHIVE_TO_ENTRIES ? take_row(a, stream, at, fields)
                                                               : take_of_day(a, stream, at, fields);
    if (taken == TAKEN) {
        stream->added += stream->added >= 0;
        stream->at = at;
        stream->moved = true;
    }
    return taken;
}

/* ---- what the archive has ---- */

/* A line that is looked for, or all behind an id. */
struct search {
    struct archive *archive;
    const struct followed *stream;
    struct archive_position at;
    int64_t batch;
    bool found, keep;
};

static bool is_behind(const struct archive_position *x, const struct archive_position *y)
{
    return x->ms != y->ms ? x->ms > y->ms : x->seq > y->seq;
}

static bool look_at_line(struct search *s, const struct part_line *at, struct text line)
{
    if (!s->keep) {
        s->found = s->found || (at->at.ms == s->at.ms && at->at.seq == s->at.seq && at->batch == s->batch);
        return true;
    }
    unsigned char key[ARCHIVE_ENTRY_HASH];
    if (!is_behind(&at->at, &s->at))
        return true;
    track_chunk_key(line, key);
    s->found = true;
    return s->archive->disk->put_orphan(s->archive->disk->context, s->stream->name, key, s->archive->wall.ms);
}

static bool on_chunk(void *arg, int64_t life, struct text lines, struct text places)
{
    struct track_chunk_places reading = {.left = places};
    struct part_line at;
    (void)life;
    while (track_chunk_next(&reading, &at)) {
        const char *feed = lines.len > 0 ? memchr(lines.data, '\n', lines.len) : NULL;
        if (feed == NULL)
            return false;
        struct text line = {lines.data, (size_t)(feed - lines.data)};
        if (!look_at_line(arg, &at, line))
            return false;
        lines = (struct text){feed + 1, lines.len - line.len - 1};
    }
    return lines.len == 0;
}

static bool search_part(struct search *s, struct open_part *part)
{
    const struct part_waiting *waiting = part_find(part, archive_number(s->archive, s->stream));
    const struct part_track *track = waiting != NULL ? part_whole(part, waiting) : NULL;
    if (waiting != NULL && track == NULL)
        return false;
    for (size_t i = 0; track != NULL && i < track->count; i++)
        if (!look_at_line(s, &track->lines[i], part_text(track, i)))
            return false;
    return true;
}

enum { BACK_DAYS = 8 }; /* units keep for seven what they send again */

static bool search(struct search *s)
{
    struct archive *a = s->archive;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
        if (a->days[i].used && (!search_part(s, &a->days[i].open) || !search_part(s, &a->days[i].closing)))
            return false;
    const struct archive_search which = {s->keep ? day_of(a->wall.ms) - BACK_DAYS : INT32_MIN + 1,
                                         s->stream->vehicle, s->at};
    return a->disk->each_chunk(a->disk->context, &which, on_chunk, s);
}

bool archive_has(struct archive *a, const struct followed *stream, struct archive_position at,
                 const struct archive_answer *fields, bool *out)
{
    const struct archive_disk *disk = a->disk;
    struct archive_row row;
    switch (stream->row->goes) {
    case ARCHIVE_TO_ENTRIES:
        return entry_row_make(stream->row, fields, &a->fields, &row) &&
               disk->has_row(disk->context, &at, stream->name, row.hash, out);
    case ARCHIVE_TO_MARKS:
        return make_line(a, stream, fields) &&
               disk->has_mark(disk->context, &at, stream->name, buf_text(&a->line), out);
    case ARCHIVE_TO_TRACK:
        break;
    }
    struct search s = {
        .archive = a, .stream = stream, .at = at, .batch = text_whole(archive_answer_field(fields, "batch"))};
    bool ok = search(&s);
    *out = s.found;
    return ok;
}

bool archive_fork(struct archive *a, struct followed *stream, struct archive_position from)
{
    const struct archive_disk *disk = a->disk;
    struct search s = {.archive = a, .stream = stream, .at = from, .keep = true};
    from.life = a->state.life;
    const struct archive_cursor cursor = {stream->name, from, stream->missed, -1};
    if (!disk->begin(disk->context, ARCHIVE_CITY) || (stream->row->goes == ARCHIVE_TO_TRACK && !search(&s)) ||
        !disk->put_cursor(disk->context, ARCHIVE_CITY, &cursor) || !disk->commit(disk->context, ARCHIVE_CITY))
        return false;
    a->has_orphans = a->has_orphans || s.found;
    stream->at = from;
    stream->added = -1;
    return true;
}
