/* file_text: a whole file into memory, within a bound. */
#ifndef MW_FILE_TEXT_H
#define MW_FILE_TEXT_H

#include "buf.h"
#include "problem.h"

#include <stdbool.h>

/*
 * Appends the file's bytes to `out`. False, with the reason and the path in the problem, when it cannot be
 * opened or read, is a directory, or has more than the buffer's limit allows. Blocks; not for the loop.
 */
bool file_text_read(const char *path, struct buf *out, struct problem *out_problem);

#endif
