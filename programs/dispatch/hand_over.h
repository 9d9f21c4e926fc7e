/*
 * hand_over: the document of a watch that is handed over: what is open, assigned, shelved and overdue, as it was then, and what was
 * done since the watch was taken.
 */
#ifndef MW_HAND_OVER_H
#define MW_HAND_OVER_H

#include "register.h"

struct hand_over {
    struct register_book *book;
    struct register_scope scope;
    int64_t now_ms, since_ms;
};

/* Appends one JSON object. Of each list the first 200 are named; the counts are of all. */
void hand_over_write(const struct hand_over *what, struct buf *out);

#endif
