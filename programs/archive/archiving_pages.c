/*
 * What the archive says of itself over HTTP.
 */
#include "archiving.h"

#include <string.h>

enum metric {
    METRIC_CONNECTED,
    METRIC_LAGS,
    METRIC_LAG_SECONDS,
    METRIC_BATCH,
    METRIC_TRACKER_BATCH,
    METRIC_LIFE,
    METRIC_FIXES,
    METRIC_ENTRIES,
    METRIC_MARKS,
    METRIC_REPEATS,
    METRIC_MISSED,
    METRIC_TURNS,
    METRIC_CHUNKS,
    METRIC_SUMS,
    METRIC_FAILURES,
    METRIC_STREAMS,
    METRIC_OPEN_BYTES,
    METRIC_COUNT
};

static const struct metric_row rows[METRIC_COUNT] = {
    [METRIC_CONNECTED] = {"muckwatch_archive_connected", METRIC_GAUGE, "Whether the store is there.", NULL,
                          NULL},
    [METRIC_LAGS] = {"muckwatch_archive_lags", METRIC_GAUGE,
                     "1: what the tracker wrote over a minute ago is not known to be on disk.", NULL, NULL},
    [METRIC_LAG_SECONDS] = {"muckwatch_archive_lag_seconds", METRIC_GAUGE,
                            "Since the store's time up to which everything is on disk.", NULL, NULL},
    [METRIC_BATCH] = {"muckwatch_archive_batch", METRIC_GAUGE, "The batch up to which everything is on disk.",
                      NULL, NULL},
    [METRIC_TRACKER_BATCH] = {"muckwatch_archive_tracker_batch", METRIC_GAUGE, "The tracker's last batch.",
                              NULL, NULL},
    [METRIC_LIFE] = {"muckwatch_archive_life", METRIC_GAUGE, "1 and how often the store went back.", NULL,
                     NULL},
    [METRIC_FIXES] = {"muckwatch_archive_fixes_total", METRIC_COUNTER, "Fixes taken.", NULL, NULL},
    [METRIC_ENTRIES] = {"muckwatch_archive_entries_total", METRIC_COUNTER,
                        "Entries of violations, trips, actions and refusals taken.", NULL, NULL},
    [METRIC_MARKS] = {"muckwatch_archive_marks_total", METRIC_COUNTER, "Marks of the tracker taken.", NULL,
                      NULL},
    [METRIC_REPEATS] = {"muckwatch_archive_repeats_total", METRIC_COUNTER,
                        "Fixes that were archived before the store went back.", NULL, NULL},
    [METRIC_MISSED] = {"muckwatch_archive_missed_total", METRIC_COUNTER,
                       "Refused messages that the store let go of before they were read.", NULL, NULL},
    [METRIC_TURNS] = {"muckwatch_archive_turns_total", METRIC_COUNTER, "Turns committed.", NULL, NULL},
    [METRIC_CHUNKS] = {"muckwatch_archive_chunks_total", METRIC_COUNTER, "Chunks written.", NULL, NULL},
    [METRIC_SUMS] = {"muckwatch_archive_sums_total", METRIC_COUNTER,
                     "Times a vehicle's days were summed for reports.", NULL, NULL},
    [METRIC_FAILURES] = {"muckwatch_archive_failures_total", METRIC_COUNTER,
                         "Times the disk or the store failed and all was read again.", NULL, NULL},
    [METRIC_STREAMS] = {"muckwatch_archive_streams", METRIC_GAUGE, "Streams that are followed.", NULL, NULL},
    [METRIC_OPEN_BYTES] = {"muckwatch_archive_open_bytes", METRIC_GAUGE,
                           "In memory and the tail, not yet in chunks.", NULL, NULL},
};

struct metrics *archiving_metrics(void)
{
    return metrics_new(rows, METRIC_COUNT);
}

static void refresh(struct metrics *m, const struct archive_figures *f, struct wall now)
{
    const double values[METRIC_COUNT] = {
        [METRIC_CONNECTED] = f->connected,
        [METRIC_LAGS] = f->lags,
        [METRIC_LAG_SECONDS] = f->upto_ms > 0 ? (double)(now.ms - f->upto_ms) / 1000 : 0,
        [METRIC_BATCH] = (double)f->batch,
        [METRIC_TRACKER_BATCH] = (double)f->tracker_batch,
        [METRIC_LIFE] = (double)f->life,
        [METRIC_FIXES] = (double)f->lines,
        [METRIC_ENTRIES] = (double)f->rows,
        [METRIC_MARKS] = (double)f->marks,
        [METRIC_REPEATS] = (double)f->repeats,
        [METRIC_MISSED] = (double)f->missed,
        [METRIC_TURNS] = (double)f->turns,
        [METRIC_CHUNKS] = (double)f->chunks,
        [METRIC_SUMS] = (double)f->sums,
        [METRIC_FAILURES] = (double)f->failures,
        [METRIC_STREAMS] = f->streams,
        [METRIC_OPEN_BYTES] = (double)f->open_bytes,
    };
    for (size_t i = 0; i < METRIC_COUNT; i++)
        metrics_set(m, i, 0, values[i]);
}

int archiving_page(void *archiving, const char *path, struct buf *out)
{
    struct archiving *a = archiving;
    struct archive_figures f;
    struct wall now = clock_wall();
    archive_figures(a->archive, now, &f);
    if (strcmp(path, "/metrics") == 0) {
        refresh(a->metrics, &f, now);
        metrics_write(a->metrics, out);
        return 200;
    }
    if (strcmp(path, "/healthz") == 0) {
        buf_puts(out, "alive\n");
        return 200;
    }
    if (strcmp(path, "/readyz") != 0)
        return 404;
    const char *missing = f.broken       ? "the disk or the store fails\n"
                          : !f.connected ? "the store is away\n"
                          : f.lags       ? "it lags\n"
                                         : NULL;
    buf_puts(out, missing != NULL ? missing : "ready\n");
    return missing != NULL ? 503 : 200;
}
