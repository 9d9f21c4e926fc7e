/*
 * phrase_rows: the words of each kind, one row a kind, Chinese and English side by side.
 *
 * Chinese is that of enforcement documents. In patterns these stand for what a transition names, and what
 * stands in brackets with one of them is left out where it names none:
 *
 *     #  its fence's name     @  the place around it, or the position     ^  the cause
 */
#ifndef MW_PHRASE_ROWS_H
#define MW_PHRASE_ROWS_H

#include "outcome.h"
#include "wording.h"

struct phrase_row {
    const char *noun[2];   /* what it is, in a few words */
    const char *what[2];   /* the pattern of a sentence: what was done and where */
    const char *advice[2]; /* the pattern for the cab while it can still be heeded; NULL: there is none */
    bool instant;          /* told by when it happened, not by since when it lasts */
    bool done;             /* is over as soon as it has happened */
};

/* The row of a transition; never NULL. */
const struct phrase_row *phrase_row_of(const struct transition *t);

/* The word for a cause; empty for none. */
const char *phrase_cause(enum cause cause, enum phrase_language language);

#endif
