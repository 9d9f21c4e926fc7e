/*
 * tracker_options: every option of muckwatch.yaml but those of rules (common_options.h, rule_options.h and
 * the kinds' own in kinds.c). A row is written as option_row.h says; rows of a section stand together, since
 * a sample shows them in this order.
 */
#ifndef MW_TRACKER_OPTIONS_H
#define MW_TRACKER_OPTIONS_H

#include "broker_options.h"
#include "store_options.h"

#define TRACKER_OPTIONS(X)                                                                                   \
    BROKER_ADDRESS_OPTIONS(X)                                                                                \
    X(TEXT, "mqtt.client_id", mqtt.client_id, 1, 64, "muckwatchd", NULL,                                     \
      "names the session that the broker keeps; one tracker, one id")                                        \
    BROKER_ACCESS_OPTIONS(X, NULL, NULL, NULL)                                                               \
    STORE_OPTIONS(X)                                                                                         \
    X(BOOL, "redis.require_durable", redis.require_durable, 0, 0, "false", NULL,                             \
      "refuse to run on a store that can lose what it acknowledged")                                         \
    X(TEXT, "city.timezone", city.timezone, 1, 64, "Asia/Shanghai", NULL,                                    \
      "where hours and dates are meant, by its name in the tz database")                                     \
    X(TEXT, "city.day_ends", city.day_ends, 1, 5, "00:00", NULL,                                             \
      "when a day of the figures ends, in local time; where the work is at night a time at which it rests")  \
    X(FILES, "city.fences", city.fences, 0, 0, NULL, NULL, "GeoJSON files with sites, routes, zones",        \
      .example = "[fences.geojson]", .required = true)                                                       \
    X(FILES, "city.fleet", city.fleet, 0, 0, NULL, NULL, "JSON files with vehicles and permits",             \
      .example = "[fleet.json]")                                                                             \
    X(FILES, "city.calendar", city.calendar, 0, 0, NULL, NULL,                                               \
      "holiday-cn files, one a year, for PH and WD in hours", .example = "[2026.json]")                      \
    X(FILES, "city.school_calendar", city.school_calendar, 0, 0, NULL, NULL,                                 \
      "files of the same form with the school holidays, for SH in hours", .example = "[school-2026.json]")   \
    X(HOURS, "retention.track_hours", retention.track_ms, 0, 87600, "6", "h",                                \
      "how long fixes stay in the store")                                                                    \
    X(DAYS, "retention.violations_days", retention.violations_ms, 0, 3650, "30", "days",                     \
      "how long violations stay in the store, and what people did about them once they are closed")          \
    X(DAYS, "retention.trips_days", retention.trips_ms, 0, 3650, "30", "days",                               \
      "how long the trip ledger stays in the store")                                                         \
    X(DAYS, "retention.duties_days", retention.duties_ms, 0, 3650, "90", "days",                             \
      "how long the work of sanitation vehicles stays in the store")                                         \
    X(DAYS, "retention.audit_days", retention.audit_ms, 1, 3650, "180", "days",                              \
      "how long it stays in the store who asked whom a track tells")                                         \
    X(WHOLE, "retention.rejects_max", retention.rejects_max, 0, 100000000, "100000", NULL,                   \
      "how many refused messages stay in the store")                                                         \
    X(HOURS, "late.horizon_h", late.horizon_ms, 0, 24, NULL, "h",                                            \
      "what comes late by no more than this is judged in its place, and what was said is corrected; 0: "     \
      "nothing is; at most retention.track_hours less 1, which it is if it is not written")                  \
    X(SECONDS, "late.quiet_s", late.quiet_ms, 1, 3600, "10", "s",                                            \
      "judged when no more of it has come for so long")                                                      \
    X(SECONDS, "late.max_wait_s", late.max_wait_ms, 1, 3600, "60", "s",                                      \
      "or at the latest so long after the first")                                                            \
    X(SECONDS, "late.checkpoint_s", late.checkpoint_ms, 60, 86400, "900", "s",                               \
      "time between two states kept of a vehicle, from which it can be judged again")                        \
    X(NUMBER, "late.share", late_share, 0.01, 0.5, "0.1", NULL,                                              \
      "of the tracker's time that judging again may take")                                                   \
    X(TEXT, "http.host", http.host, 1, 255, "127.0.0.1", NULL, "address for /metrics, /healthz and /readyz") \
    X(WHOLE, "http.port", http.port, 0, UINT16_MAX, "0", NULL, "port for them; 0: none")                     \
    X(FILE, "archive.dir", archive.dir, 0, 0, NULL, NULL,                                                    \
      "folder that muckwatch-archive keeps what happened in; without it there is no archive")                \
    X(DAYS, "archive.track_days", archive.track_ms, 1, 3650, "180", "days",                                  \
      "how long the archive keeps tracks and refused messages")                                              \
    X(DAYS, "archive.findings_days", archive.findings_ms, 1, 36500, "1830", "days",                          \
      "how long the archive keeps violations, trips and actions")                                            \
    X(TEXT, "archive.username", archive.username, 1, 255, NULL, NULL,                                        \
      "the archive's own user at the store, instead of redis.username and redis.password_file")              \
    X(FILE, "archive.password_file", archive.password_file, 0, 0, NULL, NULL,                                \
      "file whose first line is its password at the store")                                                  \
    X(WHOLE, "archive.http_port", archive.http_port, 0, UINT16_MAX, "0", NULL,                               \
      "port at http.host for the archive's own /metrics, /healthz and /readyz; 0: none")                     \
    X(WHOLE, "limits.batch_messages", limits.batch_messages, 1, 10000, "500", NULL,                          \
      "messages taken before their acknowledgement is due")                                                  \
    X(WHOLE, "limits.vehicles", limits.vehicles, 1, 4000000, "1000000", NULL,                                \
      "vehicles the tracker keeps in memory")                                                                \
    X(WHOLE, "limits.fence_points", limits.fence_points, 1000, 10000000, "100000", NULL,                     \
      "points that one fence may have, all its rings or lines together")

#endif
