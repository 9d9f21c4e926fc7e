#include "metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *const reasons[] = {"json", "range", NULL};
static const struct metric_row rows[] = {
    {"x_fixes_total", METRIC_COUNTER, "Fixes received.", NULL, NULL},
    {"x_refused_total", METRIC_COUNTER, "Fixes refused.", "reason", reasons},
    {"x_queue_bytes", METRIC_GAUGE, "Bytes waiting.", NULL, NULL},
    {"x_commit_seconds", METRIC_HISTOGRAM, "Commit latency.", NULL, NULL},
};

static struct metrics *filled(void)
{
    struct metrics *m = metrics_new(rows, sizeof rows / sizeof *rows);
    assert_non_null(m);
    metrics_add(m, 0, 0, 5000000000);
    metrics_add(m, 1, 1, 2);
    metrics_set(m, 2, 0, 0.5);
    const double seconds[] = {0, 0.0005, 0.0006, 1, 100};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        metrics_observe(m, 3, seconds[i]);
    return m;
}

static void test_text(void **state)
{
    struct metrics *m = filled();
    struct buf b;
    buf_init(&b, 1 << 16);
    metrics_write(m, &b);
    buf_put_char(&b, '\0');
    assert_true(buf_ok(&b));
    assert_non_null(strstr(b.data, "# TYPE x_fixes_total counter\nx_fixes_total 5000000000\n"));
    assert_non_null(
        strstr(b.data, "x_refused_total{reason=\"json\"} 0\nx_refused_total{reason=\"range\"} 2\n"));
    assert_non_null(strstr(b.data, "x_queue_bytes 0.500000\n"));
    assert_non_null(strstr(b.data, "x_commit_seconds_bucket{le=\"0.0005\"} 2\n"));
    assert_non_null(strstr(b.data, "x_commit_seconds_bucket{le=\"0.0010\"} 3\n"));
    assert_non_null(strstr(b.data, "x_commit_seconds_bucket{le=\"65.5360\"} 4\n"));
    assert_non_null(strstr(b.data, "x_commit_seconds_bucket{le=\"+Inf\"} 5\n"));
    assert_non_null(strstr(b.data, "x_commit_seconds_sum 101.001100\nx_commit_seconds_count 5\n"));
    buf_fini(&b);
    metrics_free(m);
}

/* Prometheus' own tool is the judge of the format, where it is installed. */
static void test_promtool(void **state)
{
    if (system("command -v promtool >/dev/null") != 0)
        skip();
    struct metrics *m = filled();
    struct buf b;
    buf_init(&b, 1 << 16);
    metrics_write(m, &b);
    FILE *tool = popen("promtool check metrics", "w");
    assert_non_null(tool);
    assert_int_equal(fwrite(b.data, 1, b.len, tool), b.len);
    assert_int_equal(pclose(tool), 0);
    buf_fini(&b);
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_promtool)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
