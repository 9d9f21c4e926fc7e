#include "rows_file.h"

#include "csv_cells.h"
#include "fd_whole.h"
#include "xlsx.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WHY_MAX = 256, CSV_STEP = 64 << 10 };

/* A cell is its type, then what belongs to it: of texts a length and bytes, of numbers eight bytes and decimals. */
enum cell { CELL_HEADING = 'h', CELL_TEXT = 't', CELL_NUMBER = 'n', CELL_END = '\n' };

struct rows_file {
    int fd;
    uint32_t row;
    uint64_t written;
    struct xlsx *book; /* NULL: CSV */
    struct buf line;
    char why[WHY_MAX];
};

/* ---- cells ---- */

static void put_bytes(struct buf *rows, enum cell type, struct text cell)
{
    uint32_t length = (uint32_t)cell.len;
    assert(cell.len == length);
    buf_put_char(rows, (char)type);
    buf_put(rows, &length, sizeof length);
    buf_put_text(rows, cell);
}

void row_put_heading(struct buf *rows, struct text cell)
{
    put_bytes(rows, CELL_HEADING, cell);
}

void row_put_text(struct buf *rows, struct text cell)
{
    put_bytes(rows, CELL_TEXT, cell);
}

void row_put_number(struct buf *rows, double value, int decimals)
{
    if (!isfinite(value)) {
        row_put_text(rows, TEXT(""));
        return;
    }
    buf_put_char(rows, CELL_NUMBER);
    buf_put(rows, &value, sizeof value);
    buf_put_char(rows, (char)decimals);
}

void row_end(struct buf *rows)
{
    buf_put_char(rows, CELL_END);
}

struct taken {
    enum cell type;
    struct text text;
    double number;
    int decimals;
};

static void take(struct text *rows, void *out, size_t n)
{
    assert(n <= rows->len);
    memcpy(out, rows->data, n);
    rows->data += n;
    rows->len -= n;
}

static struct taken take_cell(struct text *rows)
{
    struct taken cell = {0};
    char byte;
    uint32_t length;
    take(rows, &byte, 1);
    cell.type = (enum cell)byte;
    if (cell.type == CELL_NUMBER) {
        take(rows, &cell.number, sizeof cell.number);
        take(rows, &byte, 1);
        cell.decimals = byte;
    } else if (cell.type != CELL_END) {
        take(rows, &length, sizeof length);
        assert(length <= rows->len);
        cell.text = (struct text){rows->data, length};
        rows->data += length;
        rows->len -= length;
    }
    return cell;
}

/* ---- the file ---- */

static bool fail(struct rows_file *f, const char *why)
{
    snprintf(f->why, sizeof f->why, "%s", why);
    return false;
}

/* A file without a name. */
static int nameless(void)
{
    char path[256];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/muckwatch-XXXXXX", folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    return fd;
}

struct rows_file *rows_file_new(enum rows_form form, const char *sheet)
{
    struct rows_file *f = calloc(1, sizeof *f);
    char path[64];
    if (f == NULL)
        return NULL;
    f->fd = nameless();
    buf_init(&f->line, ROWS_FILE_BYTES_MAX);
    /* The library opens a path; this one is the file that is open here. */
    snprintf(path, sizeof path, "/proc/self/fd/%d", f->fd);
    if (f->fd >= 0 && form == ROWS_XLSX)
        f->book = xlsx_open(path, sheet);
    else if (f->fd >= 0)
        buf_puts(&f->line, CSV_BEGIN);
    if (f->fd < 0 || (form == ROWS_XLSX && f->book == NULL)) {
        rows_file_free(f);
        return NULL;
    }
    return f;
}

static bool flush(struct rows_file *f)
{
    if (!buf_ok(&f->line))
        return fail(f, "there is no memory for it");
    if (f->written + f->line.len > ROWS_FILE_BYTES_MAX)
        return fail(f, "it is too large: ask for less at once");
    if (!fd_write_whole(f->fd, buf_text(&f->line)))
        return fail(f, "there is no room for it on the disk");
    f->written += f->line.len;
    buf_clear(&f->line);
    return true;
}

static void put_csv(struct rows_file *f, uint16_t column, const struct taken *cell)
{
    if (column > 0)
        buf_put_char(&f->line, ',');
    if (cell->type == CELL_NUMBER)
        csv_put_number(&f->line, cell->number, cell->decimals);
    else
        csv_put_text(&f->line, cell->text);
}

static void put_xlsx(struct rows_file *f, uint16_t column, const struct taken *cell)
{
    f->written += cell->text.len;
    if (cell->type == CELL_NUMBER)
        xlsx_put_number(f->book, f->row, column, cell->number);
    else if (cell->type == CELL_HEADING)
        xlsx_put_heading(f->book, f->row, column, cell->text);
    else if (cell->text.len > 0)
        xlsx_put_text(f->book, f->row, column, cell->text);
}

static bool put_row(struct rows_file *f, struct text *rows)
{
    struct taken cell;
    uint16_t column = 0;
    if (f->row == ROWS_FILE_ROWS_MAX)
        return fail(f, "it has more rows than a sheet: ask for less at once");
    for (cell = take_cell(rows); cell.type != CELL_END; cell = take_cell(rows), column++)
        if (f->book != NULL)
            put_xlsx(f, column, &cell);
        else
            put_csv(f, column, &cell);
    if (f->book == NULL)
        buf_puts(&f->line, CSV_ROW_END);
    f->row++;
    if (f->book != NULL && f->written > ROWS_FILE_BYTES_MAX)
        return fail(f, "it is too large: ask for less at once");
    return f->line.len < CSV_STEP || flush(f);
}

bool rows_file_put(struct rows_file *f, struct text rows)
{
    bool ok = true;
    while (ok && rows.len > 0)
        ok = put_row(f, &rows);
    return ok;
}

bool rows_file_end(struct rows_file *f)
{
    struct xlsx *book = f->book;
    f->book = NULL;
    return book != NULL ? xlsx_close(book, f->why, sizeof f->why) : flush(f);
}

int rows_file_take(struct rows_file *f, uint64_t *out_length)
{
    struct stat st;
    int fd = f->fd;
    if (fd < 0 || fstat(fd, &st) != 0)
        return -1;
    *out_length = (uint64_t)st.st_size;
    f->fd = -1;
    return fd;
}

const char *rows_file_why(const struct rows_file *f)
{
    return f->why;
}

void rows_file_free(struct rows_file *f)
{
    char why[WHY_MAX];
    if (f == NULL)
        return;
    if (f->book != NULL)
        xlsx_close(f->book, why, sizeof why);
    if (f->fd >= 0)
        close(f->fd);
    buf_fini(&f->line);
    free(f);
}
