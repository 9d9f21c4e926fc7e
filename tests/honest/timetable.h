/*
 * timetable: the hours that permits and areas of the town have, as the text that the files say and as spans
 * that a driver plans by.
 *
 * Local time is UTC+8 without summer time; the first day is a Monday.
 */
#ifndef MW_HONEST_TIMETABLE_H
#define MW_HONEST_TIMETABLE_H

#include <stdbool.h>
#include <stdint.h>

#define TIMETABLE_MONDAY_MS INT64_C(1777824000000) /* 4 May 2026, 00:00 at +08:00 */

enum timetable_row {
    TIMETABLE_DAY,
    TIMETABLE_NIGHT,
    TIMETABLE_WORKDAYS,
    TIMETABLE_SPLIT,
    TIMETABLE_ALWAYS,
    TIMETABLE_EARLY,
    TIMETABLE_LATE,
    TIMETABLE_MORNING,
    TIMETABLE_AFTERNOON,
    TIMETABLE_TWO_SHIFTS,
};

struct timetable_window {
    int64_t open_ms, close_ms;
};

/* As opening_hours; empty: always. */
const char *timetable_text(enum timetable_row row);
/* The window that holds the instant, or else the next one. Who may work always still keeps a day of his own,
 * 05:30 to 21:30. */
struct timetable_window timetable_window(enum timetable_row row, int64_t t_ms);

#endif
