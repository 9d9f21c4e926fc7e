#include "rejects.h"

#include "array.h"
#include "csv_cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool rejects_add(struct rejects *r, uint32_t line, struct text raw, const char *format, ...)
{
    va_list values;
    if (!array_reserve(&r->items, &r->cap, r->count + 1, sizeof *r->items))
        return false;
    struct reject *item = &r->items[r->count++];
    item->line = line;
    item->raw = raw;
    va_start(values, format);
    vsnprintf(item->reason, sizeof item->reason, format, values);
    va_end(values);
    return true;
}

static int by_line(const void *a, const void *b)
{
    const struct reject *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->raw.data > y->raw.data) - (x->raw.data < y->raw.data);
}

void rejects_sort(struct rejects *r)
{
    if (r->count > 0)
        qsort(r->items, r->count, sizeof *r->items, by_line);
}

void rejects_write(const struct rejects *r, struct buf *out)
{
    buf_puts(out, CSV_BEGIN "\"line\",\"reason\",\"record\"" CSV_ROW_END);
    for (size_t i = 0; i < r->count; i++) {
        csv_put_number(out, r->items[i].line, 0);
        buf_put_char(out, ',');
        csv_put_text(out, text_of(r->items[i].reason));
        buf_put_char(out, ',');
        csv_put_text(out, r->items[i].raw);
        buf_puts(out, CSV_ROW_END);
    }
}

void rejects_fini(struct rejects *r)
{
    free(r->items);
    *r = (struct rejects){0};
}
