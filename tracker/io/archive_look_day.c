/*
 * What is asked of one day's file.
 */
#include "archive_look_state.h"

#include "chunk_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static struct sqlite_query *ask(struct archive_day *day, const char *literal)
{
    return sqlite_ask(day->db, literal);
}

static bool end(struct archive_day *day, enum sqlite_came came)
{
    return archive_look_end(day->look, day->db, day->name, came);
}

#define HEAD                                                                                                 \
    "id, part, life, batch_first, batch_last, received_first, received_last, time_first IS NOT NULL, "       \
    "time_first, time_last, count, last_ms, first_ms"

static struct archive_head head_of(const struct sqlite_query *q)
{
    return (struct archive_head){.id = sqlite_whole(q, 0),
                                 .part = sqlite_whole(q, 1),
                                 .life = sqlite_whole(q, 2),
                                 .batch_first = sqlite_whole(q, 3),
                                 .batch_last = sqlite_whole(q, 4),
                                 .received_first_ms = sqlite_whole(q, 5),
                                 .received_last_ms = sqlite_whole(q, 6),
                                 .has_time = sqlite_whole(q, 7) != 0,
                                 .time_first_ms = sqlite_whole(q, 8),
                                 .time_last_ms = sqlite_whole(q, 9),
                                 .count = (uint32_t)sqlite_whole(q, 10),
                                 .last_ms = sqlite_whole(q, 11),
                                 .first_ms = sqlite_whole(q, 12)};
}

/* With a box the tree of boxes is asked as well: a chunk without fixes that have a place is in no box. */
static void bind_span(struct sqlite_query *q, const struct archive_span *span)
{
    sqlite_bind_whole(q, 1, span->from_ms);
    sqlite_bind_whole(q, 2, span->to_ms);
    if (span->box == NULL)
        return;
    sqlite_bind_real(q, 3, span->box->lat_min);
    sqlite_bind_real(q, 4, span->box->lat_max);
    sqlite_bind_real(q, 5, span->box->lon_min);
    sqlite_bind_real(q, 6, span->box->lon_max);
}

#define IN_SPAN "(time_first IS NULL OR (time_first < ?2 AND time_last >= ?1)) "
#define MEETS   "lat_max >= ?3 AND lat_min <= ?4 AND lon_max >= ?5 AND lon_min <= ?6"

bool archive_day_vehicles(struct archive_day *day, const struct archive_span *span,
                          archive_each_vehicle *each, void *arg)
{
    bool all = span->from_ms == INT64_MIN && span->to_ms == INT64_MAX;
    struct sqlite_query *q =
        all ? ask(day, "SELECT DISTINCT vehicle FROM chunks ORDER BY vehicle")
            : ask(day, "SELECT DISTINCT vehicle FROM chunks WHERE " IN_SPAN "ORDER BY vehicle");
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q != NULL && !all) {
        sqlite_bind_whole(q, 1, span->from_ms);
        sqlite_bind_whole(q, 2, span->to_ms);
    }
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW)
        if (!each(arg, sqlite_bytes(q, 0))) {
            sqlite_leave(q);
            return false;
        }
    return end(day, came);
}

bool archive_day_next(struct archive_day *day, struct text vehicle, const struct archive_span *span,
                      const struct archive_head *after, struct archive_head *out)
{
    struct sqlite_query *q =
        span->box == NULL
            ? ask(day, "SELECT " HEAD " FROM chunks WHERE vehicle = ?7 AND (part, id) > (?8, ?9) AND " IN_SPAN
                       "ORDER BY part, id LIMIT 1")
            : ask(day, "SELECT " HEAD " FROM chunks WHERE vehicle = ?7 AND (part, id) > (?8, ?9) AND " IN_SPAN
                       "AND EXISTS(SELECT 1 FROM boxes WHERE boxes.id = chunks.id AND " MEETS
                       ") ORDER BY part, id LIMIT 1");
    if (q == NULL)
        return end(day, SQLITE_CAME_NOT);
    bind_span(q, span);
    sqlite_bind_text(q, 7, vehicle);
    sqlite_bind_whole(q, 8, after != NULL ? after->part : -1);
    sqlite_bind_whole(q, 9, after != NULL ? after->id : -1);
    enum sqlite_came came = sqlite_next(day->db, q);
    if (came == SQLITE_CAME_ROW)
        *out = head_of(q);
    sqlite_leave(q);
    end(day, came);
    return came == SQLITE_CAME_ROW;
}

