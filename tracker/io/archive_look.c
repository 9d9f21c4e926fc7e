#include "archive_look_state.h"

#include "archive_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { UNPACKED_MAX = 1 << 28 };

void archive_look_tell(struct archive_look *look, const char *file, const char *wrong)
{
    look->damaged++;
    look->listener.tell(look->listener.arg, file, wrong);
}

bool archive_look_end(struct archive_look *look, struct sqlite *db, const char *file, enum sqlite_came came)
{
    if (came == SQLITE_CAME_NOT)
        archive_look_tell(look, file, sqlite_why(db));
    return came != SQLITE_CAME_NOT;
}

uint64_t archive_look_damaged(const struct archive_look *look)
{
    return look->damaged;
}

const int32_t *archive_look_days(const struct archive_look *look, size_t *out_count)
{
    *out_count = look->day_count;
    return look->days;
}

/* ---- one file ---- */

static int64_t pragma(struct sqlite *db, const char *literal)
{
    struct sqlite_query *q = sqlite_ask(db, literal);
    int64_t value = q != NULL && sqlite_next(db, q) == SQLITE_CAME_ROW ? sqlite_whole(q, 0) : -1;
    if (q != NULL)
        sqlite_leave(q);
    return value;
}

/* NONE without a sentence: the file is there and nothing is in it yet. */
static enum archive_look_error check_version(struct sqlite *db, const char *name, char *why, size_t size)
{
    int64_t application = pragma(db, "PRAGMA application_id"), version = pragma(db, "PRAGMA user_version");
    why[0] = '\0';
    if (application == 0 && version == 0)
        return ARCHIVE_LOOK_NONE;
    if (application == ARCHIVE_APPLICATION && version <= ARCHIVE_VERSION)
        return ARCHIVE_LOOK_OK;
    if (application == ARCHIVE_APPLICATION)
        snprintf(why, size, "%s: version %lld of an archive; this program knows %d", name, (long long)version,
                 ARCHIVE_VERSION);
    else
        snprintf(why, size, "%s: no file of an archive", name);
    return ARCHIVE_LOOK_LATER;
}

static enum archive_look_error open_file(const struct archive_look *look, int32_t number, struct sqlite **out,
                                         char *why, size_t size)
{
    char name[32], path[FOLDER_PATH_MAX];
    folder_name(number, name);
    snprintf(path, sizeof path, "%s/%s", look->path, name);
    if (access(path, R_OK) != 0) {
        int error = errno;
        snprintf(why, size, "%.300s: %s", path, strerror(error));
        return error == ENOENT || error == ENOTDIR ? ARCHIVE_LOOK_NONE : ARCHIVE_LOOK_DENIED;
    }
    struct sqlite *db = sqlite_open(path, SQLITE_TO_READ, why, size);
    if (db == NULL)
        return ARCHIVE_LOOK_DAMAGED;
    enum archive_look_error error = check_version(db, path, why, size);
    if (error == ARCHIVE_LOOK_OK)
        *out = db;
    else
        sqlite_close(db);
    return error;
}

/* ---- the folder ---- */

/* The writer's own walk over the folder. */
static bool find_days(struct archive_look *look, char *why, size_t size)
{
    struct archive_folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL) {
        snprintf(why, size, "out of memory");
        return false;
    }
    memcpy(folder->path, look->path, sizeof folder->path);
    bool ok = folder_days(folder, &look->days, &look->day_count);
    snprintf(why, size, "%s", folder->why);
    free(folder);
    return ok;
}

enum archive_look_error archive_look_open(const char *path, struct archive_look_listener listener,
                                          struct archive_look **out, char *why, size_t why_size)
{
    struct archive_look *look = calloc(1, sizeof *look);
    if (look == NULL || strlen(path) >= sizeof look->path) {
        snprintf(why, why_size, look == NULL ? "out of memory" : "the path is too long");
        free(look);
        return ARCHIVE_LOOK_FAILED;
    }
    look->listener = listener;
    memcpy(look->path, path, strlen(path) + 1);
    enum archive_look_error error = open_file(look, ARCHIVE_CITY, &look->city, why, why_size);
    if (error == ARCHIVE_LOOK_NONE && why[0] == '\0')
        snprintf(why, why_size, "%.300s: the archive has not begun", path);
    if (error == ARCHIVE_LOOK_OK && !find_days(look, why, why_size))
        error = ARCHIVE_LOOK_DENIED;
    if (error == ARCHIVE_LOOK_OK)
        *out = look;
    else
        archive_look_close(look);
    return error;
}

void archive_look_close(struct archive_look *look)
{
    if (look == NULL)
        return;
    sqlite_close(look->city);
    free(look->days);
    free(look);
}

/* ---- a day ---- */

/* The transaction begins with this first question, and lasts as long as the day is looked at. */
static bool begin_moment(struct archive_day *day)
{
    struct sqlite_query *q = NULL;
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (sqlite_run(day->db, "BEGIN"))
        q = sqlite_ask(day->db, "SELECT bytes FROM dictionary WHERE id = 1");
    if (q != NULL)
        came = sqlite_next(day->db, q);
    if (came == SQLITE_CAME_ROW)
        day->press = press_new(sqlite_bytes(q, 0), PRESS_TO_KEEP);
    if (q != NULL)
        sqlite_leave(q);
    day->plain = press_new(TEXT(""), PRESS_TO_KEEP);
    if (day->press != NULL && day->plain != NULL)
        return true;
    archive_look_tell(day->look, day->name,
                      came == SQLITE_CAME_NOT   ? sqlite_why(day->db)
                      : came == SQLITE_CAME_END ? "it has no dictionary"
                                                : "out of memory");
    return false;
}

struct archive_day *archive_day_begin(struct archive_look *look, int32_t number)
{
    char why[FOLDER_WHY_MAX];
    struct archive_day *day = calloc(1, sizeof *day);
    if (day == NULL) {
        archive_look_tell(look, "a day", "out of memory");
        return NULL;
    }
    day->look = look;
    folder_name(number, day->name);
    buf_init(&day->lines, UNPACKED_MAX);
    buf_init(&day->places, UNPACKED_MAX);
    enum archive_look_error error = open_file(look, number, &day->db, why, sizeof why);
    if (error == ARCHIVE_LOOK_OK && begin_moment(day))
        return day;
    if (error != ARCHIVE_LOOK_OK && error != ARCHIVE_LOOK_NONE)
        archive_look_tell(look, day->name, why);
    archive_day_end(day);
    return NULL;
}

void archive_day_end(struct archive_day *day)
{
    if (day == NULL)
        return;
    sqlite_close(day->db); /* which ends the transaction */
    press_free(day->press);
    press_free(day->plain);
    buf_fini(&day->lines);
    buf_fini(&day->places);
    free(day);
}
