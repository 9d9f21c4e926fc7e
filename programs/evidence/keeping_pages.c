/*
 * What the keeper says of itself over HTTP.
 */
#include "keeping.h"

#include <string.h>

enum metric {
    METRIC_CONNECTED,
    METRIC_FAILING,
    METRIC_LAG_SECONDS,
    METRIC_CASES,
    METRIC_EDITIONS,
    METRIC_DUE,
    METRIC_UNPROVEN,
    METRIC_HELD,
    METRIC_GONE,
    METRIC_LOG,
    METRIC_SIGNED,
    METRIC_SEALED,
    METRIC_CHECKPOINTS,
    METRIC_FAILURES,
    METRIC_ASKED,
    METRIC_COUNT
};

static const struct metric_row rows[METRIC_COUNT] = {
    [METRIC_CONNECTED] = {"muckwatch_evidence_connected", METRIC_GAUGE, "Whether the store is there.", NULL,
                          NULL},
    [METRIC_FAILING] = {"muckwatch_evidence_failing", METRIC_GAUGE,
                        "1: the disk, the archive or the register failed just now.", NULL, NULL},
    [METRIC_LAG_SECONDS] = {"muckwatch_evidence_lag_seconds", METRIC_GAUGE,
                            "Since the store's time up to which the archive was looked at.", NULL, NULL},
    [METRIC_CASES] = {"muckwatch_evidence_cases", METRIC_GAUGE, "Cases that are kept.", NULL, NULL},
    [METRIC_EDITIONS] = {"muckwatch_evidence_editions", METRIC_GAUGE, "Sealed editions of all cases.", NULL,
                         NULL},
    [METRIC_DUE] = {"muckwatch_evidence_due", METRIC_GAUGE, "Cases to be sealed, now or later.", NULL, NULL},
    [METRIC_UNPROVEN] = {"muckwatch_evidence_unproven", METRIC_GAUGE,
                         "Editions that no checkpoint holds yet.", NULL, NULL},
    [METRIC_HELD] = {"muckwatch_evidence_held", METRIC_GAUGE, "Cases under legal hold.", NULL, NULL},
    [METRIC_GONE] = {"muckwatch_evidence_gone", METRIC_GAUGE, "Cases that were let go of.", NULL, NULL},
    [METRIC_LOG] = {"muckwatch_evidence_log_entries", METRIC_GAUGE, "Entries of the log.", NULL, NULL},
    [METRIC_SIGNED] = {"muckwatch_evidence_log_signed", METRIC_GAUGE,
                       "Entries that the newest checkpoint holds.", NULL, NULL},
    [METRIC_SEALED] = {"muckwatch_evidence_sealed_total", METRIC_COUNTER, "Editions sealed.", NULL, NULL},
    [METRIC_CHECKPOINTS] = {"muckwatch_evidence_checkpoints_total", METRIC_COUNTER, "Checkpoints signed.",
                            NULL, NULL},
    [METRIC_FAILURES] = {"muckwatch_evidence_failures_total", METRIC_COUNTER,
                         "Times the disk, the archive or the register failed.", NULL, NULL},
    [METRIC_ASKED] = {"muckwatch_evidence_asked_total", METRIC_COUNTER, "Questions at the socket.", NULL,
                      NULL},
};

struct metrics *keeping_metrics(void)
{
    return metrics_new(rows, METRIC_COUNT);
}

static bool fails(struct keeping *k)
{
    return loop_now(k->loop).ms < k->failing_until_ms;
}

static void refresh(struct keeping *k)
{
    struct evidence_counts c = {0};
    evidence_register_count(k->reg, &c);
    const double values[METRIC_COUNT] = {
        [METRIC_CONNECTED] = redis_connected(k->redis),
        [METRIC_FAILING] = fails(k),
        [METRIC_LAG_SECONDS] =
            k->archive.upto_ms > 0 ? (double)(clock_wall().ms - k->archive.upto_ms) / 1000 : 0,
        [METRIC_CASES] = (double)c.cases,
        [METRIC_EDITIONS] = (double)c.editions,
        [METRIC_DUE] = (double)c.due,
        [METRIC_UNPROVEN] = (double)c.unproven,
        [METRIC_HELD] = (double)c.held,
        [METRIC_GONE] = (double)c.gone,
        [METRIC_LOG] = (double)evidence_log_size(k->log),
        [METRIC_SIGNED] = (double)evidence_log_signed(k->log),
        [METRIC_SEALED] = (double)k->count.sealed,
        [METRIC_CHECKPOINTS] = (double)k->count.signed_count,
        [METRIC_FAILURES] = (double)k->count.failed,
        [METRIC_ASKED] = (double)k->count.asked,
    };
    for (size_t i = 0; i < METRIC_COUNT; i++)
        metrics_set(k->metrics, i, 0, values[i]);
}

int keeping_page(void *keeping, const char *path, struct buf *out)
{
    struct keeping *k = keeping;
    if (strcmp(path, "/metrics") == 0) {
        refresh(k);
        metrics_write(k->metrics, out);
        return 200;
    }
    if (strcmp(path, "/healthz") == 0) {
        buf_puts(out, "alive\n");
        return 200;
    }
    if (strcmp(path, "/readyz") != 0)
        return 404;
    const char *missing = fails(k)                     ? "the disk, the archive or the register fails\n"
                          : !redis_connected(k->redis) ? "the store is away\n"
                          : !k->archive.known          ? "the archive is not registered in the store\n"
                                                       : NULL;
    buf_puts(out, missing != NULL ? missing : "ready\n");
    return missing != NULL ? 503 : 200;
}
