/*
 * calendar_internal: what a calendar looks like to the evaluation of time windows.
 */
#ifndef MW_CALENDAR_INTERNAL_H
#define MW_CALENDAR_INTERNAL_H

#include <muckwatch/hours.h>

enum {
    CALENDAR_YEARS = MW_CALENDAR_LAST_YEAR - MW_CALENDAR_FIRST_YEAR + 1,
    CALENDAR_WORDS = (CALENDAR_YEARS * 366 + 63) / 64 /* a bit for each day */
};

/* Bit n: day number n, which counts from 1970-01-01, the first day of the table. */
struct calendar_part {
    uint64_t off[CALENDAR_WORDS];    /* holidays */
    uint64_t worked[CALENDAR_WORDS]; /* make-up working days; a day is never in both */
    int32_t last_marked;             /* the last day that is in one of the two */
    bool known[CALENDAR_YEARS];
};

struct mw_calendar {
    struct calendar_part days;   /* of everybody */
    struct calendar_part school; /* of the schools */
};

enum calendar_day { CALENDAR_PLAIN = 0, CALENDAR_OFF, CALENDAR_WORKED };

/* What a part says about a day number; a plain day if it says nothing. */
static inline enum calendar_day calendar_part_look(const struct calendar_part *part, int32_t days)
{
    if (days < 0 || days > part->last_marked)
        return CALENDAR_PLAIN;
    if ((part->off[days / 64] >> (days % 64) & 1) != 0)
        return CALENDAR_OFF;
    return (part->worked[days / 64] >> (days % 64) & 1) != 0 ? CALENDAR_WORKED : CALENDAR_PLAIN;
}

static inline enum calendar_day calendar_look(const struct mw_calendar *calendar, int32_t days)
{
    return calendar != NULL ? calendar_part_look(&calendar->days, days) : CALENDAR_PLAIN;
}

static inline bool calendar_is_school_holiday(const struct mw_calendar *calendar, int32_t days)
{
    return calendar != NULL && calendar_part_look(&calendar->school, days) == CALENDAR_OFF;
}

/* The first day after `after` that is a holiday or a make-up working day; INT32_MAX if there is none. */
int32_t calendar_next_marked(const struct mw_calendar *calendar, int32_t after);

/* The first day after `day` that differs from it in being a school holiday or not; INT32_MAX if there is
 * none. */
int32_t calendar_next_school_turn(const struct mw_calendar *calendar, int32_t day);

#endif
