/*
 * Opening reads the whole log once: every entry by its hash, and every checkpoint by the root that the entries up to it give.
 */
#include "evidence_log_state.h"

#include "array.h"
#include "evidence_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_BYTES = 1 << 20, LENGTH_MAX = 8 };
static_assert(WINDOW_BYTES > EVIDENCE_FRAME_HEAD + TLOG_ENTRY_MAX + TLOG_HASH_BYTES,
              "a frame fits into the window");

bool evidence_log_read_at(int fd, void *bytes, size_t n, uint64_t at)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(fd, (char *)bytes + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? ENODATA : errno;
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

bool evidence_log_write_at(int fd, struct text bytes, uint64_t at)
{
    for (size_t done = 0; done < bytes.len;) {
        ssize_t put = pwrite(fd, bytes.data + done, bytes.len - done, (off_t)(at + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

struct opening {
    struct evidence_log *log;
    struct tlog_head *heads; /* of all checkpoints, in their order */
    size_t head_count, head_cap;
    char *why;
    size_t why_size;
};

static enum evidence_log_error fail(struct opening *o, enum evidence_log_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static enum evidence_log_error fail(struct opening *o, enum evidence_log_error error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(o->why, o->why_size, format, args);
    va_end(args);
    return error;
}

static enum evidence_log_error fail_disk(struct opening *o, const char *file)
{
    return fail(o, EVIDENCE_LOG_DISK, "%s/%s: %s", o->log->root, file, strerror(errno));
}

static bool size_of(int fd, uint64_t *out)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    *out = (uint64_t)st.st_size;
    return true;
}

/* What a kill left behind the last whole one. */
static bool cut_off(int fd, uint64_t at, uint64_t size)
{
    return at == size || (ftruncate(fd, (off_t)at) == 0 && fsync(fd) == 0);
}

/* ---- checkpoints ---- */

/* A checkpoint behind its length; 0: there is no whole one. */
static size_t take_checkpoint(struct text left, struct text *out)
{
    struct text line, rest = left;
    uint64_t len;
    struct text head = {left.data, left.len < LENGTH_MAX ? left.len : LENGTH_MAX};
    if (!tlog_take_line(&head, &line) || !tlog_read_number(line, &len) || len == 0 || len > TLOG_NOTE_MAX)
        return 0;
    rest = (struct text){left.data + line.len + 1, left.len - line.len - 1};
    if (rest.len < len)
        return 0;
    *out = (struct text){rest.data, (size_t)len};
    return line.len + 1 + (size_t)len;
}

/* Whether what is left is what a kill leaves of the one checkpoint that was being written: its beginning, or nothing but zeros. */
static bool is_torn(struct text left)
{
    struct text line, head = {left.data, left.len < LENGTH_MAX ? left.len : LENGTH_MAX};
    uint64_t len;
    if (left.len > 0 && left.data[0] == '\0')
        return left.len <= TLOG_NOTE_MAX && memcmp(left.data, left.data + 1, left.len - 1) == 0;
    if (!tlog_take_line(&head, &line))
        return left.len < LENGTH_MAX;
    return tlog_read_number(line, &len) && left.len - line.len - 1 < len && len <= TLOG_NOTE_MAX;
}

static enum evidence_log_error add_head(struct opening *o, struct text note)
{
    struct tlog_note parts;
    struct tlog_checkpoint c;
    if (!tlog_note_split(note, &parts) || !tlog_checkpoint_read(parts.text, &c))
        return fail(o, EVIDENCE_LOG_BROKEN, "log/checkpoints: checkpoint %zu cannot be read",
                    o->head_count + 1);
    if (o->head_count > 0 && c.head.size < o->heads[o->head_count - 1].size)
        return fail(o, EVIDENCE_LOG_BROKEN,
                    "log/checkpoints: checkpoint %zu is of a shorter log than the one before",
                    o->head_count + 1);
    if (!array_reserve(&o->heads, &o->head_cap, o->head_count + 1, sizeof *o->heads))
        return fail(o, EVIDENCE_LOG_MEMORY, "out of memory");
    o->heads[o->head_count++] = c.head;
    o->log->signed_head = c.head;
    buf_clear(&o->log->note);
    buf_put_text(&o->log->note, note);
    return buf_ok(&o->log->note) ? EVIDENCE_LOG_OK : EVIDENCE_LOG_MEMORY;
}

static enum evidence_log_error read_checkpoints(struct opening *o)
{
    struct evidence_log *log = o->log;
    uint64_t size;
    struct text left, note;
    size_t took;
    enum evidence_log_error error = EVIDENCE_LOG_OK;
    if (!size_of(log->checkpoints, &size))
        return fail_disk(o, "log/checkpoints");
    char *bytes = malloc(size + 1);
    if (bytes == NULL)
        return fail(o, EVIDENCE_LOG_MEMORY, "out of memory");
    if (!evidence_log_read_at(log->checkpoints, bytes, size, 0))
        error = fail_disk(o, "log/checkpoints");
    left = (struct text){bytes, size};
    while (error == EVIDENCE_LOG_OK && (took = take_checkpoint(left, &note)) > 0) {
        error = add_head(o, note);
        left = (struct text){left.data + took, left.len - took};
    }
    log->checkpoints_end = size - left.len;
    if (error == EVIDENCE_LOG_OK && left.len > 0 && !is_torn(left))
        error =
            fail(o, EVIDENCE_LOG_BROKEN, "log/checkpoints: checkpoint %zu cannot be read", o->head_count + 1);
    if (error == EVIDENCE_LOG_OK && !cut_off(log->checkpoints, log->checkpoints_end, size))
        error = fail_disk(o, "log/checkpoints");
    free(bytes);
    return error;
}

/* ---- entries ---- */

/* Checkpoints of the size that the log has now; *next is the first that is not looked at yet. */
static enum evidence_log_error check_heads(struct opening *o, size_t *next)
{
    const struct tlog_tree tree = evidence_log_tree(o->log);
    struct tlog_hash root;
    for (; *next < o->head_count && o->heads[*next].size == o->log->size; ++*next) {
        if (!tlog_root(&tree, o->log->size, &root))
            return fail(o, EVIDENCE_LOG_MEMORY, "out of memory");
        if (!tlog_hash_equal(&root, &o->heads[*next].root))
            return fail(
                o, EVIDENCE_LOG_BROKEN,
                "log/entries: the first %llu entries are not those that checkpoint %zu was signed over",
                (unsigned long long)o->log->size, *next + 1);
    }
    return EVIDENCE_LOG_OK;
}

/* The length of the whole frame at the beginning of the bytes; 0: there is none. */
static size_t whole_frame(struct text bytes, struct tlog_hash *out_leaf)
{
    struct text entry, left = bytes;
    if (!tlog_bundle_take(&left, &entry) || left.len < TLOG_HASH_BYTES)
        return 0;
    tlog_leaf(entry, out_leaf);
    return memcmp(left.data, out_leaf->bytes, TLOG_HASH_BYTES) == 0 ? bytes.len - left.len + TLOG_HASH_BYTES
                                                                    : 0;
}

struct scan {
    char *window;
    uint64_t at, size; /* of the file: read up to here, and its end */
    size_t next_head;
};

/* Frames of a window; the rest of it is read again with what follows. */
static enum evidence_log_error take_window(struct opening *o, struct scan *s, size_t n, size_t *out_used)
{
    struct tlog_hash leaf;
    enum evidence_log_error error = EVIDENCE_LOG_OK;
    size_t len;
    *out_used = 0;
    while (error == EVIDENCE_LOG_OK &&
           (len = whole_frame((struct text){s->window + *out_used, n - *out_used}, &leaf)) > 0) {
        *out_used += len;
        error = evidence_log_grow(o->log, &leaf, s->at + *out_used)
                    ? check_heads(o, &s->next_head)
                    : fail(o, EVIDENCE_LOG_MEMORY, "out of memory");
    }
    return error;
}

static enum evidence_log_error scan_entries(struct opening *o, struct scan *s)
{
    enum evidence_log_error error = check_heads(o, &s->next_head);
    for (size_t used = 1; error == EVIDENCE_LOG_OK && s->at < s->size && used > 0; s->at += used) {
        size_t n = s->size - s->at < WINDOW_BYTES ? (size_t)(s->size - s->at) : WINDOW_BYTES;
        if (!evidence_log_read_at(o->log->entries, s->window, n, s->at))
            return fail_disk(o, "log/entries");
        error = take_window(o, s, n, &used);
    }
    if (error == EVIDENCE_LOG_OK && s->next_head < o->head_count)
        error = fail(
            o, EVIDENCE_LOG_BROKEN,
            "log/entries: entry %llu is damaged or missing, and a checkpoint over %llu entries was signed",
            (unsigned long long)o->log->size, (unsigned long long)o->heads[s->next_head].size);
    if (error == EVIDENCE_LOG_OK && s->size - s->at >= EVIDENCE_FRAME_HEAD + TLOG_ENTRY_MAX + TLOG_HASH_BYTES)
        error = fail(o, EVIDENCE_LOG_BROKEN, "log/entries: entry %llu is damaged, and others follow",
                     (unsigned long long)o->log->size);
    if (error == EVIDENCE_LOG_OK && !cut_off(o->log->entries, s->at, s->size))
        error = fail_disk(o, "log/entries");
    return error;
}

static enum evidence_log_error read_entries(struct opening *o)
{
    struct scan s = {.window = malloc(WINDOW_BYTES)};
    if (s.window == NULL)
        return fail(o, EVIDENCE_LOG_MEMORY, "out of memory");
    enum evidence_log_error error =
        size_of(o->log->entries, &s.size) ? scan_entries(o, &s) : fail_disk(o, "log/entries");
    free(s.window);
    return error;
}

/* What others were given last is of this log as well; it is the newest one, or the one before. */
static enum evidence_log_error check_published(struct opening *o)
{
    struct tlog_note parts;
    struct tlog_checkpoint c;
    struct buf note;
    enum evidence_log_error error = EVIDENCE_LOG_OK;
    buf_init(&note, TLOG_NOTE_MAX);
    if (!evidence_file_get(o->log->root, "log/checkpoint", &note))
        error = errno == ENOENT ? EVIDENCE_LOG_OK : fail_disk(o, "log/checkpoint");
    else if (!tlog_note_split(buf_text(&note), &parts) || !tlog_checkpoint_read(parts.text, &c) ||
             evidence_log_compare(o->log, &c.head) != EVIDENCE_LOG_HELD)
        error = fail(o, EVIDENCE_LOG_BROKEN, "log/checkpoint: it is not of the entries of this log");
    buf_fini(&note);
    return error;
}

/* ---- the files ---- */

static int open_file(const char *root, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", root, name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0440 | S_IWUSR);
}

static enum evidence_log_error open_files(struct opening *o)
{
    struct evidence_log *log = o->log;
    if (!evidence_file_folders(log->root, "log/"))
        return fail_disk(o, "log");
    log->entries = open_file(log->root, "log/entries");
    if (log->entries < 0)
        return fail_disk(o, "log/entries");
    log->checkpoints = open_file(log->root, "log/checkpoints");
    return log->checkpoints >= 0 ? EVIDENCE_LOG_OK : fail_disk(o, "log/checkpoints");
}

enum evidence_log_error evidence_log_open(const char *root, struct evidence_log **out, char *why,
                                          size_t why_size)
{
    struct evidence_log *log = calloc(1, sizeof *log);
    struct opening o = {.log = log, .why = why, .why_size = why_size};
    *out = NULL;
    if (log == NULL)
        return fail(&o, EVIDENCE_LOG_MEMORY, "out of memory");
    log->root = root;
    log->entries = log->checkpoints = -1;
    buf_init(&log->note, TLOG_NOTE_MAX);
    enum evidence_log_error error = open_files(&o);
    if (error == EVIDENCE_LOG_OK)
        error = read_checkpoints(&o);
    if (error == EVIDENCE_LOG_OK)
        error = read_entries(&o);
    if (error == EVIDENCE_LOG_OK)
        error = check_published(&o);
    free(o.heads);
    if (error == EVIDENCE_LOG_OK)
        *out = log;
    else
        evidence_log_close(log);
    return error;
}

void evidence_log_close(struct evidence_log *log)
{
    if (log == NULL)
        return;
    if (log->entries >= 0)
        close(log->entries);
    if (log->checkpoints >= 0)
        close(log->checkpoints);
    for (unsigned level = 0; level < TLOG_TILE_LEVELS; level++)
        free(log->levels[level].hashes);
    free(log->ends);
    buf_fini(&log->note);
    free(log);
}
