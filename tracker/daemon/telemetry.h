/*
 * telemetry: the daemon's metrics, a row each in telemetry.c.
 */
#ifndef MW_TELEMETRY_H
#define MW_TELEMETRY_H

#include "actions.h"
#include "metrics.h"
#include "text.h"

#include <stddef.h>

enum metric {
    METRIC_BUILD_INFO,
    METRIC_MESSAGES,
    METRIC_FIXES,
    METRIC_VERDICTS,
    METRIC_DISTRUST,
    METRIC_REFUSED,
    METRIC_UNKNOWN,
    METRIC_HOLES,
    METRIC_HOLES_SEEN,
    METRIC_RESTARTED,
    METRIC_GUESSED,
    METRIC_BOUNDS,
    METRIC_LIVE,
    METRIC_RETAINED,
    METRIC_SHED,
    METRIC_OVER_SHARE,
    METRIC_TRANSITIONS,
    METRIC_TRIPS,
    METRIC_WARNINGS,
    METRIC_ACKS,
    METRIC_BATCHES,
    METRIC_QUARANTINED,
    METRIC_COMMIT_SECONDS,
    METRIC_ALERT_SECONDS,
    METRIC_COMMIT_RETRIES,
    METRIC_RELOADS,
    METRIC_RELOADING,
    METRIC_RELOAD_SECONDS,
    METRIC_STORE_RELOADS,
    METRIC_STORE_REFUSALS,
    METRIC_CONNECTS,
    METRIC_CONNECTED,
    METRIC_VEHICLES,
    METRIC_BATCH_BYTES,
    METRIC_ATTENDED,
    METRIC_CAUGHT_UP,
    METRIC_STORE_DURABLE,
    METRIC_STORE_MEMORY,
    METRIC_STORE_MEMORY_LIMIT,
    METRIC_BROKER_DROPS,
    METRIC_AT_LIMIT,
    METRIC_COUNT
};

/* Labels of METRIC_VERDICTS are enum verdict; of METRIC_DISTRUST enum distrust; of METRIC_REFUSED enum
 * fix_error, and these beyond it. */
enum { REFUSED_COMMIT, REFUSED_VEHICLES, REFUSED_TOPIC, REFUSED_STATUS, REFUSED_SHARE, REFUSED_MORE };
size_t telemetry_refused_label(int more);
/* Counts the fields that a fix said out of their range: bits of enum fix_has. */
void telemetry_count_unknown(struct metrics *m, unsigned unknown);
/* Counts an error of the store that is not the function library's own, by its reason. */
void telemetry_count_refusal(struct metrics *m, struct text error);
/* Counts what did not fit at one judgement, and logs it: bits of enum bound. */
void telemetry_count_bounds(struct metrics *m, struct actions *actions, unsigned full, struct text vehicle);
/* Labels of METRIC_CONNECTS and METRIC_CONNECTED. */
enum { LINK_BROKER, LINK_STORE };
enum { LIMIT_BATCH, LIMIT_VEHICLES };

struct metrics *telemetry_new(void);

#endif
