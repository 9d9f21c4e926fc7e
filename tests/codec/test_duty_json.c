/*
 * Duties of the fleet file: what is read, what is refused and with which words, and that their days are those of an
 * expansion written without the hours language.
 */
#include "cmocka_all.h"

#include "city_files.h"

#include <stdio.h>
#include <string.h>

static struct city_files files;

#define POINT(id)                                                                                            \
    "{\"type\":\"Feature\",\"id\":\"" id "\",\"properties\":{\"kind\":\"collection\"},\"geometry\":"         \
    "{\"type\":\"Point\",\"coordinates\":[112.001,30.001]}}"
#define ROAD(id, more, end)                                                                                  \
    "{\"type\":\"Feature\",\"id\":\"" id "\",\"properties\":{\"kind\":\"sweep\"" more "},\"geometry\":"      \
    "{\"type\":\"LineString\",\"coordinates\":[[112,30],[" end "]]}}"
#define FENCES                                                                                               \
    "{\"type\":\"FeatureCollection\",\"features\":[" POINT("c1") "," POINT("c2") "," ROAD(                   \
        "r1", ",\"oneway\":\"-1\",\"width_m\":24,\"level\":2",                                               \
        "112.002,30") "," ROAD("r2", "",                                                                     \
                               "112,30.003") "," ROAD("short", "",                                           \
                                                      "112.0001,30") "," ROAD("long", "",                    \
                                                                              "112.03,30") ","               \
                                                                                           "{\"type\":"      \
                                                                                           "\"Feature\","    \
                                                                                           "\"id\":"         \
                                                                                           "\"block\","      \
                                                                                           "\"properties\":" \
                                                                                           "{\"kind\":"      \
                                                                                           "\"sweep\"},"     \
                                                                                           "\"geometry\":{"  \
                                                                                           "\"type\":"       \
                                                                                           "\"Polygon\","    \
                                                                                           "\"coordinates\"" \
                                                                                           ":[[[112,30],["   \
                                                                                           "112.001,30],["   \
                                                                                           "112.001,30.001]" \
                                                                                           ",[112,30]]]}}]}"
#define TWO(a, b) a "," b
#define DUTIES(list)                                                                                         \
    "{\"vehicles\":[{\"id\":\"s1\",\"class\":\"sweeper\",\"company\":\"c\"}],\"duties\":[" list "]}"
#define COLLECT(members) "{\"id\":\"d\",\"type\":\"collection\",\"vehicles\":[\"s1\"]," members "}"
#define SWEEP(members)   "{\"id\":\"d\",\"type\":\"sweeping\",\"classes\":[\"sweeper\"]," members "}"
#define YAML             "city: {fences: [g.json], fleet: [f.json]}\n"

static struct world *load(const char *duties, struct names *names, struct problem *problem)
{
    city_files_write(&files, "g.json", FENCES);
    city_files_write(&files, "f.json", duties);
    return city_files_load(&files, YAML, names, NULL, problem);
}

