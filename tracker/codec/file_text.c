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
