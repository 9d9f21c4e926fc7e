/*
 * fix_content: the hash by which fixes without a number are told apart.
 *
 * Its keys are fixed: hashes are kept with the state, and who makes two of its own fixes collide harms
 * itself.
 */
#ifndef MW_FIX_CONTENT_H
#define MW_FIX_CONTENT_H

#include "fix_item.h"

#include <stdint.h>

/* Of the bytes of a fix. */
uint64_t fix_content(struct text json);
/* Of what is left of a line without vehicle and received: `content` of a fix that came in it. */
uint64_t fix_line_content(const struct fix_line *line, struct text text);

#endif
