#include "archive_report.h"
#include "archive_folder_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *archive_report_why(const struct archive_folder *f)
{
    return f->why;
}

/* The end of a walk over rows. */
static bool ended(struct archive_folder *f, struct folder_file *file, struct sqlite_query *q,
                  enum sqlite_came came)
{
    if (came == SQLITE_CAME_ROW) {
        sqlite_leave(q);
        snprintf(f->why, sizeof f->why, "out of memory");
        return false;
    }
    return q != NULL && folder_says(f, came == SQLITE_CAME_END, file);
}

static int64_t time_of(const struct sqlite_query *q, int column)
{
    return sqlite_is_null(q, column) ? -1 : sqlite_whole(q, column);
}

static double number_of(const struct sqlite_query *q, int column)
{
    return sqlite_is_null(q, column) ? NAN : sqlite_real(q, column);
}

/* ---- what figures lack ---- */

bool archive_report_settings(struct archive_folder *f, struct archive_figure_settings *settings, bool *out)
{
    struct folder_file *city;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY,
                   "SELECT (SELECT value FROM state WHERE name = 'timezone'), (SELECT value FROM state "
                   "WHERE name = 'day_ends_ms'), (SELECT value FROM state WHERE name = 'gap_ms')",
                   &city);
    if (q == NULL || sqlite_next(city->db, q) != SQLITE_CAME_ROW)
        return q != NULL && folder_failed(f, city);
    *out = !sqlite_is_null(q, 0) && !sqlite_is_null(q, 1) && !sqlite_is_null(q, 2);
    buf_clear(&f->packed);
    buf_put_text(&f->packed, sqlite_bytes(q, 0));
    buf_put_char(&f->packed, '\0');
    if (buf_ok(&f->packed))
        *settings = (struct archive_figure_settings){.timezone = {f->packed.data, f->packed.len - 1},
                                                     .ends_ms = sqlite_whole(q, 1),
                                                     .gap_ms = sqlite_whole(q, 2)};
    sqlite_leave(q);
    return buf_ok(&f->packed);
}

/* A file as it is now, until the folder is closed; one of which figures lack nothing is let go of. */
static bool hold(struct archive_folder *f, int32_t day, bool *out)
{
    struct folder_file *file = folder_file(f, day);
    if (file == NULL || !folder_says(f, sqlite_run(file->db, "BEGIN"), file))
        return false;
    struct sqlite_query *q =
        folder_ask(f, day, "SELECT EXISTS(SELECT 1 FROM unsummed) OR EXISTS(SELECT 1 FROM tail)", &file);
    if (q == NULL || sqlite_next(file->db, q) != SQLITE_CAME_ROW)
        return q != NULL && folder_failed(f, file);
    *out = sqlite_whole(q, 0) != 0;
    sqlite_leave(q);
    return *out || folder_says(f, sqlite_run(file->db, "COMMIT"), file);
}

bool archive_report_hold(struct archive_folder *f, int32_t from, int32_t **out_files, size_t *out_count)
{
    size_t kept = 0;
    bool held, ok = folder_days(f, out_files, out_count);
    for (size_t i = 0; i < *out_count && ok; i++) {
        int32_t day = (*out_files)[i];
        held = false;
        ok = day < from || hold(f, day, &held);
        if (held)
            (*out_files)[kept++] = day;
    }
    *out_count = kept;
    return ok && f->disk.begin(f, ARCHIVE_CITY);
}

bool archive_report_lacking(struct archive_folder *f, int32_t number, report_each_chunk *each, void *arg)
{
    struct folder_file *file;
    enum sqlite_came came = SQLITE_CAME_NOT;
    struct sqlite_query *q =
        folder_ask(f, number,
                   "SELECT unsummed.vehicle, upto, chunks.time_first, time_last FROM unsummed JOIN chunks ON "
                   "chunks.id = unsummed.chunk",
                   &file);
    while (q != NULL && (came = sqlite_next(file->db, q)) == SQLITE_CAME_ROW) {
        const struct report_chunk chunk = {sqlite_bytes(q, 0), (int32_t)sqlite_whole(q, 1),
                                           sqlite_whole(q, 2), sqlite_whole(q, 3)};
        if (!each(arg, number, &chunk))
            break;
    }
    return ended(f, file, q, came);
}

bool archive_report_tail(struct archive_folder *f, int32_t number, report_each_tail *each, void *arg)
{
    struct folder_file *file;
    enum sqlite_came came = SQLITE_CAME_NOT;
    struct sqlite_query *q = folder_ask(f, number, "SELECT part, body FROM tail ORDER BY n", &file);
    while (q != NULL && (came = sqlite_next(file->db, q)) == SQLITE_CAME_ROW)
        if (press_unpack(file->passing, sqlite_bytes(q, 1), &f->lines) &&
            !each(arg, (uint32_t)sqlite_whole(q, 0), buf_text(&f->lines)))
            break;
    return ended(f, file, q, came);
}

/* ---- rows ---- */

bool archive_report_tracks(struct archive_folder *f, const struct report_range *range,
                           report_each_track *each, void *arg)
{
    struct folder_file *city;
    enum sqlite_came came = SQLITE_CAME_NOT;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY,
                   "SELECT vehicle, day, fixes, valid, heard_ms, moving_ms, way_m, gap_m, cover FROM "
                   "track_figures WHERE day BETWEEN ? AND ? ORDER BY vehicle, day",
                   &city);
    if (q == NULL)
        return false;
    sqlite_bind_whole(q, 1, range->first_day);
    sqlite_bind_whole(q, 2, range->last_day);
    while ((came = sqlite_next(city->db, q)) == SQLITE_CAME_ROW) {
        const struct report_track row = {.vehicle = sqlite_bytes(q, 0),
                                         .day = (int32_t)sqlite_whole(q, 1),
                                         .sum = {.fixes = sqlite_whole(q, 2),
                                                 .valid = sqlite_whole(q, 3),
                                                 .heard_ms = sqlite_whole(q, 4),
                                                 .moving_ms = sqlite_whole(q, 5),
                                                 .way_m = sqlite_real(q, 6),
                                                 .gap_m = sqlite_real(q, 7)},
                                         .cover = sqlite_bytes(q, 8)};
        if (!each(arg, &row))
            break;
    }
    return ended(f, city, q, came);
}

