/*
 * onboard_config: the onboard unit's configuration (onboard.yaml), read and shown from one table of options.
 */
#ifndef MW_ONBOARD_CONFIG_H
#define MW_ONBOARD_CONFIG_H

#include "arena.h"
#include "options.h"
#include "problem.h"
#include "sampler.h"
#include "sensor_filter.h"

#include <stdint.h>

/* In the order of the option's words. */
enum onboard_clock { ONBOARD_CLOCK_NONE, ONBOARD_CLOCK_SYSTEM, ONBOARD_CLOCK_RECEIVER };

/* Texts are followed by a zero byte; data is NULL where nothing was said. */
struct onboard_config {
    struct text vehicle;
    struct {
        struct text host;
        uint32_t port;
        struct text client_id, username, password_file, cafile, certfile, keyfile;
        uint32_t keepalive_s;
    } mqtt;
    struct {
        struct text host;
        uint32_t port;
    } gpsd;
    struct {
        struct text dir;
        uint32_t max_mb;
        int64_t max_age_ms, fsync_ms;
        uint32_t memory_kb;
    } journal;
    struct sampler_options sampling;
    int clock; /* enum onboard_clock */
    struct {
        uint32_t batch_fixes, batch_bytes, fixes_per_s;
    } sending;
    struct text sensor_socket;
    struct sensor_settings sensors[SENSOR_COUNT];
    struct {
        struct text command, socket;
    } warn;
    struct arena arena;
};

/* The defaults. False without memory; onboard_config_fini is due either way. */
bool onboard_config_init(struct onboard_config *config);
void onboard_config_fini(struct onboard_config *config);

/* Reads a file's bytes over the defaults; see config.h. */
bool onboard_config_read(struct onboard_config *config, struct text name, struct text bytes,
                         struct problem *out_problem);
bool onboard_config_read_file(struct onboard_config *config, const char *path, struct problem *out_problem);

bool onboard_config_write_sample(struct buf *out);
bool onboard_config_write_help(struct buf *out);
bool onboard_config_write_man(struct buf *out);

#endif
