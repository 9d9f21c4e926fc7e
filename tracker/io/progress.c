#include "progress.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR_CELLS = 30, LINE_MAX = 160 };

static bool drawn;

void progress_write(struct buf *out, double share, const char *what)
{
    double within = share > 0 ? share < 1 ? share : 1 : 0; /* no number: none is done */
    int full = (int)(within * BAR_CELLS);
    buf_put_char(out, '[');
    for (int i = 0; i < BAR_CELLS; i++)
        buf_put_char(out, i < full ? '#' : '.');
    buf_printf(out, "] %3d %% %s", (int)(within * 100), what);
}

/* \r and CSI K: the line is written over, and what is left of a longer one goes. */
void progress_draw(double share, const char *what)
{
    char text[LINE_MAX];
    struct buf line = {.data = text, .cap = sizeof text, .limit = sizeof text};
    if (!isatty(STDERR_FILENO))
        return;
    progress_write(&line, share, what);
    fprintf(stderr, "\r%.*s\033[K", (int)line.len, line.data);
    drawn = true;
}

void progress_clear(void)
{
    if (drawn)
        fputs("\r\033[K", stderr);
    drawn = false;
}
