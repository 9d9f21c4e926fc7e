/*
 * config: the tracker's configuration (muckwatch.yaml), read and shown from one table of options.
 *
 * Read by muckwatchd and muckctl; what it says of the city is loaded by world_load. Every rule takes the same
 * settings and its own (kinds.h), for every class of vehicles and, below `classes`, for one. The onboard unit
 * has a table of its own.
 */
#ifndef MW_CONFIG_H
#define MW_CONFIG_H

#include "arena.h"
#include "kinds.h"
#include "late_settings.h"
#include "options.h"
#include "problem.h"

#include <stdint.h>

/* Largest configuration that is read. */
#define CONFIG_SIZE_MAX ((size_t)1 << 20)

struct mqtt_config {
    struct text host;
    uint32_t port;
    struct text client_id, username, password_file, cafile;
};

struct redis_config {
    struct text host;
    uint32_t port;
    struct text unix_socket, username, password_file;
    bool require_durable;
};

struct city_config {
    struct text timezone, day_ends;
    struct text_list fences, fleet, calendar, school_calendar;
};

struct retention_config {
    int64_t track_ms, violations_ms, trips_ms, duties_ms, audit_ms;
    uint32_t rejects_max;
};

/* Where /metrics, /healthz and /readyz are told; port 0: nowhere. */
struct http_config {
    struct text host;
    uint32_t port;
};

/* What muckwatch-archive keeps; no folder: nothing. */
struct archive_config {
    struct text dir;
    struct text username, password_file; /* its own at the store; none: those of redis */
    int64_t track_ms, findings_ms;
    uint32_t http_port;
};

/* At a limit intake slows, and the log and a metric say so; a fence beyond its own is refused. */
struct limits_config {
    uint32_t batch_messages; /* read, and unacknowledged, at a time */
    uint32_t vehicles;
    uint32_t fence_points;
};

/* Settings of a kind for one class. */
struct rule_override {
    enum kind kind;
    struct text class_name;
    struct rule_settings settings;
};

struct config {
    struct mqtt_config mqtt;
    struct redis_config redis;
    struct city_config city;
    struct retention_config retention;
    struct late_settings late;
    double late_share; /* of the tracker's time */
    struct http_config http;
    struct archive_config archive;
    struct limits_config limits;
    struct common_settings common;
    struct rule_settings rules[KIND_COUNT];
    struct rule_override *overrides;
    size_t override_count, override_cap;
    struct arena arena; /* of all texts above */
};

/* The defaults. False without memory; config_fini is due either way. */
bool config_init(struct config *config);
void config_fini(struct config *config);

/*
 * Reads a file's bytes over the defaults. `name` is its path: errors begin with it, and relative paths in the
 * file begin at its folder. False, with the reason in the problem; the config then serves only for
 * config_fini.
 */
bool config_read(struct config *config, struct text name, struct text bytes, struct problem *out_problem);
/* Opens, reads and closes the file, then the same. */
bool config_read_file(struct config *config, const char *path, struct problem *out_problem);

/* The same for a check: each thing that is wrong is told. `config` can be used as far as it goes. */
bool config_check_file(struct config *config, const char *path, struct options_hearing hearing);

/* Everything that can be set, with its default: a whole configuration file, the list for --help, roff for the
 * manual. */
bool config_write_sample(struct buf *out);
bool config_write_help(struct buf *out);
bool config_write_man(struct buf *out);

/*
 * What judges of a configuration, as JSON objects with sorted keys for the hash of the world: rules.common;
 * and for each kind the settings for every class under "" and those of a class under its name. From the same
 * tables as all else, so that no option can be forgotten. False without memory.
 */
void config_write_common(const struct config *config, struct json_writer *out);
bool config_write_rules(const struct config *config, struct json_writer *out);

#endif
