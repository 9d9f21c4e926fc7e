/*
 * dispatch_options: every option of dispatch.yaml. A row is written as option_row.h says; rows of a section stand
 * together, since a sample shows them in this order.
 */
#ifndef MW_DISPATCH_OPTIONS_H
#define MW_DISPATCH_OPTIONS_H

#include "store_options.h"

#define DISPATCH_OPTIONS(X)                                                                                  \
    STORE_OPTIONS(X)                                                                                         \
    X(WHOLES, "partitions", partitions, 0, 65535, NULL, NULL,                                                \
      "the partitions that are read, one tracker each; nothing said: 0 alone", .example = "[0]")             \
    X(FILE, "users", users, 0, 0, NULL, NULL,                                                                \
      "who may do what; muckwatch-dispatch passwd and token write it", .example = "users.yaml",              \
      .required = true)                                                                                      \
    X(TEXT, "http.host", http.host, 1, 255, "127.0.0.1", NULL,                                               \
      "where it listens; another address than loopback needs tls, or insecure")                              \
    X(WHOLE, "http.port", http.port, 1, UINT16_MAX, "8080", NULL, "and its port")                            \
    X(WHOLE, "http.connections", http.connections, 8, 60000, "2048", NULL,                                   \
      "connections at a time; fewer where there are not as many descriptors")                                \
    X(WORD, "http.proxy", http.proxy, 0, 0, "none", NULL,                                                    \
      "what stands in front on this machine: its X-Forwarded-For is believed, and with https a cookie is "   \
      "for TLS alone",                                                                                       \
      .words = "none|http|https")                                                                            \
    X(FILE, "tls.cert", tls.cert, 0, 0, NULL, NULL,                                                          \
      "certificate, and those between it and the authority; with it TLS is spoken",                          \
      .example = "/etc/muckwatch/dispatch.pem")                                                              \
    X(FILE, "tls.key", tls.key, 0, 0, NULL, NULL, "its private key",                                         \
      .example = "/etc/muckwatch/dispatch.key")                                                              \
    X(BOOL, "insecure", insecure, 0, 0, "false", NULL,                                                       \
      "listen on another address than loopback without TLS: passwords and tracks can be read on the way")    \
    X(HOURS, "sessions.idle_h", sessions.idle_ms, 0.01, 720, "12", "h",                                      \
      "whoever is signed in and asks nothing for so long has to sign in again")                              \
    X(WHOLE, "sessions.most", sessions.most, 1, 10000, "1000", NULL, "sessions at a time")                   \
    X(WHOLE, "sessions.tries_per_min", sessions.tries_per_min, 1, 1000, "5", NULL,                           \
      "wrong passwords a minute for a name from an address")                                                 \
    X(NUMBER, "rate.read_per_s", rate.read_per_s, 0.1, 1000, "50", NULL,                                     \
      "questions a second of one user, or address; ten times as many at once")                               \
    X(NUMBER, "rate.change_per_s", rate.change_per_s, 0.1, 1000, "10", NULL, "changes a second; as above")   \
    X(NUMBER, "rate.heavy_per_s", rate.heavy_per_s, 0.01, 1000, "1", NULL,                                   \
      "exports and searches a second; as above")                                                             \
    X(BOOL, "desk.four_eyes", desk.four_eyes, 0, 0, "false", NULL,                                           \
      "whoever acknowledged an alert does not review it")                                                    \
    X(WHOLES, "desk.ack_min", desk.ack_min, 1, 100000, NULL, NULL,                                           \
      "minutes to acknowledge a critical, a major and a minor alert; then it is overdue",                    \
      .example = "[2, 10, 60]")                                                                              \
    X(WHOLES, "desk.handle_h", desk.handle_h, 1, 100000, NULL, NULL, "hours to handle them",                 \
      .example = "[2, 8, 48]")                                                                               \
    X(WHOLES, "desk.close_h", desk.close_h, 1, 100000, NULL, NULL, "hours to close them",                    \
      .example = "[4, 24, 72]")                                                                              \
    X(TEXTS, "desk.reasons", desk.reasons, 1, 128, NULL, NULL, "for which a review rejects an alert",        \
      .example = "[定位漂移, 围栏有误, 许可未录入, 终端故障, 紧急避险, 重复]")                               \
    X(FILE, "archive.dir", archive.dir, 0, 0, NULL, NULL,                                                    \
      "folder of muckwatch-archive, for what the store has let go of; it is only read",                      \
      .example = "/var/lib/muckwatch-archive")                                                               \
    X(FILE, "evidence.dir", evidence.dir, 0, 0, NULL, NULL,                                                  \
      "folder of muckwatch-evidence, whose register says what is sealed; it is only read",                   \
      .example = "/var/lib/muckwatch-evidence")                                                              \
    X(FILE, "evidence.socket", evidence.socket, 0, 0, NULL, NULL,                                            \
      "the keeper's socket, for packages of cases", .example = "/run/muckwatch-evidence/socket")             \
    X(FILE, "world.config", world.config, 0, 0, NULL, NULL,                                                  \
      "the tracker's configuration, by which fences, fleet and calendars are shown to admins and judged",    \
      .example = "/etc/muckwatch/muckwatch.yaml")                                                            \
    X(FILE, "world.dir", world.dir, 0, 0, NULL, NULL,                                                        \
      "folder of versions of those files; what the configuration names below its `now` can be changed",      \
      .example = "/var/lib/muckwatch-city")                                                                  \
    X(WHOLE, "world.kept", world.kept, 1, 1000, "20", NULL, "versions that are kept, the newest first")      \
    X(HOURS, "hook_give_up_h", hooks_give_up_ms, 0.001, 720, "24", "h",                                      \
      "an event that a webhook's receiver has not taken for so long is given up (hooks)")                    \
    X(FILE, "dashboard.dir", dashboard.dir, 0, 0, NULL, NULL,                                                \
      "folder of the page; nothing said: there is the API alone",                                            \
      .example = "/usr/share/muckwatch/dashboard")                                                           \
    X(FILE, "basemap.tiles", basemap.tiles, 0, 0, NULL, NULL,                                                \
      "base map: a folder of vector tiles, {z}/{x}/{y}.pbf with gzip inside",                                \
      .example = "/var/lib/muckwatch/tiles")                                                                 \
    X(FILE, "basemap.pmtiles", basemap.pmtiles, 0, 0, NULL, NULL, "or one file of them",                     \
      .example = "/var/lib/muckwatch/city.pmtiles")                                                          \
    X(TEXT, "basemap.raster", basemap.raster, 8, 1000, NULL, NULL,                                           \
      "or pictures from a server that browsers ask themselves, {z} {x} {y} in its address",                  \
      .example = "https://tiles.example/{z}/{x}/{y}.png")                                                    \
    X(WORD, "basemap.crs", basemap.crs, 0, 0, "wgs84", NULL, "what those pictures are drawn in",             \
      .words = "wgs84|gcj02")

#endif
