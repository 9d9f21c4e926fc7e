/*
 * hours_parse: from the text of an expression to its compiled form.
 *
 *   expression = rule { ( ";" | "," ) rule }
 *   rule       = "24/7" [ "off" ] | "off" | selectors [ times ] [ "off" ] | times [ "off" ]
 *   selectors  = dates [ days ] | days
 *   dates      = date { "," date }
 *   date       = [ year ] month [ "-" [ year ] month ]
 *              | [ year ] month day [ "-" ( day | [ year ] month day ) ] { "," day [ "-" day ] }
 *   days       = day-name [ "-" day-name ] | "PH" [ "-1 day" ] | "WD" , { "," ... }
 *   times      = HH:MM "-" HH:MM { "," HH:MM "-" HH:MM }
 *
 * One pass, no backtracking: a comma goes on with the list it stands in when what follows fits into that
 * list, and begins an additional rule otherwise. After dates it must go on with dates, since "Jun 07, Mo
 * 10:00-12:00" would read both ways. The first error ends the parse; its place and words are for the person
 * who wrote the line.
 */
#include "hours_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *text;
    size_t length;
    size_t at;
    enum mw_hours_status status;
    struct mw_hours_error *error; /* never NULL */
    size_t rule_count, dates_count, span_count;
    struct hours_rule rules[MW_HOURS_MAX_RULES];
    struct hours_dates dates[HOURS_MAX_DATES];
    struct hours_span spans[HOURS_MAX_SPANS];
    bool spills;
};

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};

