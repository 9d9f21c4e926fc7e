/*
 * What is asked of the city's file.
 */
#include "archive_look_state.h"

static const char city_name[] = "city.db";

static bool end(struct archive_look *look, enum sqlite_came came)
{
    return archive_look_end(look, look->city, city_name, came);
}

static struct archive_row row_of(const struct sqlite_query *q, struct text stream)
{
    return (struct archive_row){.stream = stream,
                                .at = {sqlite_whole(q, 0), sqlite_whole(q, 1), (uint64_t)sqlite_whole(q, 2)},
                                .id = sqlite_bytes(q, 3),
                                .rev = sqlite_whole(q, 4),
                                .event = sqlite_bytes(q, 5),
                                .vehicle = sqlite_bytes(q, 6),
                                .start_ms = sqlite_whole(q, 7),
                                .fields = sqlite_bytes(q, 8)};
}

#define ROW "SELECT life, ms, seq, id, rev, event, vehicle, start, fields FROM entries WHERE stream = ?1 "

/* A plus before a column keeps SQLite from the index of the order, where few rows are wanted out of many. */

static struct sqlite_query *ask_entries(struct archive_look *look, const struct archive_entries_asked *asked)
{
    bool actions = text_equal(asked->stream, TEXT("actions"));
    if (asked->id.len > 0 && actions)
        return sqlite_ask(
            look->city,
            ROW "AND json_extract(fields, '$.id') = ?3 AND stream = 'actions' AND +life = ?2 AND ms >= ?4 "
                "ORDER BY ms, seq");
    if (asked->id.len > 0)
        return sqlite_ask(look->city, ROW "AND id = ?3 AND life = ?2 AND ms >= ?4 ORDER BY ms, seq");
    if (asked->vehicle.len > 0)
        return sqlite_ask(look->city, ROW "AND vehicle = ?5 AND life = ?2 AND ms >= ?4 ORDER BY ms, seq");
    if (asked->begun_to_ms > 0)
        return sqlite_ask(look->city, ROW "AND start >= ?6 AND start < ?7 AND +life = ?2 AND +ms >= ?4 "
                                          "ORDER BY ms, seq");
    return sqlite_ask(look->city, ROW "AND life = ?2 AND ms >= ?4 ORDER BY ms, seq");
}

/* Of one life: so the index gives them in their order, however many they are. */
static bool entries_of(struct archive_look *look, const struct archive_entries_asked *asked, int64_t life,
                       archive_each_entry *each, void *arg)
{
    struct sqlite_query *q = ask_entries(look, asked);
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q != NULL) {
        sqlite_bind_text(q, 1, asked->stream);
        sqlite_bind_whole(q, 2, life);
        sqlite_bind_whole(q, 4, asked->since_ms);
        if (asked->id.len > 0)
            sqlite_bind_text(q, 3, asked->id);
        else if (asked->vehicle.len > 0)
            sqlite_bind_text(q, 5, asked->vehicle);
        else if (asked->begun_to_ms > 0) {
            sqlite_bind_whole(q, 6, asked->begun_from_ms);
            sqlite_bind_whole(q, 7, asked->begun_to_ms);
        }
    }
    while (q != NULL && (came = sqlite_next(look->city, q)) == SQLITE_CAME_ROW) {
        const struct archive_row row = row_of(q, asked->stream);
        if (!each(arg, &row)) {
            sqlite_leave(q);
            return false;
        }
    }
    return end(look, came);
}

bool archive_look_entries(struct archive_look *look, const struct archive_entries_asked *asked,
                          archive_each_entry *each, void *arg)
{
    struct sqlite_query *q = sqlite_ask(look->city, "SELECT max(life) FROM lives");
    enum sqlite_came came = q != NULL ? sqlite_next(look->city, q) : SQLITE_CAME_NOT;
    int64_t last = came == SQLITE_CAME_ROW ? sqlite_whole(q, 0) : 0;
    if (q != NULL)
        sqlite_leave(q);
    bool ok = end(look, came);
    for (int64_t life = 0; life <= last && ok; life++)
        ok = entries_of(look, asked, life, each, arg);
    return ok;
}

bool archive_look_reached(struct archive_look *look, struct text stream, struct archive_position *out)
{
    struct sqlite_query *q = sqlite_ask(look->city, "SELECT life, ms, seq FROM cursors WHERE stream = ?1");
    if (q == NULL)
        return end(look, SQLITE_CAME_NOT);
    sqlite_bind_text(q, 1, stream);
    enum sqlite_came came = sqlite_next(look->city, q);
    if (came == SQLITE_CAME_ROW)
        *out =
            (struct archive_position){sqlite_whole(q, 0), sqlite_whole(q, 1), (uint64_t)sqlite_whole(q, 2)};
    sqlite_leave(q);
    end(look, came);
    return came == SQLITE_CAME_ROW;
}

bool archive_look_silent(struct archive_look *look, int32_t day, archive_each_vehicle *each, void *arg)
{
    struct sqlite_query *q =
        sqlite_ask(look->city, "SELECT vehicle FROM entries e WHERE stream = 'violations' AND "
                               "kind = 'offline' AND ms < ?1 AND NOT EXISTS (SELECT 1 FROM entries c WHERE "
                               "c.stream = 'violations' AND c.id = e.id AND c.ms < ?1 AND c.event IN "
                               "('closed', 'withdrawn')) GROUP BY id");
    enum sqlite_came came = SQLITE_CAME_NOT;
    bool on = true;
    if (q != NULL)
        sqlite_bind_whole(q, 1, day * INT64_C(86400000));
    while (on && q != NULL && (came = sqlite_next(look->city, q)) == SQLITE_CAME_ROW)
        on = each(arg, sqlite_bytes(q, 0));
    if (q != NULL)
        sqlite_leave(q);
    return end(look, on ? came : SQLITE_CAME_END) && on;
}

bool archive_look_world(struct archive_look *look, struct text hash, struct buf *out)
{
    struct sqlite_query *q = sqlite_ask(look->city, "SELECT canonical FROM worlds WHERE hash = ?");
    if (q == NULL)
        return end(look, SQLITE_CAME_NOT);
    sqlite_bind_text(q, 1, hash);
    enum sqlite_came came = sqlite_next(look->city, q);
    buf_clear(out);
    if (came == SQLITE_CAME_ROW)
        buf_put_text(out, sqlite_bytes(q, 0));
    sqlite_leave(q);
    end(look, came);
    return came == SQLITE_CAME_ROW && buf_ok(out);
}

bool archive_look_worlds(struct archive_look *look, archive_each_vehicle *each, void *arg)
{
    struct sqlite_query *q = sqlite_ask(look->city, "SELECT hash FROM worlds ORDER BY hash");
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(look->city, q)) == SQLITE_CAME_ROW)
        if (!each(arg, sqlite_bytes(q, 0))) {
            sqlite_leave(q);
            return false;
        }
    return end(look, came);
}
