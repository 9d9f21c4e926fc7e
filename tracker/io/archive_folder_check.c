/*
 * An archive looked at and copied, while another process may write to it.
 */
#include "archive_folder_state.h"

#include "track_chunk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_MAX = 1 << 28 };

/* A walk over the files of a folder. */
struct walk {
    struct archive_folder *folder; /* for its path alone */
    archive_folder_tell *tell;
    archive_folder_progress *progress; /* NULL: nobody asks */
    void *arg;
    bool whole;
    int64_t bytes, done, file; /* of all files, of those behind, and of the one at hand */
};

/* `share` of the file at hand. */
static void tell_progress(const struct walk *w, double share)
{
    if (w->progress != NULL && w->bytes > 0)
        w->progress(w->arg, ((double)w->done + share * (double)w->file) / (double)w->bytes);
}

static int64_t size_of(const struct walk *w, int32_t number)
{
    char path[FOLDER_PATH_MAX], name[32];
    struct stat is;
    folder_name(number, name);
    snprintf(path, sizeof path, "%s/%s", w->folder->path, name);
    return stat(path, &is) == 0 ? (int64_t)is.st_size : 0;
}

static bool tell(struct walk *w, const char *file, const char *wrong)
{
    w->whole = w->whole && wrong == NULL;
    return w->tell(w->arg, file, wrong);
}

/* All days, then the city. */
static bool walk_files(struct walk *w, const char *path,
                       bool (*visit)(struct walk *w, int32_t file, void *arg), void *arg)
{
    int32_t *days = NULL;
    size_t count = 0;
    w->whole = true;
    w->folder = calloc(1, sizeof *w->folder);
    if (w->folder == NULL)
        return tell(w, path, "out of memory");
    snprintf(w->folder->path, sizeof w->folder->path, "%s", path);
    bool on = folder_days(w->folder, &days, &count);
    if (!on)
        tell(w, path, w->folder->why);
    w->bytes = size_of(w, ARCHIVE_CITY);
    for (size_t i = 0; i < count && on; i++)
        w->bytes += size_of(w, days[i]);
    for (size_t i = 0; i < count && on; i++) {
        w->file = size_of(w, days[i]);
        on = visit(w, days[i], arg);
        w->done += w->file;
    }
    w->file = size_of(w, ARCHIVE_CITY);
    if (on)
        visit(w, ARCHIVE_CITY, arg);
    free(days);
    free(w->folder);
    return w->whole;
}

static struct sqlite *open_file(struct walk *w, int32_t number, char name[32])
{
    char path[FOLDER_PATH_MAX], why[FOLDER_WHY_MAX];
    folder_name(number, name);
    snprintf(path, sizeof path, "%s/%s", w->folder->path, name);
    struct sqlite *db = sqlite_open(path, SQLITE_TO_READ, why, sizeof why);
    if (db == NULL)
        tell(w, name, why);
    return db;
}

static bool check_structure(struct walk *w, struct sqlite *db, const char *name)
{
    struct sqlite_query *q = sqlite_ask(db, "PRAGMA integrity_check(10)");
    enum sqlite_came came = SQLITE_CAME_NOT;
    bool whole = q != NULL;
    while (q != NULL && (came = sqlite_next(db, q)) == SQLITE_CAME_ROW) {
        char line[FOLDER_WHY_MAX];
        struct text said = sqlite_bytes(q, 0);
        if (text_equal(said, TEXT("ok")))
            continue;
        snprintf(line, sizeof line, "%.*s", (int)(said.len < 400 ? said.len : 400), said.data);
        tell(w, name, line);
        whole = false;
    }
    if (q == NULL || came == SQLITE_CAME_NOT)
        tell(w, name, sqlite_why(db));
    return whole && came == SQLITE_CAME_END;
}

/* One chunk: its frames, the hash of its lines, and a number of places that fits. */
static bool fits(const struct sqlite_query *q, int column, const struct part_line *line)
{
    return sqlite_whole(q, column) == line->at.ms && sqlite_whole(q, column + 1) == (int64_t)line->at.seq &&
           sqlite_whole(q, column + 2) == line->batch;
}

static bool is_whole(const struct sqlite_query *q, struct press *press, struct press *plain, struct buf *out)
{
    unsigned char hash[ARCHIVE_CHUNK_HASH];
    struct text said = sqlite_bytes(q, 3);
    struct track_chunk_places places = {0};
    struct part_line line;
    int64_t count = 0;
    bool fit = true;
    if (!press_unpack(press, sqlite_bytes(q, 1), out))
        return false;
    track_chunk_hash(buf_text(out), hash);
    if (!text_equal(said, (struct text){(const char *)hash, sizeof hash}) ||
        !press_unpack(plain, sqlite_bytes(q, 2), out))
        return false;
    for (places.left = buf_text(out); track_chunk_next(&places, &line);)
        fit = fit && (count++ > 0 || fits(q, 7, &line));
    return places.left.len == 0 && count == sqlite_whole(q, 4) && count > 0 && fit && fits(q, 10, &line);
}