bool archive_day_heads(struct archive_day *day, const struct archive_span *span, archive_each_head *each,
                       void *arg)
{
    struct sqlite_query *q = ask(
        day, "SELECT " HEAD ", vehicle, lat_min IS NOT NULL, lat_min, lat_max, lon_min, lon_max FROM chunks "
             "LEFT JOIN boxes USING (id) WHERE " IN_SPAN);
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q != NULL) {
        sqlite_bind_whole(q, 1, span->from_ms);
        sqlite_bind_whole(q, 2, span->to_ms);
    }
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW) {
        struct archive_head head = head_of(q);
        head.has_box = sqlite_whole(q, 14) != 0;
        head.box = (struct archive_box){sqlite_real(q, 15), sqlite_real(q, 16), sqlite_real(q, 17),
                                        sqlite_real(q, 18)};
        if (!each(arg, sqlite_bytes(q, 13), &head)) {
            sqlite_leave(q);
            return false;
        }
    }
    return end(day, came);
}

bool archive_day_has_outlines(struct archive_day *day)
{
    struct sqlite_query *q = ask(day, "SELECT 1 FROM sqlite_master WHERE name = 'outlines'");
    enum sqlite_came came = q != NULL ? sqlite_next(day->db, q) : SQLITE_CAME_NOT;
    if (q != NULL)
        sqlite_leave(q);
    if (came != SQLITE_CAME_ROW)
        return false;
    q = ask(day, "SELECT (SELECT count(*) FROM boxes) = (SELECT count(*) FROM outlines)");
    came = q != NULL ? sqlite_next(day->db, q) : SQLITE_CAME_NOT;
    bool all = came == SQLITE_CAME_ROW && sqlite_whole(q, 0) != 0;
    if (q != NULL)
        sqlite_leave(q);
    return all;
}

bool archive_day_outlines(struct archive_day *day, const struct archive_span *span,
                          archive_each_outline *each, void *arg)
{
    struct sqlite_query *q =
        ask(day, "SELECT id, vehicle, time_first, time_last, outline FROM outlines WHERE "
                 "time_first < ?2 AND time_last >= ?1");
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q != NULL) {
        sqlite_bind_whole(q, 1, span->from_ms);
        sqlite_bind_whole(q, 2, span->to_ms);
    }
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW) {
        const struct archive_outline outline = {sqlite_whole(q, 0), sqlite_bytes(q, 1), sqlite_bytes(q, 4),
                                                sqlite_whole(q, 2), sqlite_whole(q, 3)};
        if (!each(arg, &outline)) {
            sqlite_leave(q);
            return false;
        }
    }
    return end(day, came);
}

bool archive_day_outlined(struct archive_day *day, int64_t id, struct archive_head *out_head,
                          struct buf *out_outline)
{
    struct sqlite_query *q =
        ask(day, "SELECT " HEAD ", (SELECT outline FROM outlines WHERE outlines.id = ?1) "
                 "FROM chunks WHERE id = ?1");
    if (q == NULL)
        return end(day, SQLITE_CAME_NOT);
    sqlite_bind_whole(q, 1, id);
    enum sqlite_came came = sqlite_next(day->db, q);
    buf_clear(out_outline);
    if (came == SQLITE_CAME_ROW) {
        *out_head = head_of(q);
        buf_put_text(out_outline, sqlite_bytes(q, 13));
    }
    sqlite_leave(q);
    return end(day, came) && came == SQLITE_CAME_ROW && buf_ok(out_outline);
}

static void put_time(int64_t ms, char out[32])
{
    time_t at = (time_t)(ms / 1000);
    struct tm tm;
    if (gmtime_r(&at, &tm) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        snprintf(out, 32, "%" PRId64, ms);
}

/* Whose lines of when are missing. */
static bool tell_damaged(struct archive_day *day, struct text vehicle, const struct archive_head *head)
{
    char line[FOLDER_WHY_MAX], first[32], last[32];
    put_time(head->received_first_ms, first);
    put_time(head->received_last_ms, last);
    snprintf(line, sizeof line,
             "chunk %" PRId64 " is damaged: %u lines of %.*s that came from %s to %s are left out", head->id,
             head->count, (int)(vehicle.len < 64 ? vehicle.len : 64), vehicle.data, first, last);
    archive_look_tell(day->look, day->name, line);
    return false;
}

bool archive_day_chunk(struct archive_day *day, struct text vehicle, const struct archive_head *head,
                       struct text *out_lines, struct text *out_places)
{
    unsigned char hash[ARCHIVE_CHUNK_HASH];
    struct sqlite_query *q = ask(day, "SELECT lines, places, hash FROM chunks WHERE id = ?");
    if (q == NULL)
        return end(day, SQLITE_CAME_NOT);
    sqlite_bind_whole(q, 1, head->id);
    bool whole = sqlite_next(day->db, q) == SQLITE_CAME_ROW &&
                 press_unpack(day->press, sqlite_bytes(q, 0), &day->lines) &&
                 press_unpack(day->plain, sqlite_bytes(q, 1), &day->places);
    if (whole) {
        track_chunk_hash(buf_text(&day->lines), hash);
        whole = text_equal(sqlite_bytes(q, 2), (struct text){(const char *)hash, sizeof hash}) &&
                chunk_lines_fit(buf_text(&day->lines), buf_text(&day->places),
                                &(struct chunk_ends){head->count, head->batch_first, head->batch_last,
                                                     head->first_ms, head->last_ms});
    }
    sqlite_leave(q);
    *out_lines = buf_text(&day->lines);
    *out_places = buf_text(&day->places);
    return whole || tell_damaged(day, vehicle, head);
}

bool archive_day_tail(struct archive_day *day, archive_each_body *each, void *arg)
{
    struct sqlite_query *q = ask(day, "SELECT n, part, body FROM tail ORDER BY n");
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW) {
        char line[FOLDER_WHY_MAX];
        if (!press_unpack(day->press, sqlite_bytes(q, 2), &day->lines)) {
            snprintf(line, sizeof line, "row %" PRId64 " of the tail is damaged: a turn's lines are left out",
                     sqlite_whole(q, 0));
            archive_look_tell(day->look, day->name, line);
        } else if (!each(arg, (uint32_t)sqlite_whole(q, 1), buf_text(&day->lines))) {
            sqlite_leave(q);
            return false;
        }
    }
    return end(day, came);
}

