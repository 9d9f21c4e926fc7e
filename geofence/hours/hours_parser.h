/*
 * hours_parser: the state of the parser, shared by the files that read an expression: the folded text, and
 * what has been read of it.
 *
 * Folding replaces full-width and similar forms by ASCII, so that the grammar knows one form of each
 * character. Offsets are offsets into the folded text. Only an error has offsets into the original bytes,
 * since it is for the person who wrote them.
 */
#ifndef MW_HOURS_PARSER_H
#define MW_HOURS_PARSER_H

#include "hours_internal.h"

struct hours_parser {
    char text[MW_HOURS_MAX_LENGTH];          /* folded; characters without an ASCII form are unchanged */
    uint16_t place[MW_HOURS_MAX_LENGTH + 1]; /* the place in the source of each byte, and of the end */
    size_t length;
    size_t at;
    const char *source;
    enum mw_hours_status status;
    struct mw_hours_error *error; /* never NULL */
    size_t rule_count, dates_count, nth_count, span_count;
    struct hours_rule rules[MW_HOURS_MAX_RULES];
    struct hours_dates dates[HOURS_MAX_DATES];
    struct hours_nth nths[HOURS_MAX_NTHS];
    struct hours_span spans[HOURS_MAX_SPANS];
    bool spills;
};

/* What follows at the parser's place, behind blanks. */
enum hours_thing {
    THING_OTHER,
    THING_TIME,
    THING_YEAR,
    THING_NUMBER, /* of one or two digits */
    THING_MONTH,
    THING_WEEK,
    THING_DAY, /* a weekday, PH, SH, WD */
};

enum { HOURS_MONTHS = 12, HOURS_WEEKDAYS = 7 };

extern const char *const hours_month_names[HOURS_MONTHS];
extern const char *const hours_day_names[HOURS_WEEKDAYS];

/* ---- hours_words.c: characters, words, complaints ---- */

/* Folds the source into p->text; `length` is at most MW_HOURS_MAX_LENGTH. */
void hours_fold(struct hours_parser *p, const char *source, size_t length);

/* These record an error if there is none yet, and return false. `at` and `length` refer to the folded
 * text. */
bool hours_fail(struct hours_parser *p, enum mw_hours_status status, size_t at, size_t length,
                const char *text);
/* "expected X, found Y", at the parser's place. */
bool hours_fail_expected(struct hours_parser *p, const char *expected);

/* '\0' behind the end. */
char hours_char(const struct hours_parser *p, size_t at);
bool hours_is_digit(char c);
/* The word, the number or the single character at `at`: what an error quotes. */
size_t hours_thing_length(const struct hours_parser *p, size_t at);

void hours_skip_blanks(struct hours_parser *p);
/* These skip blanks and then take the given thing; false if something else follows. */
bool hours_take_char(struct hours_parser *p, char c);
bool hours_take_word(struct hours_parser *p, const char *word);
/* The digits at the parser's place; more than five are not all taken. */
int hours_take_number(struct hours_parser *p);
/* The index of the word at the parser's place among `names`, or -1. */
int hours_find_name(const struct hours_parser *p, const char *const *names, int count);

enum hours_thing hours_peek(struct hours_parser *p);
/* The same where a number may have a colon behind it that ends the dates, as in "Jun 07: 10:00-12:00". */
enum hours_thing hours_peek_number(struct hours_parser *p);

/* ---- hours_dates.c: dates and weeks ---- */

/* Reads dates; a month or a year follows. */
bool hours_parse_dates(struct hours_parser *p, struct hours_rule *rule);
/* Reads weeks; the word "week" follows. */
bool hours_parse_weeks(struct hours_parser *p, struct hours_rule *rule);

#endif
