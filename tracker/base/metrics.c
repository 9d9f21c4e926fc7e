#include "metrics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { BUCKETS = 18 }; /* 0.5 ms * 2^0 .. 2^17 = 65.536 s */
#define BUCKET_FIRST_S 0.0005

/* Label values of a row, or a histogram's buckets, sum and count, one after the other. */
struct metrics {
    const struct metric_row *rows;
    size_t count;
    size_t *first; /* by row: its first cell */
    double *cells;
};

static size_t label_count(const struct metric_row *row)
{
    size_t n = 0;
    while (row->label != NULL && row->values[n] != NULL)
        n++;
    return row->label != NULL ? n : 1;
}

static size_t cell_count(const struct metric_row *row)
{
    return row->type == METRIC_HISTOGRAM ? BUCKETS + 2 : label_count(row);
}

struct metrics *metrics_new(const struct metric_row *rows, size_t count)
{
    size_t cells = 0;
    for (size_t i = 0; i < count; i++)
        cells += cell_count(&rows[i]);
    struct metrics *m = calloc(1, sizeof *m);
    if (m == NULL)
        return NULL;
    *m = (struct metrics){.rows = rows, .count = count};
    m->first = calloc(count + 1, sizeof *m->first);
    m->cells = calloc(cells + 1, sizeof *m->cells);
    if (m->first == NULL || m->cells == NULL) {
        metrics_free(m);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        m->first[i + 1] = m->first[i] + cell_count(&rows[i]);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (m == NULL)
        return;
    free(m->first);
    free(m->cells);
    free(m);
}

static double *cell(const struct metrics *m, size_t row, size_t label)
{
    assert(row < m->count && m->first[row] + label < m->first[row + 1]);
    return &m->cells[m->first[row] + label];
}

void metrics_add(struct metrics *m, size_t row, size_t label, uint64_t n)
{
    *cell(m, row, label) += (double)n; /* exact to 2^53 */
}

void metrics_set(struct metrics *m, size_t row, size_t label, double value)
{
    *cell(m, row, label) = value;
}

double metrics_get(const struct metrics *m, size_t row, size_t label)
{
    return *cell(m, row, label);
}

void metrics_observe(struct metrics *m, size_t row, double seconds)
{
    assert(m->rows[row].type == METRIC_HISTOGRAM);
    double *cells = cell(m, row, 0);
    double edge = BUCKET_FIRST_S;
    for (int i = 0; i < BUCKETS; i++, edge *= 2)
        if (seconds <= edge) {
            cells[i] += 1;
            break;
        }
    cells[BUCKETS] += seconds > 0 ? seconds : 0;
    cells[BUCKETS + 1] += 1;
}

/* Whole numbers as such, others with six decimals, which is enough for seconds. */
static void put_value(struct buf *out, double v)
{
    if (!(fabs(v) < 9e15))
        buf_puts(out, v > 0 ? "+Inf" : v < 0 ? "-Inf" : "NaN");
    else if (v == floor(v))
        buf_put_i64(out, (int64_t)v);
    else if (fabs(v) < 9e11)
        buf_put_fixed(out, v, 6);
    else
        buf_put_i64(out, (int64_t)v);
}

static void write_histogram(const struct metric_row *row, const double *cells, struct buf *out)
{
    double edge = BUCKET_FIRST_S, sum = 0;
    for (int i = 0; i < BUCKETS; i++, edge *= 2) {
        sum += cells[i];
        buf_printf(out, "%s_bucket{le=\"", row->name);
        buf_put_fixed(out, edge, 4);
        buf_puts(out, "\"} ");
        put_value(out, sum);
        buf_put_char(out, '\n');
    }
    buf_printf(out, "%s_bucket{le=\"+Inf\"} ", row->name);
    put_value(out, cells[BUCKETS + 1]);
    buf_printf(out, "\n%s_sum ", row->name);
    put_value(out, cells[BUCKETS]);
    buf_printf(out, "\n%s_count ", row->name);
    put_value(out, cells[BUCKETS + 1]);
    buf_put_char(out, '\n');
}

void metrics_write(const struct metrics *m, struct buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    for (size_t i = 0; i < m->count; i++) {
        const struct metric_row *row = &m->rows[i];
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, types[row->type]);
        if (row->type == METRIC_HISTOGRAM) {
            write_histogram(row, cell(m, i, 0), out);
            continue;
        }
        for (size_t l = 0; l < label_count(row); l++) {
            if (row->label != NULL)
                buf_printf(out, "%s{%s=\"%s\"} ", row->name, row->label, row->values[l]);
            else
                buf_printf(out, "%s ", row->name);
            put_value(out, *cell(m, i, l));
            buf_put_char(out, '\n');
        }
    }
}
