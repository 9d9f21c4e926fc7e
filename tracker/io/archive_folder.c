#include "archive_folder_state.h"

#include "archive_schema.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    UNPACKED_MAX = 1 << 28,
    WAITING_BYTES = 4000 /* with one line more a buffer of 4 KiB is seldom too small */
};

bool folder_failed(struct archive_folder *f, const struct folder_file *file)
{
    char name[32];
    folder_name(file->file, name);
    snprintf(f->why, sizeof f->why, "%s: %s", name, sqlite_why(file->db));
    f->error = sqlite_errno(file->db);
    return false;
}

bool folder_says(struct archive_folder *f, bool ok, const struct folder_file *file)
{
    return ok || folder_failed(f, file);
}

void folder_name(int32_t day, char out[32])
{
    time_t at = (time_t)day * 86400;
    struct tm tm;
    if (day == ARCHIVE_CITY || gmtime_r(&at, &tm) == NULL)
        snprintf(out, 32, "city.db");
    else
        strftime(out, 32, "track-%Y-%m-%d.db", &tm);
}

void folder_shut(struct folder_file *file)
{
    sqlite_close(file->db);
    press_free(file->press);
    press_free(file->passing);
    *file = (struct folder_file){0};
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

/* Of this version, or new; a later one, or what is no archive, is left alone. */
static bool check_version(struct archive_folder *f, struct sqlite *db, const char *path)
{
    int64_t application = pragma(db, "PRAGMA application_id"), version = pragma(db, "PRAGMA user_version");
    if (application == 0 && version == 0)
        return true;
    if (application == ARCHIVE_APPLICATION && version <= ARCHIVE_VERSION)
        return true;
    if (application == ARCHIVE_APPLICATION)
        snprintf(f->why, sizeof f->why, "%.300s: version %lld of an archive; this program knows %d", path,
                 (long long)version, ARCHIVE_VERSION);
    else
        snprintf(f->why, sizeof f->why, "%.300s: %s", path,
                 application < 0 ? sqlite_why(db) : "no file of an archive");
    f->error = application < 0 ? sqlite_errno(db) : 0;
    return false;
}

/* A file from before there were figures gets their tables; what is in it is then figured out. One from before refusals were
 * counted gets the column, one from before chunks were summed the table. */
static bool add_tables(struct archive_folder *f, struct folder_file *file)
{
    struct sqlite *db = file->db;
    bool day = file->file != ARCHIVE_CITY;
    if (pragma(db, "SELECT count(*) FROM pragma_table_info('cursors') WHERE name = 'added'") == 0 &&
        !sqlite_run(db, "ALTER TABLE cursors ADD COLUMN added INTEGER"))
        return folder_failed(f, file);
    if (day && !sqlite_run(db, ARCHIVE_SCHEMA_SUMS))
        return folder_failed(f, file);
    if (pragma(db, "SELECT count(*) FROM sqlite_master WHERE name IN ('unsummed', 'track_figures')") != 0)
        return true;
    return folder_says(
        f,
        sqlite_run(db, "BEGIN IMMEDIATE") && sqlite_run(db, day ? archive_schema_day : archive_schema_city) &&
            sqlite_run(db, day ? archive_unsummed_all : archive_figures_all) && sqlite_run(db, "COMMIT"),
        file);
}

static bool make_tables(struct archive_folder *f, struct folder_file *file)
{
    char marks[128];
    struct sqlite *db = file->db;
    bool day = file->file != ARCHIVE_CITY;
    if (f->reads)
        return true;
    if (pragma(db, "PRAGMA user_version") == ARCHIVE_VERSION)
        return add_tables(f, file);
    snprintf(marks, sizeof marks, "PRAGMA application_id=%d; PRAGMA user_version=%d", ARCHIVE_APPLICATION,
             ARCHIVE_VERSION);
    bool ok =
        sqlite_run(db, "BEGIN IMMEDIATE") && sqlite_run(db, day ? archive_schema_day : archive_schema_city);
    if (ok && day) {
        struct sqlite_query *q = sqlite_ask(db, "INSERT OR IGNORE INTO dictionary VALUES(1, ?)");
        if (q != NULL)
            sqlite_bind_bytes(q, 1, track_dictionary, track_dictionary_len);
        ok = sqlite_do(db, q);
    }
    ok = ok && sqlite_run(db, marks) && sqlite_run(db, "COMMIT");
    return folder_says(f, ok, file);
}

/* What its chunks are made with is in the file, so that another version reads them. */
static bool read_dictionary(struct archive_folder *f, struct folder_file *file)
{
    if (file->file == ARCHIVE_CITY)
        return true;
    struct sqlite_query *q = sqlite_ask(file->db, "SELECT bytes FROM dictionary WHERE id = 1");
    if (q == NULL || sqlite_next(file->db, q) != SQLITE_CAME_ROW)
        return folder_failed(f, file);
    file->press = press_new(sqlite_bytes(q, 0), PRESS_TO_KEEP);
    file->passing = press_new(sqlite_bytes(q, 0), PRESS_TO_PASS);
    sqlite_leave(q);
    bool ok = file->press != NULL && file->passing != NULL;
    if (!ok)
        snprintf(f->why, sizeof f->why, "out of memory");
    return ok;
}

static struct folder_file *free_place(struct archive_folder *f)
{
    struct folder_file *best = NULL;
    for (size_t i = 0; i < (f->reads ? FOLDER_FILES_MAX : FOLDER_FILES_WRITTEN); i++) {
        struct folder_file *file = &f->files[i];
        if (file->db == NULL)
            return file;
        if (file->file != ARCHIVE_CITY && !sqlite_in_transaction(file->db) &&
            (best == NULL || file->used < best->used))
            best = file;
    }
    if (best != NULL)
        folder_shut(best);
    return best;
}

struct folder_file *folder_file(struct archive_folder *f, int32_t number)
{
    char path[FOLDER_PATH_MAX], name[32];
    for (size_t i = 0; i < FOLDER_FILES_MAX; i++)
        if (f->files[i].db != NULL && f->files[i].file == number) {
            f->files[i].used = ++f->uses;
            return &f->files[i];
        }
    struct folder_file *file = free_place(f);
    if (file == NULL) {
        snprintf(f->why, sizeof f->why, "too many files at a time");
        return NULL;
    }
    folder_name(number, name);
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    enum sqlite_mode writing = number == ARCHIVE_CITY ? SQLITE_TO_WRITE : SQLITE_TO_WRITE_LONG;
    *file = (struct folder_file){
        .db = sqlite_open(path, f->reads ? SQLITE_TO_READ : writing, f->why, sizeof f->why),
        .file = number,
        .used = ++f->uses};
    f->error = file->db == NULL ? errno : 0;
    if (file->db != NULL && check_version(f, file->db, path) && make_tables(f, file) &&
        read_dictionary(f, file))
        return file;
    folder_shut(file);
    return NULL;
}

/* ---- what waits in memory ---- */

static bool pack(void *context, struct text in, struct buf *out)
{
    return press_pack(context, in, out);
}

static bool unpack(void *context, struct text in, struct buf *out)
{
    return press_unpack(context, in, out);
}

struct archive_press folder_press(struct press **out)
{
    *out = press_new((struct text){track_dictionary, track_dictionary_len}, PRESS_TO_PASS);
    return (struct archive_press){*out, pack, unpack, WAITING_BYTES};
}

/* ---- the folder ---- */

static int compare_days(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

static bool day_of_name(const char *name, int32_t *out)
{
    int year, month, day, end = 0;
    char again[32];
    if (sscanf(name, "track-%4d-%2d-%2d.db%n", &year, &month, &day, &end) != 3 || end == 0 ||
        name[end] != '\0')
        return false;
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    *out = (int32_t)(timegm(&tm) / 86400);
    folder_name(*out, again);
    return strcmp(again, name) == 0;
}

struct sqlite_query *folder_ask(struct archive_folder *f, int32_t number, const char *literal,
                                struct folder_file **out)
{
    *out = folder_file(f, number);
    struct sqlite_query *q = *out != NULL ? sqlite_ask((*out)->db, literal) : NULL;
    if (*out != NULL && q == NULL)
        folder_failed(f, *out);
    return q;
}

bool folder_days(struct archive_folder *f, int32_t **out_days, size_t *out_count)
{
    DIR *dir = opendir(f->path);
    int32_t day, *days = NULL;
    size_t count = 0, cap = 0;
    bool ok = dir != NULL;
    for (struct dirent *e; ok && (e = readdir(dir)) != NULL;)
        if (day_of_name(e->d_name, &day)) {
            if (count == cap) {
                cap = cap * 2 + 64;
                int32_t *more = realloc(days, cap * sizeof *days);
                ok = more != NULL;
                days = ok ? more : days;
            }
            if (ok)
                days[count++] = day;
        }
    if (!ok)
        snprintf(f->why, sizeof f->why, "%.300s: %s", f->path, strerror(errno));
    if (dir != NULL)
        closedir(dir);
    if (ok && count > 1)
        qsort(days, count, sizeof *days, compare_days);
    *out_days = days;
    *out_count = count;
    return ok;
}

static enum archive_folder_error claim(struct archive_folder *f)
{
    if (mkdir(f->path, 0750) != 0 && errno != EEXIST)
        snprintf(f->why, sizeof f->why, "%.300s: %s", f->path, strerror(errno));
    f->folder = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    f->lock = f->folder >= 0 ? openat(f->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0640) : -1;
    if (f->lock < 0) {
        f->error = errno;
        snprintf(f->why, sizeof f->why, "%.300s: %s", f->path, strerror(errno));
        return ARCHIVE_FOLDER_FAILED;
    }
    if (flock(f->lock, LOCK_EX | LOCK_NB) == 0)
        return ARCHIVE_FOLDER_OK;
    snprintf(f->why, sizeof f->why, "%.300s: another archive writes there", f->path);
    return errno == EWOULDBLOCK ? ARCHIVE_FOLDER_TAKEN : ARCHIVE_FOLDER_FAILED;
}

/* Random, once: what the registration in the store names it by. */
static bool name_archive(struct archive_folder *f, struct folder_file *city)
{
    unsigned char random[ARCHIVE_ID_LENGTH / 2];
    char id[ARCHIVE_ID_LENGTH + 1];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(id + 2 * i, 3, "%02x", random[i]);
    struct sqlite_query *q = sqlite_ask(city->db, "INSERT OR IGNORE INTO state VALUES('archive', ?)");
    if (q != NULL)
        sqlite_bind_text(q, 1, text_of(id));
    return folder_says(f,
                       sqlite_do(city->db, q) &&
                           sqlite_run(city->db, "INSERT OR IGNORE INTO state VALUES('turn', 0);"
                                                "INSERT OR IGNORE INTO state VALUES('life', 1);"
                                                "INSERT OR IGNORE INTO state VALUES('batch', 0);"
                                                "INSERT OR IGNORE INTO lives VALUES(1, NULL, 'begun', 0, 0)"),
                       city);
}

/* Every file is looked at, so that one of a later version is found before anything is written. */
static bool check_files(struct archive_folder *f)
{
    int32_t *days;
    size_t count;
    struct folder_file *city = folder_file(f, ARCHIVE_CITY);
    bool ok = city != NULL && folder_days(f, &days, &count);
    if (!ok)
        return false;
    for (size_t i = 0; i < count && ok; i++)
        ok = folder_file(f, days[i]) != NULL && folder_waits(f, days[i]);
    free(days);
    /* The city's may have been shut for the days. */
    city = ok ? folder_file(f, ARCHIVE_CITY) : NULL;
    return city != NULL && name_archive(f, city);
}

static enum archive_folder_error what_failed(const struct archive_folder *f)
{
    if (strstr(f->why, "version ") != NULL || strstr(f->why, "no file of an archive") != NULL)
        return ARCHIVE_FOLDER_LATER;
    bool disk = f->error == ENOSPC || f->error == EDQUOT || f->error == EIO;
    return disk ? ARCHIVE_FOLDER_DISK : ARCHIVE_FOLDER_FAILED;
}

static struct archive_folder *new_folder(const char *path)
{
    struct archive_folder *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->folder = f->lock = -1;
    snprintf(f->path, sizeof f->path, "%s", path);
    f->plain = press_new(TEXT(""), PRESS_TO_KEEP);
    f->press = folder_press(&f->passing);
    struct buf *const buffers[] = {&f->packed, &f->packed_places, &f->lines, &f->places};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buf_init(buffers[i], UNPACKED_MAX);
    f->disk.context = f;
    f->disk.press = &f->press;
    folder_puts(&f->disk);
    folder_reads(&f->disk);
    folder_figures(&f->disk);
    return f;
}

/* What is told of a folder that could not be opened; it is let go of. */
static enum archive_folder_error refuse(struct archive_folder *f, enum archive_folder_error error, char *why,
                                        size_t why_size)
{
    error = error == ARCHIVE_FOLDER_FAILED ? what_failed(f) : error;
    snprintf(why, why_size, "%s", f->why);
    archive_folder_close(f);
    return error;
}

enum archive_folder_error archive_folder_look(const char *path, struct archive_folder **out, char *why,
                                              size_t why_size)
{
    struct archive_folder *f = new_folder(path);
    if (f == NULL || f->plain == NULL) {
        snprintf(why, why_size, "out of memory");
        archive_folder_close(f);
        return ARCHIVE_FOLDER_FAILED;
    }
    f->reads = true;
    if (folder_file(f, ARCHIVE_CITY) == NULL)
        return refuse(f, ARCHIVE_FOLDER_FAILED, why, why_size);
    *out = f;
    return ARCHIVE_FOLDER_OK;
}

enum archive_folder_error archive_folder_open(const char *path, struct archive_folder **out, char *why,
                                              size_t why_size)
{
    struct archive_folder *f = new_folder(path);
    if (f == NULL) {
        snprintf(why, why_size, "out of memory");
        return ARCHIVE_FOLDER_FAILED;
    }
    enum archive_folder_error error = claim(f);
    if (error == ARCHIVE_FOLDER_OK && (f->plain == NULL || f->passing == NULL || !check_files(f)))
        error = ARCHIVE_FOLDER_FAILED;
    if (error != ARCHIVE_FOLDER_OK)
        return refuse(f, error, why, why_size);
    *out = f;
    return error;
}

void archive_folder_close(struct archive_folder *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < FOLDER_FILES_MAX; i++)
        if (f->files[i].db != NULL)
            folder_shut(&f->files[i]);
    press_free(f->plain);
    press_free(f->passing);
    free(f->waiting);
    buf_fini(&f->packed);
    buf_fini(&f->packed_places);
    buf_fini(&f->lines);
    buf_fini(&f->places);
    if (f->lock >= 0)
        close(f->lock);
    if (f->folder >= 0)
        close(f->folder);
    free(f);
}

const struct archive_disk *archive_folder_disk(const struct archive_folder *f)
{
    return &f->disk;
}
