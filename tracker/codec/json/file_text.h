/* file_text: a whole file into memory, within a bound, as UTF-8. */
#ifndef MW_FILE_TEXT_H
#define MW_FILE_TEXT_H

#include "buf.h"
#include "problem.h"

#include <stdbool.h>

/*
 * Appends the file's bytes to `out`. False, with the reason and the path in the problem, when it cannot be
 * opened or read, is no regular file (it does not wait for one), or has more than the buffer's limit allows.
 * Blocks for as long as the disk takes; not for the loop.
 */
bool file_text_read(const char *path, struct buf *out, struct problem *out_problem);
/* The first line of a file with a password, ended by a zero. False as above, and where others than its owner
 * and group can read it, or others than its owner change it, or where the line is empty or does not fit. */
bool file_text_read_secret(const char *path, char *out, size_t cap, struct problem *out_problem);
/* Whether it is there and kept so: for a key that a library reads. */
bool file_text_is_secret(const char *path, struct problem *out_problem);

/*
 * The text behind a byte order mark of UTF-8, which Windows' programs put in front, or all of it. NULL, or
 * what is wrong: it is UTF-16 or UTF-32.
 */
const char *file_text_body(struct text bytes, struct text *out);

#endif