/* What waits to be closed into chunks. */
static void check_tail(struct walk *w, struct sqlite *db, const char *name, struct press *press,
                       struct buf *out)
{
    struct sqlite_query *q = sqlite_ask(db, "SELECT n, body FROM tail ORDER BY n");
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(db, q)) == SQLITE_CAME_ROW) {
        char line[FOLDER_WHY_MAX];
        if (press_unpack(press, sqlite_bytes(q, 1), out))
            continue;
        snprintf(line, sizeof line, "row %lld of the tail is damaged", (long long)sqlite_whole(q, 0));
        tell(w, name, line);
    }
    if (came != SQLITE_CAME_END)
        tell(w, name, sqlite_why(db));
}

/* What chunks were summed to: their frames. One that is damaged is made up for by its chunk, as long as that is whole. */
static void check_sums(struct walk *w, struct sqlite *db, const char *name, struct press *plain,
                       struct buf *out)
{
    struct sqlite_query *there = sqlite_ask(db, "SELECT 1 FROM sqlite_master WHERE name = 'sums'"), *q = NULL;
    enum sqlite_came came = there != NULL ? sqlite_next(db, there) : SQLITE_CAME_NOT;
    if (came == SQLITE_CAME_ROW)
        q = sqlite_ask(db, "SELECT id, sum FROM sums ORDER BY id");
    while (q != NULL && (came = sqlite_next(db, q)) == SQLITE_CAME_ROW) {
        char line[FOLDER_WHY_MAX];
        if (press_unpack(plain, sqlite_bytes(q, 1), out))
            continue;
        snprintf(line, sizeof line, "the sum of chunk %lld is damaged", (long long)sqlite_whole(q, 0));
        tell(w, name, line);
    }
    if (came != SQLITE_CAME_END)
        tell(w, name, sqlite_why(db));
}

static void check_lines(struct walk *w, struct sqlite *db, const char *name)
{
    struct sqlite_query *d = sqlite_ask(db, "SELECT bytes FROM dictionary WHERE id = 1"), *q = NULL;
    bool there = d != NULL && sqlite_next(db, d) == SQLITE_CAME_ROW;
    struct press *press = there ? press_new(sqlite_bytes(d, 0), PRESS_TO_KEEP) : NULL,
                 *plain = press_new(TEXT(""), PRESS_TO_KEEP);
    enum sqlite_came came = SQLITE_CAME_NOT;
    struct buf out;
    buf_init(&out, LINES_MAX);
    if (press != NULL)
        check_tail(w, db, name, press, &out);
    if (press != NULL && plain != NULL)
        q = sqlite_ask(db, "SELECT id, lines, places, hash, count, vehicle, (SELECT max(id) FROM chunks), "
                           "first_ms, first_seq, batch_first, last_ms, last_seq, batch_last "
                           "FROM chunks ORDER BY id");
    while (q != NULL && (came = sqlite_next(db, q)) == SQLITE_CAME_ROW) {
        char line[FOLDER_WHY_MAX];
        /* The structure was one half, about. */
        tell_progress(w, 0.5 + 0.5 * (double)sqlite_whole(q, 0) / (double)sqlite_whole(q, 6));
        if (is_whole(q, press, plain, &out))
            continue;
        snprintf(line, sizeof line, "chunk %lld of %.64s is damaged", (long long)sqlite_whole(q, 0),
                 sqlite_bytes(q, 5).len > 0 ? sqlite_bytes(q, 5).data : "?");
        tell(w, name, line);
    }
    if (came != SQLITE_CAME_END)
        tell(w, name, there ? sqlite_why(db) : "it has no dictionary");
    if (plain != NULL)
        check_sums(w, db, name, plain, &out);
    buf_fini(&out);
    press_free(press);
    press_free(plain);
}

static bool verify_file(struct walk *w, int32_t number, void *arg)
{
    char name[32];
    struct sqlite *db = open_file(w, number, name);
    bool before = w->whole;
    (void)arg;
    if (db == NULL)
        return true;
    w->whole = true;
    tell_progress(w, 0);
    check_structure(w, db, name);
    if (number != ARCHIVE_CITY)
        check_lines(w, db, name);
    sqlite_close(db);
    bool on = !w->whole || tell(w, name, NULL);
    w->whole = w->whole && before;
    return on;
}

bool archive_folder_verify(const char *path, archive_folder_tell *to_tell, archive_folder_progress *progress,
                           void *arg)
{
    struct walk w = {.tell = to_tell, .progress = progress, .arg = arg};
    return walk_files(&w, path, verify_file, NULL);
}

static bool copy_file(struct walk *w, int32_t number, void *arg)
{
    char name[32], to[FOLDER_PATH_MAX], why[FOLDER_WHY_MAX];
    struct sqlite *db = open_file(w, number, name);
    if (db == NULL)
        return false;
    snprintf(to, sizeof to, "%.4000s/%s", (const char *)arg, name);
    bool ok = access(to, F_OK) != 0;
    if (!ok)
        snprintf(why, sizeof why, "%.400s is there already", to);
    ok = ok && sqlite_copy(db, to, why, sizeof why);
    sqlite_close(db);
    return tell(w, name, ok ? NULL : why) && ok;
}

bool archive_folder_backup(const char *path, const char *to, archive_folder_tell *to_tell, void *arg)
{
    struct walk w = {.tell = to_tell, .arg = arg};
    char folder[FOLDER_PATH_MAX];
    if (mkdir(to, 0750) != 0 && errno != EEXIST) {
        to_tell(arg, to, strerror(errno));
        return false;
    }
    snprintf(folder, sizeof folder, "%s", to);
    return walk_files(&w, path, copy_file, folder);
}
