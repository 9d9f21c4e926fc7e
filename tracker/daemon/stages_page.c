/*
 * What the stages say of themselves over HTTP: metrics, and whether they are alive and ready.
 */
#include "stages.h"

#include "flow.h"
#include "telemetry.h"

#include <string.h>

static void refresh(struct stages *m, struct now now)
{
    struct metrics *metrics = m->shared.metrics;
    struct partition *p = &m->partition;
    metrics_set(metrics, METRIC_CONNECTED, LINK_BROKER, m->shared.broker_up);
    metrics_set(metrics, METRIC_CONNECTED, LINK_STORE, m->shared.store_up);
    metrics_set(metrics, METRIC_VEHICLES, 0, fleet_count(p->fleet));
    metrics_set(metrics, METRIC_BATCH_BYTES, 0, (double)(p->batch.ops_bytes + p->batch.bytes.len));
    metrics_set(metrics, METRIC_ATTENDED, 0, (double)partition_clock_ms(p, now) / 1000);
    metrics_set(metrics, METRIC_CAUGHT_UP, 0, m->attention.caught_up);
}

int stages_page(struct stages *m, struct now now, const char *path, struct buf *out)
{
    if (strcmp(path, "/metrics") == 0) {
        refresh(m, now);
        metrics_write(m->shared.metrics, out);
        return 200;
    }
    if (strcmp(path, "/healthz") == 0) {
        buf_puts(out, "alive\n");
        return 200;
    }
    if (strcmp(path, "/readyz") != 0)
        return 404;
    const char *missing = m->stage == STAGE_STARTING                               ? "starting\n"
                          : !m->shared.store_up                                    ? "the store is away\n"
                          : !committing_passes(&m->committing, &m->partition, now) ? "commits do not pass\n"
                          : m->beat_refused                                        ? "the store refuses\n"
                          : m->stage != STAGE_RUNNING                              ? "starting\n"
                          : !m->shared.broker_up                                   ? "the broker is away\n"
                          : !m->attention.subscribed || !m->live_granted           ? "not subscribed\n"
                                                                                   : NULL;
    buf_puts(out, missing != NULL ? missing : "ready\n");
    if (archived_lags(&m->janitor.archived, now))
        buf_puts(out, "the archive lags\n"); /* no reason to take the tracker out of service */
    return missing != NULL ? 503 : 200;
}
