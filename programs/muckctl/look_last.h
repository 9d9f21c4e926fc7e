/*
 * look_last: of a stream in which an id comes several times, only its last entry: what stands.
 *
 * The stream is read twice. The first time only ids are kept, so that what it costs does not grow with the entries;
 * what is written meanwhile is left out the second time, so that what is shown is how it stood at one moment.
 */
#ifndef MW_LOOK_LAST_H
#define MW_LOOK_LAST_H

#include "look.h"

struct look_last {
    const char *command, *key;
    const char *from;    /* a stream id, or a time in milliseconds */
    const char *id_name; /* the field that has the id */
};

/* As look_stream, for the last entry of each id. */
int look_last(struct look *look, const struct look_last *which, struct look_visitor visitor);

#endif
