/*
 * evidence_config: the keeper's configuration (evidence.yaml), read and shown from one table of options.
 */
#ifndef MW_EVIDENCE_CONFIG_H
#define MW_EVIDENCE_CONFIG_H

#include "arena.h"
#include "config.h"
#include "options.h"
#include "problem.h"

enum { EVIDENCE_KINDS_MAX = 64 };

/* How long cases of a kind are kept, where it is not as long as the others. */
struct evidence_retention {
    struct text kind;
    int64_t ms;
};

/* Texts are followed by a zero byte; data is NULL where nothing was said. */
struct evidence_config {
    struct redis_config redis;
    struct {
        struct text dir;
    } archive;
    struct text evidence_dir, key_file, origin, socket;
    int64_t pre_ms, post_ms, gap_ms, checkpoint_ms, retention_ms;
    struct evidence_retention kinds[EVIDENCE_KINDS_MAX];
    size_t kind_count;
    struct {
        struct text issuer, law;
    } report;
    struct {
        struct text host;
        uint32_t port;
    } http;
    struct {
        struct text host, topic, username, password_file, cafile;
        uint32_t port;
    } mqtt;
    struct arena arena;
};

/* The defaults. False without memory; evidence_config_fini is due either way. */
bool evidence_config_init(struct evidence_config *config);
void evidence_config_fini(struct evidence_config *config);
/* Reads a file's bytes over the defaults; see config.h. */
bool evidence_config_read(struct evidence_config *config, struct text name, struct text bytes,
                          struct problem *out_problem);
bool evidence_config_read_file(struct evidence_config *config, const char *path, struct problem *out_problem);
/* How long a case of this kind is kept. */
int64_t evidence_config_retention_ms(const struct evidence_config *config, struct text kind);

bool evidence_config_write_sample(struct buf *out);
bool evidence_config_write_help(struct buf *out);

#endif
