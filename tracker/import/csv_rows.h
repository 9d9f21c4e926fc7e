/*
 * csv_rows: a file of comma-separated values, row by row, each with the line on which it begins.
 *
 * libcsv takes the cells apart; this adds lines, the byte order mark and bounds. Rows end with LF, CRLF or CR; a cell in
 * quotation marks may hold any of them. Empty lines are passed over. Quotation marks that stand wrong within a cell are
 * taken as they are; one that nothing closes is an error, since it has swallowed all that follows.
 */
#ifndef MW_CSV_ROWS_H
#define MW_CSV_ROWS_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* Cells of one row. */
#define CSV_CELLS_MAX 4096

struct csv_row {
    uint32_t line; /* from 1 */
    size_t count;
    const struct text *cells; /* valid until the next row */
    struct text raw;          /* as the file has it, without its end; borrowed from the text */
};

enum csv_rows_status {
    CSV_ROWS_OK,
    CSV_ROWS_STOPPED,    /* `row` said false */
    CSV_ROWS_OPEN_QUOTE, /* a quotation mark that nothing closes */
    CSV_ROWS_TOO_WIDE,   /* more cells in a row than CSV_CELLS_MAX */
    CSV_ROWS_NO_MEMORY
};

/* Hands over all rows in turn. *out_line is that of the row in hand when something is wrong. */
enum csv_rows_status csv_rows_read(struct text text, bool (*row)(void *context, const struct csv_row *row),
                                   void *context, uint32_t *out_line);
/* In words, for whoever has the file. */
const char *csv_rows_status_text(enum csv_rows_status status);

#endif
