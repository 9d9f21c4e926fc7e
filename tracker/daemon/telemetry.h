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
    METRIC_LATE,
    METRIC_REDOS,
    METRIC_REDOS_NOT,
    METRIC_REDO_FIXES,
    METRIC_REDO_SECONDS,
    METRIC_CORRECTIONS,
    METRIC_LIVE,
    METRIC_RETAINED,
    METRIC_SHED,
    METRIC_OVER_SHARE,
    METRIC_UNREAD,
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
    METRIC_SETTING_WRONG,
    METRIC_SETTING_UNKNOWN,
    METRIC_STORE_MEMORY,
    METRIC_STORE_MEMORY_LIMIT,
    METRIC_ARCHIVE_REGISTERED,
    METRIC_ARCHIVE_LAG,
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
/* Labels of METRIC_REDOS_NOT; of METRIC_LATE they are enum late_fate, of METRIC_CORRECTIONS enum correction_type. */
enum { REDO_NOT_WORLD, REDO_NOT_READ, REDO_NOT_NEW, REDO_NOT_HELD };
/* Labels of METRIC_SETTING_WRONG and METRIC_SETTING_UNKNOWN: as the store calls them, but for its user. */
enum { SETTING_DEFAULT_USER, SETTING_FIRST, SETTING_COUNT = 6 };
extern const char *const telemetry_settings[];

struct metrics *telemetry_new(void);

#endif
