/*
 * hours_parse: compiles the text of an expression.
 *
 *   expression = rule { ( ";" | "," ) rule }
 *   rule       = ( "24/7" | selectors [ times ] | times ) [ state ] | state
 *   state      = "open" | "off" | "closed"
 *   selectors  = [ wide [ ":" ] ] [ days [ ":" ] ]
 *   wide       = dates | weeks | dates weeks | weeks dates             (hours_dates.c)
 *   days       = day { "," day } | holiday { "," holiday } weekdays { "," weekdays }
 *   day        = holiday | weekdays
 *   holiday    = "PH" [ "-1 day" ] | "SH"
 *   weekdays   = day-name [ "-" day-name ] | day-name "[" nth { "," nth } "]" [ shift ] | "WD"
 *   nth        = number [ "-" number ] | "-" number
 *   shift      = ( "+" | "-" ) number ( "day" | "days" )
 *   times      = HH:MM "-" HH:MM { "," HH:MM "-" HH:MM }
 *
 * The parser reads the text once, without backtracking. A comma continues the list before it if what follows
 * fits into that list; otherwise it begins another rule. Behind dates, only dates may follow a comma, since
 * "Jun 07, Mo 10:00-12:00" could be read in both ways. The first error ends the parse; it has a place and
 * words for the person who wrote the expression.
 */
#include "hours_parser.h"

#include <stdlib.h>
#include <string.h>

/* ---- times ---- */

static bool parse_time(struct hours_parser *p, unsigned max_min, unsigned *out_min)
{
    hours_skip_blanks(p);
    size_t at = p->at;
    for (size_t i = 0; i < 5; i++)
        if (i == 2 ? hours_char(p, at + i) != ':' : !hours_is_digit(hours_char(p, at + i)))
            return hours_fail_expected(p, "a time such as 08:00");
    if (hours_is_digit(hours_char(p, at + 5)))
        return hours_fail(p, MW_HOURS_SYNTAX, at, 6,
                          "a time is written with two digits for the hour and two for the minute");
    unsigned hour = (unsigned)hours_take_number(p);
    p->at++;
    unsigned minute = (unsigned)hours_take_number(p);
    if (minute > 59)
        return hours_fail(p, MW_HOURS_SYNTAX, at + 3, 2, "minutes go from 00 to 59");
    if (hour * 60 + minute > max_min)
        return hours_fail(
            p, MW_HOURS_SYNTAX, at, 5,
            max_min < MINUTES_PER_DAY
                ? "a span begins at 23:59 at the latest: it belongs to the day on which it starts"
                : "a span ends at 48:00 at the latest");
    *out_min = hour * 60 + minute;
    return true;
}

static bool add_span(struct hours_parser *p, struct hours_rule *rule, unsigned from_min, unsigned to_min)
{
    if (p->span_count >= HOURS_MAX_SPANS)
        return hours_fail(p, MW_HOURS_LIMIT, p->at, 0, "too many spans");
    p->spans[p->span_count++] = (struct hours_span){(uint16_t)from_min, (uint16_t)to_min};
    rule->span_count++;
    p->spills = p->spills || to_min > MINUTES_PER_DAY;
    return true;
}

static bool parse_span(struct hours_parser *p, struct hours_rule *rule)
{
    unsigned from_min, to_min;
    if (!parse_time(p, MINUTES_PER_DAY - 1, &from_min))
        return false;
    if (!hours_take_char(p, '-'))
        return hours_fail_expected(p, "'-' and the end of the span");
    if (!parse_time(p, 2 * MINUTES_PER_DAY, &to_min))
        return false;
    if (to_min <= from_min)
        to_min += MINUTES_PER_DAY;
    return add_span(p, rule, from_min, to_min);
}

/* Reads spans separated by commas. A comma before anything but a time is left to the caller. */
static bool parse_times(struct hours_parser *p, struct hours_rule *rule)
{
    for (;;) {
        if (!parse_span(p, rule))
            return false;
        size_t comma = p->at;
        if (!hours_take_char(p, ','))
            return true;
        if (hours_peek(p) != THING_TIME) {
            p->at = comma;
            return true;
        }
    }
}

/* ---- weekdays, PH, SH, WD ---- */

static bool parse_holiday(struct hours_parser *p, struct hours_rule *rule)
{
    if (!hours_take_char(p, '-')) {
        rule->days |= DAYS_HOLIDAY;
        return true;
    }
    hours_skip_blanks(p);
    size_t at = p->at;
    if (hours_peek(p) != THING_NUMBER || hours_take_number(p) != 1) {
        p->at = at;
        return hours_fail_expected(p, "'1 day': the only shift known is 'PH -1 day', the eve of a holiday");
    }
    if (!hours_take_word(p, "day"))
        return hours_fail_expected(p, "'day', as in 'PH -1 day'");
    rule->days |= DAYS_EVE;
    return true;
}

