/* ruleset: a world and its record are the same world; what is not whole, or not of this version, is refused
 * with a reason. */
#include "../cmocka_all.h"
#include "city_files.h"
#include "ruleset.h"

#include <stdio.h>
#include <stdlib.h>

static struct city_files files;

static int set_up(void **state)
{
    city_files_init(&files);
    return 0;
}

static int tear_down(void **state)
{
    city_files_fini(&files);
    return 0;
}

#define RING "[[112.0,30.0],[112.0100,30.0],[112.01,30.01],[112.0,30.01],[112.0,30.0]]"
#define FENCE(id, properties, type, coordinates)                                                             \
    "{\"type\":\"Feature\",\"id\":" id ",\"properties\":{" properties ",\"editor\":\"x\"},\"bbox\":[1],"     \
    "\"geometry\":{\"type\":\"" type "\",\"coordinates\":" coordinates "}}"

/* Every shape, an id of digits, names with escapes, numbers with and without decimals, a null. */
static const char fences[] = "{\"type\":\"FeatureCollection\",\"features\":[" FENCE(
    "\"s1\"", "\"kind\":\"site\",\"name\":\"\\u5de5 \\\"A\\\"\\n\\u0001\",\"reason\":null", "Polygon",
    "[" RING
    "]") "," FENCE("\"d1\"", "\"kind\":\"disposal\",\"hours\":\"PH off; 06:00-22:00\"", "MultiPolygon",
                   "[[" RING
                   "]]") "," FENCE("7", "\"kind\":\"route\",\"buffer_m\":30.50", "LineString",
                                   "[[112,30,5],[112.05,30.02,6]]") "," FENCE("\"w\"",
                                                                              "\"kind\":\"wash\","
                                                                              "\"radius_m\":2.5e1,"
                                                                              "\"crs\":\"gcj02\"",
                                                                              "Point",
                                                                              "[112.0050001,30.005,"
                                                                              "7]") "," FENCE("\"b\"",
                                                                                              "\"kind"
                                                                                              "\":"
                                                                                              "\"bann"
                                                                                              "ed\","
                                                                                              "\"clas"
                                                                                              "ses\":"
                                                                                              "[\"muc"
                                                                                              "k_"
                                                                                              "truck"
                                                                                              "\"],"
                                                                                              "\"vali"
                                                                                              "d_"
                                                                                              "from\""
                                                                                              ":\"202"
                                                                                              "6-05-"
                                                                                              "01\","
                                                                                              "\"vali"
                                                                                              "d_"
                                                                                              "to\":"
                                                                                              "\"2026"
                                                                                              "-05-"
                                                                                              "02T00:"
                                                                                              "00:00+"
                                                                                              "08:"
                                                                                              "00\"",
                                                                                              "Polygo"
                                                                                              "n",
                                                                                              "[" RING
                                                                                              "]") "]"
                                                                                                   "}";
static const char fleet[] =
    "{\"vehicles\":[{\"id\":\"t2\"},{\"id\":\"t1\",\"plate\":\"\xe9\x84\x82T1\",\"class\":\"muck_truck\","
    "\"max_load_kg\":16000.5}],\"permits\":[{\"id\":\"p1\",\"vehicles\":[\"t1\"],\"site\":\"s1\","
    "\"disposal\":[\"d1\"],\"routes\":[\"7\"],\"status\":\"revoked\"}],\"duties\":[{\"id\":\"x\",\"deep\":"
    "[[[]]]}]}";
static const char year[] = "{\"year\":2026,\"days\":[{\"date\":\"2026-05-01\",\"isOffDay\":true},"
                           "{\"date\":\"2025-12-31\",\"isOffDay\":false}]}";
static const char next_year[] =
    "{\"year\":2027,\"days\":[{\"date\":\"2027-01-01\",\"isOffDay\":true},{\"date\":\"2026-12-31\","
    "\"isOffDay\":true}]}";
static const char school[] =
    "{\"year\":2026,\"days\":[{\"date\":\"2026-12-23\",\"to\":\"2027-01-05\",\"isOffDay\":true},"
    "{\"date\":\"2025-12-22\",\"to\":\"2026-01-03\",\"isOffDay\":true},"
    "{\"date\":\"2027-02-06\",\"isOffDay\":true}]}";
static const char yaml[] =
    "city: {fences: [f.json], fleet: [v.json], calendar: [2027.json, 2026.json], timezone: Asia/Tokyo}\n"
    "rules:\n"
    "  common: {gap_s: 299.999, moving_kmh: 5.1, eph_default_m: 1.0e-7, crossing: false}\n"
    "  off_route: {confirm_s: 0.001, event_code: \"03\\\"01\\\\\", department: \"\xe7\x9c\x81\", severity: "
    "critical,\n"
    "    classes: {muck_truck: {confirm_s: 9, enabled: false}, \"a \\\"b\\\" \\\\c: {}\": {major: 600.25}}}\n"
    "  spill: {enabled: false}\n";

