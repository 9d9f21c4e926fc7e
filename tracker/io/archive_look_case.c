/*
 * What a keeper of evidence asks of an archive: what came behind a place, and what belongs to one finding.
 */
#include "archive_look_state.h"

#define ROW                                                                                                  \
    "SELECT life, ms, seq, id, rev, event, vehicle, start, fields, kind, company, stream FROM entries "

static bool each_row(struct archive_look *look, struct sqlite_query *q, archive_each_entry *each, void *arg)
{
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(look->city, q)) == SQLITE_CAME_ROW) {
        const struct archive_row row = {
            .stream = sqlite_bytes(q, 11),
            .at = {sqlite_whole(q, 0), sqlite_whole(q, 1), (uint64_t)sqlite_whole(q, 2)},
            .id = sqlite_bytes(q, 3),
            .rev = sqlite_whole(q, 4),
            .event = sqlite_bytes(q, 5),
            .vehicle = sqlite_bytes(q, 6),
            .start_ms = sqlite_whole(q, 7),
            .fields = sqlite_bytes(q, 8),
            .kind = sqlite_bytes(q, 9),
            .company = sqlite_bytes(q, 10)};
        if (!each(arg, &row)) {
            sqlite_leave(q);
            return false;
        }
    }
    return archive_look_end(look, look->city, "city.db", came);
}

bool archive_look_after(struct archive_look *look, const struct archive_entries_after *asked,
                        archive_each_entry *each, void *arg)
{
    struct sqlite_query *q =
        sqlite_ask(look->city, ROW "WHERE stream = ?1 AND (life, ms, seq) > (?2, ?3, ?4) "
                                   "ORDER BY life, ms, seq LIMIT ?5");
    if (q != NULL) {
        sqlite_bind_text(q, 1, asked->stream);
        sqlite_bind_whole(q, 2, asked->after.life);
        sqlite_bind_whole(q, 3, asked->after.ms);
        sqlite_bind_whole(q, 4, (int64_t)asked->after.seq);
        sqlite_bind_whole(q, 5, asked->most);
    }
    return each_row(look, q, each, arg);
}

bool archive_look_handling(struct archive_look *look, struct text id, archive_each_entry *each, void *arg)
{
    struct sqlite_query *q = sqlite_ask(
        look->city, ROW "WHERE stream = 'actions' AND json_extract(fields, '$.id') = ?1 "
                        "UNION ALL " ROW "WHERE stream = 'audit' AND json_extract(fields, '$.of') = ?1 "
                        "ORDER BY life, ms, seq");
    if (q != NULL)
        sqlite_bind_text(q, 1, id);
    return each_row(look, q, each, arg);
}

bool archive_look_warnings(struct archive_look *look, struct text vehicle, struct text id,
                           archive_each_entry *each, void *arg)
{
    struct sqlite_query *q =
        sqlite_ask(look->city, ROW "WHERE stream = 'warnings' AND vehicle = ?1 AND "
                                   "json_extract(fields, '$.id') = ?2 ORDER BY life, ms, seq");
    if (q != NULL) {
        sqlite_bind_text(q, 1, vehicle);
        sqlite_bind_text(q, 2, id);
    }
    return each_row(look, q, each, arg);
}

bool archive_day_holes(struct archive_day *day, struct text vehicle, archive_each_hole *each, void *arg)
{
    struct sqlite_query *q =
        sqlite_ask(day->db, "SELECT life, ms, seq, batch, received, hole, seen FROM holes "
                            "WHERE vehicle = ?1 ORDER BY life, ms, seq");
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q != NULL)
        sqlite_bind_text(q, 1, vehicle);
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW) {
        const struct archive_hole hole = {
            .vehicle = vehicle,
            .at = {sqlite_whole(q, 0), sqlite_whole(q, 1), (uint64_t)sqlite_whole(q, 2)},
            .batch = sqlite_whole(q, 3),
            .received_ms = sqlite_whole(q, 4),
            .hole = sqlite_bytes(q, 5),
            .seen = sqlite_whole(q, 6) != 0};
        if (!each(arg, &hole)) {
            sqlite_leave(q);
            return false;
        }
    }
    return archive_look_end(day->look, day->db, day->name, came);
}

bool archive_day_marks_between(struct archive_day *day, const struct archive_marks_between *asked,
                               archive_each_mark *each, void *arg)
{
    struct sqlite_query *q =
        sqlite_ask(day->db, "SELECT life, ms, seq, batch, received, line FROM marks WHERE stream = ?1 AND "
                            "received BETWEEN ?2 AND ?3 ORDER BY life, ms, seq");
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q != NULL) {
        sqlite_bind_text(q, 1, asked->stream);
        sqlite_bind_whole(q, 2, asked->from_ms);
        sqlite_bind_whole(q, 3, asked->to_ms);
    }
    while (q != NULL && (came = sqlite_next(day->db, q)) == SQLITE_CAME_ROW) {
        const struct archive_mark mark = {
            .stream = asked->stream,
            .at = {sqlite_whole(q, 0), sqlite_whole(q, 1), (uint64_t)sqlite_whole(q, 2)},
            .batch = sqlite_whole(q, 3),
            .received_ms = sqlite_whole(q, 4),
            .line = sqlite_bytes(q, 5)};
        if (!each(arg, &mark)) {
            sqlite_leave(q);
            return false;
        }
    }
    return archive_look_end(day->look, day->db, day->name, came);
}
