/*
 * trip_query: the parameters of a request as a question to the book of hauls, within the scope of whoever asks.
 *
 * A scope covers a haul by the company of its vehicle, and by the jurisdiction of its site's or its disposal's fence in the world in force: it is
 * the business of both ends, and of nobody whose district it only passed.
 */
#ifndef MW_TRIP_QUERY_H
#define MW_TRIP_QUERY_H

#include "gateway.h"

struct trip_query {
    const struct gateway *g;
    const struct trip_book *book;
    const struct web_match *match;
    struct scope places, companies; /* the two parts of the scope */
    uint8_t *words;
    int64_t from_ms, to_ms;
};

/* False, with a problem: the streams are still being read, or it cannot be told what the scope covers. */
bool trips_are_known(const struct gateway *g, const struct person *who, struct web_answer *out);

/* The book of a request: that of memory, or of what lies behind. NULL: it is being read, or a problem. */
const struct trip_book *trips_book(struct gateway *g, const struct web_match *match, struct web_answer *out);
/* False without memory. */
bool trip_query_make(const struct gateway *g, const struct trip_book *book, const struct web_match *match,
                     struct trip_query *q);
void trip_query_fini(struct trip_query *q);
/* Whether the scope covers it, and whether it is one that is asked for too. */
bool trip_query_covers(const struct trip_query *q, const struct trip_row *row);
bool trip_query_fits(const struct trip_query *q, const struct trip_row *row);

/* A place in the order, as text for the one who asked; and from it. Whatever a cursor says is a place, and no more. */
enum { TRIP_CURSOR_MAX = 64 };
void trip_cursor_write(const struct trip_row *row, char out[TRIP_CURSOR_MAX]);
/* Empty: the end. False where it is none of ours. */
bool trip_cursor_read(const struct trip_book *b, struct text cursor, size_t *out_place);

#endif
