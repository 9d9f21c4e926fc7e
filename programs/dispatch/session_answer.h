/* session_answer: what is said of whoever is signed in, and the cookie. */
#ifndef MW_SESSION_ANSWER_H
#define MW_SESSION_ANSWER_H

#include "gateway.h"

void session_answer(const struct gateway *g, const struct person *person, struct web_answer *out);
/* The same with a cookie that carries the new session's name. */
void session_answer_opened(const struct gateway *g, const struct person *person, const char *secret,
                           struct web_answer *out);
/* No content, and a browser forgets the cookie. */
void session_answer_closed(const struct gateway *g, struct web_answer *out);

#endif
