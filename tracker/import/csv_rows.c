#include "csv_rows.h"

#include "array.h"
#include "buf.h"

#include <csv.h>
#include <stdlib.h>

struct reading {
    bool (*row)(void *context, const struct csv_row *row);
    void *context;
    enum csv_rows_status status;
    struct buf bytes; /* of the row's cells, one after the other */
    size_t *ends;     /* of each cell in `bytes` */
    size_t count, cap;
    struct text cells[CSV_CELLS_MAX];
    struct csv_row now;
    bool begun;         /* a row that has not ended yet */
    const char *so_far; /* end of the piece in hand */
};

static void take_cell(void *cell, size_t len, void *context)
{
    struct reading *r = context;
    if (r->status != CSV_ROWS_OK)
        return;
    if (r->count == CSV_CELLS_MAX) {
        r->status = CSV_ROWS_TOO_WIDE;
        return;
    }
    if (len > 0)
        buf_put(&r->bytes, cell, len);
    if (!buf_ok(&r->bytes) || !array_reserve(&r->ends, &r->cap, r->count + 1, sizeof *r->ends)) {
        r->status = CSV_ROWS_NO_MEMORY;
        return;
    }
    r->ends[r->count++] = r->bytes.len;
}

static struct text without_end(const char *from, const char *to)
{
    while (to > from && (to[-1] == '\n' || to[-1] == '\r'))
        to--;
    return (struct text){from, (size_t)(to - from)};
}

static void end_row(int terminator, void *context)
{
    struct reading *r = context;
    (void)terminator;
    r->begun = false;
    if (r->status != CSV_ROWS_OK)
        return;
    size_t from = 0;
    for (size_t i = 0; i < r->count; i++) {
        r->cells[i] = (struct text){r->bytes.len > 0 ? r->bytes.data + from : "", r->ends[i] - from};
        from = r->ends[i];
    }
    r->now.cells = r->cells;
    r->now.count = r->count;
    r->now.raw = without_end(r->now.raw.data, r->so_far);
    if (r->count > 0 && !r->row(r->context, &r->now))
        r->status = CSV_ROWS_STOPPED;
    r->count = 0;
    buf_clear(&r->bytes);
}

/* The end of the line that begins at `at`, its line end included. */
static const char *line_end(const char *at, const char *end)
{
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    if (at < end && *at++ == '\r' && at < end && *at == '\n')
        at++;
    return at;
}

static bool is_blank(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at == end;
}

/* Line by line, so that the line of each row is known. */
static void read_lines(struct reading *r, struct csv_parser *parser, struct text text)
{
    uint32_t line = 1;
    const char *end = text.data + text.len;
    for (const char *at = text.data; at < end && r->status == CSV_ROWS_OK; line++) {
        r->so_far = line_end(at, end);
        if (!r->begun && !is_blank(at, r->so_far)) {
            r->begun = true;
            r->now.line = line;
            r->now.raw.data = at;
        }
        size_t len = (size_t)(r->so_far - at);
        if (r->begun && csv_parse(parser, at, len, take_cell, end_row, r) != len && r->status == CSV_ROWS_OK)
            r->status = CSV_ROWS_NO_MEMORY;
        at = r->so_far;
    }
    /* An open mark is told of in strict mode alone, which would refuse marks within cells too. */
    csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI);
    if (r->status == CSV_ROWS_OK && csv_fini(parser, take_cell, end_row, r) != 0)
        r->status = csv_error(parser) == CSV_EPARSE ? CSV_ROWS_OPEN_QUOTE : CSV_ROWS_NO_MEMORY;
}

enum csv_rows_status csv_rows_read(struct text text, bool (*row)(void *context, const struct csv_row *row),
                                   void *context, uint32_t *out_line)
{
    static const size_t step_bytes = 4096;
    struct csv_parser parser;
    struct reading *r = calloc(1, sizeof *r);
    *out_line = 0;
    if (r == NULL || csv_init(&parser, 0) != 0) {
        free(r);
        return CSV_ROWS_NO_MEMORY;
    }
    if (text.len == 0)
        text = TEXT("");
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        text = (struct text){text.data + 3, text.len - 3};
    csv_set_blk_size(&parser, step_bytes);
    *r = (struct reading){.row = row, .context = context};
    buf_init(&r->bytes, text.len + 1);
    read_lines(r, &parser, text);
    enum csv_rows_status status = r->status;
    *out_line = r->now.line;
    csv_free(&parser);
    buf_fini(&r->bytes);
    free(r->ends);
    free(r);
    return status;
}

const char *csv_rows_status_text(enum csv_rows_status status)
{
    switch (status) {
    case CSV_ROWS_OPEN_QUOTE:
        return "a quotation mark in this row is closed nowhere";
    case CSV_ROWS_TOO_WIDE:
        return "more than 4096 columns";
    case CSV_ROWS_NO_MEMORY:
        return "no memory";
    default:
        return "";
    }
}
