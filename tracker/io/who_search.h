/*
 * who_search: who passed a place, from an archive: the boxes of chunks are asked first, then only chunks that may have been
 * there are opened, vehicle by vehicle.
 *
 * Event time is gone through a day at a time, so that what is in memory does not grow with the span.
 */
#ifndef MW_WHO_SEARCH_H
#define MW_WHO_SEARCH_H

#include "archive_look.h"
#include "names.h"
#include "passing.h"

struct who_pass {
    struct text vehicle;
    struct pass pass;
};

struct who_found {
    struct names *names; /* which the vehicles' texts are of */
    struct who_pass *items;
    size_t count, cap;
    uint64_t chunks, opened, lines; /* in the span of time; looked into; read */
};

struct who_asked {
    struct archive_look *look;
    struct passing_question question;
    struct text vehicle;                           /* empty: all */
    void (*progress)(void *context, double share); /* from 0 to 1 */
    void *context;
};

/* By time of entry. False without memory. What is damaged is told by the look, and passed over. */
bool who_search(const struct who_asked *asked, struct who_found *out);
void who_found_fini(struct who_found *found);

#endif
