#include "line_reader.h"

#include <stdlib.h>

bool line_reader_init(struct line_reader *r, FILE *in, size_t longest)
{
    *r = (struct line_reader){.in = in, .cap = longest};
    r->bytes = malloc(longest + 2);
    return r->bytes != NULL;
}

void line_reader_fini(struct line_reader *r)
{
    free(r->bytes);
    r->bytes = NULL;
}

static void skip_rest(FILE *in)
{
    int c;
    while ((c = getc(in)) != EOF && c != '\n')
        ;
}

bool line_reader_next(struct line_reader *r, struct text *out_line)
{
    size_t n = 0;
    int c = EOF;
    flockfile(r->in);
    while (n <= r->cap && (c = getc_unlocked(r->in)) != EOF && c != '\n')
        r->bytes[n++] = (char)c;
    funlockfile(r->in);
    if (c == EOF && n == 0)
        return false;
    r->cut = n > r->cap;
    if (r->cut) {
        n = r->cap;
        skip_rest(r->in);
    } else if (n > 0 && r->bytes[n - 1] == '\r') {
        n--;
    }
    r->number++;
    *out_line = (struct text){r->bytes, n};
    return true;
}