bool archive_day_is_closed(struct archive_day *day, uint32_t part, struct text vehicle)
{
    struct sqlite_query *q = ask(day, "SELECT 1 FROM chunks WHERE vehicle = ? AND part = ? LIMIT 1");
    if (q == NULL)
        return end(day, SQLITE_CAME_NOT);
    sqlite_bind_text(q, 1, vehicle);
    sqlite_bind_whole(q, 2, part);
    enum sqlite_came came = sqlite_next(day->db, q);
    sqlite_leave(q);
    end(day, came);
    return came == SQLITE_CAME_ROW;
}

bool archive_day_marks(struct archive_day *day, const struct archive_marks_asked *asked,
                       archive_each_mark *each, void *arg)
{
    struct sqlite_query *q =
        ask(day, "SELECT life, ms, seq, kind, vehicle, batch, received, line FROM marks WHERE stream = ?1 "
                 "AND (life, ms, seq) > (?2, ?3, ?4) AND (?5 IS NULL OR kind = ?5) ORDER BY life, ms, seq "
                 "LIMIT ?6");
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q != NULL) {
        sqlite_bind_text(q, 1, asked->stream);
        sqlite_bind_whole(q, 2, asked->after.life);
        sqlite_bind_whole(q, 3, asked->after.ms);
        sqlite_bind_whole(q, 4, (int64_t)asked->after.seq);
        sqlite_bind_text(q, 5, asked->kind);
        sqlite_bind_whole(q, 6, asked->most);
    }
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW) {
        const struct archive_mark mark = {
            .stream = asked->stream,
            .at = {sqlite_whole(q, 0), sqlite_whole(q, 1), (uint64_t)sqlite_whole(q, 2)},
            .kind = sqlite_bytes(q, 3),
            .vehicle = sqlite_bytes(q, 4),
            .batch = sqlite_whole(q, 5),
            .received_ms = sqlite_whole(q, 6),
            .line = sqlite_bytes(q, 7)};
        if (!each(arg, &mark)) {
            sqlite_leave(q);
            return false;
        }
    }
    return end(day, came);
}

bool archive_day_in_force(struct archive_day *day, struct text kind, struct buf *out_line, int64_t *out_batch)
{
    struct sqlite_query *q = ask(day, "SELECT line, batch FROM in_force WHERE kind = ?");
    if (q == NULL)
        return end(day, SQLITE_CAME_NOT);
    sqlite_bind_text(q, 1, kind);
    enum sqlite_came came = sqlite_next(day->db, q);
    if (came == SQLITE_CAME_ROW) {
        buf_clear(out_line);
        buf_put_text(out_line, sqlite_bytes(q, 0));
        *out_batch = sqlite_whole(q, 1);
    }
    sqlite_leave(q);
    end(day, came);
    return came == SQLITE_CAME_ROW;
}

bool archive_day_checkpoints(struct archive_day *day, archive_each_checkpoint *each, void *arg)
{
    struct sqlite_query *q = ask(day, "SELECT vehicle, life, ms, seq, upto, batch, ruleset, settled, stored, "
                                      "state FROM checkpoints ORDER BY vehicle");
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW) {
        const struct archive_checkpoint checkpoint = {
            .vehicle = sqlite_bytes(q, 0),
            .at = {sqlite_whole(q, 1), sqlite_whole(q, 2), (uint64_t)sqlite_whole(q, 3)},
            .upto = sqlite_bytes(q, 4),
            .batch = sqlite_whole(q, 5),
            .ruleset = sqlite_bytes(q, 6),
            .settled = sqlite_bytes(q, 7),
            .stored = sqlite_bytes(q, 8),
            .state = sqlite_bytes(q, 9)};
        if (!each(arg, &checkpoint)) {
            sqlite_leave(q);
            return false;
        }
    }
    return end(day, came);
}
