/*
 * evidence_log_state: the log's parts, for its files.
 */
#ifndef MW_EVIDENCE_LOG_STATE_H
#define MW_EVIDENCE_LOG_STATE_H

#include "evidence_log.h"
#include "tlog_tile.h"

struct evidence_log {
    const char *root;
    int entries, checkpoints; /* descriptors */
    bool lost;
    uint64_t size, *ends; /* where each entry's frame ends in the file */
    size_t ends_cap;
    uint64_t checkpoints_end;
    struct evidence_log_level {
        struct tlog_hash *hashes; /* of whole subtrees of 256^level leaves */
        size_t count, cap;
    } levels[TLOG_TILE_LEVELS];
    struct tlog_head signed_head;
    struct buf note;
};

/* A leaf behind the last one. False without memory. */
bool evidence_log_grow(struct evidence_log *log, const struct tlog_hash *leaf, uint64_t end);

/* ---- evidence_log_open.c ---- */
enum { EVIDENCE_FRAME_HEAD = 2 };
bool evidence_log_read_at(int fd, void *bytes, size_t n, uint64_t at);
bool evidence_log_write_at(int fd, struct text bytes, uint64_t at);

/* ---- evidence_log_tiles.c ---- */
/* What tiles and bundles a tree of the log's size has and one of `before` had not. False with errno. */
bool evidence_log_put_tiles(struct evidence_log *log, uint64_t before);

#endif