/* Reads a number from 1 to 5. */
static bool take_nth(struct hours_parser *p, int *out)
{
    hours_skip_blanks(p);
    size_t at = p->at, length = hours_thing_length(p, at);
    if (!hours_is_digit(hours_char(p, at)))
        return hours_fail_expected(p,
                                   "a number from 1 to 5, or from -1 to -5 for the last ones of the month");
    *out = hours_take_number(p);
    if (length > 1 || *out < 1 || *out > 5)
        return hours_fail(p, MW_HOURS_SYNTAX, at, length, "a month has a weekday at most five times: 1 to 5");
    return true;
}

/* Reads the list in brackets, behind the '['. */
static bool parse_nths(struct hours_parser *p, struct hours_nth *nth)
{
    do {
        bool from_end = hours_take_char(p, '-');
        int from, to;
        if (!take_nth(p, &from))
            return false;
        to = from;
        if (!from_end && hours_take_char(p, '-')) {
            size_t at = p->at;
            if (!take_nth(p, &to))
                return false;
            if (to < from)
                return hours_fail(p, MW_HOURS_SYNTAX, at, p->at - at, "the range ends before it begins");
        }
        for (int n = from; n <= to; n++)
            nth->which |= (uint16_t)(1u << (from_end ? n + 4 : n - 1));
    } while (hours_take_char(p, ','));
    return hours_take_char(p, ']') || hours_fail_expected(p, "',' or ']'");
}

/* Reads "+1 day", "-2 days", or nothing. */
static bool parse_shift(struct hours_parser *p, struct hours_nth *nth)
{
    bool back = hours_take_char(p, '-');
    if (!back && !hours_take_char(p, '+'))
        return true;
    hours_skip_blanks(p);
    size_t at = p->at, length = hours_thing_length(p, at);
    int days = hours_take_number(p);
    if (p->at == at)
        return hours_fail_expected(p, "a shift, as in Mo[1] +1 day");
    if (length > 1 || days < 1 || days > 6)
        return hours_fail(p, MW_HOURS_SYNTAX, at, length, "a shift goes from 1 to 6 days");
    nth->shift = (int8_t)(back ? -days : days);
    return hours_take_word(p, "day") || hours_take_word(p, "days") ||
           hours_fail_expected(p, "'day', as in Mo[1] +1 day");
}

/* Adds weekdays of a month to a rule; those of the same weekday and shift become one entry. */
static bool add_nth(struct hours_parser *p, struct hours_rule *rule, const struct hours_nth *nth)
{
    for (unsigned i = 0; i < rule->nth_count; i++) {
        struct hours_nth *n = &p->nths[rule->first_nth + i];
        if (n->weekday == nth->weekday && n->shift == nth->shift) {
            n->which |= nth->which;
            return true;
        }
    }
    if (p->nth_count >= HOURS_MAX_NTHS)
        return hours_fail(p, MW_HOURS_LIMIT, p->at, 0, "too many weekdays of months");
    p->nths[p->nth_count++] = *nth;
    rule->nth_count++;
    return true;
}

static bool parse_weekdays(struct hours_parser *p, struct hours_rule *rule)
{
    int from = hours_find_name(p, hours_day_names, HOURS_WEEKDAYS), to = from;
    p->at += 2;
    if (hours_take_char(p, '[')) {
        struct hours_nth nth = {.weekday = (uint8_t)from};
        return parse_nths(p, &nth) && parse_shift(p, &nth) && add_nth(p, rule, &nth);
    }
    if (hours_take_char(p, '-')) {
        hours_skip_blanks(p);
        to = hours_find_name(p, hours_day_names, HOURS_WEEKDAYS);
        if (to < 0)
            return hours_fail_expected(p, "a weekday (Mo Tu We Th Fr Sa Su)");
        p->at += 2;
        if (hours_take_char(p, '['))
            return hours_fail(p, MW_HOURS_SYNTAX, p->at - 1, 1,
                              "a number in brackets belongs to one weekday, not to a range: Mo[1],Tu[1]");
    }
    for (int day = from;; day = (day + 1) % 7) {
        rule->days |= (uint16_t)(1u << day);
        if (day == to)
            return true;
    }
}

