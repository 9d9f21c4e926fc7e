/*
 * commit_group: what one vehicle's part of a batch writes, as operations in Redis' protocol, and what those are put
 * together from.
 *
 * An operation is its name, the tail of its key, the number of its arguments, and these (commit.lua). A warm group
 * allocates nothing.
 */
#ifndef MW_COMMIT_GROUP_H
#define MW_COMMIT_GROUP_H

#include "buf.h"
#include "entry.h"

struct commit_group {
    struct buf ops;
    uint32_t args; /* arguments in it */
};

void commit_group_init(struct commit_group *g, size_t limit);
void commit_group_fini(struct commit_group *g);
void commit_group_clear(struct commit_group *g);

/* ---- operations ---- */

/* So many arguments follow. */
void op_begin(struct commit_group *g, const char *op, struct text tail, uint32_t args);
/* The key's tail is two parts. */
void op_begin_of(struct commit_group *g, const char *op, const char *before, struct text id, uint32_t args);
void op_put(struct commit_group *g, struct text value);
void op_put_word(struct commit_group *g, const char *word);
void op_put_fixed(struct commit_group *g, double v, int decimals);
/* Two arguments a field. */
void op_put_fields(struct commit_group *g, const struct entry *e);

/* One argument, and a command of `args` arguments, in Redis' protocol. */
void resp_put_text(struct buf *out, struct text t);
void resp_put_i64(struct buf *out, int64_t n);
void resp_put_command(struct buf *out, size_t args);

#endif