static void test_read(void **state)
{
    (void)state;
    struct problem problem;
    struct names *names = names_new(1000);
    struct world *w = load(
        DUTIES(TWO("{\"id\":\"z\",\"type\":\"collection\",\"vehicles\":[\"x9\",\"s1\"],\"company\":\"c\","
                   "\"waste\":\"kitchen\","
                   "\"order\":\"free\",\"days\":\"Mo,Tu,Th,Fr,Sa\",\"points\":["
                   "{\"fence\":\"c2\",\"window\":\"18:05-18:15\",\"grace_min\":2.5,\"min_stop_s\":0},"
                   "{\"fence\":\"c1\",\"window\":\"23:50-00:17\"}]}",
                   "{\"id\":\"a\",\"type\":\"sweeping\",\"classes\":[\"sweeper\"],\"mode\":\"washing\","
                   "\"rate_of\":\"area\","
                   "\"windows\":[\"03:00-06:30\",\"23:00-29:59\"],\"segments\":[{\"fence\":\"r1\",\"sides\":"
                   "\"left\","
                   "\"passes\":2},{\"fence\":\"r2\"}]}")),
        names, &problem);
    assert_non_null(w);
    assert_int_equal(w->duty_count, 2);
    const struct duty *a = &w->duties[0], *z = &w->duties[1];
    assert_true(a->type == DUTY_SWEEPING && a->mode == MODE_WASHING && a->by_area && a->segment_count == 2);
    assert_int_equal(a->segments[0].fence, world_fence_by_id(w, names_find(names, TEXT("r1"))));
    assert_int_equal(a->segments[0].sides, SIDES_LEFT);
    assert_int_equal(a->segments[0].passes, 2);
    assert_int_equal(a->segments[1].sides, SIDES_BOTH);
    assert_int_equal(a->windows[1].to_min, 1799);
    assert_true(z->type == DUTY_COLLECTION && z->free_order && text_equal(z->waste, TEXT("kitchen")));
    assert_int_equal(z->points[0].grace_ms, 150000);
    assert_int_equal(z->points[0].min_stop_ms, 0);
    assert_int_equal(z->points[1].window.from_min, 1430);
    assert_int_equal(z->points[1].window.to_min, 1457);
    assert_int_equal(z->points[1].min_stop_ms, 20000);
    const struct fence *r1 = &w->fences[a->segments[0].fence];
    assert_true(r1->oneway == -1 && r1->width_m == 24 && r1->level == 2 && r1->buffer_m == 12);
    assert_true(r1->line_m > 192 && r1->line_m < 194);
    assert_true(w->fences[z->points[0].fence].buffer_m == 30);
    const struct vehicle_info *s1 = world_vehicle(w, names_find(names, TEXT("s1")));
    assert_true(s1->collects && s1->work_modes == 1u << MODE_WASHING);
    const struct vehicle_info *x9 = world_vehicle(w, names_find(names, TEXT("x9")));
    assert_true(x9->collects && x9->work_modes == 0 && world_duty_of(z, x9) && !world_duty_of(a, x9));
    world_free(w);
    names_free(names);
}

/* A world recorded before duties were read. */
static void test_without_type(void **state)
{
    (void)state;
    struct problem problem;
    struct names *names = names_new(1000);
    struct world *w = load(DUTIES("{\"id\":\"d\",\"deep\":[[7]]}"), names, &problem);
    assert_non_null(w);
    assert_int_equal(w->duty_count, 0);
    assert_string_equal(
        city_last_warning,
        "f.json:1: duty \"d\": says no type (collection or sweeping): nothing is expected of it");
    world_free(w);
    names_free(names);
}

#define POINTS(members)   COLLECT("\"points\":[{" members "}]")
#define SEGMENTS(members) SWEEP("\"windows\":[\"03:00-04:00\"],\"segments\":[{" members "}]")
#define WINDOW(window)    POINTS("\"fence\":\"c1\",\"window\":\"" window "\"")
#define BAD_WINDOW(window)                                                                                   \
    {                                                                                                        \
        WINDOW(window),                                                                                      \
            "window \"" window "\": expected HH:MM-HH:MM within 00:00 to 29:59, as in 23:50-24:17"           \
    }