static bool parse_day(struct hours_parser *p, struct hours_rule *rule)
{
    if (hours_peek(p) != THING_DAY)
        return hours_fail_expected(p, "a weekday (Mo Tu We Th Fr Sa Su), PH, SH or WD");
    static const char *const holidays[] = {"PH", "SH"};
    if (rule->holidays != 0 && hours_find_name(p, holidays, 2) >= 0)
        return hours_fail(p, MW_HOURS_SYNTAX, p->at, 2,
                          "behind holidays and a blank stand weekdays that narrow them: PH,SH Mo-Fr");
    if (hours_take_word(p, "PH"))
        return parse_holiday(p, rule);
    bool school = hours_take_word(p, "SH");
    if (!school && !hours_take_word(p, "WD"))
        return parse_weekdays(p, rule);
    rule->days |= school ? DAYS_SCHOOL : DAYS_WORKING;
    return true;
}

static bool parse_day_list(struct hours_parser *p, struct hours_rule *rule)
{
    do {
        if (!parse_day(p, rule))
            return false;
    } while (hours_take_char(p, ','));
    if ((rule->days & DAYS_WEEK) == DAYS_WEEK) { /* the rule has every day already */
        rule->days = DAYS_WEEK;
        p->nth_count = rule->first_nth;
        rule->nth_count = 0;
    }
    return true;
}

/* Reads a list of days; or a list of holidays, a blank and a list of weekdays, as in "SH Mo-Fr": then a day
 * must be in both. */
static bool parse_days(struct hours_parser *p, struct hours_rule *rule)
{
    if (!parse_day_list(p, rule))
        return false;
    bool only_holidays = rule->nth_count == 0 && (rule->days & ~DAYS_HOLIDAYS) == 0;
    if (!only_holidays || hours_peek(p) != THING_DAY)
        return true;
    rule->holidays = rule->days;
    rule->days = 0;
    return parse_day_list(p, rule);
}

/* ---- rules ---- */

/* Reads dates and weeks, each at most once, and the colon that may follow them. */
static bool parse_wide(struct hours_parser *p, struct hours_rule *rule, bool *out_colon)
{
    for (;;) {
        enum hours_thing next = hours_peek(p);
        bool dates = (next == THING_MONTH || next == THING_YEAR) && rule->dates_count == 0;
        bool weeks = next == THING_WEEK && rule->weeks == 0;
        if (!dates && !weeks)
            return true;
        if (dates ? !hours_parse_dates(p, rule) : !hours_parse_weeks(p, rule))
            return false;
        *out_colon = hours_take_char(p, ':');
    }
}

static bool parse_selectors(struct hours_parser *p, struct hours_rule *rule, bool *out_colon)
{
    if (!parse_wide(p, rule, out_colon))
        return false;
    if (hours_peek(p) == THING_DAY) {
        if (!parse_days(p, rule))
            return false;
        *out_colon = hours_take_char(p, ':');
    }
    if (hours_peek(p) != THING_TIME)
        return true;
    *out_colon = false;
    return parse_times(p, rule);
}

static bool selects(const struct hours_rule *rule)
{
    return rule->days != 0 || rule->nth_count != 0 || rule->dates_count != 0 || rule->weeks != 0;
}

/* Reads "off", "closed", or "open", which changes nothing; false if none of them follows. */
static bool take_state(struct hours_parser *p, struct hours_rule *rule)
{
    rule->off = hours_take_word(p, "off") || hours_take_word(p, "closed");
    return rule->off || hours_take_word(p, "open");
}

/* Completes a rule: what it does to the rules before it, and its spans if it names none. */
static bool finish_rule(struct hours_parser *p, struct hours_rule *rule, bool additional)
{
    if (!rule->off && rule->span_count == 0 && !add_span(p, rule, 0, MINUTES_PER_DAY))
        return false;
    rule->span_count = (uint16_t)hours_merge_spans(&p->spans[rule->first_span], rule->span_count);
    p->span_count = (size_t)rule->first_span + rule->span_count;
    bool before_selects = p->rule_count > 0 && selects(rule - 1);
    rule->clears = rule->off ? rule->span_count == 0 : !additional && (selects(rule) || !before_selects);
    p->rule_count++;
    return true;
}

static bool parse_rule(struct hours_parser *p, bool additional, bool *out_state)
{
    hours_skip_blanks(p);
    size_t start = p->at;
    if (p->rule_count >= MW_HOURS_MAX_RULES)
        return hours_fail(p, MW_HOURS_LIMIT, start, hours_thing_length(p, start),
                          "an expression has at most 64 rules");
    struct hours_rule *rule = &p->rules[p->rule_count];
    *rule = (struct hours_rule){.first_dates = (uint16_t)p->dates_count,
                                .first_nth = (uint16_t)p->nth_count,
                                .first_span = (uint16_t)p->span_count};
    bool colon = false;
    if (p->length - p->at >= 4 && memcmp(p->text + p->at, "24/7", 4) == 0)
        p->at += 4;
    else if (!parse_selectors(p, rule, &colon))
        return false;
    bool said_something = p->at > start;
    *out_state = take_state(p, rule);
    if (!said_something && !*out_state)
        return hours_fail_expected(
            p, "a rule: dates, weeks, weekdays, PH, SH, WD, times such as 22:00-06:00, 24/7, open or off");
    if (colon && !*out_state)
        return hours_fail_expected(p, "days, times, open or off after ':'");
    return finish_rule(p, rule, additional);
}

