/*
 * evidence_options: every option of evidence.yaml. A row is written as option_row.h says; rows of a section stand together, since
 * a sample shows them in this order.
 */
#ifndef MW_EVIDENCE_OPTIONS_H
#define MW_EVIDENCE_OPTIONS_H

#include "broker_options.h"
#include "store_options.h"

#define EVIDENCE_OPTIONS(X)                                                                                  \
    STORE_OPTIONS(X)                                                                                         \
    X(FILE, "archive.dir", archive.dir, 0, 0, NULL, NULL,                                                    \
      "muckwatch-archive's folder, which cases are cut from; it is only read",                               \
      .example = "/var/lib/muckwatch-archive", .required = true)                                             \
    X(FILE, "evidence_dir", evidence_dir, 0, 0, NULL, NULL,                                                  \
      "folder of what is sealed: objects, cases and the log", .example = "/var/lib/muckwatch-evidence",      \
      .required = true)                                                                                      \
    X(FILE, "key_file", key_file, 0, 0, NULL, NULL, "the signing key; muckctl evidence key init makes it",   \
      .example = "/etc/muckwatch/evidence.key", .required = true)                                            \
    X(TEXT, "origin", origin, 1, 128, NULL, NULL,                                                            \
      "the log's name, for all time: a host of yours and a path, without blanks and plus signs",             \
      .example = "muckwatch.city.example/evidence", .required = true)                                        \
    X(FILE, "socket", socket, 0, 0, NULL, NULL,                                                              \
      "Unix socket for export, verify, transfer, hold and status; nothing said: there is none",              \
      .example = "/run/muckwatch-evidence/socket")                                                           \
    X(SECONDS, "pre_s", pre_ms, 60, 86400, "600", "s",                                                       \
      "a case has the track from so long before the violation began")                                        \
    X(SECONDS, "post_s", post_ms, 10, 3600, "120", "s",                                                      \
      "and to so long behind its end; so long after it was told to be over it is sealed")                    \
    X(SECONDS, "gap_s", gap_ms, 10, 86400, "300", "s",                                                       \
      "a silence of so long before that belongs to the case, with the last fix before it")                   \
    X(SECONDS, "checkpoint_s", checkpoint_ms, 1, 3600, "60", "s", "how often the log is signed, if it grew") \
    X(DAYS, "retention.days", retention_ms, 1, 36500, "1096", "days",                                        \
      "how long a case is kept behind its last sealing")                                                     \
    X(TEXT, "report.issuer", report.issuer, 1, 200, NULL, NULL, "who issues the report, as its head says",   \
      .example = "城市管理行政执法支队")                                                                     \
    X(TEXT, "report.law", report.law, 1, 4000, NULL, NULL, "the provisions that the report quotes",          \
      .example = "《城市建筑垃圾管理规定》第十四条")                                                         \
    X(TEXT, "http.host", http.host, 1, 255, "127.0.0.1", NULL, "where /metrics, /healthz and /readyz are")   \
    X(WHOLE, "http.port", http.port, 0, UINT16_MAX, "0", NULL, "their port; 0: none")                        \
    X(TEXT, "mqtt.host", mqtt.host, 1, 255, NULL, NULL,                                                      \
      "the broker that holds the newest checkpoint, retained; nothing said: none does",                      \
      .example = "127.0.0.1")                                                                                \
    X(WHOLE, "mqtt.port", mqtt.port, 1, UINT16_MAX, "1883", NULL, "the broker's port")                       \
    X(TEXT, "mqtt.topic", mqtt.topic, 1, 200, "muck/checkpoints/0", NULL, "where it is held")                \
    BROKER_ACCESS_OPTIONS(X, "evidence", "/etc/muckwatch/mqtt-evidence.password", "/etc/muckwatch/ca.crt")

#endif
