/*
 * dispatch_config: the gateway's configuration (dispatch.yaml), read and shown from one table of options.
 */
#ifndef MW_DISPATCH_CONFIG_H
#define MW_DISPATCH_CONFIG_H

#include "arena.h"
#include "config.h"
#include "options.h"
#include "problem.h"

#include <stdint.h>

/* In the order of the options' words. */
enum dispatch_proxy { DISPATCH_PROXY_UNSAID, DISPATCH_PROXY_NONE, DISPATCH_PROXY_HTTP, DISPATCH_PROXY_HTTPS };
enum dispatch_crs { DISPATCH_CRS_UNSAID, DISPATCH_CRS_WGS84, DISPATCH_CRS_GCJ02 };

enum { DISPATCH_PARTITIONS_MAX = 64, DISPATCH_HOOKS_MAX = 16, DISPATCH_HOOK_NAME_MAX = 32 };

/* Who is told of what, by webhook. */
struct dispatch_hook {
    struct text name, url, secret_file, ca_file;
    struct text_list events, kinds, severities, jurisdictions; /* none: all of them */
};

/* Texts are followed by a zero byte; data is NULL where nothing was said. */
struct dispatch_config {
    struct redis_config redis;
    struct whole_list partitions; /* at least one, each once */
    struct text users;
    struct {
        struct text host;
        uint32_t port, connections;
        int proxy; /* enum dispatch_proxy */
    } http;
    struct {
        struct text cert, key;
    } tls;
    bool insecure;
    struct {
        int64_t idle_ms;
        uint32_t most, tries_per_min;
    } sessions;
    struct {
        double read_per_s, change_per_s, heavy_per_s;
    } rate;
    struct {
        bool four_eyes;
        struct whole_list ack_min, handle_h, close_h; /* critical, major, minor; or none */
        struct text_list reasons;                     /* none: the usual ones */
    } desk;
    struct {
        struct text dir;
    } archive, dashboard;
    struct {
        struct text dir, socket;
    } evidence;
    struct {
        struct text config, dir;
        uint32_t kept;
    } world;
    struct {
        struct text tiles, pmtiles, raster;
        int crs; /* enum dispatch_crs */
    } basemap;
    struct dispatch_hook hooks[DISPATCH_HOOKS_MAX];
    size_t hook_count;
    int64_t hooks_give_up_ms;
    struct arena arena;
};

/* The defaults. False without memory; dispatch_config_fini is due either way. */
bool dispatch_config_init(struct dispatch_config *config);
void dispatch_config_fini(struct dispatch_config *config);

/* Reads a file's bytes over the defaults; see config.h. */
bool dispatch_config_read(struct dispatch_config *config, struct text name, struct text bytes,
                          struct problem *out_problem);
bool dispatch_config_read_file(struct dispatch_config *config, const char *path, struct problem *out_problem);

/* The server of basemap.raster, SCHEME://HOST[:PORT]; empty where its pictures are the gateway's own, or there are none. */
struct text dispatch_config_pictures(const struct dispatch_config *config);

bool dispatch_config_write_sample(struct buf *out);
bool dispatch_config_write_help(struct buf *out);
bool dispatch_config_write_man(struct buf *out);

#endif
