/*
 * commit_ops: what operations of a commit are put together from, for the files that write them.
 *
 * An operation is its name, the tail of its key, the number of its arguments, and these (commit.lua).
 */
#ifndef MW_COMMIT_OPS_H
#define MW_COMMIT_OPS_H

#include "commit.h"

/* So many arguments follow. */
void op_begin(struct commit_group *g, const char *op, struct text tail, uint32_t args);
/* The key's tail is two parts. */
void op_begin_of(struct commit_group *g, const char *op, const char *before, struct text id, uint32_t args);
void op_put(struct commit_group *g, struct text value);
void op_put_word(struct commit_group *g, const char *word);
void op_put_fixed(struct commit_group *g, double v, int decimals);
/* Two arguments a field. */
void op_put_fields(struct commit_group *g, const struct entry *e);

#endif
