#include "xlsx.h"

#include "json_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <xlsxwriter.h>

/* Excel's bound of a cell, in characters; so many bytes are no more. */
enum { CELL_MAX = 32767, CHARACTER_MAX = 4, HEADINGS_WIDTH = 14 };

struct xlsx {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *heading;
    char *path;
    lxw_error error; /* the first */
};

struct xlsx *xlsx_open(const char *path, const char *sheet)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    struct xlsx *x = calloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    x->path = strdup(path);
    x->book = x->path != NULL ? workbook_new_opt(path, &options) : NULL;
    x->sheet = x->book != NULL ? workbook_add_worksheet(x->book, sheet) : NULL;
    x->heading = x->sheet != NULL ? workbook_add_format(x->book) : NULL;
    if (x->heading == NULL) {
        if (x->book != NULL)
            lxw_workbook_free(x->book);
        free(x->path);
        free(x);
        return NULL;
    }
    format_set_bold(x->heading);
    format_set_text_wrap(x->heading);
    worksheet_set_column(x->sheet, 0, LXW_COL_MAX - 1, HEADINGS_WIDTH, NULL);
    worksheet_freeze_panes(x->sheet, 1, 1);
    return x;
}

static void keep(struct xlsx *x, lxw_error error)
{
    if (x->error == LXW_NO_ERROR)
        x->error = error;
}

static void put(struct xlsx *x, uint32_t row, uint16_t column, const struct text *text, lxw_format *format)
{
    char cell[CELL_MAX + 1];
    size_t len = 0;
    const char *p = text->data, *end = text->data + text->len;
    /* Whole characters; what is none would make a file that nobody opens. */
    while (p < end && len + CHARACTER_MAX <= CELL_MAX) {
        size_t n = (unsigned char)*p < 0x80 ? 1 : json_utf8_length(p, end);
        if (n == 0)
            cell[len++] = '?';
        for (size_t i = 0; i < n; i++)
            cell[len++] = p[i];
        p += n > 0 ? n : 1;
    }
    cell[len] = '\0';
    keep(x, worksheet_write_string(x->sheet, row, column, cell, format));
}

void xlsx_put_text(struct xlsx *x, uint32_t row, uint16_t column, struct text text)
{
    put(x, row, column, &text, NULL);
}

void xlsx_put_heading(struct xlsx *x, uint32_t row, uint16_t column, struct text text)
{
    put(x, row, column, &text, x->heading);
}

void xlsx_put_number(struct xlsx *x, uint32_t row, uint16_t column, double value)
{
    keep(x, worksheet_write_number(x->sheet, row, column, value, NULL));
}

bool xlsx_close(struct xlsx *x, char *why, size_t why_size)
{
    keep(x, workbook_close(x->book)); /* frees it, whatever the outcome */
    bool ok = x->error == LXW_NO_ERROR;
    if (!ok) {
        snprintf(why, why_size, "%s: %s", x->path, lxw_strerror(x->error));
        unlink(x->path);
    }
    free(x->path);
    free(x);
    return ok;
}
