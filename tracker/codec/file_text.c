#include "file_text.h"

#include <errno.h>
#include <stdio.h>

bool file_text_read(const char *path, struct buf *out, struct problem *out_problem)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        problem_set(out_problem, "%s: %s", path, strerror(errno));
        return false;
    }
    char chunk[16384];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0 && buf_ok(out))
        buf_put(out, chunk, n);
    int reason = ferror(f) ? errno : 0;
    fclose(f);
    if (reason != 0)
        problem_set(out_problem, "%s: %s", path, strerror(reason));
    else if (!buf_ok(out))
        problem_set(out_problem, "%s: larger than %zu MiB", path, out->limit >> 20);
    return reason == 0 && buf_ok(out);
}
