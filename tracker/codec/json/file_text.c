#include "file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Straight into the buffer, which fails where there is more than it may hold. */
static void read_all(FILE *f, struct buf *out)
{
    enum { FIRST_BYTES = 4096, PIECE_BYTES = 1 << 20 };
    for (size_t want = FIRST_BYTES;; want = PIECE_BYTES) {
        size_t left = out->limit - out->len, room = want < left ? want : left;
        char *at = buf_reserve(out, room);
        if (room == 0)
            out->failed = getc(f) != EOF;
        if (at == NULL || room == 0)
            return;
        size_t n = fread(at, 1, room, f);
        out->len += n;
        if (n < room)
            return;
    }
}

/* Without waiting for anybody: a FIFO has no end until somebody writes, and a device may have none at all. */
static FILE *open_regular(const char *path, struct stat *out_status, struct problem *out_problem)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    FILE *f = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (f == NULL || fstat(fd, out_status) != 0) {
        problem_set(out_problem, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(out_status->st_mode)) {
        problem_set(out_problem, "%s: not a regular file, but %s", path,
                    S_ISDIR(out_status->st_mode)    ? "a folder"
                    : S_ISFIFO(out_status->st_mode) ? "a FIFO"
                                                    : "a device");
    } else {
        return f;
    }
    if (f != NULL)
        fclose(f);
    else if (fd >= 0)
        close(fd);
    return NULL;
}

bool file_text_read(const char *path, struct buf *out, struct problem *out_problem)
{
    struct stat status;
    FILE *f = open_regular(path, &status, out_problem);
    if (f == NULL)
        return false;
    read_all(f, out);
    int reason = ferror(f) ? errno : 0;
    fclose(f);
    if (reason != 0)
        problem_set(out_problem, "%s: %s", path, strerror(reason));
    else if (!buf_ok(out))
        problem_set(out_problem, "%s: larger than %zu MiB", path, out->limit >> 20);
    return reason == 0 && buf_ok(out);
}

/* A group may share it, as that of a service does. */
static bool is_ours(const char *path, const struct stat *status, struct problem *out_problem)
{
    bool ours = (status->st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) == 0;
    if (!ours)
        problem_set(out_problem, "%s: others can read or change it; chmod 600 or 640", path);
    return ours;
}

bool file_text_is_secret(const char *path, struct problem *out_problem)
{
    struct stat status;
    FILE *f = open_regular(path, &status, out_problem);
    if (f != NULL)
        fclose(f);
    return f != NULL && is_ours(path, &status, out_problem);
}

bool file_text_read_secret(const char *path, char *out, size_t cap, struct problem *out_problem)
{
    struct stat status;
    FILE *f = open_regular(path, &status, out_problem);
    if (f == NULL)
        return false;
    bool ours = is_ours(path, &status, out_problem);
    bool read = ours && fgets(out, (int)cap, f) != NULL;
    size_t len = read ? strcspn(out, "\r\n") : 0;
    bool whole = read && (out[len] != '\0' || getc(f) == EOF);
    fclose(f);
    out[whole ? len : 0] = '\0';
    if (ours && (!whole || len == 0))
        problem_set(out_problem, "%s: expected a password of at most %zu bytes in its first line", path,
                    cap - 2);
    return whole && len > 0;
}

/* By a mark, or by the zero beside the first character, which is ASCII in all that is read here. */
static bool is_wide(struct text bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.data;
    if (bytes.len < 2)
        return false;
    return (p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff) || (p[0] == 0) != (p[1] == 0);
}

const char *file_text_body(struct text bytes, struct text *out)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t n =
        bytes.len >= sizeof mark - 1 && memcmp(bytes.data, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    if (is_wide(bytes))
        return "the file is UTF-16 or UTF-32: save it as UTF-8";
    *out = n > 0 ? (struct text){bytes.data + n, bytes.len - n} : bytes;
    return NULL;
}
