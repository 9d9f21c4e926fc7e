/*
 * calendar_json: Jansson reads the file, and this looks at what it got.
 *
 * Jansson knows the line of an error of syntax but not of a value. The few errors of content are worth the
 * person's time, though, so for them the text, by then known to be JSON, is walked once more to the n-th day.
 */
#include "calendar_json.h"

#include <jansson.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum calendar_json_status refuse(struct calendar_json_error *out, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum calendar_json_status refuse(struct calendar_json_error *out, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    out->line = line;
    vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
    return CALENDAR_JSON_BAD;
}

/* The position after the string that begins at `at` with its quote. */
static size_t skip_string(struct text file, size_t at)
{
    for (at++; at < file.len && file.data[at] != '"'; at++)
        if (file.data[at] == '\\')
            at++;
    return at + 1;
}

/* The line on which element `index` of "days" begins. The text is JSON, and "days" an array of the outermost
 * object. */
static int line_of_day(struct text file, size_t index)
{
    int line = 1, depth = 0;
    struct text key = {0};
    size_t seen = 0;
    for (size_t i = 0; i < file.len; i++) {
        char c = file.data[i];
        if (c == '\n')
            line++;
        if (c == '"') {
            size_t end = skip_string(file, i);
            if (depth == 1)
                key = (struct text){file.data + i, end - i};
            i = end - 1;
            continue;
        }
        if (c == '{' && depth == 2 && text_equal(key, TEXT("\"days\"")) && seen++ == index)
            return line;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
    }
    return 0;
}

/* "YYYY-MM-DD" and nothing else. */
static bool read_date(const char *s, int out[3])
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof shape; i++) {
        bool digit = s[i] >= '0' && s[i] <= '9';
        if (shape[i] == 'd' ? !digit : s[i] != shape[i])
            return false;
    }
    out[0] = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0');
    out[1] = (s[5] - '0') * 10 + (s[6] - '0');
    out[2] = (s[8] - '0') * 10 + (s[9] - '0');
    return true;
}

/* Where days and years go: to the holidays of everybody or of the schools. */
struct target {
    struct mw_calendar *calendar;
    enum mw_calendar_status (*add_year)(struct mw_calendar *calendar, int year);
    enum mw_calendar_status (*add_day)(struct mw_calendar *calendar, int year, int month, int day,
                                       bool is_off);
};

/* A date of `day` near the file's year. */
static enum calendar_json_status take_date(const json_t *day, const char *key, int year, int32_t *out_day,
                                           struct calendar_json_error *out_error)
{
    const char *date = json_string_value(json_object_get(day, key));
    int d[3];
    if (date == NULL || !read_date(date, d) || !mw_civil_date_valid(d[0], d[1], d[2]))
        return refuse(out_error, 0, "\"%s\" is '%.20s', expected a date such as 2026-02-15", key,
                      date != NULL ? date : "no text");
    if (d[0] < year - 1 || d[0] > year + 1)
        return refuse(out_error, 0, "\"%s\" is %s, which is not near the file's year %d", key, date, year);
    *out_day = mw_civil_to_days(d[0], d[1], d[2]);
    return CALENDAR_JSON_OK;
}

static enum calendar_json_status add_one(int32_t day, bool is_off, const struct target *target,
                                         struct calendar_json_error *out_error)
{
    int y, m, d;
    mw_civil_from_days(day, &y, &m, &d);
    switch (target->add_day(target->calendar, y, m, d, is_off)) {
    case MW_CALENDAR_OK:
        return CALENDAR_JSON_OK;
    case MW_CALENDAR_BAD_DATE:
        break;
    case MW_CALENDAR_CONFLICT:
        return refuse(out_error, 0, "%04d-%02d-%02d is a holiday in one place and none in another", y, m, d);
    }
    return refuse(out_error, 0, "%04d-%02d-%02d lies outside the years %d to %d", y, m, d,
                  MW_CALENDAR_FIRST_YEAR, MW_CALENDAR_LAST_YEAR);
}

