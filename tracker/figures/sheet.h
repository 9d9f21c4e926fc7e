/*
 * sheet: a tally as rows and columns, and written down: for a terminal, as CSV, as JSON.
 *
 * Column 0 is the key. Then come the figures: the value; where it is of something also `n`, what stands below its line; and
 * where some of that is not known how many that are. The last row is the total.
 */
#ifndef MW_SHEET_H
#define MW_SHEET_H

#include "tally.h"

struct sheet {
    struct tally *tally;
    enum tally_by by;
    enum figure_language language;
    size_t rows; /* tally_count */
};

struct sheet_cell {
    enum { SHEET_EMPTY, SHEET_TEXT, SHEET_NUMBER } type;
    struct text text; /* borrowed from the tally, or for ever */
    double number;
    int decimals;
};

size_t sheet_columns(void);
/* Appends. */
void sheet_heading(const struct sheet *sheet, size_t column, struct buf *out);
struct sheet_cell sheet_at(const struct sheet *sheet, size_t row, size_t column);

/* A table for each group of figures, in columns as a terminal shows them. */
void sheet_put_table(const struct sheet *sheet, struct buf *out);
/* As csv.h has it. */
void sheet_put_csv(const struct sheet *sheet, struct buf *out);
/* Two members of an object: "rows", a list, and "total". */
void sheet_put_json(const struct sheet *sheet, struct buf *out);

/* How many columns of a terminal a text takes. */
size_t sheet_width(struct text text);

#endif
