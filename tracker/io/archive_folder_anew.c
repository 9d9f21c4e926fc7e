/*
 * Figures made anew: because they are wanted by another zone or day's end, or to be sure of them.
 *
 * Every chunk is first marked as one that figures lack, file by file; then, in one transaction, the city's file loses its
 * figures of tracks and gets the settings. So a kill in between leaves what is done once more. Sums of which a file is gone
 * cannot be made again: they stay.
 */
#include "archive_folder_state.h"

#include "archive_schema.h"

#include <stdlib.h>

static bool number_in_state(struct archive_folder *f, const char *name, int64_t *out)
{
    struct folder_file *city = folder_file(f, ARCHIVE_CITY);
    struct sqlite_query *q =
        city != NULL ? sqlite_ask(city->db, "SELECT value FROM state WHERE name = ?") : NULL;
    *out = -1;
    if (q == NULL)
        return city != NULL && folder_failed(f, city);
    sqlite_bind_text(q, 1, text_of(name));
    enum sqlite_came came = sqlite_next(city->db, q);
    if (came == SQLITE_CAME_ROW)
        *out = sqlite_whole(q, 0);
    sqlite_leave(q);
    return folder_says(f, came != SQLITE_CAME_NOT, city);
}

static bool has_zone(struct archive_folder *f, struct text timezone, bool *out)
{
    struct folder_file *city = folder_file(f, ARCHIVE_CITY);
    struct sqlite_query *q =
        city != NULL ? sqlite_ask(city->db, "SELECT 1 FROM state WHERE name = 'timezone' AND value = ?")
                     : NULL;
    *out = false;
    if (q == NULL)
        return city != NULL && folder_failed(f, city);
    sqlite_bind_text(q, 1, timezone);
    enum sqlite_came came = sqlite_next(city->db, q);
    *out = came == SQLITE_CAME_ROW;
    sqlite_leave(q);
    return folder_says(f, came != SQLITE_CAME_NOT, city);
}

static bool put_text(struct archive_folder *f, const char *name, struct text value)
{
    struct folder_file *city = folder_file(f, ARCHIVE_CITY);
    struct sqlite_query *q =
        city != NULL ? sqlite_ask(city->db, "INSERT OR REPLACE INTO state VALUES(?, ?)") : NULL;
    if (q == NULL)
        return city != NULL && folder_failed(f, city);
    sqlite_bind_text(q, 1, text_of(name));
    sqlite_bind_text(q, 2, value);
    return folder_says(f, sqlite_do(city->db, q), city);
}

static bool put_whole(struct archive_folder *f, const char *name, int64_t value)
{
    struct folder_file *city = folder_file(f, ARCHIVE_CITY);
    struct sqlite_query *q =
        city != NULL ? sqlite_ask(city->db, "INSERT OR REPLACE INTO state VALUES(?, ?)") : NULL;
    if (q == NULL)
        return city != NULL && folder_failed(f, city);
    sqlite_bind_text(q, 1, text_of(name));
    sqlite_bind_whole(q, 2, value);
    return folder_says(f, sqlite_do(city->db, q), city);
}

/* Which world was in force when, from a day's marks. The city's file is begun. */
static bool put_rulesets(struct archive_folder *f, int32_t day)
{
    struct folder_file *file = folder_file(f, day);
    struct sqlite_query *q =
        file != NULL ? sqlite_ask(file->db, "SELECT life, ms, seq, json_extract(line, '$.ruleset'), received "
                                            "FROM marks WHERE stream = 'rulesets'")
                     : NULL;
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(file->db, q)) == SQLITE_CAME_ROW) {
        const struct archive_position at = {sqlite_whole(q, 0), sqlite_whole(q, 1),
                                            (uint64_t)sqlite_whole(q, 2)};
        if (!f->disk.put_ruleset(f, &at, sqlite_bytes(q, 3), sqlite_whole(q, 4))) {
            sqlite_leave(q);
            return false;
        }
    }
    return file != NULL && folder_says(f, came == SQLITE_CAME_END, file);
}

static bool mark_chunks(struct archive_folder *f, int32_t day)
{
    struct folder_file *file = folder_file(f, day);
    return file != NULL && folder_waits(f, day) &&
           folder_says(f, sqlite_run(file->db, archive_unsummed_all), file);
}

static bool drop_sums(struct archive_folder *f, int32_t first_day)
{
    struct folder_file *city = folder_file(f, ARCHIVE_CITY);
    struct sqlite_query *q =
        city != NULL ? sqlite_ask(city->db, "DELETE FROM track_figures WHERE NOT EXISTS (SELECT 1 FROM "
                                            "json_each(files) WHERE value < ?)")
                     : NULL;
    if (q == NULL)
        return city != NULL && folder_failed(f, city);
    sqlite_bind_whole(q, 1, first_day);
    return folder_says(f, sqlite_do(city->db, q), city);
}

static bool make_anew(struct archive_folder *f, const struct archive_figure_settings *settings, bool entries)
{
    int32_t *days;
    size_t count;
    bool ok = folder_days(f, &days, &count);
    for (size_t i = 0; i < count && ok; i++)
        ok = mark_chunks(f, days[i]);
    ok = ok && f->disk.begin(f, ARCHIVE_CITY) && drop_sums(f, count > 0 ? days[0] : 0);
    for (size_t i = 0; i < count && ok && entries; i++)
        ok = put_rulesets(f, days[i]);
    struct folder_file *city = ok ? folder_file(f, ARCHIVE_CITY) : NULL;
    ok = city != NULL && (!entries || folder_says(f, sqlite_run(city->db, archive_figures_all), city)) &&
         put_text(f, "timezone", settings->timezone) && put_whole(f, "day_ends_ms", settings->ends_ms) &&
         put_whole(f, "gap_ms", settings->gap_ms) && f->disk.commit(f, ARCHIVE_CITY);
    free(days);
    if (!ok)
        f->disk.undo(f);
    return ok;
}

bool archive_folder_keep_figures(struct archive_folder *f, const struct archive_figure_settings *settings,
                                 bool anew)
{
    int64_t ends_ms, gap_ms;
    bool same_zone;
    if (!number_in_state(f, "day_ends_ms", &ends_ms) || !number_in_state(f, "gap_ms", &gap_ms) ||
        !has_zone(f, settings->timezone, &same_zone))
        return false;
    anew = anew || ends_ms < 0;
    if (!anew && same_zone && ends_ms == settings->ends_ms && gap_ms == settings->gap_ms)
        return true;
    return make_anew(f, settings, anew);
}
