/*
 * web_problem: why a request was not done, for a program and a person (RFC 9457).
 *
 *     {"type":"…/stale","title":"…","status":409,"detail":"…","pointer":"/rev"}
 */
#ifndef MW_WEB_PROBLEM_H
#define MW_WEB_PROBLEM_H

#include "web_answer.h"

/* What `type` begins with: a name, not an address that is there. */
#define WEB_PROBLEM_TYPES "urn:muckwatch:problem:"
#define WEB_PROBLEM_MEDIA "application/problem+json"

/* Makes the answer a problem. Its type and title are those of the status. */
void web_problem(struct web_answer *answer, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same about one place: a JSON pointer into the body, or the name of a parameter. `kind` is the last word of
 * the type; NULL: that of the status. */
void web_problem_at(struct web_answer *answer, int status, const char *kind, const char *pointer,
                    struct text detail);

/* The word for a status in `type`: "not-found". */
const char *web_problem_kind(int status);

#endif
