/*
 * open_windows: when an expression of hours is open, one window after the other, for people to read.
 */
#ifndef MW_OPEN_WINDOWS_H
#define MW_OPEN_WINDOWS_H

#include <muckwatch/hours.h>

struct open_hours {
    const struct mw_hours *hours;
    const struct mw_calendar *calendar;
    const struct mw_zone *zone;
};

struct open_window {
    int64_t from_ms;
    int64_t to_ms; /* INT64_MAX: for good */
    bool start_unknown;
    int guessed_year;    /* leans on the holidays of this year, which no calendar knows; 0: of none */
    bool guessed_school; /* it is the school holidays of that year that are not known */
};

/* The first window that is open at t or opens after it; false: none, and no more than a guess if *out says so. */
bool open_window_next(const struct open_hours *h, int64_t t_ms, struct open_window *out);

#endif
