#include "sheet.h"

#include "csv_cells.h"
#include "json_write.h"

enum part { PART_VALUE, PART_OF, PART_UNKNOWN };

static const char *const unknown_words[] = {"未知", "unknown"};
static const char *const none_words[] = {"（无）", "(none)"};
static const char *const total_words[] = {"合计", "total"};

static bool has_part(enum figure figure, enum part part)
{
    enum figure_form form = figure_rows[figure].form;
    if (part == PART_UNKNOWN)
        return form == FIGURE_SHARE || figure == FIGURE_TONNES;
    return part == PART_VALUE || form != FIGURE_COUNTED;
}

/* What a column behind the key shows. */
static bool column_of(size_t column, enum figure *out_figure, enum part *out_part)
{
    size_t at = 1;
    for (int f = 0; f < FIGURE_COUNT; f++)
        for (int part = PART_VALUE; part <= PART_UNKNOWN; part++)
            if (has_part((enum figure)f, (enum part)part) && at++ == column) {
                *out_figure = (enum figure)f;
                *out_part = (enum part)part;
                return true;
            }
    return false;
}

size_t sheet_columns(void)
{
    size_t n = 1;
    for (int f = 0; f < FIGURE_COUNT; f++)
        for (int part = PART_VALUE; part <= PART_UNKNOWN; part++)
            n += has_part((enum figure)f, (enum part)part);
    return n;
}

static void put_heading(const struct sheet *s, enum figure figure, struct buf *out)
{
    const struct figure_row *row = &figure_rows[figure];
    const char *unit = row->unit[s->language];
    buf_puts(out, row->heading[s->language]);
    if (unit[0] != '\0')
        buf_printf(out, s->language == FIGURE_ZH ? "（%s）" : " (%s)", unit);
}

void sheet_heading(const struct sheet *s, size_t column, struct buf *out)
{
    static const char *const parts[2][3] = {{"", "分母", "未知"}, {"", "n", "unknown"}};
    enum figure figure;
    enum part part;
    if (!column_of(column, &figure, &part)) {
        buf_puts(out, tally_by_heading(s->by, s->language));
        return;
    }
    if (part == PART_VALUE)
        put_heading(s, figure, out);
    else
        buf_printf(out, "%s %s", figure_rows[figure].heading[s->language], parts[s->language][part]);
}

static struct text key_of(const struct sheet *s, size_t row)
{
    struct text key = tally_key(s->tally, row);
    return row == s->rows ? text_of(total_words[s->language])
           : key.len > 0  ? key
                          : text_of(none_words[s->language]);
}

static struct sheet_cell number(double value, int decimals)
{
    return (struct sheet_cell){.type = SHEET_NUMBER, .number = value, .decimals = decimals};
}

struct sheet_cell sheet_at(const struct sheet *s, size_t row, size_t column)
{
    enum figure figure;
    enum part part;
    if (!column_of(column, &figure, &part))
        return (struct sheet_cell){.type = SHEET_TEXT, .text = key_of(s, row)};
    struct figure_value v = tally_value(s->tally, row, figure);
    if (v.standing == FIGURE_NONE)
        return (struct sheet_cell){.type = SHEET_EMPTY};
    if (part == PART_UNKNOWN)
        return number((double)v.unknown, 0);
    if (part == PART_OF)
        return number((double)v.of, 0);
    if (v.standing == FIGURE_UNKNOWN)
        return (struct sheet_cell){.type = SHEET_TEXT, .text = text_of(unknown_words[s->language])};
    return number(v.value, figure_rows[figure].decimals);
}

/* ---- CSV ---- */

static void put_csv_cell(const struct sheet_cell *cell, struct buf *out)
{
    if (cell->type == SHEET_NUMBER)
        csv_put_number(out, cell->number, cell->decimals);
    else
        csv_put_text(out, cell->type == SHEET_TEXT ? cell->text : TEXT(""));
}

void sheet_put_csv(const struct sheet *s, struct buf *out)
{
    char bytes[256];
    size_t columns = sheet_columns();
    buf_puts(out, CSV_BEGIN);
    for (size_t c = 0; c < columns; c++) {
        struct buf heading = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
        sheet_heading(s, c, &heading);
        buf_puts(out, c > 0 ? "," : "");
        csv_put_text(out, buf_text(&heading));
    }
    buf_puts(out, CSV_ROW_END);
    for (size_t r = 0; r <= s->rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            const struct sheet_cell cell = sheet_at(s, r, c);
            buf_puts(out, c > 0 ? "," : "");
            put_csv_cell(&cell, out);
        }
        buf_puts(out, CSV_ROW_END);
    }
}

/* ---- JSON ---- */

static void write_row(const struct sheet *s, size_t row, struct json_writer *w)
{
    json_write_begin_object(w);
    if (row < s->rows) {
        struct text key = tally_key(s->tally, row);
        json_write_key(w, tally_by_name(s->by));
        if (key.len > 0)
            json_write_string(w, key);
        else
            json_write_null(w);
    }
    for (int f = 0; f < FIGURE_COUNT; f++) {
        struct figure_value v = tally_value(s->tally, row, (enum figure)f);
        if (v.standing == FIGURE_NONE)
            continue;
        json_write_key(w, figure_rows[f].name);
        json_write_begin_object(w);
        json_write_key(w, "value");
        if (v.standing == FIGURE_KNOWN)
            json_write_fixed(w, v.value,
                             figure_rows[f].form == FIGURE_COUNTED && figure_rows[f].decimals == 0 ? 0 : 4);
        else
            json_write_null(w);
        for (int part = PART_OF; part <= PART_UNKNOWN; part++)
            if (has_part((enum figure)f, (enum part)part)) {
                json_write_key(w, part == PART_OF ? "of" : "unknown");
                json_write_i64(w, part == PART_OF ? v.of : v.unknown);
            }
        json_write_end_object(w);
    }
    json_write_end_object(w);
}

void sheet_put_json(const struct sheet *s, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    buf_puts(out, "\"rows\":");
    json_write_begin_array(&w);
    for (size_t r = 0; r < s->rows; r++)
        write_row(s, r, &w);
    json_write_end_array(&w);
    buf_puts(out, ",\"total\":");
    json_writer_init(&w, out);
    write_row(s, s->rows, &w);
}
