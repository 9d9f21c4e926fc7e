/*
 * Each step that a kill may come behind passes `version_step` (failpoint.h), so that a test can let it.
 */
#include "version_folder.h"

#include "failpoint.h"
#include "fd_whole.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 4096, READABLE = 0644, ENTERABLE = 0755 };

static bool fail(char *why, const char *what, const char *path)
{
    snprintf(why, VERSION_WHY_MAX, "%s %.160s: %s", what, path, strerror(errno));
    return false;
}

/* Each name is short, and a folder's path that does not fit is found by whoever opens it. */
static const char *path_of(char out[PATH_MAX_BYTES], const char *dir, const char *name)
{
    if (snprintf(out, PATH_MAX_BYTES, "%s/%s", dir, name) >= PATH_MAX_BYTES)
        out[0] = '\0';
    return out;
}

/* Whole and on the disk, and others may read it, whatever the mask is: the tracker is another user. */
static bool write_file(const char *path, struct text bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, READABLE);
    if (fd < 0)
        return false;
    bool ok = fchmod(fd, READABLE) == 0 && fd_write_whole(fd, bytes) && fsync(fd) == 0;
    int reason = errno;
    close(fd);
    errno = reason;
    failpoint_pass("version_step");
    return ok;
}

bool version_name_valid(struct text name)
{
    if (name.len == 0 || name.len > VERSION_NAME_MAX || name.data[0] == '.' ||
        text_equal(name, TEXT(VERSION_ABOUT)))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] == '/' || (unsigned char)name.data[i] < ' ')
            return false;
    return true;
}

/* A number as folders are called; 0: it is none. */
static uint64_t number_of(const char *name)
{
    char *end;
    if (name[0] < '1' || name[0] > '9' || strlen(name) > 15)
        return 0;
    unsigned long long n = strtoull(name, &end, 10);
    return *end == '\0' ? n : 0;
}

uint64_t version_folder_now(const char *dir)
{
    char path[PATH_MAX_BYTES], target[32];
    ssize_t n = readlink(path_of(path, dir, "now"), target, sizeof target - 1);
    target[n > 0 ? n : 0] = '\0';
    return number_of(target);
}

static int newer_first(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left < right) - (left > right);
}

size_t version_folder_list(const char *dir, uint64_t out[VERSIONS_MAX])
{
    size_t count = 0;
    DIR *d = opendir(dir);
    const struct dirent *e;
    while (d != NULL && count < VERSIONS_MAX && (e = readdir(d)) != NULL)
        if (number_of(e->d_name) != 0)
            out[count++] = number_of(e->d_name);
    if (d != NULL)
        closedir(d);
    qsort(out, count, sizeof *out, newer_first);
    return count;
}

/* Of a file that is larger than the buffer may grow nothing is had. */
static bool read_into(const char *path, struct buf *out)
{
    enum { PIECE = 1 << 16 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    bool fits = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                (uint64_t)status.st_size <= out->limit - out->len;
    ssize_t n = fits ? 1 : -1;
    while (n > 0) {
        size_t left = out->limit - out->len, want = left < PIECE ? left : PIECE;
        char *at = want > 0 ? buf_reserve(out, want) : NULL;
        n = at != NULL ? read(fd, at, want) : want > 0 ? -1 : 0;
        out->len += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    return n == 0;
}

bool version_folder_read(const char *dir, uint64_t number, struct text name, struct buf *out)
{
    char path[PATH_MAX_BYTES], rest[VERSION_NAME_MAX + 32];
    bool about = text_equal(name, TEXT(VERSION_ABOUT));
    if (number == 0 || (!about && !version_name_valid(name)))
        return false;
    snprintf(rest, sizeof rest, "%llu/%.*s", (unsigned long long)number, TEXT_ARG(name));
    return read_into(path_of(path, dir, rest), out);
}

/* ---- taking away ---- */

/* A folder of files, and no more than that. */
static void remove_folder(const char *dir, const char *name)
{
    char path[PATH_MAX_BYTES], file[PATH_MAX_BYTES];
    DIR *d = opendir(path_of(path, dir, name));
    const struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            unlink(path_of(file, path, e->d_name));
    if (d != NULL)
        closedir(d);
    rmdir(path);
}

static void remove_number(const char *dir, uint64_t number)
{
    char from[32], to[40], path[PATH_MAX_BYTES], part[PATH_MAX_BYTES];
    snprintf(from, sizeof from, "%llu", (unsigned long long)number);
    snprintf(to, sizeof to, "%s.part", from);
    /* Half a version would look like a whole one: it loses its name first. */
    if (rename(path_of(path, dir, from), path_of(part, dir, to)) == 0)
        remove_folder(dir, to);
}

static void remove_parts(const char *dir)
{
    char path[PATH_MAX_BYTES];
    DIR *d = opendir(dir);
    const struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL) {
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 5, ".part") != 0)
            continue;
        if (unlink(path_of(path, dir, e->d_name)) != 0)
            remove_folder(dir, e->d_name);
    }
    if (d != NULL)
        closedir(d);
}