static const struct {
    const char *duty, *problem;
} complaints[] = {
    {"{\"id\":\"d\",\"type\":\"digging\"}", "type \"digging\": expected one of collection, sweeping"},
    {"{\"id\":\"d\",\"type\":7}", "type: expected text"},
    {"{\"id\":\"d\",\"type\":\"collection\"}", "names neither vehicles nor classes: nobody could do it"},
    {"{\"id\":\"d\",\"type\":\"collection\",\"vehicles\":[\"a b\"]}",
     "vehicles: \"a b\" is no id for a vehicle"},
    {COLLECT("\"order\":\"any\""), "order \"any\": expected one of fixed, free"},
    {COLLECT("\"points\":[]"), "points is missing: nothing would be expected"},
    {COLLECT("\"points\":{}"), "points: expected a list"},
    {COLLECT("\"points\":[7]"), "points: expected a list of objects with \"fence\""},
    {POINTS("\"window\":\"18:00-18:05\""), "point number 1: fence is missing"},
    {POINTS("\"fence\":\"c1\""), "point number 1: window is missing"},
    BAD_WINDOW("18:00"),
    BAD_WINDOW("18:05-30:00"),
    BAD_WINDOW("18:60-19:00"),
    BAD_WINDOW("12:00-11:00"),
    BAD_WINDOW("18:00-18:055"),
    {POINTS("\"fence\":\"c1\",\"window\":\"18:00-18:05\",\"grace_min\":-1"),
     "grace_min: -1, expected 0 to 720"},
    {POINTS("\"fence\":\"nowhere\",\"window\":\"18:00-18:05\""), "point \"nowhere\" is not a fence"},
    {POINTS("\"fence\":\"r1\",\"window\":\"18:00-18:05\""),
     "point \"r1\" is a fence of kind sweep, expected collection"},
    {COLLECT("\"days\":\"Mo[6]\",\"points\":[{\"fence\":\"c1\",\"window\":\"18:00-18:05\"}]"),
     "days \"Mo[6]\", at character 4: a month has a weekday at most five times: 1 to 5"},
    {COLLECT("\"days\":\"Mo 08:00-09:00\",\"points\":[]"),
     "days \"Mo 08:00-09:00\": expected days without times: these stand in the windows"},
    {SWEEP("\"mode\":\"mowing\""), "mode \"mowing\": expected one of sweeping, washing, spraying"},
    {SWEEP("\"rate_of\":\"price\""), "rate_of \"price\": expected one of length, area"},
    {SWEEP("\"segments\":[{\"fence\":\"r1\"}]"), "windows is missing: nothing would be expected"},
    {SWEEP("\"windows\":[\"03:00-03:00\"],\"segments\":[{\"fence\":\"r1\"}]"),
     "window \"03:00-03:00\": ends as it begins"},
    {SEGMENTS("\"fence\":\"c1\""), "segment \"c1\" is a fence of kind collection, expected sweep"},
    {SEGMENTS("\"fence\":\"r1\",\"sides\":\"top\""), "sides \"top\": expected one of both, left, right"},
    {SEGMENTS("\"fence\":\"r1\",\"passes\":0"), "passes: 0, expected 1 to 20"},
    {SEGMENTS("\"fence\":\"r1\",\"passes\":1.5"), "passes: 1.5, expected a whole number"},
    {SEGMENTS("\"fence\":\"short\""), "segment \"short\" is shorter than 20 m"},
    {SEGMENTS("\"fence\":\"long\""), "segment \"long\" is longer than 2 km"},
    {SEGMENTS("\"fence\":\"block\""),
     "segment \"block\" is no line from junction to junction (a LineString)"},
};

static void test_complaints(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++) {
        char text[1024], want[512];
        struct problem problem;
        struct names *names = names_new(1000);
        snprintf(text, sizeof text, "{\"vehicles\":[{\"id\":\"s1\"}],\n\"duties\":[\n%s]}",
                 complaints[i].duty);
        snprintf(want, sizeof want, "f.json:3: duty \"d\": %s", complaints[i].problem);
        assert_null(load(text, names, &problem));
        assert_string_equal(problem.text, want);
        names_free(names);
    }
}

/* All that is wrong is told at once, and a duty is not blamed for a fence that could not be read. */
static void test_check(void **state)
{
    (void)state;
    city_files_write(
        &files, "g.json",
        "{\"type\":\"FeatureCollection\",\"features\":[" ROAD(
            "r1", ",\"oneway\":\"up\"", "112.002,30") "," ROAD("r2", ",\"level\":1.5", "112.002,30") "]}");
    city_files_write(&files, "f.json",
                     DUTIES(TWO(SEGMENTS("\"fence\":\"r1\""),
                                "{\"id\":\"e\",\"type\":\"sweeping\",\"classes\":[\"sweper\"],"
                                "\"windows\":[\"x\"],\"segments\":[{\"fence\":\"r9\",\"passes\":0}]}")));
    assert_false(city_files_check(&files, YAML, 0));
    assert_string_equal(
        city_told,
        "g.json:1: fence \"r1\": oneway \"up\": expected no, yes or -1\n"
        "g.json:1: fence \"r2\": level: 1.5, expected 1, 2, 3 or 4\n"
        "f.json:1: duty \"e\": window \"x\": expected HH:MM-HH:MM within 00:00 to 29:59, as in "
        "23:50-24:17\n"
        "f.json:1: duty \"e\": passes: 0, expected 1 to 20\n"
        "warning: f.json:1: duty \"e\": classes: no vehicle is of class \"sweper\"; is it meant to be "
        "\"sweeper\"?\n");
}

