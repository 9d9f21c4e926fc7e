/* output: the end of what a program prints. */
#ifndef MW_OUTPUT_H
#define MW_OUTPUT_H

/*
 * Writes out what standard output still holds. Returns `code`, or EX_IOERR after a line on standard error where
 * the code was EX_OK and something that was printed could not be written: a file that was cut off must not pass
 * for a whole one.
 */
int output_end(const char *program, int code);

#endif
