#include "export_columns.h"

#include "json_scan.h"
#include "rows_file.h"

#include <assert.h>
#include <math.h>

enum { CELL_BYTES_MAX = 65536, HEADING_MAX = 256, SHOWN_TIME_MAX = 64, DECIMALS_MAX = 9 };
#define NUMBER_MAX 1e9 /* larger ones are what they say: with so many decimals they have room */
#define TIME_END   INT64_C(253402300800000) /* the year 10000 */

void export_row_begin(struct export_row *row, const struct export_table *table)
{
    assert(table->count <= EXPORT_COLUMNS_MAX);
    row->table = table;
    if (row->bytes.limit == 0)
        buf_init(&row->bytes, CELL_BYTES_MAX);
    buf_clear(&row->bytes);
    memset(row->values, 0, sizeof row->values);
}

/* Most differ in their first letter: a row asks this a thousand times. */
static bool is_named(const struct export_column *column, struct text name)
{
    return name.len > 0 && column->field[0] == name.data[0] && text_equal(name, text_of(column->field));
}

void export_row_take(struct export_row *row, struct field field)
{
    for (size_t i = 0; i < row->table->count; i++)
        if (is_named(&row->table->columns[i], field.name)) {
            size_t at = row->bytes.len;
            buf_put_text(&row->bytes, field.value);
            row->values[i].at = at;
            row->values[i].length = row->bytes.len - at; /* 0, where it has no room */
        }
}

void export_row_take_text(struct export_row *row, const char *name, struct text value)
{
    export_row_take(row, (struct field){text_of(name), value});
}

void export_row_take_whole(struct export_row *row, const char *name, int64_t value)
{
    char bytes[24];
    struct buf number = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    buf_put_i64(&number, value);
    export_row_take_text(row, name, buf_text(&number));
}

static struct text value_at(const struct export_row *row, size_t column)
{
    return (struct text){row->bytes.data + row->values[column].at, row->values[column].length};
}

struct text export_row_value(const struct export_row *row, const char *name)
{
    for (size_t i = 0; i < row->table->count; i++)
        if (text_equal(text_of(name), text_of(row->table->columns[i].field)) && row->values[i].length > 0)
            return value_at(row, i);
    return (struct text){0};
}

void export_put_time(struct buf *out, const struct mw_zone *zone, int64_t ms)
{
    struct mw_civil t;
    mw_civil_from_ms(zone, ms, &t);
    buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", t.year, t.month, t.day, t.hour, t.minute, t.second);
    int minutes = t.offset_s / 60, away = minutes < 0 ? -minutes : minutes;
    if (mw_zone_local_to_ms(zone, ms + (int64_t)t.offset_s * 1000) != ms)
        buf_printf(out, "%c%02d:%02d", minutes < 0 ? '-' : '+', away / 60, away % 60);
}

static bool put_number(struct text t, struct buf *out)
{
    struct json_scan s = json_scan_of(t);
    struct json_number number;
    if (!json_scan_at_number(&s) || json_scan_number_slow(&s, &number) != JSON_FAULT_NONE || s.at != s.end)
        return false;
    double value = json_number_double(&number);
    const char *point = memchr(t.data, '.', t.len);
    size_t decimals = point != NULL ? t.len - (size_t)(point - t.data) - 1 : 0;
    if (fabs(value) > NUMBER_MAX)
        return false;
    row_put_number(out, value, decimals > DECIMALS_MAX ? DECIMALS_MAX : (int)decimals);
    return true;
}

/* What is none, whatever wrote it, stays a text. */
static bool is_time(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (t.data[i] < '0' || t.data[i] > '9')
            return false;
    return t.len > 0 && t.len < 18 && text_whole(t) < TIME_END;
}

static void put_cell(enum export_type type, struct text value, const struct world *world, struct buf *out)
{
    char bytes[SHOWN_TIME_MAX];
    struct buf time = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    if (type == EXPORT_NUMBER && put_number(value, out))
        return;
    if (type == EXPORT_TIME && is_time(value)) {
        export_put_time(&time, world->zone, text_whole(value));
        value = buf_text(&time);
    }
    row_put_text(out, value);
}

void export_row_put(struct export_row *row, const struct world *world, struct buf *out)
{
    for (size_t i = 0; i < row->table->count; i++)
        put_cell(row->table->columns[i].type, value_at(row, i), world, out);
    row_end(out);
}

void export_put_headings(const struct export_table *table, const struct world *world, bool english,
                         struct buf *out)
{
    char bytes[HEADING_MAX];
    struct buf heading = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    for (size_t i = 0; i < table->count; i++) {
        const struct export_column *c = &table->columns[i];
        buf_clear(&heading);
        buf_puts(&heading, english ? c->en : c->zh);
        if (c->type == EXPORT_TIME)
            buf_printf(&heading, english ? " (%.*s)" : "（%.*s）", TEXT_ARG(world->timezone));
        row_put_heading(out, buf_text(&heading));
    }
    row_end(out);
}
