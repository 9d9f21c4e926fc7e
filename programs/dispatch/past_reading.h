/*
 * past_reading: stretches of what lies behind, read: from the archive on the thread, and then from the store what that does not have yet.
 */
#ifndef MW_PAST_READING_H
#define MW_PAST_READING_H

#include "gateway.h"
#include "kept.h"
#include "past_book.h"

struct past_wanted {
    enum past_kind kind;
    struct text id; /* of one; empty: all of a stretch */
    int64_t from_ms, to_ms;
};

/* What was read: to be taken over, or let go of with past_book_fini. NULL: it failed, and `why` says what. */
typedef void past_done(void *arg, struct past_book *book, const char *why);

/* False, and `done` is not called: too many are reading, or there is no memory. There is an archive. */
bool past_read(struct gateway *g, const struct past_wanted *wanted, past_done *done, void *arg);
/* An empty one. False without memory. */
bool past_book_make(struct gateway *g, enum past_kind kind, struct past_book *out);
void past_book_fini(struct past_book *book);

/* What the streams tell is told to the stretches that are kept, and to those that are being read from the store: whoever acts on an old
 * alert sees it. */
void past_follow_alert(struct gateway *g, struct register_place place, bool action, struct fields entry);
void past_follow_trip(struct gateway *g, struct register_place place, struct fields entry);

/* The same of those that are being read (past_reading.c). `action`: of alerts, an entry of `actions`. */
void past_reading_follow(struct gateway *g, enum past_kind kind, bool action, struct register_place place,
                         struct fields entry);

/* Whether a list is of what lies behind: it says so, or it says its stretch, and memory does not have all of it. */
bool past_is_wanted(const struct gateway *g, const struct web_match *match, enum past_kind kind);
/* That of the one whose id a request names, good while it is answered. NULL: it is being read, and the request is asked again then; or a
 * problem: 404 where there is nothing of it, 503 where the archive cannot be read. */
const struct past_book *past_one_of(struct gateway *g, const struct web_match *match, enum past_kind kind,
                                    struct web_answer *out);
enum past_one_state { PAST_ONE_UNREAD, PAST_ONE_THERE, PAST_ONE_NOT_THERE, PAST_ONE_FAILED };
enum past_one_state past_one_state(const struct gateway *g, const struct web_match *match,
                                   enum past_kind kind);
bool past_has_archive(const struct gateway *g, uint32_t partition);
/* The book of a request for which it is. NULL: it is being read, and the request is asked again then; or a problem. */
const struct past_book *past_of(struct gateway *g, const struct web_match *match, enum past_kind kind,
                                struct web_answer *out);

#endif
