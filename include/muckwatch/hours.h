/*
 * hours: time windows. "Is this open at that instant, and when does that change?"
 *
 * An expression is a documented subset of OpenStreetMap's opening_hours (docs/HOURS.md), compiled once into
 * an immutable block. Evaluation is a pure function of expression, calendar, zone and instant; it allocates
 * nothing and looks at no clock. Compiled expressions, calendars (once filled) and zones may be shared by
 * threads.
 *
 * Spans are half-open and belong whole to the day on which they start: an override or `off` for a day
 * replaces the spans that start on that day and touches no other.
 */
#ifndef MW_HOURS_H
#define MW_HOURS_H

#include <muckwatch/zone.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MW_HOURS_MAX_LENGTH 1024 /* bytes of an expression */
#define MW_HOURS_MAX_RULES  64

/*
 * The calendar: which days are public holidays, which weekend days are worked to make up for them, and which
 * days are school holidays.
 */
struct mw_calendar;

#define MW_CALENDAR_FIRST_YEAR 1970
#define MW_CALENDAR_LAST_YEAR  2225

enum mw_calendar_status {
    MW_CALENDAR_OK = 0,
    MW_CALENDAR_BAD_DATE, /* no such date, or outside the years above */
    MW_CALENDAR_CONFLICT, /* the day was added before with the other meaning */
};

/* An empty calendar, or NULL when memory is short. */
struct mw_calendar *mw_calendar_new(void);
void mw_calendar_free(struct mw_calendar *calendar);

/* Says that the holidays of this year are known. A year of which only single days were added is not known:
 * the last days of December may stand in the next year's file. */
enum mw_calendar_status mw_calendar_add_year(struct mw_calendar *calendar, int year);

/* Adds a holiday (`is_off`) or a make-up working day. */
enum mw_calendar_status mw_calendar_add_day(struct mw_calendar *calendar, int year, int month, int day,
                                            bool is_off);

bool mw_calendar_has_year(const struct mw_calendar *calendar, int year);

/* The same of the schools: a day is a school holiday (`is_off`), or is said to be none. */
enum mw_calendar_status mw_calendar_add_school_year(struct mw_calendar *calendar, int year);
enum mw_calendar_status mw_calendar_add_school_day(struct mw_calendar *calendar, int year, int month, int day,
                                                   bool is_off);
bool mw_calendar_has_school_year(const struct mw_calendar *calendar, int year);

/*
 * Expressions.
 */
struct mw_hours;

enum mw_hours_status {
    MW_HOURS_OK = 0,
    MW_HOURS_SYNTAX, /* outside the subset */
    MW_HOURS_LIMIT,  /* too long, or too many rules */
    MW_HOURS_NO_MEMORY,
};

struct mw_hours_error {
    size_t at;      /* byte offset of the offending place, <= length of the expression */
    size_t length;  /* bytes of it, 0 at the end of the expression */
    char text[160]; /* plain words: what was found and what was expected */
};

/* Compiles an expression of `length` bytes; no terminator needed. `out_error` may be NULL. */
enum mw_hours_status mw_hours_parse(const char *text, size_t length, struct mw_hours **out_hours,
                                    struct mw_hours_error *out_error);
void mw_hours_free(struct mw_hours *hours);

/* Whether it asks the calendar (PH, PH -1 day, WD; or SH): a year without a calendar is then an error of
 * configuration. */
bool mw_hours_uses_holidays(const struct mw_hours *hours);
bool mw_hours_uses_school_holidays(const struct mw_hours *hours);

struct mw_hours_answer {
    bool open;
    bool guessed;     /* asked for holidays of a year that the calendar does not know: taken as having none */
    int64_t since_ms; /* the answer holds at least from here (<= the instant asked) */
    int64_t until_ms; /* the next instant at which `open` changes; INT64_MAX: not within 40 years */
    int64_t reask_ms; /* the answer may be kept until here: until_ms, or sooner where `guessed` may change */
};

/* The answer for an instant. `calendar` may be NULL (no year known), `zone` too (UTC). Typically 100 to 300
 * ns; the search for the next change is bounded. */
void mw_hours_at(const struct mw_hours *hours, const struct mw_calendar *calendar, const struct mw_zone *zone,
                 int64_t t_ms, struct mw_hours_answer *out_answer);

/* mw_hours_at through the caller's cache, which belongs to one triple of expression, calendar and zone. An
 * answer of all zeros holds at no instant: a cache starts with it and returns to it when the world is
 * replaced. */
static inline const struct mw_hours_answer *mw_hours_at_cached(struct mw_hours_answer *cache,
                                                               const struct mw_hours *hours,
                                                               const struct mw_calendar *calendar,
                                                               const struct mw_zone *zone, int64_t t_ms)
{
    if (t_ms < cache->since_ms || t_ms >= cache->reask_ms)
        mw_hours_at(hours, calendar, zone, t_ms, cache);
    return cache;
}

#endif
