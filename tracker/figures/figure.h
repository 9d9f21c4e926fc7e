/*
 * figure: the figures of a report, a row each: what it is called, in which unit, what stands above and below its line, and
 * what makes it unknown. The table stands here once; docs/REPORT.md has it as `muckctl report --explain` prints it.
 */
#ifndef MW_FIGURE_H
#define MW_FIGURE_H

#include "buf.h"

#include <stdint.h>

enum figure {
    FIGURE_VEHICLES,
    FIGURE_VEHICLE_DAYS,
    FIGURE_ONLINE,
    FIGURE_DRIVEN_H,
    FIGURE_HEARD_H,
    FIGURE_WAY_KM,
    FIGURE_VALID,
    FIGURE_COMPLETE,
    FIGURE_TRIPS,
    FIGURE_TONNES,
    FIGURE_SEALED,
    FIGURE_WASHED,
    FIGURE_ON_ROUTE,
    FIGURE_IN_HOURS,
    FIGURE_PERMITTED,
    FIGURE_FINDINGS,
    FIGURE_MINOR,
    FIGURE_MAJOR,
    FIGURE_CRITICAL,
    FIGURE_PER_100,
    FIGURE_REPEAT,
    FIGURE_ACK_MIN,
    FIGURE_ACK_ON_TIME,
    FIGURE_CLOSE_H,
    FIGURE_CLOSE_ON_TIME,
    FIGURE_COUNT
};

enum figure_language { FIGURE_ZH, FIGURE_EN };

enum figure_form {
    FIGURE_COUNTED, /* a number */
    FIGURE_SUM,     /* of things that have it, with how many those were: `of` */
    FIGURE_SHARE,   /* per cent, `of` */
    FIGURE_MEAN,    /* `of` */
};

enum figure_group { FIGURE_OF_TRACKS, FIGURE_OF_TRIPS, FIGURE_OF_FINDINGS };

struct figure_row {
    const char *name; /* in JSON */
    const char *heading[2], *unit[2];
    enum figure_group group;
    enum figure_form form;
    int decimals;
    const char *above, *below, *unknown; /* English, for the table */
};

extern const struct figure_row figure_rows[FIGURE_COUNT];

enum figure_standing {
    FIGURE_KNOWN,
    FIGURE_UNKNOWN,
    FIGURE_NONE /* there is no such figure by this: kilometres by kind */
};

struct figure_value {
    enum figure_standing standing;
    double value;    /* of a share: per cent */
    int64_t of;      /* but of FIGURE_COUNTED */
    int64_t unknown; /* of a share: how many stand in neither, since nobody knows */
};

/* Own: so many findings make a repeat offender. */
enum { FIGURE_REPEAT_LEAST = 3 };

/* The table as Markdown. */
void figure_explain(struct buf *out);

#endif
