#include "csv_cells.h"

#include <string.h>

void csv_put_text(struct buf *out, struct text cell)
{
    bool guard = cell.len > 0 && memchr("=+-@\t\r", cell.data[0], 6) != NULL;
    buf_put_char(out, '"');
    if (guard)
        buf_put_char(out, '\'');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '"')
            buf_put_char(out, '"');
        buf_put_char(out, cell.data[i]);
    }
    buf_put_char(out, '"');
}

void csv_put_number(struct buf *out, double value, int decimals)
{
    buf_put_char(out, '"');
    buf_put_fixed(out, value, decimals);
    buf_put_char(out, '"');
}
