/*
 * problem: why a file a person wrote cannot be used, in one line for that person.
 *
 * It names the file, the place (line and column, or the id of the thing), the value and what was expected.
 */
#ifndef MW_PROBLEM_H
#define MW_PROBLEM_H

#include "text.h"

struct problem {
    char text[640];
};

/* printf into the problem; what does not fit is cut. */
void problem_set(struct problem *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How much of an untrusted text a message shows. */
#define PROBLEM_SHOWN 60

/* For "%.*s": at most PROBLEM_SHOWN bytes of a text, not cut within a UTF-8 sequence. */
#define PROBLEM_ARG(t) problem_shown(t), (t).data
int problem_shown(struct text t);

#endif
