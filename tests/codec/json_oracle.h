/*
 * json_oracle: Jansson reads the same text as json_tree and canon, and has to come to the same: verdict,
 * values, canonical form, and the message with line and column where it is not JSON.
 */
#ifndef MW_TEST_JSON_ORACLE_H
#define MW_TEST_JSON_ORACLE_H

#include "buf.h"

#include <jansson.h>
#include <stdbool.h>

/* Aborts where they differ, with the text. Whether it is JSON. */
bool json_oracle_check(struct text text);

/* The canonical form of what Jansson has read, as canon_write. */
bool json_oracle_canon(const json_t *value, const char *const *known, struct buf *out);

#endif