/* Characters as a person counts them: continuation bytes of UTF-8 belong to their first byte. */
static size_t char_length(const struct parser *p, size_t at)
{
    size_t end = at + 1;
    while (end < p->length && ((unsigned char)p->text[end] & 0xc0) == 0x80)
        end++;
    return end - at;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char char_at(const struct parser *p, size_t at)
{
    return at < p->length ? p->text[at] : '\0';
}

/* The word, the number or the single character at `at`: what an error quotes. */
static size_t thing_length(const struct parser *p, size_t at)
{
    size_t end = at;
    if (at >= p->length)
        return 0;
    if (is_letter(p->text[at]))
        while (end < p->length && is_letter(p->text[end]))
            end++;
    else if (is_digit(p->text[at]))
        while (end < p->length && is_digit(p->text[end]))
            end++;
    else
        return char_length(p, at);
    return end - at;
}

static bool fail(struct parser *p, enum mw_hours_status status, size_t at, size_t length, const char *text)
{
    if (p->status == MW_HOURS_OK) {
        p->status = status;
        p->error->at = at;
        p->error->length = length;
        snprintf(p->error->text, sizeof p->error->text, "%s", text);
    }
    return false;
}

/* "expected X, found Y", at the parser's place. */
static bool fail_expected(struct parser *p, const char *expected)
{
    char text[sizeof p->error->text];
    size_t length = thing_length(p, p->at);
    unsigned char first = (unsigned char)char_at(p, p->at);
    if (length == 0)
        snprintf(text, sizeof text, "expected %s, but the expression ends", expected);
    else if (first < ' ' || first == 0x7f || (first >= 0x80 && length == 1))
        snprintf(text, sizeof text, "expected %s, found byte 0x%02x", expected, first);
    else
        snprintf(text, sizeof text, "expected %s, found '%.*s'", expected, (int)(length < 24 ? length : 24),
                 p->text + p->at);
    return fail(p, MW_HOURS_SYNTAX, p->at, length, text);
}

static void skip_blanks(struct parser *p)
{
    while (char_at(p, p->at) == ' ' || char_at(p, p->at) == '\t')
        p->at++;
}

static bool take_char(struct parser *p, char c)
{
    skip_blanks(p);
    if (p->at >= p->length || p->text[p->at] != c)
        return false;
    p->at++;
    return true;
}

/* A whole word, as it is written. */
static bool looks_like(const struct parser *p, size_t at, const char *word)
{
    return thing_length(p, at) == strlen(word) && memcmp(p->text + at, word, strlen(word)) == 0;
}

static bool take_word(struct parser *p, const char *word)
{
    skip_blanks(p);
    if (!looks_like(p, p->at, word))
        return false;
    p->at += strlen(word);
    return true;
}

/* The index of the word at the parser's place among `names`, or -1. */
static int find_name(const struct parser *p, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (looks_like(p, p->at, names[i]))
            return i;
    return -1;
}

/* What stands at the parser's place, after blanks. */
enum thing { THING_OTHER, THING_TIME, THING_YEAR, THING_NUMBER, THING_MONTH, THING_DAY };

static enum thing peek(struct parser *p)
{
    skip_blanks(p);
    size_t length = thing_length(p, p->at);
    if (length > 0 && is_digit(p->text[p->at])) {
        if (char_at(p, p->at + length) == ':')
            return THING_TIME;
        return length == 4 ? THING_YEAR : length <= 2 ? THING_NUMBER : THING_OTHER;
    }
    if (find_name(p, month_names, 12) >= 0)
        return THING_MONTH;
    if (find_name(p, day_names, 7) >= 0 || looks_like(p, p->at, "PH") || looks_like(p, p->at, "WD"))
        return THING_DAY;
    return THING_OTHER;
}

static int take_number(struct parser *p)
{
    int value = 0;
    while (is_digit(char_at(p, p->at)) && value < 100000)
        value = value * 10 + (p->text[p->at++] - '0');
    return value;
}

/* ---- times ---- */

static bool parse_time(struct parser *p, unsigned max_min, unsigned *out_min)
{
    skip_blanks(p);
    size_t at = p->at;
    for (size_t i = 0; i < 5; i++)
        if (i == 2 ? char_at(p, at + i) != ':' : !is_digit(char_at(p, at + i)))
            return fail_expected(p, "a time such as 08:00");
    if (is_digit(char_at(p, at + 5)))
        return fail(p, MW_HOURS_SYNTAX, at, 6,
                    "a time is written with two digits for the hour and two for the minute");
    unsigned hour = (unsigned)(take_number(p));
    p->at++;
    unsigned minute = (unsigned)take_number(p);
    if (minute > 59)
        return fail(p, MW_HOURS_SYNTAX, at + 3, 2, "minutes go from 00 to 59");
    if (hour * 60 + minute > max_min)
        return fail(p, MW_HOURS_SYNTAX, at, 5,
                    max_min < MINUTES_PER_DAY
                        ? "a span begins at 23:59 at the latest: it belongs to the day on which it starts"
                        : "a span ends at 48:00 at the latest");
    *out_min = hour * 60 + minute;
    return true;
}

static bool add_span(struct parser *p, struct hours_rule *rule, unsigned from_min, unsigned to_min)
{
    if (p->span_count >= HOURS_MAX_SPANS)
        return fail(p, MW_HOURS_LIMIT, p->at, 0, "too many spans");
    p->spans[p->span_count++] = (struct hours_span){(uint16_t)from_min, (uint16_t)to_min};
    rule->span_count++;
    p->spills = p->spills || to_min > MINUTES_PER_DAY;
    return true;
}

static bool parse_span(struct parser *p, struct hours_rule *rule)
{
    unsigned from_min, to_min;
    if (!parse_time(p, MINUTES_PER_DAY - 1, &from_min))
        return false;
    if (!take_char(p, '-'))
        return fail_expected(p, "'-' and the end of the span");
    if (!parse_time(p, 2 * MINUTES_PER_DAY, &to_min))
        return false;
    if (to_min <= from_min)
        to_min += MINUTES_PER_DAY;
    return add_span(p, rule, from_min, to_min);
}

/* Spans joined by commas; a comma before anything but a time is left to the caller. */
static bool parse_times(struct parser *p, struct hours_rule *rule)
{
    for (;;) {
        if (!parse_span(p, rule))
            return false;
        size_t comma = p->at;
        if (!take_char(p, ','))
            return true;
        if (peek(p) != THING_TIME) {
            p->at = comma;
            return true;
        }
    }
}

/* ---- weekdays, PH, WD ---- */

static bool parse_holiday(struct parser *p, struct hours_rule *rule)
{
    if (!take_char(p, '-')) {
        rule->days |= DAYS_HOLIDAY;
        return true;
    }
    skip_blanks(p);
    size_t at = p->at;
    if (peek(p) != THING_NUMBER || take_number(p) != 1) {
        p->at = at;
        return fail_expected(p, "'1 day': the only shift known is 'PH -1 day', the eve of a holiday");
    }
    if (!take_word(p, "day"))
        return fail_expected(p, "'day', as in 'PH -1 day'");
    rule->days |= DAYS_EVE;
    return true;
}

static bool parse_weekdays(struct parser *p, struct hours_rule *rule)
{
    int from = find_name(p, day_names, 7), to = from;
    p->at += 2;
    if (take_char(p, '-')) {
        skip_blanks(p);
        to = find_name(p, day_names, 7);
        if (to < 0)
            return fail_expected(p, "a weekday (Mo Tu We Th Fr Sa Su)");
        p->at += 2;
    }
    for (int day = from;; day = (day + 1) % 7) {
        rule->days |= (uint16_t)(1u << day);
        if (day == to)
            return true;
    }
}

static bool parse_days(struct parser *p, struct hours_rule *rule)
{
    do {
        if (peek(p) != THING_DAY)
            return fail_expected(p, "a weekday (Mo Tu We Th Fr Sa Su), PH or WD");
        if (take_word(p, "PH")) {
            if (!parse_holiday(p, rule))
                return false;
        } else if (take_word(p, "WD")) {
            rule->days |= DAYS_WORKING;
        } else if (!parse_weekdays(p, rule)) {
            return false;
        }
    } while (take_char(p, ','));
    if ((rule->days & DAYS_WEEK) == DAYS_WEEK)
        rule->days = DAYS_WEEK; /* every day: the calendar adds nothing */
    return true;
}

/* ---- dates ---- */

struct date {
    int year, month, day; /* 0: not given */
    size_t at;            /* where it is written */
};

static bool check_date(struct parser *p, const struct date *d, size_t day_at)
{
    if (d->year != 0 && (d->year < 1900 || d->year > 2999))
        return fail(p, MW_HOURS_SYNTAX, d->at, 4, "years go from 1900 to 2999");
    if (d->day != 0 || day_at != 0) {
        int year = d->year != 0 ? d->year : 2000; /* any leap year: 29 February is a date without a year */
        if (!mw_civil_date_valid(year, d->month, d->day))
            return fail(p, MW_HOURS_SYNTAX, day_at, thing_length(p, day_at), "the month has no such day");
    }
    return true;
}

/* The day number of a date, where one follows that is not the hour of a time. */
static bool parse_month_day(struct parser *p, struct date *d)
{
    size_t at = p->at;
    if (peek(p) != THING_NUMBER) {
        p->at = at;
        return check_date(p, d, 0);
    }
    at = p->at;
    d->day = take_number(p);
    return check_date(p, d, at);
}

static bool parse_date(struct parser *p, struct date *out)
{
    enum thing next = peek(p);
    *out = (struct date){.at = p->at};
    if (next == THING_YEAR) {
        out->year = take_number(p);
        next = peek(p);
    }
    if (next != THING_MONTH)
        return fail_expected(p, "a month (Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)");
    out->month = find_name(p, month_names, 12) + 1;
    p->at += 3;
    return parse_month_day(p, out);
}

static bool add_dates(struct parser *p, struct hours_rule *rule, const struct date *from,
                      const struct date *to)
{
    int to_day = to->day != 0 ? to->day : to->year != 0 ? mw_civil_month_days(to->year, to->month) : 31;
    int from_day = from->day != 0 ? from->day : 1;
    struct hours_dates dates = {.yearly = from->year == 0};
    if (dates.yearly) {
        dates.from = from->month * 32 + from_day;
        dates.to = to->month * 32 + to_day;
    } else {
        dates.from = mw_civil_to_days(from->year, from->month, from_day);
        dates.to = mw_civil_to_days(to->year, to->month, to_day);
        if (dates.to < dates.from)
            return fail(p, MW_HOURS_SYNTAX, to->at, p->at - to->at,
                        "the range ends before it begins; into the next year it needs that year, too");
    }
    if (p->dates_count >= HOURS_MAX_DATES)
        return fail(p, MW_HOURS_LIMIT, p->at, 0, "too many dates");
    p->dates[p->dates_count++] = dates;
    rule->dates_count++;
    return true;
}

/* The end of a range, after its '-'. */
static bool parse_range_end(struct parser *p, const struct date *from, struct date *to)
{
    if (peek(p) == THING_NUMBER && from->day != 0) {
        *to = *from;
        to->at = p->at;
        if (!parse_month_day(p, to))
            return false;
        if (to->day < from->day)
            return fail(p, MW_HOURS_SYNTAX, to->at, p->at - to->at, "the range ends before it begins");
        return true;
    }
    if (!parse_date(p, to))
        return false;
    if ((to->day != 0) != (from->day != 0))
        return fail(p, MW_HOURS_SYNTAX, to->at, p->at - to->at,
                    "a range goes from month to month or from day to day");
    if (to->year != 0 && from->year == 0)
        return fail(p, MW_HOURS_SYNTAX, to->at, 4, "a year at the end of a range needs one at its beginning");
    if (to->year == 0)
        to->year = from->year;
    return true;
}

static bool parse_date_range(struct parser *p, struct hours_rule *rule, struct date *from)
{
    struct date to = *from;
    if (take_char(p, '-') && !parse_range_end(p, from, &to))
        return false;
    if (!add_dates(p, rule, from, &to))
        return false;
    *from = to;
    return true;
}

static bool parse_dates(struct parser *p, struct hours_rule *rule)
{
    struct date date = {0};
    for (;;) {
        enum thing next = peek(p);
        if (next == THING_NUMBER && date.day != 0) { /* "Jun 07,09": the same month again */
            date.at = p->at;
            if (!parse_month_day(p, &date))
                return false;
        } else if (next != THING_MONTH && next != THING_YEAR) {
            return fail_expected(p, "another date after ','; a further rule begins after ';'");
        } else if (!parse_date(p, &date)) {
            return false;
        }
        if (!parse_date_range(p, rule, &date))
            return false;
        if (!take_char(p, ','))
            return true;
    }
}

/* ---- rules ---- */

static bool parse_selectors(struct parser *p, struct hours_rule *rule)
{
    enum thing next = peek(p);
    if (next == THING_MONTH || next == THING_YEAR) {
        if (!parse_dates(p, rule))
            return false;
        next = peek(p);
    }
    if (next == THING_DAY) {
        if (!parse_days(p, rule))
            return false;
        next = peek(p);
    }
    return next != THING_TIME || parse_times(p, rule);
}

static bool parse_rule(struct parser *p, bool additional)
{
    skip_blanks(p);
    size_t start = p->at;
    if (p->rule_count >= MW_HOURS_MAX_RULES)
        return fail(p, MW_HOURS_LIMIT, start, thing_length(p, start), "an expression has at most 64 rules");
    struct hours_rule *rule = &p->rules[p->rule_count];
    *rule =
        (struct hours_rule){.first_dates = (uint16_t)p->dates_count, .first_span = (uint16_t)p->span_count};
    if (p->length - p->at >= 4 && memcmp(p->text + p->at, "24/7", 4) == 0)
        p->at += 4;
    else if (!parse_selectors(p, rule))
        return false;
    bool said_something = p->at > start;
    rule->off = take_word(p, "off");
    if (!said_something && !rule->off)
        return fail_expected(p, "a rule: dates, weekdays, PH, WD, times such as 22:00-06:00, 24/7 or off");
    if (!rule->off && rule->span_count == 0 && !add_span(p, rule, 0, MINUTES_PER_DAY))
        return false;
    rule->span_count = (uint16_t)hours_merge_spans(&p->spans[rule->first_span], rule->span_count);
    p->span_count = (size_t)rule->first_span + rule->span_count;
    bool selects = rule->days != 0 || rule->dates_count != 0;
    const struct hours_rule *before = p->rule_count > 0 ? rule - 1 : NULL;
    bool before_selects = before != NULL && (before->days != 0 || before->dates_count != 0);
    rule->clears = rule->off ? rule->span_count == 0 : !additional && (selects || !before_selects);
    p->rule_count++;
    return true;
}

static bool parse_rules(struct parser *p)
{
    bool additional = false;
    for (;;) {
        if (!parse_rule(p, additional))
            return false;
        skip_blanks(p);
        if (p->at >= p->length)
            return true;
        if (take_char(p, ','))
            additional = true;
        else if (take_char(p, ';'))
            additional = false;
        else
            return fail_expected(p, p->rules[p->rule_count - 1].off ? "';' or ','"
                                                                    : "a time, 'off', ';' or ','");
    }
}

static struct mw_hours *build(const struct parser *p)
{
    size_t rules_size = p->rule_count * sizeof p->rules[0];
    size_t dates_size = p->dates_count * sizeof p->dates[0];
    size_t spans_size = p->span_count * sizeof p->spans[0];
    struct mw_hours *h = malloc(sizeof *h + rules_size + dates_size + spans_size);
    if (h == NULL)
        return NULL;
    struct hours_dates *dates = (struct hours_dates *)((char *)(h + 1) + rules_size);
    struct hours_span *spans = (struct hours_span *)((char *)dates + dates_size);
    *h = (struct mw_hours){.rule_count = (uint16_t)p->rule_count,
                           .uses_dates = p->dates_count > 0,
                           .spills = p->spills,
                           .dates = dates,
                           .spans = spans};
    memcpy(h->rules, p->rules, rules_size);
    memcpy(dates, p->dates, dates_size);
    memcpy(spans, p->spans, spans_size);
    for (size_t i = 0; i < p->rule_count; i++) {
        h->uses_week = h->uses_week || (h->rules[i].days & (DAYS_WEEK | DAYS_WORKING)) != 0;
        h->uses_calendar = h->uses_calendar || (h->rules[i].days & ~DAYS_WEEK) != 0;
    }
    return h;
}

enum mw_hours_status mw_hours_parse(const char *text, size_t length, struct mw_hours **out_hours,
                                    struct mw_hours_error *out_error)
{
    struct mw_hours_error error;
    struct parser p;
    p.text = text;
    p.length = length;
    p.at = 0;
    p.status = MW_HOURS_OK;
    p.error = &error;
    p.rule_count = p.dates_count = p.span_count = 0;
    p.spills = false;
    struct mw_hours *hours = NULL;
    if (length > MW_HOURS_MAX_LENGTH)
        fail(&p, MW_HOURS_LIMIT, MW_HOURS_MAX_LENGTH, 0, "an expression has at most 1024 bytes");
    else if (parse_rules(&p) && (hours = build(&p)) == NULL)
        fail(&p, MW_HOURS_NO_MEMORY, 0, 0, "out of memory");
    if (p.status == MW_HOURS_OK)
        *out_hours = hours;
    else if (out_error != NULL)
        *out_error = error;
    return p.status;
}
