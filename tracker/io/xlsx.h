/*
 * xlsx: a workbook of one sheet, written row by row in constant memory. The only file that knows libxlsxwriter.
 */
#ifndef MW_XLSX_H
#define MW_XLSX_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xlsx;

/* NULL without memory. The file is written when it is closed. */
struct xlsx *xlsx_open(const char *path, const char *sheet);
/* Rows from the first on; a row that was left is on its way to the disk. A text is never a formula. */
void xlsx_put_text(struct xlsx *x, uint32_t row, uint16_t column, struct text text);
void xlsx_put_heading(struct xlsx *x, uint32_t row, uint16_t column, struct text text);
void xlsx_put_number(struct xlsx *x, uint32_t row, uint16_t column, double value);
/* Writes it and lets go. False, with a sentence, where it could not be written whole: then there is no file. */
bool xlsx_close(struct xlsx *x, char *why, size_t why_size);

#endif
