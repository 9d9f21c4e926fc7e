/*
 * rows_file: a sheet of rows in a file that has no name, as CSV or as a workbook, for whoever asked for it to be sent.
 *
 * Who knows the rows (the loop) and who writes them (a thread) hand over buffers of cells, a bounded number of rows at a
 * time. The file lies in TMPDIR, else /tmp, and is gone with its descriptor, however the process ends. It has a bound.
 */
#ifndef MW_ROWS_FILE_H
#define MW_ROWS_FILE_H

#include "buf.h"

/* A workbook's sheet has no more, with its heading. */
enum { ROWS_FILE_ROWS_MAX = 1048576 };
#define ROWS_FILE_BYTES_MAX ((uint64_t)512 << 20)

enum rows_form { ROWS_CSV, ROWS_XLSX };

/* ---- cells, into a buffer ---- */
void row_put_heading(struct buf *rows, struct text cell);
void row_put_text(struct buf *rows, struct text cell);             /* empty: an empty cell */
void row_put_number(struct buf *rows, double value, int decimals); /* not finite: an empty cell */
void row_end(struct buf *rows);

/* ---- the file ---- */
struct rows_file;

/* NULL without memory, descriptors or disk. `sheet` names the sheet of a workbook. */
struct rows_file *rows_file_new(enum rows_form form, const char *sheet);
/* Writes whole rows. False when that failed; rows_file_why says what. */
bool rows_file_put(struct rows_file *f, struct text rows);
/* After the last row. */
bool rows_file_end(struct rows_file *f);
/* After that: the descriptor, which is the caller's then, and its length. */
int rows_file_take(struct rows_file *f, uint64_t *out_length);
const char *rows_file_why(const struct rows_file *f);
/* Takes NULL. */
void rows_file_free(struct rows_file *f);

#endif