static void bind_times(struct sqlite_query *q, const struct report_range *range)
{
    sqlite_bind_whole(q, 1, range->from_ms);
    sqlite_bind_whole(q, 2, range->to_ms);
}

bool archive_report_trips(struct archive_folder *f, const struct report_range *range, report_each_trip *each,
                          void *arg)
{
    struct folder_file *city;
    enum sqlite_came came = SQLITE_CAME_NOT;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY,
                   "SELECT id, vehicle, permit, site, disposal, departed, unloaded, load_kg, "
                   "completeness, (SELECT ',' || group_concat(kind) || ',' FROM finding_figures f WHERE "
                   "f.trip = t.id) FROM trip_figures t WHERE departed >= ? AND departed < ? ORDER BY "
                   "vehicle, departed",
                   &city);
    if (q == NULL)
        return false;
    bind_times(q, range);
    while ((came = sqlite_next(city->db, q)) == SQLITE_CAME_ROW) {
        const struct report_trip row = {.id = sqlite_bytes(q, 0),
                                        .vehicle = sqlite_bytes(q, 1),
                                        .permit = sqlite_bytes(q, 2),
                                        .site = sqlite_bytes(q, 3),
                                        .disposal = sqlite_bytes(q, 4),
                                        .departed_ms = time_of(q, 5),
                                        .unloaded_ms = time_of(q, 6),
                                        .load_kg = number_of(q, 7),
                                        .completeness = number_of(q, 8),
                                        .found = sqlite_bytes(q, 9)};
        if (!each(arg, &row))
            break;
    }
    return ended(f, city, q, came);
}

bool archive_report_findings(struct archive_folder *f, const struct report_range *range,
                             report_each_finding *each, void *arg)
{
    struct folder_file *city;
    enum sqlite_came came = SQLITE_CAME_NOT;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY,
                   "SELECT f.vehicle, company, kind, severity, jurisdiction, road_class, "
                   "ifnull(f.permit, t.permit), site, disposal, "
                   "told, acknowledged, closed, start FROM finding_figures f LEFT JOIN "
                   "trip_figures t ON t.id = f.trip WHERE start >= ? AND "
                   "start < ? ORDER BY f.vehicle, start",
                   &city);
    if (q == NULL)
        return false;
    bind_times(q, range);
    while ((came = sqlite_next(city->db, q)) == SQLITE_CAME_ROW) {
        const struct report_finding row = {.vehicle = sqlite_bytes(q, 0),
                                           .company = sqlite_bytes(q, 1),
                                           .kind = sqlite_bytes(q, 2),
                                           .severity = sqlite_bytes(q, 3),
                                           .jurisdiction = sqlite_bytes(q, 4),
                                           .road_class = sqlite_bytes(q, 5),
                                           .permit = sqlite_bytes(q, 6),
                                           .site = sqlite_bytes(q, 7),
                                           .disposal = sqlite_bytes(q, 8),
                                           .told_ms = time_of(q, 9),
                                           .acknowledged_ms = time_of(q, 10),
                                           .closed_ms = time_of(q, 11),
                                           .start_ms = sqlite_whole(q, 12)};
        if (!each(arg, &row))
            break;
    }
    return ended(f, city, q, came);
}

/* ---- single answers ---- */

static bool whether(struct archive_folder *f, struct folder_file *file, struct sqlite_query *q, bool *out)
{
    if (q == NULL || sqlite_next(file->db, q) != SQLITE_CAME_ROW)
        return q != NULL && folder_failed(f, file);
    *out = sqlite_whole(q, 0) != 0;
    sqlite_leave(q);
    return true;
}

bool archive_report_worked(struct archive_folder *f, bool *out)
{
    struct folder_file *city;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY, "SELECT EXISTS(SELECT 1 FROM entries WHERE stream = 'actions')", &city);
    return whether(f, city, q, out);
}

/* The first column of the first row. */
static bool bytes_of(struct archive_folder *f, struct folder_file *file, struct sqlite_query *q,
                     struct buf *out)
{
    enum sqlite_came came = sqlite_next(file->db, q);
    buf_clear(out);
    if (came == SQLITE_CAME_ROW)
        buf_put_text(out, sqlite_bytes(q, 0));
    sqlite_leave(q);
    return folder_says(f, came != SQLITE_CAME_NOT && buf_ok(out), file);
}

bool archive_report_ruleset(struct archive_folder *f, int64_t at_ms, struct buf *out_hash)
{
    struct folder_file *city;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY,
                   "SELECT ruleset FROM rulesets ORDER BY received >= ?1, abs(received - ?1), life "
                   "DESC, ms DESC, seq DESC LIMIT 1",
                   &city);
    if (q == NULL)
        return false;
    sqlite_bind_whole(q, 1, at_ms);
    return bytes_of(f, city, q, out_hash);
}

bool archive_report_world(struct archive_folder *f, struct text hash, struct buf *out)
{
    struct folder_file *city;
    struct sqlite_query *q =
        folder_ask(f, ARCHIVE_CITY, "SELECT canonical FROM worlds WHERE hash = ?", &city);
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, hash);
    return bytes_of(f, city, q, out);
}
