/*
 * muckctl hours: shows when an expression is open, so that nobody has to guess.
 *
 * One window a line, beginning with its start; then its end, how long it lasts, and the same in words. A
 * window that is open already at --from comes first, with its true start. Needs no configuration.
 */
#include "arguments.h"
#include "calendar_json.h"
#include "clock.h"
#include "muckctl.h"
#include "open_windows.h"
#include "time_text.h"
#include "zoneinfo.h"

#include <muckwatch/hours.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { LANG_EN = 1, LANG_ZH = 2 };

enum { DEFAULT_COUNT = 10, MAX_COUNT = 1000, MAX_WARNED_YEARS = 8 };

struct request {
    const char *expression;
    const char *from; /* NULL: now */
    const char *timezone;
    const char *language; /* NULL: both */
    int64_t count;
    struct argument_list calendar_files, school_files;
    int languages;
    struct mw_calendar *calendar;
    struct mw_zone *zone;
    struct mw_hours *hours;
};

static int fail_usage(const char *what, const char *value)
{
    fprintf(stderr, "muckctl: hours: %s '%.80s'; 'muckctl hours --help' tells more\n", what, value);
    return EX_USAGE;
}

/* ---- what is asked ---- */

static int read_file(const char *path, char **out_bytes, size_t *out_length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = file != NULL ? malloc(CALENDAR_JSON_MAX_BYTES + 1) : NULL;
    size_t length = bytes != NULL ? fread(bytes, 1, CALENDAR_JSON_MAX_BYTES + 1, file) : 0;
    bool good = bytes != NULL && ferror(file) == 0;
    if (file != NULL)
        fclose(file);
    if (!good) {
        free(bytes);
        fprintf(stderr, "muckctl: hours: %s: cannot be read\n", path);
        return EX_NOINPUT;
    }
    *out_bytes = bytes;
    *out_length = length;
    return EX_OK;
}

typedef enum calendar_json_status read_calendar(struct text file, struct mw_calendar *calendar,
                                                struct calendar_json_error *out_error);

static int add_calendar(struct mw_calendar *calendar, const char *path, read_calendar *read)
{
    char *bytes;
    size_t length;
    struct calendar_json_error error;
    int status = read_file(path, &bytes, &length);
    if (status != EX_OK)
        return status;
    if (read((struct text){bytes, length}, calendar, &error) != CALENDAR_JSON_OK) {
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
        status = EX_DATAERR;
    }
    free(bytes);
    return status;
}

/* -1: go on, otherwise the exit status. */
static int read_arguments(struct request *r, int argc, char **argv)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "from", "DATE", "from this day or local time on, '2026-06-07 12:00' (default: now)",
         &r->from},
        {ARGUMENT_COUNT, "count", "N", "how many windows, 1 to 1000 (default: 10)", &r->count},
        {ARGUMENT_TEXT, "timezone", "NAME", "default: Asia/Shanghai", &r->timezone},
        {ARGUMENT_LIST, "calendar", "FILE", "a year file of holiday-cn; may be repeated", &r->calendar_files},
        {ARGUMENT_LIST, "school-calendar", "FILE", "the same of the school holidays, SH; may be repeated",
         &r->school_files},
        {ARGUMENT_TEXT, "lang", "en|zh", "words in one language only", &r->language},
        {0},
    };
    const struct command_line line = {"muckctl hours",
                                      "EXPRESSION",
                                      "Shows the next windows of an expression such as 'Mo-Fr 22:00-06:00; "
                                      "PH off', one a line: start, end, how\n"
                                      "long, and the same in words. Exit status 65: the expression or a "
                                      "calendar is wrong; 66: a file cannot\n"
                                      "be read.",
                                      rows,
                                      1,
                                      1};
    switch (arguments_read(&line, argc, argv, &r->expression)) {
    case ARGUMENTS_DONE:
        return EX_OK;
    case ARGUMENTS_WRONG:
        return EX_USAGE;
    case ARGUMENTS_OK:
        break;
    }
    if (r->count < 1 || r->count > MAX_COUNT) {
        fprintf(stderr, "muckctl: hours: --count goes from 1 to %d\n", MAX_COUNT);
        return EX_USAGE;
    }
    if (r->language != NULL)
        r->languages = strcmp(r->language, "en") == 0   ? LANG_EN
                       : strcmp(r->language, "zh") == 0 ? LANG_ZH
                                                        : 0;
    return r->languages != 0 ? -1 : fail_usage("--lang is en or zh, not", r->language);
}

