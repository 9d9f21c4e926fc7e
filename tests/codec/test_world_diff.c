/* What differs between two worlds' texts: of the calendars, which a city may have or not. */
#include "cmocka_all.h"

#include "world_diff.h"

#define REST                                                                                                 \
    "\"common\":{},\"duties\":[],\"fences\":[],\"permits\":[],\"rules\":{},\"timezone\":\"UTC\","            \
    "\"vehicles\":[],\"version\":1}"
#define DAY(date) "{\"date\":\"" date "\",\"isOffDay\":true}"
#define PLAIN     "{\"calendar\":[" DAY("2026-05-01") "],\"calendar_years\":[{\"year\":2026}]," REST
#define SCHOOL(days, years)                                                                                  \
    "{\"calendar\":[" DAY("2026-05-01") "],\"calendar_years\":[{\"year\":2026}],\"school_calendar\":[" days  \
                                        "],\"school_calendar_years\":[" years "]," REST

static void expect(const char *old, const char *new, uint32_t count, const char *lines)
{
    struct buf out;
    uint32_t differences = 0;
    buf_init(&out, 1 << 16);
    assert_true(world_diff_write(text_of(old), text_of(new), &out, &differences));
    buf_put_char(&out, '\0');
    assert_string_equal(out.data, lines);
    assert_int_equal(differences, count);
    buf_fini(&out);
}

static void test_school_calendars(void **state)
{
    static const char one[] = SCHOOL(DAY("2026-07-04"), "{\"year\":2026}");
    static const char range[] =
        SCHOOL("{\"date\":\"2026-07-04\",\"isOffDay\":true,\"to\":\"2026-08-31\"}", "{\"year\":2026}");
    static const char two[] =
        SCHOOL(DAY("2026-07-04") "," DAY("2026-07-05"), "{\"year\":2026},{\"year\":2027}");
    expect(PLAIN, PLAIN, 0, "");
    expect(one, one, 0, "");
    expect(PLAIN, one, 2, "+ school day 2026-07-04\n~ school calendar years: none -> [{\"year\":2026}]\n");
    expect(one, PLAIN, 2, "- school day 2026-07-04\n~ school calendar years: [{\"year\":2026}] -> none\n");
    expect(one, range, 1, "~ school day 2026-07-04.to: none -> \"2026-08-31\"\n");
    expect(one, two, 2,
           "+ school day 2026-07-05\n"
           "~ school calendar years: [{\"year\":2026}] -> [{\"year\":2026},{\"year\":2027}]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_school_calendars)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
