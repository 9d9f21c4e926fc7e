/*
 * unit_options: every option of onboard.yaml. A row is written as option_row.h says; rows of a section stand
 * together, since a sample shows them in this order.
 */
#ifndef MW_UNIT_OPTIONS_H
#define MW_UNIT_OPTIONS_H

#include "broker_options.h"
#include "sensor_filter.h"
#include "vehicle_id.h"

/* Of one sensor, by its key in a fix. */
#define SENSOR_OPTIONS(X, name, index, debounce_s)                                                           \
    X(SECONDS, "sensors." name ".debounce_s", sensors[index].debounce_ms, 0, 3600, debounce_s, "s",          \
      "a new value has to last so long")                                                                     \
    X(SECONDS, "sensors." name ".stale_s", sensors[index].stale_ms, 0, 86400, "300", "s",                    \
      "unheard for so long it is unknown; 0: never")

#define UNIT_OPTIONS(X)                                                                                      \
    X(TEXT, "vehicle", vehicle, 1, VEHICLE_ID_MAX, NULL, NULL,                                               \
      "this vehicle: letters, digits, dot, underscore, hyphen", .example = "truck-7", .required = true)      \
    BROKER_ADDRESS_OPTIONS(X)                                                                                \
    X(TEXT, "mqtt.client_id", mqtt.client_id, 1, 64, NULL, NULL,                                             \
      "this unit at the broker; the vehicle's id where nothing is said", .example = "truck-7")               \
    BROKER_ACCESS_OPTIONS(X, "truck-7", "/etc/muckwatch/password", "/etc/muckwatch/ca.pem")                  \
    X(FILE, "mqtt.certfile", mqtt.certfile, 0, 0, NULL, NULL,                                                \
      "this unit's own certificate, and those between it and the authority",                                 \
      .example = "/etc/muckwatch/truck-7.pem")                                                               \
    X(FILE, "mqtt.keyfile", mqtt.keyfile, 0, 0, NULL, NULL,                                                  \
      "its private key, without a passphrase; in certfile where nothing is said",                            \
      .example = "/etc/muckwatch/truck-7.key")                                                               \
    X(WHOLE, "mqtt.keepalive_s", mqtt.keepalive_s, 5, 3600, "30", "s",                                       \
      "a link that says nothing for 1.5 of it is given up")                                                  \
    X(TEXT, "gpsd.host", gpsd.host, 1, 255, "127.0.0.1", NULL, "gpsd's name or address")                     \
    X(WHOLE, "gpsd.port", gpsd.port, 1, UINT16_MAX, "2947", NULL, "gpsd's port")                             \
    X(FILE, "journal.dir", journal.dir, 0, 0, "/var/lib/muckwatch/journal", NULL,                            \
      "folder of the journal, on flash, of this program alone")                                              \
    X(WHOLE, "journal.max_mb", journal.max_mb, 2, 65536, "64", "MB",                                         \
      "largest size of the journal; the oldest goes first")                                                  \
    X(DAYS, "journal.max_days", journal.max_age_ms, 0, 3650, "7", "days",                                    \
      "what is acknowledged is kept for so long, to be sent again if the store goes back")                   \
    X(SECONDS, "journal.fsync_s", journal.fsync_ms, 0, 3600, "5", "s",                                       \
      "at most one commit to flash in this time: what a power cut can cost")                                 \
    X(WHOLE, "journal.memory_kb", journal.memory_kb, 64, 65536, "512", "KiB",                                \
      "fixes kept in memory while the flash takes nothing")                                                  \
    X(SECONDS, "sampling.every_s", sampling.every_ms, 0.1, 3600, "10", "s",                                  \
      "a fix each so many seconds while moving")                                                             \
    X(NUMBER, "sampling.turn_deg", sampling.turn_deg, 0, 180, "20", "degrees",                               \
      "and after a turn by so much; 0: no matter")                                                           \
    X(NUMBER, "sampling.distance_m", sampling.distance_m, 0, 100000, "200", "m",                             \
      "and after so far; 0: no matter")                                                                      \
    X(SECONDS, "sampling.standing_s", sampling.standing_ms, 1, 86400, "60", "s",                             \
      "a fix each so many seconds while standing, or without a position")                                    \
    X(WORD, "sampling.clock", clock, 0, 0, "system", NULL,                                                   \
      "the clock that judges the receiver's times; receiver: a box without one of its own",                  \
      .words = "system|receiver")                                                                            \
    X(WHOLE, "sending.batch_fixes", sending.batch_fixes, 1, 500, "50", "fixes",                              \
      "fixes a message of a backlog")                                                                        \
    X(WHOLE, "sending.batch_bytes", sending.batch_bytes, 512, 200000, "7500", "bytes",                       \
      "and its size; below the broker's max_packet_size")                                                    \
    X(WHOLE, "sending.fixes_per_s", sending.fixes_per_s, 0, 1000000, "500", "fixes/s",                       \
      "fixes a second of a backlog; 0: as fast as the link bears")                                           \
    X(FILE, "sensors.socket", sensor_socket, 0, 0, NULL, NULL,                                               \
      "Unix datagram socket that takes what readers of the hardware see; nothing said: none",                \
      .example = "/run/muckwatch/sensors.sock")                                                              \
    SENSOR_OPTIONS(X, "cover", SENSOR_COVER, "1")                                                            \
    SENSOR_OPTIONS(X, "body", SENSOR_BODY, "1")                                                              \
    SENSOR_OPTIONS(X, "load", SENSOR_LOAD, "3")                                                              \
    SENSOR_OPTIONS(X, "spill", SENSOR_SPILL, "0")                                                            \
    SENSOR_OPTIONS(X, "discharge", SENSOR_DISCHARGE, "1")                                                    \
    SENSOR_OPTIONS(X, "wash", SENSOR_WASH, "1")                                                              \
    SENSOR_OPTIONS(X, "ignition", SENSOR_IGNITION, "1")                                                      \
    SENSOR_OPTIONS(X, "work", SENSOR_WORK, "1")                                                              \
    SENSOR_OPTIONS(X, "power", SENSOR_POWER, "0")                                                            \
    SENSOR_OPTIONS(X, "antenna", SENSOR_ANTENNA, "0")                                                        \
    SENSOR_OPTIONS(X, "load_kg", SENSOR_LOAD_KG, "3")                                                        \
    X(NUMBER, "sensors.load_kg.delta_kg", sensors[SENSOR_LOAD_KG].delta, 0, 1000000, "200", "kg",            \
      "news from so much on")                                                                                \
    SENSOR_OPTIONS(X, "height_m", SENSOR_HEIGHT_M, "2")                                                      \
    X(NUMBER, "sensors.height_m.delta_m", sensors[SENSOR_HEIGHT_M].delta, 0, 100, "0.2", "m",                \
      "news from so much on")                                                                                \
    X(TEXT, "warn.command", warn.command, 1, 1000, NULL, NULL,                                               \
      "run with each warning on its standard input; words parted by blanks, no shell",                       \
      .example = "/usr/local/bin/cab-warn --loud")                                                           \
    X(FILE, "warn.socket", warn.socket, 0, 0, NULL, NULL,                                                    \
      "Unix datagram socket that each warning is sent to", .example = "/run/muckwatch/warn.sock")

#endif
