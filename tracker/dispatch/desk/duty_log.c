#include "duty_log.h"

#include "json_write.h"

/* Of entries of `actions` and of `shifts`; what an entry does not have is an empty cell. */
static const char *const columns[] = {"id",  "action", "event",   "shift",  "who",   "on", "to",    "state",
                                      "why", "found",  "verdict", "reason", "until", "of", "media", "from"};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool is_formula(struct text cell)
{
    return cell.len > 0 && memchr("=+-@\t\r", cell.data[0], 6) != NULL;
}

void csv_put_cell(struct text cell, struct buf *out)
{
    bool formula = is_formula(cell), quoted = formula;
    for (size_t i = 0; i < cell.len && !quoted; i++)
        quoted = memchr("\",\r\n", cell.data[i], 4) != NULL;
    if (!quoted) {
        buf_put_text(out, cell);
        return;
    }
    buf_puts(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '"')
            buf_put_char(out, '"');
        buf_put_char(out, cell.data[i]);
    }
    buf_put_char(out, '"');
}

void duty_log_csv_head(struct buf *out)
{
    buf_puts(out, "\xef\xbb\xbf"
                  "at");
    for (size_t i = 0; i < COLUMNS; i++) {
        buf_put_char(out, ',');
        buf_puts(out, columns[i]);
    }
    buf_puts(out, "\r\n");
}

void duty_log_csv_row(const struct duty_row *row, struct buf *out)
{
    if (row->at.len > 0)
        csv_put_cell(row->at, out);
    else
        buf_put_i64(out, row->at_ms);
    for (size_t i = 0; i < COLUMNS; i++) {
        buf_put_char(out, ',');
        csv_put_cell(fields_value(row->entry, columns[i]), out);
    }
    buf_puts(out, "\r\n");
}

void duty_log_json_row(const struct duty_row *row, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "at");
    json_write_i64(&w, row->at_ms);
    for (size_t i = 0; i < COLUMNS; i++) {
        struct text value = fields_value(row->entry, columns[i]);
        if (value.len == 0)
            continue;
        json_write_key(&w, columns[i]);
        json_write_string(&w, value);
    }
    json_write_end_object(&w);
}
