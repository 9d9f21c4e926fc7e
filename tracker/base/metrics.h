/*
 * metrics: counters, gauges and histograms as a table, written in Prometheus' text format.
 *
 * A program has one table of rows (name, type, help, at most one label with a fixed list of values) and a
 * struct metrics with their cells. Touching a cell is an addition; nothing allocates after metrics_new, and
 * no label value comes from outside, so a stranger cannot make the table grow. Names and units follow what
 * `promtool check metrics` asks for: `_total` for counters, seconds and bytes as units.
 */
#ifndef MW_METRICS_H
#define MW_METRICS_H

#include "buf.h"

#include <stddef.h>
#include <stdint.h>

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_row {
    const char *name;
    enum metric_type type;
    const char *help;
    const char *label;         /* NULL: none; counters and gauges only */
    const char *const *values; /* of the label, NULL at the end; position = the `label` argument below */
};

struct metrics;

/* Cells for a table of rows, which is borrowed; all 0. NULL without memory. */
struct metrics *metrics_new(const struct metric_row *rows, size_t count);
void metrics_free(struct metrics *m);

/* Counters grow, gauges are set. `label` is 0 where the row has none. */
void metrics_add(struct metrics *m, size_t row, size_t label, uint64_t n);
void metrics_set(struct metrics *m, size_t row, size_t label, double value);
/* One observation of a histogram, in seconds: buckets from 0.5 ms to 64 s, each twice the last. */
void metrics_observe(struct metrics *m, size_t row, double seconds);
double metrics_get(const struct metrics *m, size_t row, size_t label);

/* Appends the whole table. */
void metrics_write(const struct metrics *m, struct buf *out);

#endif
