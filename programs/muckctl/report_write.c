#include "report_write.h"

#include "city_day.h"
#include "json_write.h"
#include "xlsx.h"

#include <stdio.h>
#include <sysexits.h>

#define OUT_MAX ((size_t)1 << 30)

static int print(struct buf *out)
{
    bool ok = buf_ok(out);
    if (ok)
        fwrite(out->data, 1, out->len, stdout);
    buf_fini(out);
    return ok ? EX_OK : EX_OSERR;
}

static void put_days(const struct report_written *w, struct buf *out)
{
    char first[CITY_DAY_NAME], last[CITY_DAY_NAME];
    city_day_name(w->first, first);
    city_day_name(w->last, last);
    buf_puts(out, first);
    if (w->last != w->first)
        buf_printf(out, " … %s", last);
    buf_printf(out, ", %s, %02d:%02d", w->timezone, (int)(w->ends_ms / 3600000),
               (int)(w->ends_ms / 60000 % 60));
}

int report_write_table(const struct report_written *w)
{
    struct buf out;
    bool zh = w->sheet.language == FIGURE_ZH;
    buf_init(&out, OUT_MAX);
    put_days(w, &out);
    buf_puts(&out, "\n\n");
    sheet_put_table(&w->sheet, &out);
    buf_puts(
        &out,
        zh ? "\n/：分母　?：其中无法判定　-：不适用　定义见 muckctl report --explain\n"
           : "\n/ of so many   ? so many nobody can tell   - does not apply   muckctl report --explain says "
             "what each is\n");
    return print(&out);
}

int report_write_csv(const struct report_written *w)
{
    struct buf out;
    buf_init(&out, OUT_MAX);
    sheet_put_csv(&w->sheet, &out);
    return print(&out);
}

int report_write_json(const struct report_written *w)
{
    struct buf out;
    struct json_writer head;
    char first[CITY_DAY_NAME], last[CITY_DAY_NAME];
    city_day_name(w->first, first);
    city_day_name(w->last, last);
    buf_init(&out, OUT_MAX);
    json_writer_init(&head, &out);
    json_write_begin_object(&head);
    json_write_key(&head, "first");
    json_write_string(&head, text_of(first));
    json_write_key(&head, "last");
    json_write_string(&head, text_of(last));
    json_write_key(&head, "timezone");
    json_write_string(&head, text_of(w->timezone));
    json_write_key(&head, "day_ends_min");
    json_write_i64(&head, w->ends_ms / 60000);
    json_write_key(&head, "by");
    json_write_string(&head, text_of(tally_by_name(w->sheet.by)));
    json_write_key(&head, "summed_now");
    json_write_u64(&head, w->summed);
    buf_put_char(&out, ',');
    sheet_put_json(&w->sheet, &out);
    buf_puts(&out, "}\n");
    return print(&out);
}

static void put_heading(struct xlsx *x, const struct report_written *w, size_t column)
{
    char bytes[256];
    struct buf heading = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    sheet_heading(&w->sheet, column, &heading);
    xlsx_put_heading(x, 0, (uint16_t)column, buf_text(&heading));
}

int report_write_xlsx(const struct report_written *w, const char *command, const char *path)
{
    char why[512];
    struct xlsx *x = xlsx_open(path, w->sheet.language == FIGURE_ZH ? "考核" : "report");
    if (x == NULL) {
        fprintf(stderr, "%s: out of memory\n", command);
        return EX_OSERR;
    }
    for (size_t c = 0; c < sheet_columns(); c++)
        put_heading(x, w, c);
    for (size_t r = 0; r <= w->sheet.rows; r++)
        for (size_t c = 0; c < sheet_columns(); c++) {
            const struct sheet_cell cell = sheet_at(&w->sheet, r, c);
            if (cell.type == SHEET_TEXT)
                xlsx_put_text(x, (uint32_t)r + 1, (uint16_t)c, cell.text);
            else if (cell.type == SHEET_NUMBER)
                xlsx_put_number(x, (uint32_t)r + 1, (uint16_t)c, cell.number);
        }
    if (xlsx_close(x, why, sizeof why))
        return EX_OK;
    fprintf(stderr, "%s: %s\n", command, why);
    return EX_CANTCREAT;
}