static struct world *load_city(const char *configuration, struct names *names, struct world_texts *texts)
{
    struct problem problem = {""};
    city_files_write(&files, "f.json", fences);
    city_files_write(&files, "v.json", fleet);
    city_files_write(&files, "2026.json", year);
    city_files_write(&files, "2027.json", next_year);
    city_files_write(&files, "school.json", school);
    struct world *world = city_files_load(&files, configuration, names, texts, &problem);
    if (world == NULL)
        fail_msg("%s", problem.text);
    return world;
}

static void assert_same_settings(const struct world *a, const struct world *b)
{
    assert_int_equal(a->common.gap_ms, b->common.gap_ms);
    assert_true(a->common.moving_kmh == b->common.moving_kmh);
    assert_true(a->common.eph_default_m == b->common.eph_default_m);
    assert_int_equal(a->common.crossing, b->common.crossing);
    assert_int_equal(a->class_count, b->class_count);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        const struct rule_settings *x = world_rule(a, k, 0), *y = world_rule(b, k, 0);
        assert_int_equal(x->confirm_ms, y->confirm_ms);
        assert_int_equal(x->enabled, y->enabled);
        assert_true(x->major == y->major);
        assert_true(text_equal(x->event_code, y->event_code));
        assert_memory_equal(x->own, y->own, sizeof x->own);
    }
}

/* The calendars of both open and close such hours at the same times, known and not. */
static void assert_same_days(const struct world *a, const struct world *b, const char *text)
{
    struct mw_hours *hours = NULL;
    assert_int_equal(mw_hours_parse(text, strlen(text), &hours, NULL), MW_HOURS_OK);
    for (int64_t day = 20089; day < 21185; day++) { /* 2025 to 2027 */
        struct mw_hours_answer x, y;
        mw_hours_at(hours, a->calendar, a->zone, day * MW_DAY_MS, &x);
        mw_hours_at(hours, b->calendar, b->zone, day * MW_DAY_MS, &y);
        assert_memory_equal(&x, &y, sizeof x);
    }
    mw_hours_free(hours);
}

static void test_a_world_and_its_record(void **state)
{
    static const char *const configurations[] = {
        yaml,
        "city: {fences: [f.json], fleet: [v.json], calendar: "
        "[2026.json]}\n",
        "city: {fences: [], school_calendar: [school.json]}\n",
        "city: {fences: [], school_calendar: [school.json, 2027.json], "
        "calendar: [2026.json]}\n",
        "city: {fences: []}\n"};
    for (size_t i = 0; i < sizeof configurations / sizeof *configurations; i++) {
        struct problem problem = {""};
        struct world_texts texts = {0};
        struct world *again = NULL;
        struct names *names = names_new(1000), *others = names_new(1000);
        struct world *world = load_city(configurations[i], names, &texts);
        if (!ruleset_load(texts.canonical, text_of(world->hash), others, &again, &problem))
            fail_msg("%s", problem.text);
        assert_string_equal(world->hash, again->hash);
        assert_int_equal(world->fence_count, again->fence_count);
        for (uint32_t f = 0; f < world->fence_count; f++) {
            assert_true(text_equal(world->fences[f].name, again->fences[f].name));
            assert_int_equal(world->fences[f].valid_to_ms, again->fences[f].valid_to_ms);
            struct mw_bounds x = mw_index_fence_bounds(world->index, f);
            struct mw_bounds y = mw_index_fence_bounds(again->index, f);
            assert_memory_equal(&x, &y, sizeof x);
        }
        assert_same_settings(world, again);
        for (int y = 2024; y < 2030; y++)
            assert_int_equal(world_check_year(world, y, &problem), world_check_year(again, y, &problem));
        assert_same_days(world, again, "PH,PH -1 day,WD");
        assert_same_days(world, again, "SH");
        world_free(again);
        world_free(world);
        world_texts_fini(&texts);
        names_free(names);
        names_free(others);
    }
}

/* What is said of a text under a name; the name is cut out, and must stand there. */
static void expect_refusal(struct text canonical, const char *name, const char *expected)
{
    struct problem problem = {""};
    struct world *world = NULL;
    struct names *names = names_new(1000);
    char begin[100];
    snprintf(begin, sizeof begin, "ruleset %.64s: ", name);
    if (ruleset_load(canonical, text_of(name), names, &world, &problem))
        fail_msg("taken: %.*s", TEXT_ARG(canonical));
    assert_null(world);
    if (strncmp(problem.text, begin, strlen(begin)) != 0 || strstr(problem.text, expected) == NULL)
        fail_msg("says:     %s\nexpected: %s%s", problem.text, begin, expected);
    names_free(names);
}

