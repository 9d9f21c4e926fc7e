#include "sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

enum { QUERIES_MAX = 80, BUSY_MS = 5000, COPY_PAGES = 1024, PATH_SIZE = 4096 };

/*
 * Pages of 16 KiB; of 1 KiB where rows are of some kilobytes, as the archive's chunks are: what does not fit then fills pages of
 * its own to the last byte, and a file with little in it is small (of the sample day 18 bytes a fix, and 26 with large pages).
 * The log of writes is taken over into the file each 4 MB, as it is with SQLite's own settings.
 */
#define SETTINGS(page_size, pages_4mb)                                                                       \
    "PRAGMA page_size=" page_size "; PRAGMA temp_store=MEMORY; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA "      \
    "journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=" pages_4mb                        \
    "; PRAGMA cache_size=-4096; PRAGMA foreign_keys=OFF"

struct sqlite {
    sqlite3 *handle;
    struct {
        const char *literal;
        sqlite3_stmt *statement;
    } queries[QUERIES_MAX];
    size_t count;
    char why[256];
    int error;
};

static sqlite3_stmt *statement_of(const struct sqlite_query *q)
{
    return (sqlite3_stmt *)(uintptr_t)q;
}

static int errno_of(sqlite3 *handle)
{
    switch (sqlite3_errcode(handle) & 0xff) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_IOERR:
        return EIO;
    case SQLITE_CANTOPEN:
        return sqlite3_system_errno(handle);
    default:
        return 0;
    }
}

static bool keep_why(struct sqlite *db)
{
    db->error = errno_of(db->handle);
    snprintf(db->why, sizeof db->why, "%s (%d)", sqlite3_errmsg(db->handle),
             sqlite3_extended_errcode(db->handle));
    return false;
}

static bool open_handle(struct sqlite *db, const char *path, int flags)
{
    if (sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return false;
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    sqlite3_extended_result_codes(db->handle, 1);
    return true;
}

/* The path as a URI that says that nobody writes to the file. False where it is too long. */
static bool write_uri(const char *path, char out[3 * PATH_SIZE])
{
    size_t n = (size_t)snprintf(out, 3 * PATH_SIZE, "file:");
    if (strlen(path) >= PATH_SIZE - 16)
        return false;
    for (; *path != '\0'; path++)
        n += (size_t)snprintf(out + n, 8, strchr("%?#", *path) != NULL ? "%%%02X" : "%c", *path);
    snprintf(out + n, 16, "?immutable=1");
    return true;
}

/* Opening reads nothing yet: whether it can be read shows here. In a folder where nothing may be written SQLite cannot make
 * what readers and writers share; then it has to be enough that there is no log, so that nobody writes. */
static bool try_reading(struct sqlite *db, const char *path)
{
    char log[PATH_SIZE], uri[3 * PATH_SIZE];
    struct stat said;
    static const char probe[] = "SELECT 1 FROM sqlite_master LIMIT 1";
    int code = sqlite3_exec(db->handle, probe, NULL, NULL, NULL);
    snprintf(log, sizeof log, "%s-wal", path);
    bool shared = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
    if (!shared || access(path, R_OK) != 0 || (stat(log, &said) == 0 && said.st_size > 0) ||
        !write_uri(path, uri))
        return code == SQLITE_OK;
    sqlite3_close(db->handle);
    return open_handle(db, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI) &&
           sqlite3_exec(db->handle, probe, NULL, NULL, NULL) == SQLITE_OK;
}

struct sqlite *sqlite_open(const char *path, enum sqlite_mode mode, char *why, size_t why_size)
{
    int flags = mode == SQLITE_TO_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    struct sqlite *db = calloc(1, sizeof *db);
    if (db == NULL) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    bool ok = open_handle(db, path, flags);
    ok = ok && (mode == SQLITE_TO_READ ? try_reading(db, path)
                                       : sqlite_run(db, mode == SQLITE_TO_WRITE ? SETTINGS("16384", "256")
                                                                                : SETTINGS("1024", "4096")));
    if (ok)
        return db;
    snprintf(why, why_size, "%s: %s", path,
             db->handle != NULL ? sqlite3_errmsg(db->handle) : "out of memory");
    int error = db->handle != NULL ? errno_of(db->handle) : 0;
    sqlite_close(db);
    errno = error;
    return NULL;
}

void sqlite_close(struct sqlite *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->count; i++)
        sqlite3_finalize(db->queries[i].statement);
    sqlite3_close(db->handle);
    free(db);
}

