/*
 * hours_parser: what the files that read an expression share: the text, folded, and what has been read of it.
 *
 * Full-width forms and their kin are folded to ASCII first, so the grammar knows one form of each character.
 * Offsets are those of the folded text; only an error, which is for the person who wrote the line, is told in
 * the bytes that were written.
 */
#ifndef MW_HOURS_PARSER_H
#define MW_HOURS_PARSER_H

#include "hours_internal.h"

struct hours_parser {
    char text[MW_HOURS_MAX_LENGTH];          /* folded; what is no ASCII stands as it was */
    uint16_t place[MW_HOURS_MAX_LENGTH + 1]; /* where each of its bytes stands in the source, and its end */
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

/* What stands at the parser's place, after blanks. */
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

/* Takes the text over; `length` is at most MW_HOURS_MAX_LENGTH. */
void hours_fold(struct hours_parser *p, const char *source, size_t length);

/* Keep the first error, and are always false. `at` and `length` are of the folded text. */
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
/* These skip blanks, and take what is there if it is this. */
bool hours_take_char(struct hours_parser *p, char c);
bool hours_take_word(struct hours_parser *p, const char *word);
/* The digits at the parser's place; more than five are not all taken. */
int hours_take_number(struct hours_parser *p);
/* The index of the word at the parser's place among `names`, or -1. */
int hours_find_name(const struct hours_parser *p, const char *const *names, int count);

enum hours_thing hours_peek(struct hours_parser *p);
/* The same where a number may stand with the colon behind it that sets dates off: "Jun 07: 10:00-12:00". */
enum hours_thing hours_peek_number(struct hours_parser *p);

/* ---- hours_dates.c: dates and weeks ---- */

/* From a month or a year on. */
bool hours_parse_dates(struct hours_parser *p, struct hours_rule *rule);
/* From the word "week" on. */
bool hours_parse_weeks(struct hours_parser *p, struct hours_rule *rule);

#endif