/* No holidays are longer; and so a range lies in two neighbouring years at most, of which it may stand in the
 * file of either. */
enum { RANGE_MAX_DAYS = 184 };

static enum calendar_json_status add_days(const json_t *day, int year, const struct target *target,
                                          struct calendar_json_error *out_error)
{
    const json_t *off = json_object_get(day, "isOffDay"), *end = json_object_get(day, "to");
    int32_t from, to;
    if (!json_is_string(json_object_get(day, "date")) || !json_is_boolean(off))
        return refuse(out_error, 0, "a day needs \"date\", a string, and \"isOffDay\", true or false");
    enum calendar_json_status status = take_date(day, "date", year, &from, out_error);
    to = from;
    if (status == CALENDAR_JSON_OK && end != NULL && !json_is_null(end))
        status = take_date(day, "to", year, &to, out_error);
    if (status == CALENDAR_JSON_OK && (to < from || to - from > RANGE_MAX_DAYS))
        return refuse(out_error, 0, "\"to\" is %s, which is %s", json_string_value(end),
                      to < from ? "before \"date\"" : "more than half a year after \"date\"");
    for (; status == CALENDAR_JSON_OK && from <= to; from++)
        status = add_one(from, json_is_true(off), target, out_error);
    return status;
}

static enum calendar_json_status read_root(const json_t *root, struct text file, const struct target *target,
                                           struct calendar_json_error *out_error)
{
    const json_t *year = json_object_get(root, "year"), *days = json_object_get(root, "days");
    if (!json_is_integer(year) || !json_is_array(days))
        return refuse(out_error, 0, "expected an object with \"year\", a number, and \"days\", an array");
    json_int_t y = json_integer_value(year);
    if (y < MW_CALENDAR_FIRST_YEAR || y > MW_CALENDAR_LAST_YEAR ||
        target->add_year(target->calendar, (int)y) != MW_CALENDAR_OK)
        return refuse(out_error, 0, "\"year\" is outside %d to %d", MW_CALENDAR_FIRST_YEAR,
                      MW_CALENDAR_LAST_YEAR);
    if (json_array_size(days) > CALENDAR_JSON_MAX_DAYS)
        return refuse(out_error, 0, "\"days\" has more than %d entries", CALENDAR_JSON_MAX_DAYS);
    for (size_t i = 0; i < json_array_size(days); i++) {
        const json_t *day = json_array_get(days, i);
        if (!json_is_object(day))
            return refuse(out_error, 0, "entry %zu of \"days\" is not an object", i + 1);
        enum calendar_json_status status = add_days(day, (int)y, target, out_error);
        if (status != CALENDAR_JSON_OK) {
            out_error->line = line_of_day(file, i);
            return status;
        }
    }
    return CALENDAR_JSON_OK;
}

static enum calendar_json_status read_file(struct text file, const struct target *target,
                                           struct calendar_json_error *out_error)
{
    json_error_t error;
    if (file.len > CALENDAR_JSON_MAX_BYTES)
        return refuse(out_error, 0, "the file has more than %d bytes", CALENDAR_JSON_MAX_BYTES);
    json_t *root = json_loadb(file.data, file.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return refuse(out_error, error.line > 0 ? error.line : 0, "%s", error.text);
    enum calendar_json_status status = read_root(root, file, target, out_error);
    json_decref(root);
    return status;
}

enum calendar_json_status calendar_json_read(struct text file, struct mw_calendar *calendar,
                                             struct calendar_json_error *out_error)
{
    return read_file(file, &(struct target){calendar, mw_calendar_add_year, mw_calendar_add_day}, out_error);
}

enum calendar_json_status calendar_json_read_school(struct text file, struct mw_calendar *calendar,
                                                    struct calendar_json_error *out_error)
{
    return read_file(
        file, &(struct target){calendar, mw_calendar_add_school_year, mw_calendar_add_school_day}, out_error);
}
