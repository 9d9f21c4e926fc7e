/*
 * past_book: what the store may have let go of: the alerts, or the hauls, that began in a stretch of time, put together from the archive and,
 * behind where that has come to, from the store. So a list of it is the same wherever the seam between the two lies. It is asked through the
 * same filters, cursors and scopes as what is in memory. Or one of them alone, by its id.
 */
#ifndef MW_PAST_BOOK_H
#define MW_PAST_BOOK_H

#include "past_lines.h"
#include "trip_book.h"

enum past_kind { PAST_ALERTS, PAST_TRIPS, PAST_KIND_COUNT };

/* A year, as far as there is room: beyond it what began first goes, and answers say `truncated`. */
#define PAST_SPAN_MAX_MS (INT64_C(366) * 86400000)

struct past_book {
    /* Of alerts, with the desk's settings, which it borrows; of hauls. Both NULL: there is none. */
    struct register_book *alerts;
    struct desk_settings *desk;
    struct trip_book *trips;
    struct past_lines lines; /* of one alert */
    int64_t from_ms, to_ms;
    int64_t made_ms; /* by the loop's clock; of one that is kept */
};

static inline bool past_book_is(const struct past_book *book)
{
    return book->alerts != NULL || book->trips != NULL;
}

struct reading;

/* One that was read for a question stays for a minute, for those that ask on, and follows the streams; another stretch
 * takes its place. */
struct past {
    struct past_book books[PAST_KIND_COUNT];
    struct reading *readings; /* that read the store just now (past_reading.c) */
    /* Of the question that is asked again just now; none is under way: `one_kind` is PAST_KIND_COUNT. */
    struct past_book one;
    enum past_kind one_kind;
    char one_id[DESK_ID_LENGTH + 1];
    const char *one_why; /* it could not be read */
    bool behind;         /* the store turned out not to have all of it */
};

#endif