/* "2026-06-07" or "2026-06-07 12:00", local time; or an instant as RFC 3339 has it. */
static bool parse_from(const struct request *r, int64_t *out_ms)
{
    int year, month, day, hour = 0, minute = 0, used = 0;
    struct wall instant;
    if (time_text_read(text_of(r->from), &instant) == TIME_OK) {
        *out_ms = instant.ms;
        return true;
    }
    int fields =
        sscanf(r->from, "%4d-%2d-%2d%n%*1[ T]%2d:%2d%n", &year, &month, &day, &used, &hour, &minute, &used);
    if ((fields != 3 && fields != 5) || r->from[used] != '\0')
        return false;
    if (!mw_civil_date_valid(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    int64_t local_ms = (int64_t)mw_civil_to_days(year, month, day) * MW_DAY_MS;
    *out_ms = mw_zone_local_to_ms(r->zone, local_ms + (hour * 60 + minute) * INT64_C(60000));
    return true;
}

/* ---- errors of the expression ---- */

/* Columns of a terminal that a character takes: Chinese ones take two. */
static int columns_of(unsigned char first_byte)
{
    return first_byte >= 0xe3 ? 2 : 1; /* U+3000 and above, which begins with the ideographic space */
}

static void point_at(const char *expression, const struct mw_hours_error *error)
{
    fputs("  ", stderr);
    for (const char *p = expression; *p != '\0'; p++)
        fputc((unsigned char)*p < ' ' || *p == 0x7f ? ' ' : *p, stderr);
    fputs("\n  ", stderr);
    size_t length = strlen(expression);
    for (size_t i = 0; i <= error->at && i <= length; i++) {
        unsigned char c = (unsigned char)expression[i];
        if ((c & 0xc0) == 0x80)
            continue;
        if (i == error->at)
            break;
        fprintf(stderr, "%*s", columns_of(c), "");
    }
    fputs("^\n", stderr);
}

static size_t count_characters(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static int compile(struct request *r)
{
    struct mw_hours_error error;
    if (mw_hours_parse(r->expression, strlen(r->expression), &r->hours, &error) == MW_HOURS_OK)
        return EX_OK;
    fprintf(stderr, "muckctl: hours: at character %zu: %s\n", count_characters(r->expression, error.at) + 1,
            error.text);
    point_at(r->expression, &error);
    return EX_DATAERR;
}

/* ---- the windows ---- */

static void format_duration(int64_t ms, bool chinese, char *out, size_t room)
{
    long long minutes = ms / 60000, days = minutes / 1440, hours = minutes / 60 % 24;
    int used = 0;
    if (days > 0)
        used += snprintf(out, room, chinese ? "%lld天" : "%lld d ", days);
    if (hours > 0)
        used += snprintf(out + used, room - (size_t)used, chinese ? "%lld小时" : "%lld h ", hours);
    if (minutes % 60 > 0 || used == 0)
        used += snprintf(out + used, room - (size_t)used, chinese ? "%lld分钟" : "%lld min ", minutes % 60);
    if (!chinese)
        out[used - 1] = '\0';
}

static const char *const weekdays_en[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                          "Friday", "Saturday", "Sunday"};
static const char *const weekdays_zh[] = {"周一", "周二", "周三", "周四", "周五", "周六", "周日"};

/* Days from one date to another. */
static int32_t days_between(const struct mw_civil *a, const struct mw_civil *b)
{
    return mw_civil_to_days(b->year, b->month, b->day) - mw_civil_to_days(a->year, a->month, a->day);
}

static void print_english(const struct open_window *w, const struct mw_civil *a, const struct mw_civil *b)
{
    if (w->start_unknown)
        printf("  open before %s %02d:%02d", weekdays_en[a->weekday], a->hour, a->minute);
    else
        printf("  %s %02d:%02d", weekdays_en[a->weekday], a->hour, a->minute);
    if (w->to_ms == INT64_MAX)
        printf(", for good");
    else if (days_between(a, b) == 0)
        printf(" to %02d:%02d", b->hour, b->minute);
    else if (days_between(a, b) == 1)
        printf(" to %02d:%02d the next day", b->hour, b->minute);
    else
        printf(" to %s %02d:%02d", weekdays_en[b->weekday], b->hour, b->minute);
    if (w->guessed_year != 0)
        printf(" (%sholidays of %d unknown)", w->guessed_school ? "school " : "", w->guessed_year);
}

static void print_chinese(const struct open_window *w, const struct mw_civil *a, const struct mw_civil *b)
{
    printf("  %s%02d:%02d", weekdays_zh[a->weekday], a->hour, a->minute);
    if (w->start_unknown)
        printf("之前已开始");
    if (w->to_ms == INT64_MAX)
        printf("，长期有效");
    else if (days_between(a, b) == 0)
        printf("至%02d:%02d", b->hour, b->minute);
    else if (days_between(a, b) == 1)
        printf("至次日%02d:%02d", b->hour, b->minute);
    else
        printf("至%s%02d:%02d", weekdays_zh[b->weekday], b->hour, b->minute);
    if (w->guessed_year != 0)
        printf(w->guessed_school ? "（缺%d年学校假期）" : "（缺%d年节假日）", w->guessed_year);
}

static void print_window(const struct request *r, const struct open_window *w)
{
    struct mw_civil a, b;
    char duration[96];
    mw_civil_from_ms(r->zone, w->from_ms, &a);
    mw_civil_from_ms(r->zone, w->to_ms, &b);
    printf("%04d-%02d-%02d %02d:%02d", a.year, a.month, a.day, a.hour, a.minute);
    if (w->to_ms == INT64_MAX)
        printf("  %-16s", "-");
    else
        printf("  %04d-%02d-%02d %02d:%02d", b.year, b.month, b.day, b.hour, b.minute);
    for (int language = LANG_EN; language <= LANG_ZH; language++) {
        if ((r->languages & language) == 0)
            continue;
        if (w->to_ms != INT64_MAX && !w->start_unknown) {
            format_duration(w->to_ms - w->from_ms, language == LANG_ZH, duration, sizeof duration);
            printf("  %s", duration);
        }
        (language == LANG_ZH ? print_chinese : print_english)(w, &a, &b);
    }
    putchar('\n');
}

/* Years that have been warned of, negative for school holidays. */
static void warn_guess(const struct open_window *w, int warned[MAX_WARNED_YEARS])
{
    int year = w->guessed_school ? -w->guessed_year : w->guessed_year;
    for (int i = 0; i < MAX_WARNED_YEARS && year != 0; i++) {
        if (warned[i] == year)
            return;
        if (warned[i] == 0) {
            warned[i] = year;
            const char *school = w->guessed_school ? "school " : "";
            fprintf(stderr,
                    "muckctl: hours: no %scalendar of %d: shown as if it had no %sholidays (%s FILE)\n",
                    school, w->guessed_year, school, w->guessed_school ? "--school-calendar" : "--calendar");
            return;
        }
    }
}

static void print_windows(const struct request *r, int64_t t_ms)
{
    int warned[MAX_WARNED_YEARS] = {0};
    const struct open_hours hours = {r->hours, r->calendar, r->zone};
    struct open_window w;
    for (int64_t i = 0; i < r->count; i++) {
        if (!open_window_next(&hours, t_ms, &w)) {
            warn_guess(&w, warned);
            if (i == 0)
                fputs("muckctl: hours: never open in the next 40 years\n", stderr);
            return;
        }
        warn_guess(&w, warned);
        print_window(r, &w);
        if (w.to_ms == INT64_MAX)
            return;
        t_ms = w.to_ms;
    }
}

static int add_calendars(struct request *r)
{
    int status = EX_OK;
    for (size_t i = 0; i < r->calendar_files.count && status == EX_OK; i++)
        status = add_calendar(r->calendar, r->calendar_files.items[i], calendar_json_read);
    for (size_t i = 0; i < r->school_files.count && status == EX_OK; i++)
        status = add_calendar(r->calendar, r->school_files.items[i], calendar_json_read_school);
    return status;
}

static int answer(struct request *r, int argc, char **argv)
{
    int status = read_arguments(r, argc, argv);
    if (status != -1)
        return status;
    status = add_calendars(r);
    if (status != EX_OK)
        return status;
    enum zoneinfo_status zone_status = zoneinfo_load(ZONEINFO_DIR, r->timezone, &r->zone);
    if (zone_status != ZONEINFO_OK) {
        fprintf(stderr, "muckctl: hours: --timezone '%.80s': %s\n", r->timezone,
                zoneinfo_status_text(zone_status));
        return EX_USAGE;
    }
    int64_t from_ms = clock_wall().ms;
    if (r->from != NULL && !parse_from(r, &from_ms))
        return fail_usage("--from is a date such as 2026-06-07 or '2026-06-07 12:00', not", r->from);
    status = compile(r);
    if (status == EX_OK)
        print_windows(r, from_ms);
    return status;
}

static int run_hours(int argc, char **argv)
{
    struct request r = {.timezone = "Asia/Shanghai", .count = DEFAULT_COUNT, .languages = LANG_EN | LANG_ZH};
    r.calendar = mw_calendar_new();
    int status = r.calendar != NULL ? answer(&r, argc, argv) : EX_OSERR;
    mw_calendar_free(r.calendar);
    mw_zone_free(r.zone);
    mw_hours_free(r.hours);
    return status;
}

const struct ctl_command ctl_hours = {"hours", "show when a time window is open", run_hours};
