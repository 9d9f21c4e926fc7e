/*
 * A sheet for a terminal: columns of text side by side, Chinese in columns twice as wide.
 */
#include "sheet.h"

#include "json_scan.h"

enum { CELL_MAX = 1200, CHARACTER_MAX = 0x10ffff };

struct range {
    uint32_t first, last;
};

/* Shown in two columns (Unicode's East Asian Width W and F, in blocks), and in none. */
static const struct range wide[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
};
static const struct range narrow[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0xfe00, 0xfe0f}};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* Of the sequence at p, which is whole. */
static uint32_t code_of(const char *p, size_t n)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)p[0] & masks[n];
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)p[i] & 0x3f);
    return code <= CHARACTER_MAX ? code : 0;
}

static size_t width_of(uint32_t code)
{
    if (is_in(code, narrow, sizeof narrow / sizeof *narrow))
        return 0;
    return is_in(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

static size_t length_at(const char *p, const char *end)
{
    return (unsigned char)*p < 0x80 ? 1 : json_utf8_length(p, end);
}

size_t sheet_width(struct text t)
{
    const char *p = t.data, *end = t.data + t.len;
    size_t width = 0;
    for (size_t n; p<end; p += n> 0 ? n : 1) {
        n = length_at(p, end);
        width += n > 0 ? width_of(code_of(p, n)) : 1;
    }
    return width;
}

/* What a terminal would take for an order is a question mark. */
static void put_shown(struct text t, struct buf *out)
{
    const char *p = t.data, *end = t.data + t.len;
    for (size_t n; p<end; p += n> 0 ? n : 1) {
        n = length_at(p, end);
        uint32_t code = n > 0 ? code_of(p, n) : 0;
        if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            buf_put_char(out, '?');
        else
            buf_put(out, p, n);
    }
}

/* ---- cells ---- */

static void put_value(const struct sheet *s, size_t row, enum figure figure, struct buf *out)
{
    const struct figure_row *f = &figure_rows[figure];
    struct figure_value v = tally_value(s->tally, row, figure);
    if (v.standing == FIGURE_NONE) {
        buf_put_char(out, '-');
        return;
    }
    if (v.standing == FIGURE_UNKNOWN)
        buf_puts(out, s->language == FIGURE_ZH ? "未知" : "unknown");
    else
        buf_put_fixed(out, v.value, f->decimals);
    if (v.standing == FIGURE_KNOWN && f->form != FIGURE_COUNTED)
        buf_printf(out, " /%lld", (long long)v.of);
    if (v.unknown > 0)
        buf_printf(out, " ?%lld", (long long)v.unknown);
}

/* Row 0 is the heading, column 0 the key; figure is column - 1 of its group. */
static struct text cell(const struct sheet *s, size_t row, int figure, struct buf *out)
{
    const struct figure_row *f = figure >= 0 ? &figure_rows[figure] : NULL;
    buf_clear(out);
    if (row == 0 && f != NULL) {
        buf_puts(out, f->heading[s->language]);
        if (f->unit[s->language][0] != '\0')
            buf_printf(out, " %s", f->unit[s->language]);
    } else if (row == 0) {
        buf_puts(out, tally_by_heading(s->by, s->language));
    } else if (f == NULL) {
        const struct sheet_cell key = sheet_at(s, row - 1, 0);
        put_shown(key.text, out);
    } else {
        put_value(s, row - 1, (enum figure)figure, out);
    }
    return buf_text(out);
}

static size_t widest(const struct sheet *s, int figure, struct buf *cell_buf)
{
    size_t most = 0;
    for (size_t row = 0; row <= s->rows + 1; row++) {
        size_t width = sheet_width(cell(s, row, figure, cell_buf));
        most = width > most ? width : most;
    }
    return most;
}

static void fill(size_t n, struct buf *out)
{
    while (n-- > 0)
        buf_put_char(out, ' ');
}

static void put_group(const struct sheet *s, enum figure_group group, struct buf *cell_buf, struct buf *out)
{
    size_t widths[FIGURE_COUNT], key_width = widest(s, -1, cell_buf);
    for (int f = 0; f < FIGURE_COUNT; f++)
        widths[f] = figure_rows[f].group == group ? widest(s, f, cell_buf) : 0;
    for (size_t row = 0; row <= s->rows + 1; row++) {
        struct text text = cell(s, row, -1, cell_buf);
        buf_put_text(out, text);
        fill(key_width - sheet_width(text), out);
        for (int f = 0; f < FIGURE_COUNT; f++) {
            if (figure_rows[f].group != group)
                continue;
            text = cell(s, row, f, cell_buf);
            fill(2 + widths[f] - sheet_width(text), out);
            buf_put_text(out, text);
        }
        buf_put_char(out, '\n');
    }
}

void sheet_put_table(const struct sheet *s, struct buf *out)
{
    char bytes[CELL_MAX];
    struct buf cell_buf = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    for (int group = FIGURE_OF_TRACKS; group <= FIGURE_OF_FINDINGS; group++) {
        if (!tally_by_has(s->by, (enum figure_group)group))
            continue;
        buf_puts(out, out->len > 0 ? "\n" : "");
        put_group(s, (enum figure_group)group, &cell_buf, out);
    }
}