static void expect_refused_text(const char *canonical, const char *expected)
{
    char name[RULESET_NAME_SIZE];
    ruleset_name(text_of(canonical), name);
    expect_refusal(text_of(canonical), name, expected);
}

static const char hash_differs[] = "its text is not whole, or that of another: the hash differs";

static void test_another_text(void **state)
{
    struct world_texts texts = {0};
    struct names *names = names_new(1000);
    struct world *world = load_city(yaml, names, &texts);
    struct text all = texts.canonical;
    expect_refusal((struct text){all.data, all.len - 1}, world->hash, hash_differs);
    expect_refusal((struct text){all.data, all.len / 2}, world->hash, hash_differs);
    expect_refusal(TEXT(""), world->hash, hash_differs);
    char *bytes = malloc(all.len);
    memcpy(bytes, all.data, all.len);
    bytes[all.len / 3] ^= 1;
    expect_refusal((struct text){bytes, all.len}, world->hash, hash_differs);
    free(bytes);
    world->hash[5] = world->hash[5] == '0' ? '1' : '0';
    expect_refusal(all, world->hash, hash_differs);
    world_free(world);
    world_texts_fini(&texts);
    names_free(names);
}

static void test_no_name(void **state)
{
    static const char *const names[] = {
        "",
        "abc",
        "../../../../../../../../../../../../../../../../../etc/passwd..../",
        "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_false(ruleset_name_valid(text_of(names[i])));
        expect_refusal(TEXT("{}"), names[i], "not the name of one: 64 hexadecimal digits");
    }
}

/* Texts whose hash is right and that are none of ours all the same. */
static void test_other_forms(void **state)
{
    static const char form[] = "its text has not the form of a world's";
    expect_refused_text("", form);
    expect_refused_text("[]", form);
    expect_refused_text("{\"version\":1", form);
    expect_refused_text("{\"version\":2}", form);
    expect_refused_text("{\"fences\":[7],\"version\":1}", form);
    expect_refused_text("{\"version\":1}", "its text has not the parts of a world");
    expect_refused_text("{\"common\":{},\"rules\":{\"spill\":{\"\":{}}},\"timezone\":\"UTC\",\"version\":1}",
                        "its text has not the parts of a world");
    expect_refused_text("{\"common\":{},\"rules\":{},\"timezone\":\"Nowhere/Else\",\"version\":1}",
                        "city.timezone");
    expect_refused_text("{\"common\":{},\"rules\":{\"swamp\":{\"\":{\"enabled\":true}}},\"timezone\":\"UTC\","
                        "\"version\":1}",
                        "swamp");
    expect_refused_text("{\"common\":{},\"rules\":{},\"timezone\":\"UTC\",\"version\":1}", "fleet");
    expect_refused_text("{\"calendar_years\":[{\"year\":\"x\"}],\"common\":{},\"duties\":[],\"fences\":[],"
                        "\"permits\":[],\"rules\":{},\"timezone\":\"UTC\",\"vehicles\":[],\"version\":1}",
                        "city.calendar: \"\"");
    /* A version that knew fewer settings. */
    expect_refused_text("{\"calendar\":[],\"calendar_years\":[],\"common\":{},\"duties\":[],\"fences\":[],"
                        "\"permits\":[],\"rules\":{},\"timezone\":\"UTC\",\"vehicles\":[],\"version\":1}",
                        "this version makes another world of it (");
}

static void test_in_a_folder(void **state)
{
    struct problem problem = {""};
    struct world_texts texts = {0};
    struct world *again = NULL;
    struct names *names = names_new(1000);
    struct world *world = load_city(yaml, names, &texts);
    struct text hash = text_of(world->hash);
    char name[80], *text = strndup(texts.canonical.data, texts.canonical.len);
    snprintf(name, sizeof name, "%s.json", world->hash);
    assert_false(ruleset_load_file(files.dir, hash, names, &again, &problem));
    assert_non_null(strstr(problem.text, name));
    city_files_write(&files, name, text);
    assert_true(ruleset_load_file(files.dir, hash, names, &again, &problem));
    assert_string_equal(again->hash, world->hash);
    world_free(again);
    text[texts.canonical.len - 3] = '\0';
    city_files_write(&files, name, text);
    assert_false(ruleset_load_file(files.dir, hash, names, &again, &problem));
    assert_non_null(strstr(problem.text, hash_differs));
    assert_false(ruleset_load_file(files.dir, TEXT("../x"), names, &again, &problem));
    free(text);
    world_free(world);
    world_texts_fini(&texts);
    names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_world_and_its_record),
        cmocka_unit_test(test_another_text),
        cmocka_unit_test(test_no_name),
        cmocka_unit_test(test_other_forms),
        cmocka_unit_test(test_in_a_folder),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