static bool parse_rules(struct hours_parser *p)
{
    bool additional = false;
    for (;;) {
        bool state;
        if (!parse_rule(p, additional, &state))
            return false;
        hours_skip_blanks(p);
        if (p->at >= p->length)
            return true;
        if (hours_take_char(p, ','))
            additional = true;
        else if (hours_take_char(p, ';'))
            additional = false;
        else
            return hours_fail_expected(p, state ? "';' or ','" : "a time, 'open', 'off', ';' or ','");
    }
}

/* ---- the compiled form ---- */

/* The weeks in which other rules may apply than in the week before: those that some rule has and the week
 * before not, or the other way round. The week before the first is the 52nd or the 53rd. */
static uint64_t find_week_turns(const struct hours_parser *p)
{
    uint64_t turns = 0;
    for (size_t i = 0; i < p->rule_count; i++) {
        uint64_t weeks = p->rules[i].weeks;
        turns |= weeks ^ weeks << 1;
        turns |= ((weeks >> 1 ^ weeks >> 52) | (weeks >> 1 ^ weeks >> 53)) & 1u << 1;
    }
    return turns;
}

static void find_uses(const struct hours_parser *p, struct mw_hours *h)
{
    h->uses_dates = p->dates_count > 0;
    h->uses_nths = p->nth_count > 0;
    h->spills = p->spills;
    h->week_turns = find_week_turns(p);
    for (size_t i = 0; i < p->rule_count; i++) {
        const struct hours_rule *rule = &p->rules[i];
        unsigned days = rule->days | rule->holidays;
        h->uses_week = h->uses_week || (days & (DAYS_WEEK | DAYS_WORKING)) != 0;
        h->uses_holidays = h->uses_holidays || (days & (DAYS_HOLIDAY | DAYS_EVE | DAYS_WORKING)) != 0;
        h->uses_school = h->uses_school || (days & DAYS_SCHOOL) != 0;
        h->uses_weeks = h->uses_weeks || rule->weeks != 0;
    }
}

static struct mw_hours *build(const struct hours_parser *p)
{
    size_t rules_size = p->rule_count * sizeof p->rules[0];
    size_t dates_size = p->dates_count * sizeof p->dates[0];
    size_t nths_size = p->nth_count * sizeof p->nths[0];
    size_t spans_size = p->span_count * sizeof p->spans[0];
    struct mw_hours *h = malloc(sizeof *h + rules_size + dates_size + nths_size + spans_size);
    if (h == NULL)
        return NULL;
    struct hours_dates *dates = (struct hours_dates *)((char *)(h + 1) + rules_size);
    struct hours_nth *nths = (struct hours_nth *)((char *)dates + dates_size);
    struct hours_span *spans = (struct hours_span *)((char *)nths + nths_size);
    *h = (struct mw_hours){
        .rule_count = (uint16_t)p->rule_count, .dates = dates, .nths = nths, .spans = spans};
    memcpy(h->rules, p->rules, rules_size);
    memcpy(dates, p->dates, dates_size);
    memcpy(nths, p->nths, nths_size);
    memcpy(spans, p->spans, spans_size);
    find_uses(p, h);
    return h;
}

enum mw_hours_status mw_hours_parse(const char *text, size_t length, struct mw_hours **out_hours,
                                    struct mw_hours_error *out_error)
{
    struct mw_hours_error error;
    struct hours_parser p;
    bool fits = length <= MW_HOURS_MAX_LENGTH;
    p.status = MW_HOURS_OK;
    p.error = &error;
    p.rule_count = p.dates_count = p.nth_count = p.span_count = 0;
    p.spills = false;
    hours_fold(&p, text, fits ? length : MW_HOURS_MAX_LENGTH);
    struct mw_hours *hours = NULL;
    if (!fits)
        hours_fail(&p, MW_HOURS_LIMIT, p.length, 0, "an expression has at most 1024 bytes");
    else if (parse_rules(&p) && (hours = build(&p)) == NULL)
        hours_fail(&p, MW_HOURS_NO_MEMORY, 0, 0, "out of memory");
    if (p.status == MW_HOURS_OK)
        *out_hours = hours;
    else if (out_error != NULL)
        *out_error = error;
    return p.status;
}
