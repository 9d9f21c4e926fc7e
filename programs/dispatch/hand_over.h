/*
 * hand_over: the document of a watch that is handed over: what is open, assigned, shelved and overdue, as it was then.
 */
#ifndef MW_HAND_OVER_H
#define MW_HAND_OVER_H

#include "register.h"

/* Appends one JSON object. Of each list the first 200 are named; the counts are of all. */
void hand_over_write(struct register_book *book, int64_t now_ms, struct register_scope scope,
                     struct buf *out);

#endif
