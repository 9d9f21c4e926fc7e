/*
 * duty_log: what was done on a day, a row an action and a hand-over, as JSON, as CSV for a spreadsheet, or as a page to be printed.
 *
 * CSV is RFC 4180 in UTF-8 with a byte order mark; a cell that a spreadsheet would take for a formula has an apostrophe in
 * front, since what people type is shown to people.
 */
#ifndef MW_DUTY_LOG_H
#define MW_DUTY_LOG_H

#include "buf.h"
#include "fields.h"

/* The words of a time as the city writes it; empty: milliseconds are written. */
struct duty_row {
    int64_t at_ms;
    struct text at; /* "2026-05-01 08:00:00" */
    struct fields entry;
};

void duty_log_csv_head(struct buf *out);
void duty_log_csv_row(const struct duty_row *row, struct buf *out);
/* One object, without a comma behind it. */
void duty_log_json_row(const struct duty_row *row, struct buf *out);
/* The page, up to its first row; a row, which leaves columns out that a page has no room for; and its end. Whatever people
 * typed is text in it. */
void duty_log_html_head(struct text day, struct text zone, struct buf *out);
void duty_log_html_row(const struct duty_row *row, struct buf *out);
void duty_log_html_end(struct buf *out);
/* A cell of its own, quoted where it has to be. */
void csv_put_cell(struct text cell, struct buf *out);

#endif
