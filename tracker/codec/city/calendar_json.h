/*
 * calendar_json: reads a year file of holiday-cn into a calendar.
 *
 *   {"year": 2026, "days": [{"name": "春节", "date": "2026-02-15", "isOffDay": true}, ...]}
 *
 * An entry with "to" is a range that ends on that day: the holidays of schools last for weeks. Other fields
 * are ignored. A file may name days of the neighbouring years: the end of December belongs to the New Year of
 * the next file.
 */
#ifndef MW_CALENDAR_JSON_H
#define MW_CALENDAR_JSON_H

#include "text.h"

#include <muckwatch/hours.h>

enum {
    CALENDAR_JSON_MAX_BYTES = 1 << 20, /* real files have 4 KiB */
    CALENDAR_JSON_MAX_DAYS = 1100      /* three years, an entry a day */
};

enum calendar_json_status {
    CALENDAR_JSON_OK = 0,
    CALENDAR_JSON_BAD, /* not JSON, not this shape, no such date, a day that another file has otherwise, too
                          large */
};

struct calendar_json_error {
    int line;       /* from 1; 0 where the file as a whole is meant */
    char text[200]; /* what was found and what was expected */
};

/* Adds what the file says. After an error the calendar holds a part of it: throw it away. */
enum calendar_json_status calendar_json_read(struct text file, struct mw_calendar *calendar,
                                             struct calendar_json_error *out_error);
/* The same of school holidays. */
enum calendar_json_status calendar_json_read_school(struct text file, struct mw_calendar *calendar,
                                                    struct calendar_json_error *out_error);

#endif
