/*
 * canon: one text for all JSON texts that say the same: RFC 8785 but for the order of keys beyond the Basic
 * Multilingual Plane, which is that of their UTF-8 bytes, and for whole numbers beyond 2^53, which keep their
 * digits where doubles would make one of two. Members that are null are left out: null means absent here.
 */
#ifndef MW_CANON_H
#define MW_CANON_H

#include "buf.h"
#include "json_tree.h"

#include <stdbool.h>

/* Appends the value. With `known` (ended by NULL) only these members of the outermost object. False without
 * memory. */
bool canon_write(const struct json_node *value, const char *const *known, struct buf *out);

#endif
