/* import_files: what the words of `muckctl import` have in common: files in and out, what is told, and how it ends. */
#include "clock.h"
#include "file_text.h"
#include "import_words.h"
#include "progress.h"
#include "whole_file.h"

#include <math.h>
#include <stdio.h>
#include <sysexits.h>

enum { DRAW_EVERY_MS = 200 };

/* Of all that a table has, so much may fall out. */
static const double fallen_max = 0.05;

int import_read(const char *command, const char *path, struct buf *out)
{
    struct problem problem;
    static const size_t file_max = (size_t)256 << 20;
    buf_init(out, file_max);
    if (file_text_read(path, out, &problem))
        return EX_OK;
    fprintf(stderr, "%s: %s\n", command, problem.text);
    return EX_NOINPUT;
}

int import_tell_rejects(const char *command, const char *table, const char *path,
                        const struct rejects *rejects)
{
    if (path == NULL) {
        for (size_t i = 0; i < rejects->count; i++)
            fprintf(stderr, "%s:%u: %s\n", table, (unsigned)rejects->items[i].line, rejects->items[i].reason);
        return EX_OK;
    }
    struct buf out;
    buf_init(&out, SIZE_MAX);
    rejects_write(rejects, &out);
    int code = buf_ok(&out) ? whole_file_put(command, path, buf_text(&out), IMPORT_FILE_MODE) : EX_OSERR;
    buf_fini(&out);
    return code;
}

int import_end(size_t all, size_t fallen)
{
    return (double)fallen > fallen_max * (double)all ? 1 : EX_OK;
}

bool import_box(const char *text, double out[4])
{
    int used = 0;
    if (sscanf(text, "%lf,%lf,%lf,%lf%n", &out[0], &out[1], &out[2], &out[3], &used) != 4 ||
        text[used] != '\0')
        return false;
    return fabs(out[0]) <= 180 && fabs(out[2]) <= 180 && fabs(out[1]) <= 90 && fabs(out[3]) <= 90 &&
           out[0] < out[2] && out[1] < out[3];
}

bool import_crs(const char *word, struct text *out)
{
    *out = word != NULL ? text_of(word) : TEXT("");
    if (text_equal(*out, TEXT("wgs84")))
        *out = TEXT("");
    return out->len == 0 || text_equal(*out, TEXT("gcj02")) || text_equal(*out, TEXT("bd09"));
}

void import_progress(void *context, double share)
{
    int64_t *drawn_ms = context, now_ms = clock_mono().ms;
    if (now_ms - *drawn_ms < DRAW_EVERY_MS)
        return;
    *drawn_ms = now_ms;
    progress_draw(share, "read");
}
