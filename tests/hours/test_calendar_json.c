/* The year files of holiday-cn, and what a wrong one is told. */
#include "cmocka_all.h"

#include <muckwatch/hours.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar_json.h"

static enum calendar_json_status read_text(struct text file, struct calendar_json_error *out_error)
{
    struct mw_calendar *calendar = mw_calendar_new();
    enum calendar_json_status status = calendar_json_read(file, calendar, out_error);
    mw_calendar_free(calendar);
    return status;
}

struct bad {
    const char *text;
    int line;
    const char *words;
};

static void errors_name_the_line(void **state)
{
    static const struct bad cases[] = {
        {"", 1, "expected"},
        {"{\"year\": 2026,\n \"days\": [}", 2, "unexpected token"},
        {"[]", 0, "\"year\""},
        {"{\"year\": \"2026\", \"days\": []}", 0, "\"year\""},
        {"{\"year\": 2026, \"days\": {}}", 0, "\"days\""},
        {"{\"year\": 1900, \"days\": []}", 0, "1970"},
        {"{\"year\": 4000000000, \"days\": []}", 0, "1970"},
        {"{\"year\": 2026, \"year\": 2026, \"days\": []}", 1, "duplicate"},
        {"{\"year\": 2026, \"days\": [7]}", 0, "entry 1"},
        {"{\"x\": [{\"days\": [{}]}],\n\"year\": 2026, \"days\": [\n{\"date\": \"2026-01-01\", \"isOffDay\": "
         "true},\n"
         "{\"name\": \"]}{[\\\"\", \"date\": \"2026-02-30\", \"isOffDay\": true}]}",
         4, "2026-02-30"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-01-01\"}]}", 1, "isOffDay"},
        {"{\"year\": 2026, \"days\": [{\"date\": 20260101, \"isOffDay\": true}]}", 1, "\"date\""},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-1-1\", \"isOffDay\": true}]}", 1, "2026-1-1"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-01-011\", \"isOffDay\": true}]}", 1, "2026-01-011"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2028-01-01\", \"isOffDay\": true}]}", 1, "near"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-01-01\", \"isOffDay\": true},\n\n"
         "{\"date\": \"2026-01-01\", \"isOffDay\": false}]}",
         3, "2026-01-01 is a holiday in one place"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-07-04\", \"to\": 7, \"isOffDay\": true}]}", 1,
         "\"to\" is 'no text'"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-07-04\", \"to\": \"2026-06-31\", \"isOffDay\": "
         "true}]}",
         1, "\"to\" is '2026-06-31'"},
        {"{\"year\": 2026, \"days\": [\n{\"date\": \"2026-07-04\", \"to\": \"2026-07-03\", \"isOffDay\": "
         "true}]}",
         2, "before \"date\""},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-01-01\", \"to\": \"2026-12-31\", \"isOffDay\": "
         "true}]}",
         1, "half a year"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-07-04\", \"to\": \"2028-07-04\", \"isOffDay\": "
         "true}]}",
         1, "not near"},
        {"{\"year\": 2026, \"days\": [{\"date\": \"2026-07-04\", \"to\": \"2026-08-31\", \"isOffDay\": "
         "true},\n"
         "{\"date\": \"2026-08-31\", \"isOffDay\": false}]}",
         2, "2026-08-31 is a holiday in one place"},
        {"{\"year\": 2225, \"days\": [{\"date\": \"2225-12-30\", \"to\": \"2226-01-02\", \"isOffDay\": "
         "true}]}",
         1, "2226-01-01 lies outside"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct calendar_json_error error = {0};
        assert_int_equal(read_text(text_of(cases[i].text), &error), CALENDAR_JSON_BAD);
        if (error.line != cases[i].line || strstr(error.text, cases[i].words) == NULL)
            fail_msg("%s: line %d: %s", cases[i].text, error.line, error.text);
    }
}

static void sizes_are_bounded(void **state)
{
    enum { SIZE = CALENDAR_JSON_MAX_BYTES + 1 };
    struct calendar_json_error error = {0};
    char *large = malloc(SIZE);
    memset(large, ' ', SIZE);
    assert_int_equal(read_text((struct text){large, SIZE}, &error), CALENDAR_JSON_BAD);
    assert_non_null(strstr(error.text, "bytes"));
    memset(large, '[', SIZE); /* depth */
    assert_int_equal(read_text((struct text){large, SIZE - 1}, &error), CALENDAR_JSON_BAD);
    size_t used = (size_t)sprintf(large, "{\"year\": 2026, \"days\": [0");
    for (int i = 0; i < CALENDAR_JSON_MAX_DAYS; i++)
        used += (size_t)sprintf(large + used, ",0");
    used += (size_t)sprintf(large + used, "]}");
    assert_int_equal(read_text((struct text){large, used}, &error), CALENDAR_JSON_BAD);
    assert_non_null(strstr(error.text, "entries"));
    free(large);
}