const char *sqlite_why(const struct sqlite *db)
{
    return db->why;
}

int sqlite_errno(const struct sqlite *db)
{
    return db->error;
}

bool sqlite_run(struct sqlite *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || keep_why(db);
}

bool sqlite_in_transaction(const struct sqlite *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

struct sqlite_query *sqlite_ask(struct sqlite *db, const char *literal)
{
    sqlite3_stmt *statement = NULL;
    for (size_t i = 0; i < db->count && statement == NULL; i++)
        if (db->queries[i].literal == literal)
            statement = db->queries[i].statement;
    if (statement == NULL) {
        if (db->count == QUERIES_MAX || sqlite3_prepare_v3(db->handle, literal, -1, SQLITE_PREPARE_PERSISTENT,
                                                           &statement, NULL) != SQLITE_OK) {
            keep_why(db);
            return NULL;
        }
        db->queries[db->count].literal = literal;
        db->queries[db->count++].statement = statement;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return (struct sqlite_query *)(void *)statement;
}

void sqlite_bind_whole(struct sqlite_query *q, int place, int64_t value)
{
    sqlite3_bind_int64(statement_of(q), place, value);
}

void sqlite_bind_real(struct sqlite_query *q, int place, double value)
{
    sqlite3_bind_double(statement_of(q), place, value);
}

void sqlite_bind_text(struct sqlite_query *q, int place, struct text value)
{
    if (value.len > 0)
        sqlite3_bind_text64(statement_of(q), place, value.data, value.len, SQLITE_STATIC, SQLITE_UTF8);
}

void sqlite_bind_bytes(struct sqlite_query *q, int place, const void *bytes, size_t n)
{
    sqlite3_bind_blob64(statement_of(q), place, n > 0 ? bytes : "", n, SQLITE_STATIC);
}

enum sqlite_came sqlite_next(struct sqlite *db, struct sqlite_query *q)
{
    int code = sqlite3_step(statement_of(q));
    if (code == SQLITE_ROW)
        return SQLITE_CAME_ROW;
    if (code != SQLITE_DONE)
        keep_why(db);
    sqlite3_reset(statement_of(q));
    return code == SQLITE_DONE ? SQLITE_CAME_END : SQLITE_CAME_NOT;
}

void sqlite_leave(struct sqlite_query *q)
{
    sqlite3_reset(statement_of(q));
}

bool sqlite_do(struct sqlite *db, struct sqlite_query *q)
{
    enum sqlite_came came;
    do
        came = q != NULL ? sqlite_next(db, q) : SQLITE_CAME_NOT;
    while (came == SQLITE_CAME_ROW);
    return came == SQLITE_CAME_END;
}

int64_t sqlite_whole(const struct sqlite_query *q, int column)
{
    return sqlite3_column_int64(statement_of(q), column);
}

double sqlite_real(const struct sqlite_query *q, int column)
{
    return sqlite3_column_double(statement_of(q), column);
}

bool sqlite_is_null(const struct sqlite_query *q, int column)
{
    return sqlite3_column_type(statement_of(q), column) == SQLITE_NULL;
}

struct text sqlite_bytes(const struct sqlite_query *q, int column)
{
    const void *data = sqlite3_column_blob(statement_of(q), column);
    return (struct text){data != NULL ? data : "", (size_t)sqlite3_column_bytes(statement_of(q), column)};
}

bool sqlite_shrink(struct sqlite *db)
{
    if (!sqlite_run(db, "PRAGMA incremental_vacuum"))
        return false;
    sqlite3_busy_timeout(db->handle, 0);
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    return code == SQLITE_OK || code == SQLITE_BUSY || keep_why(db);
}

bool sqlite_copy(struct sqlite *from, const char *to, char *why, size_t why_size)
{
    sqlite3 *target = NULL;
    sqlite3_backup *copy = NULL;
    int code = sqlite3_open(to, &target);
    if (code == SQLITE_OK)
        copy = sqlite3_backup_init(target, "main", from->handle, "main");
    if (copy != NULL) {
        do
            code = sqlite3_backup_step(copy, COPY_PAGES);
        while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED);
        code = sqlite3_backup_finish(copy);
    }
    bool ok = copy != NULL && code == SQLITE_OK;
    if (!ok)
        snprintf(why, why_size, "%s: %s", to, target != NULL ? sqlite3_errmsg(target) : "out of memory");
    sqlite3_close(target);
    return ok;
}
