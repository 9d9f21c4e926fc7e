/*
 * csv_cells: cells as RFC 4180 has them, for spreadsheets: a file begins with a byte order mark, every cell stands in quotation
 * marks, and one that a spreadsheet would take for a formula gets an apostrophe before it.
 */
#ifndef MW_CSV_CELLS_H
#define MW_CSV_CELLS_H

#include "buf.h"

#define CSV_BEGIN   "\xef\xbb\xbf"
#define CSV_ROW_END "\r\n"

void csv_put_text(struct buf *out, struct text cell);
void csv_put_number(struct buf *out, double value, int decimals);

#endif
