/*
 * line_reader: lines from a stream, each within a bound.
 *
 * A line that is too long is not lost from sight: its beginning is handed out with `cut` set, and the rest of
 * it is skipped, so that the reader can refuse it and go on.
 */
#ifndef MW_LINE_READER_H
#define MW_LINE_READER_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct line_reader {
    FILE *in;
    char *bytes;
    size_t cap;      /* longest line */
    uint64_t number; /* of the line handed out, from 1 */
    bool cut;
};

/* Reads from `in`, which stays the caller's. False without memory. */
bool line_reader_init(struct line_reader *r, FILE *in, size_t longest);
void line_reader_fini(struct line_reader *r);
/* The next line without its end (LF or CRLF); valid until the next call. False at the end or on a read error.
 * */
bool line_reader_next(struct line_reader *r, struct text *out_line);

#endif
