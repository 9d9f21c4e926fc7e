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

/* ---- a page ---- */

static const struct {
    const char *column, *heading;
} shown[] = {{"who", "人员 Who"},         {"action", "处置 Action"}, {"event", "值班 Watch"},
             {"id", "报警 Alert"},        {"state", "状态 State"},   {"to", "交予 To"},
             {"verdict", "复核 Verdict"}, {"reason", "原因 Reason"}, {"found", "查实 Found"},
             {"why", "说明 Why"}};

static void put_html(struct text t, struct buf *out)
{
    for (size_t i = 0; i < t.len; i++)
        switch (t.data[i]) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        default:
            buf_put_char(out, t.data[i]);
        }
}

void duty_log_html_head(struct text day, struct text zone, struct buf *out)
{
    buf_puts(out,
             "<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>值班台账 Duty log ");
    put_html(day, out);
    buf_puts(out, "</title></head><body>\n<h1>值班台账 Duty log ");
    put_html(day, out);
    buf_puts(out, "</h1>\n<p>");
    put_html(zone, out);
    buf_puts(out,
             "</p>\n<table border=\"1\" cellspacing=\"0\" cellpadding=\"3\"><thead><tr><th>时间 Time</th>");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        buf_printf(out, "<th>%s</th>", shown[i].heading);
    buf_puts(out, "</tr></thead><tbody>\n");
}

void duty_log_html_row(const struct duty_row *row, struct buf *out)
{
    buf_puts(out, "<tr><td>");
    put_html(row->at, out);
    buf_puts(out, "</td>");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        buf_puts(out, "<td>");
        put_html(fields_value(row->entry, shown[i].column), out);
        buf_puts(out, "</td>");
    }
    buf_puts(out, "</tr>\n");
}

void duty_log_html_end(struct buf *out)
{
    buf_puts(out, "</tbody></table>\n</body></html>\n");
}