static char *read_file(const char *path, size_t *out_size)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    char *bytes = malloc(1 << 16);
    *out_size = fread(bytes, 1, 1 << 16, f);
    fclose(f);
    return bytes;
}

/* The published years: counts taken from the files with another reader. */
static void published_years(void **state)
{
    static const int years[] = {2024, 2025, 2026};
    struct mw_calendar *calendar = mw_calendar_new();
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        char path[512];
        size_t size = 0;
        struct calendar_json_error error;
        snprintf(path, sizeof path, "%s/holidays-cn/%d.json", MW_DATA_DIR, years[i]);
        char *bytes = read_file(path, &size);
        if (bytes == NULL) {
            print_message("%s is absent: skipped\n", path);
            mw_calendar_free(calendar);
            skip();
        }
        if (calendar_json_read((struct text){bytes, size}, calendar, &error) != CALENDAR_JSON_OK)
            fail_msg("%s:%d: %s", path, error.line, error.text);
        free(bytes);
        assert_true(mw_calendar_has_year(calendar, years[i]));
    }
    /* 2026: 33 holidays; of the 261 days Monday to Friday some are among them, and six weekend days are
     * worked. */
    struct mw_hours *holidays = NULL, *working = NULL;
    assert_int_equal(mw_hours_parse("PH", 2, &holidays, NULL), MW_HOURS_OK);
    assert_int_equal(mw_hours_parse("WD", 2, &working, NULL), MW_HOURS_OK);
    int off = 0, on = 0;
    for (int32_t day = mw_civil_to_days(2026, 1, 1); day <= mw_civil_to_days(2026, 12, 31); day++) {
        struct mw_hours_answer answer;
        mw_hours_at(holidays, calendar, NULL, (int64_t)day * MW_DAY_MS, &answer);
        off += answer.open;
        mw_hours_at(working, calendar, NULL, (int64_t)day * MW_DAY_MS, &answer);
        on += answer.open;
    }
    assert_int_equal(off, 33);
    assert_int_equal(on, 248);
    mw_hours_free(holidays);
    mw_hours_free(working);
    mw_calendar_free(calendar);
}

static int32_t days_open(const char *text, const struct mw_calendar *calendar)
{
    struct mw_hours *hours = NULL;
    int32_t count = 0;
    assert_int_equal(mw_hours_parse(text, strlen(text), &hours, NULL), MW_HOURS_OK);
    for (int32_t day = mw_civil_to_days(2025, 1, 1); day <= mw_civil_to_days(2027, 12, 31); day++) {
        struct mw_hours_answer answer;
        mw_hours_at(hours, calendar, NULL, (int64_t)day * MW_DAY_MS, &answer);
        count += answer.open;
    }
    mw_hours_free(hours);
    return count;
}

/* A file of ranges is one of holidays or of school holidays, as it is asked for. */
static void ranges_and_schools(void **state)
{
    static const char file[] = "{\"year\": 2026, \"days\": ["
                               "{\"date\": \"2026-07-04\", \"to\": \"2026-08-31\", \"isOffDay\": true},"
                               "{\"date\": \"2026-12-23\", \"to\": \"2027-01-02\", \"isOffDay\": true},"
                               "{\"date\": \"2026-04-03\", \"to\": null, \"isOffDay\": true},"
                               "{\"date\": \"2026-07-03\", \"to\": \"2026-07-03\", \"isOffDay\": false}]}";
    struct calendar_json_error error = {0};
    struct mw_calendar *schools = mw_calendar_new(), *everybody = mw_calendar_new();
    assert_int_equal(calendar_json_read_school(text_of(file), schools, &error), CALENDAR_JSON_OK);
    assert_int_equal(calendar_json_read(text_of(file), everybody, &error), CALENDAR_JSON_OK);
    assert_true(mw_calendar_has_school_year(schools, 2026) && !mw_calendar_has_year(schools, 2026));
    assert_true(mw_calendar_has_year(everybody, 2026) && !mw_calendar_has_school_year(everybody, 2026));
    assert_int_equal(days_open("SH", schools), 28 + 31 + 9 + 2 + 1);
    assert_int_equal(days_open("PH", schools), 0);
    assert_int_equal(days_open("PH", everybody), 28 + 31 + 9 + 2 + 1);
    assert_int_equal(days_open("SH", everybody), 0);
    mw_calendar_free(schools);
    mw_calendar_free(everybody);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(published_years),
        cmocka_unit_test(ranges_and_schools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
