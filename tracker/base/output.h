/* output: what a program prints whole, and the end of it. */
#ifndef MW_OUTPUT_H
#define MW_OUTPUT_H

#include "buf.h"

/*
 * Writes out what standard output still holds. Returns `code`, or EX_IOERR after a line on standard error where
 * the code was EX_OK and something that was printed could not be written: a file that was cut off must not pass
 * for a whole one.
 */
int output_end(const char *program, int code);

/* Prints what `write` makes, at most OUTPUT_MAX bytes: EX_OK, or EX_OSERR where memory ran out. */
enum { OUTPUT_MAX = 1 << 20 };
int output_made(bool (*write)(struct buf *out));

#endif
