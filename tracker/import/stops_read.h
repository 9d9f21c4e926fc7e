/*
 * stops_read: a table of stops as text, CSV with a row of names or NDJSON, into stops.
 *
 * NDJSON is one object a line. With `list` each holds its stops in a member of that name, and what a stop does not say is
 * looked for in what holds it: a route with its stops on one line.
 */
#ifndef MW_STOPS_READ_H
#define MW_STOPS_READ_H

#include "stops.h"

struct stop_names {
    const char *columns[STOP_COLUMNS]; /* NULL: there is none */
    const char *days[STOP_DAY_COLUMNS];
    const char *list;                              /* NULL: a line is a stop */
    void (*progress)(void *context, double share); /* may be NULL */
    void *context;
};

enum stops_read_status {
    STOPS_READ_OK,
    STOPS_READ_WRONG, /* not a table, or without a column that was named: out_problem */
    STOPS_READ_NO_MEMORY
};

/* `text` has to outlive `out`. A problem is "LINE: reason". */
enum stops_read_status stops_read(struct text text, const struct stop_names *names, struct stops *out,
                                  char out_problem[200]);

#endif
