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
         3, "holiday in one place"},
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
        size_t size;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(published_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
