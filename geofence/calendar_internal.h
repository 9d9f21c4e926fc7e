/*
 * calendar_internal: what a calendar looks like to the evaluation of time windows.
 */
#ifndef MW_CALENDAR_INTERNAL_H
#define MW_CALENDAR_INTERNAL_H

#include <muckwatch/hours.h>

enum { CALENDAR_WORDS = 6 /* 384 bits for 366 days */ };

struct calendar_year {
    uint64_t off[CALENDAR_WORDS];    /* bit n: day n of the year, counted from 0, is a holiday */
    uint64_t worked[CALENDAR_WORDS]; /* the same for make-up working days; never both */
    bool known;
};

struct mw_calendar {
    struct calendar_year years[MW_CALENDAR_LAST_YEAR - MW_CALENDAR_FIRST_YEAR + 1];
};

enum calendar_day { CALENDAR_PLAIN = 0, CALENDAR_OFF, CALENDAR_WORKED };

/* What the calendar says about a day number; plain where it says nothing. */
enum calendar_day calendar_look(const struct mw_calendar *calendar, int32_t days);

/* The first day after `after` that is a holiday or a make-up working day; INT32_MAX: none. */
int32_t calendar_next_marked(const struct mw_calendar *calendar, int32_t after);

#endif
