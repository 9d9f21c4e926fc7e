#include "file_text.h"

#include <errno.h>
#include <stdio.h>

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

bool file_text_read(const char *path, struct buf *out, struct problem *out_problem)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        problem_set(out_problem, "%s: %s", path, strerror(errno));
        return false;
    }
    read_all(f, out);
    int reason = ferror(f) ? errno : 0;
    fclose(f);
    if (reason != 0)
        problem_set(out_problem, "%s: %s", path, strerror(reason));
    else if (!buf_ok(out))
        problem_set(out_problem, "%s: larger than %zu MiB", path, out->limit >> 20);
    return reason == 0 && buf_ok(out);
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
