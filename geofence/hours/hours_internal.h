/*
 * hours_internal: the compiled form of an expression.
 *
 * A compiled expression is one block of memory: the head, the rules, and arrays of date ranges, weekdays of
 * months and spans, into which the rules have indices. What can be decided when the expression is compiled is
 * decided then: the spans of a rule are sorted and merged, ranges of weekdays and weeks are bits, and dates
 * are numbers that compare.
 */
#ifndef MW_HOURS_INTERNAL_H
#define MW_HOURS_INTERNAL_H

#include <muckwatch/hours.h>

enum {
    MINUTES_PER_DAY = 24 * 60,
    /* 1 KiB holds at most 86 spans ("00:00-01:00," each) besides one for each rule without times; evaluation
     * may cut each of them in two. */
    HOURS_MAX_SPANS = 256,
    HOURS_MAX_DATES = 256, /* "Jan," each */
    HOURS_MAX_NTHS = 256   /* "Mo[1]," each: 171 */
};

/* Half-open; in minutes from the start of the day on which the span begins. `to` may be up to 48:00. */
struct hours_span {
    uint16_t from_min;
    uint16_t to_min;
};

/* A range that includes both ends. If yearly, the ends are month * 32 + day, and a range with from > to runs
 * over New Year; otherwise they are day numbers. */
struct hours_dates {
    int32_t from;
    int32_t to;
    bool yearly;
};

enum {
    DAYS_HOLIDAY = 1u << 7, /* PH; bits 0 to 6 are Monday to Sunday */
    DAYS_EVE = 1u << 8,     /* PH -1 day */
    DAYS_WORKING = 1u << 9, /* WD */
    DAYS_SCHOOL = 1u << 10, /* SH */
    DAYS_WEEK = 0x7f,
    DAYS_HOLIDAYS = DAYS_HOLIDAY | DAYS_EVE | DAYS_SCHOOL
};

/* For example Mo[1,-1] +1 day: the day that is `shift` days after such a weekday of its month. */
struct hours_nth {
    uint8_t weekday;
    int8_t shift;
    uint16_t which; /* bits 0 to 4: the first to the fifth; 5 to 9: the last to the last but four */
};

struct hours_rule {
    uint16_t days;                     /* the days of the week or the calendar, or */
    uint16_t first_nth, nth_count;     /* these weekdays of a month; if there are neither, every day */
    uint16_t holidays;                 /* the day must also be one of these; 0: it need not */
    uint16_t first_dates, dates_count; /* no dates: any */
    uint16_t first_span, span_count;
    uint64_t weeks; /* bit n: week n of ISO 8601; 0: any */
    bool off;       /* the rule closes its spans instead of opening them */
    bool clears;    /* drops the spans that earlier rules gave the day; set for `off` without times */
};

struct mw_hours {
    uint16_t rule_count;
    bool uses_holidays;              /* PH, PH -1 day or WD */
    bool uses_school;                /* SH */
    bool uses_week;                  /* a weekday or WD: repeats only after seven days */
    bool uses_dates;                 /* yearly or not */
    bool uses_nths;                  /* weekdays of a month */
    bool spills;                     /* some span runs past midnight */
    bool uses_weeks;                 /* of ISO 8601 */
    uint64_t week_turns;             /* bit n: in week n other rules may apply than in the week before */
    const struct hours_dates *dates; /* these point into this block */
    const struct hours_nth *nths;
    const struct hours_span *spans;
    struct hours_rule rules[];
};

/* Sorts spans and joins those that overlap or touch; returns how many are left. */
size_t hours_merge_spans(struct hours_span *spans, size_t count);

/* The first day after `day` for which other rules may apply than for `day` if weekdays are left aside
 * (hours_calm.c); INT32_MAX if there is none. */
int32_t hours_calm_end(const struct mw_hours *hours, const struct mw_calendar *calendar, int32_t day);

#endif