void version_folder_trim(const char *dir, size_t kept)
{
    static uint64_t numbers[VERSIONS_MAX];
    uint64_t now = version_folder_now(dir);
    size_t count = version_folder_list(dir, numbers);
    for (size_t i = kept; i < count; i++)
        if (numbers[i] != now)
            remove_number(dir, numbers[i]);
}

/* ---- a new one ---- */

static bool fill(const char *part, const struct version_file *files, size_t count, char *why)
{
    char path[PATH_MAX_BYTES], name[VERSION_NAME_MAX + 1];
    if (mkdir(part, ENTERABLE) != 0 || chmod(part, ENTERABLE) != 0)
        return fail(why, "make", part);
    failpoint_pass("version_step");
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%.*s", TEXT_ARG(files[i].name));
        if (!write_file(path_of(path, part, name), files[i].bytes))
            return fail(why, "write", path);
    }
    return folder_sync(part) || fail(why, "sync", part);
}

uint64_t version_folder_put(const char *dir, const struct version_file *files, size_t count,
                            char why[VERSION_WHY_MAX])
{
    static uint64_t numbers[VERSIONS_MAX];
    char name[32], path[PATH_MAX_BYTES], part[PATH_MAX_BYTES];
    remove_parts(dir);
    uint64_t number = version_folder_list(dir, numbers) > 0 ? numbers[0] + 1 : 1;
    snprintf(name, sizeof name, "%llu", (unsigned long long)number);
    path_of(path, dir, name);
    snprintf(name, sizeof name, "%llu.part", (unsigned long long)number);
    path_of(part, dir, name);
    if (!fill(part, files, count, why)) {
        remove_folder(dir, name);
        return 0;
    }
    if (rename(part, path) != 0 || !folder_sync(dir)) {
        fail(why, "name", path);
        return 0;
    }
    failpoint_pass("version_step");
    return number;
}

bool version_folder_use(const char *dir, uint64_t number, char why[VERSION_WHY_MAX])
{
    char name[32], part[PATH_MAX_BYTES], now[PATH_MAX_BYTES];
    snprintf(name, sizeof name, "%llu", (unsigned long long)number);
    path_of(part, dir, "now.part");
    path_of(now, dir, "now");
    unlink(part);
    if (symlink(name, part) != 0)
        return fail(why, "link", part);
    failpoint_pass("version_step");
    if (rename(part, now) != 0)
        return fail(why, "name", now);
    failpoint_pass("version_step");
    return folder_sync(dir) || fail(why, "sync", dir);
}

/* ---- what is not settled ---- */

bool version_folder_ask(const char *dir, struct text words, char why[VERSION_WHY_MAX])
{
    char part[PATH_MAX_BYTES], path[PATH_MAX_BYTES];
    path_of(part, dir, "asked.part");
    path_of(path, dir, "asked");
    bool ok = words.len == 0 ? unlink(path) == 0 || errno == ENOENT
                             : write_file(part, words) && rename(part, path) == 0;
    failpoint_pass("version_step");
    return (ok && folder_sync(dir)) || fail(why, "write", path);
}

bool version_folder_asked(const char *dir, struct buf *out)
{
    char path[PATH_MAX_BYTES];
    buf_clear(out);
    return read_into(path_of(path, dir, "asked"), out) && buf_ok(out) && out->len > 0;
}
