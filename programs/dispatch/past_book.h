/*
 * past_book: alerts that the store has let go of, read from the archive into a register of their own, so that they are asked through the same
 * filters, cursors and scopes. One stretch of time is kept for a minute after it was asked last; another one takes its place.
 */
#ifndef MW_PAST_BOOK_H
#define MW_PAST_BOOK_H

#include "register.h"

#define PAST_SPAN_MAX_MS (INT64_C(31) * 86400000)

struct past_book {
    struct register_book *book; /* NULL: none */
    struct desk_settings *desk; /* which it borrows */
    int64_t from_ms, to_ms;
    int64_t used_ms;     /* by the loop's clock */
    struct hash_key key; /* of all such books: a cursor is good in the next one of the same stretch */
};

#endif