#define OTHER(id, mode, window, days)                                                                        \
    "{\"id\":\"" id "\",\"type\":\"sweeping\",\"vehicles\":[\"s1\"],\"mode\":\"" mode "\",\"days\":\"" days  \
    "\",\"windows\":[\"" window                                                                              \
    "\"],\"segments\":[{\"fence\":\"r1\",\"sides\":\"left\"},{\"fence\":\"r2\"}]}"

static void test_two_modes_at_once(void **state)
{
    (void)state;
    city_files_write(&files, "g.json", FENCES);
    city_files_write(
        &files, "f.json",
        DUTIES(TWO(
            TWO(OTHER("a", "sweeping", "03:00-05:00", "Mo"), OTHER("b", "washing", "04:59-06:00", "Mo[5]")),
            TWO(OTHER("c", "washing", "05:00-06:00", "Mo"), OTHER("d", "spraying", "03:00-06:00", "Tu")))));
    assert_true(city_files_check(&files, YAML, INT64_C(1775000000000)));
    assert_string_equal(city_told,
                        "warning: f.json:1: duty \"b\": segment \"r1\": duty \"a\" gives a side of it to "
                        "sweeping at the same time\n");
}

/* ---- days, against an expansion of its own ---- */

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && year % 4 == 0 ? 29 : days[month - 1]; /* of 1901 to 2099 */
}

/* Monday is 0. The 1st of January 2024 was one. */
static int weekday_of(int year, int month, int day)
{
    int days = 0;
    for (int y = 2024; y < year; y++)
        days += y % 4 == 0 ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += days_of_month(year, m);
    return (days + day - 1) % 7;
}

static int day_of_year(int year, int month, int day)
{
    for (int m = 1; m < month; m++)
        day += days_of_month(year, m);
    return day;
}

/* ISO 8601: the week of the year's Thursday. */
static int week_of(int year, int month, int day)
{
    int thursday = day_of_year(year, month, day) - weekday_of(year, month, day) + 3;
    int length = year % 4 == 0 ? 366 : 365, before = (year - 1) % 4 == 0 ? 366 : 365;
    if (thursday < 1)
        thursday += before;
    else if (thursday > length)
        thursday -= length;
    return (thursday - 1) / 7 + 1;
}

struct calendar_rule {
    const char *days;
    unsigned weekdays; /* bit 0: Monday */
    unsigned nths;     /* bit 0: the first of its month; 0: all */
    int week_step;     /* week 1-53/step; 0: all */
};

static void test_days_of_a_year(void **state)
{
    (void)state;
    static const struct calendar_rule rules[] = {
        {"Mo[1,3]", 1, 1 | 4, 0},     {"We[2,4]", 4, 2 | 8, 0},       {"Su[5]", 64, 16, 0},
        {"week 1-53/2 Tu", 2, 0, 2},  {"Mo,Tu,Th,Fr,Sa", 0x3b, 0, 0}, {"week 1-53/2 Mo[1,3]", 1, 1 | 4, 2},
        {"week 1-53/4: Fr", 16, 0, 4}};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        char text[700];
        struct problem problem;
        struct names *names = names_new(1000);
        snprintf(
            text, sizeof text,
            DUTIES(COLLECT("\"days\":\"%s\",\"points\":[{\"fence\":\"c1\",\"window\":\"08:00-09:00\"}]")),
            rules[i].days);
        struct world *w = load(text, names, &problem);
        assert_non_null(w);
        unsigned on = 0;
        for (int year = 2024; year <= 2027; year++)
            for (int month = 1; month <= 12; month++)
                for (int day = 1; day <= days_of_month(year, month); day++) {
                    bool want = (rules[i].weekdays >> weekday_of(year, month, day) & 1u) != 0 &&
                                (rules[i].nths == 0 || (rules[i].nths >> (day - 1) / 7 & 1u) != 0) &&
                                (rules[i].week_step == 0 ||
                                 (week_of(year, month, day) - 1) % rules[i].week_step == 0);
                    assert_int_equal(world_duty_on(w, &w->duties[0], mw_civil_to_days(year, month, day)),
                                     want);
                    on += want;
                }
        assert_true(on > 10);
        world_free(w);
        names_free(names);
    }
}

static int set_up(void **state)
{
    (void)state;
    city_files_init(&files);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    city_files_fini(&files);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_without_type),
        cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_two_modes_at_once),
        cmocka_unit_test(test_days_of_a_year),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
