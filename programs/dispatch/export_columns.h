/*
 * export_columns: what a sheet shows of an entry: a column a field, in the order of the table, with a heading in the language that was
 * asked for. Times are those of the city, and their headings name its zone.
 */
#ifndef MW_EXPORT_COLUMNS_H
#define MW_EXPORT_COLUMNS_H

#include "buf.h"
#include "fields.h"
#include "world.h"

enum export_type { EXPORT_TEXT, EXPORT_TIME, EXPORT_NUMBER };

struct export_column {
    const char *field;
    enum export_type type;
    const char *zh, *en;
};

enum { EXPORT_COLUMNS_MAX = 40 };

struct export_table {
    const struct export_column *columns;
    size_t count;
};

/* The values of a row, by column; a field that has no column is passed over, one that is not said is an empty cell. */
struct export_row {
    const struct export_table *table;
    struct buf bytes;
    struct {
        size_t at, length;
    } values[EXPORT_COLUMNS_MAX];
};

void export_row_begin(struct export_row *row, const struct export_table *table);
void export_row_take(struct export_row *row, struct field field);
void export_row_take_text(struct export_row *row, const char *name, struct text value);
void export_row_take_whole(struct export_row *row, const char *name, int64_t value);
/* What has been taken so far of a column; empty: nothing. */
struct text export_row_value(const struct export_row *row, const char *name);
/* Appends it as a row of cells. */
void export_row_put(struct export_row *row, const struct world *world, struct buf *out);

void export_put_headings(const struct export_table *table, const struct world *world, bool english,
                         struct buf *out);
/* "2026-05-01 08:00:00"; in an hour that the zone has twice, with its offset. */
void export_put_time(struct buf *out, const struct mw_zone *zone, int64_t ms);

#endif
