/* world_load: a city from its files, every complaint with its place, and the hash that names it. */
#include "city_files.h"

#include "recording.h"
#include <muckwatch/coords.h>

#include "../cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SQUARE               "[[[112.0,30.0],[112.01,30.0],[112.01,30.01],[112.0,30.01],[112.0,30.0]]]"
#define POLYGON              "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":" SQUARE "}"
#define COLLECTION(features) "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"
#define FENCE(id, properties, geometry)                                                                      \
    "{\"type\":\"Feature\",\"id\":\"" id "\",\"properties\":{" properties "}," geometry "}"
#define SITE FENCE("s1", "\"kind\":\"site\"", POLYGON)
#define TIP  FENCE("d1", "\"kind\":\"disposal\",\"name\":\"\xe5\x9c\xba\",\"name_en\":\"Tip\"", POLYGON)
#define ROUTE                                                                                                \
    FENCE("r1", "\"kind\":\"route\",\"buffer_m\":30",                                                        \
          "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[112.0,30.0],[112.05,30.02]]}")

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

static struct names *new_names(void)
{
    struct names *names = names_new(10000);
    assert_non_null(names);
    return names;
}

static struct world *load_ok(const char *yaml, struct names *names)
{
    struct problem problem = {""};
    struct world *world = city_files_load(&files, yaml, names, NULL, &problem);
    if (world == NULL)
        fail_msg("%s", problem.text);
    return world;
}

static void expect_problem(const char *yaml, const char *what, const char *expected)
{
    struct problem problem = {""};
    struct names *names = new_names();
    struct world *world = city_files_load(&files, yaml, names, NULL, &problem);
    if (world != NULL || strcmp(problem.text, expected) != 0)
        fail_msg("%s\n  says:     %s\n  expected: %s", what, world != NULL ? "(nothing)" : problem.text,
                 expected);
    names_free(names);
}

static void test_a_city(void **state)
{
    city_files_write(&files, "f.geojson",
                     COLLECTION(SITE "," TIP "," ROUTE "," FENCE(
                         "w", "\"kind\":\"wash\",\"radius_m\":25,\"crs\":\"gcj02\"",
                         "\"geometry\":{\"type\":\"Point\",\"coordinates\":[112.005,30.005,"
                         "7]}") "," FENCE("b",
                                          "\"kind\":\"banned\",\"hours\":\"22:00-06:00\","
                                          "\"classes\":[\"muck_truck\"],"
                                          "\"valid_from\":\"2026-05-01\",\"valid_to\":"
                                          "\"2026-05-02\",\"reason\":\"exams\"",
                                          POLYGON)));
    city_files_write(
        &files, "fleet.json",
        "{\"vehicles\":[{\"id\":\"t1\",\"plate\":\"\xe9\x84\x82T1\",\"class\":\"muck_truck\",\"company\":"
        "\"C\","
        "\"max_load_kg\":16000}],\"permits\":[{\"id\":\"p1\",\"vehicles\":[\"t1\"],\"site\":\"s1\","
        "\"disposal\":[\"d1\"],\"routes\":[\"r1\"],\"hours\":\"PH off\",\"status\":\"suspended\"}],"
        "\"duties\":[{\"id\":\"x\"}]}");
    city_files_write(&files, "2026.json",
                     "{\"year\":2026,\"days\":[{\"name\":\"x\",\"date\":\"2026-05-01\",\"isOffDay\":true}]}");
    struct names *names = new_names();
    struct world *w = load_ok("city: {fences: [f.geojson], fleet: [fleet.json], calendar: [2026.json]}\n"
                              "rules: {off_route: {confirm_s: 7, classes: {muck_truck: {confirm_s: 9}}}}\n",
                              names);
    assert_int_equal(city_warnings, 1); /* of a duty without type */
    assert_int_equal(w->fence_count, 5);
    /* By their ids: b, d1, r1, s1, w. */
    assert_int_equal(w->fences[3].kind, FENCE_SITE);
    assert_true(text_equal(w->fences[1].name, TEXT("\xe5\x9c\xba")));
    assert_true(text_equal(w->fences[1].name_en, TEXT("Tip")));
    assert_int_equal(w->fences[3].name.len, 0);
    assert_true(w->fences[2].buffer_m == 30 && w->fences[4].buffer_m == 25);
    /* Midnight in Shanghai, and the whole of the second day. */
    assert_int_equal(w->fences[0].valid_from_ms, 1777564800000);
    assert_int_equal(w->fences[0].valid_to_ms, 1777564800000 + 2 * 86400000);
    /* GCJ-02 here lies some 600 m off. */
    struct mw_bounds bounds = mw_index_fence_bounds(w->index, 4);
    double shift = fabs((bounds.south_west.lon_deg + bounds.north_east.lon_deg) / 2 - 112.005);
    assert_true(shift > 0.003 && shift < 0.009);
    assert_int_equal(w->permit_count, 1);
    assert_int_equal(w->permits[0].status, PERMIT_SUSPENDED);
    assert_int_equal(w->permits[0].site, 3 + 1);
    const struct vehicle_info *v = world_vehicle(w, names_find(names, TEXT("t1")));
    assert_true(text_equal(v->plate, TEXT("\xe9\x84\x82T1")) && v->max_load_kg == 16000);
    assert_int_equal(world_rule(w, KIND_OFF_ROUTE, 0)->confirm_ms, 7000);
    assert_int_equal(world_rule(w, KIND_OFF_ROUTE, v->class_number)->confirm_ms, 9000);
    assert_int_equal(strlen(w->hash), 64);
    struct problem problem;
    assert_true(world_check_year(w, 2026, &problem));
    assert_false(world_check_year(w, 2027, &problem));
    assert_string_equal(problem.text,
                        "permit \"p1\": its hours ask for holidays, and no calendar file says those of 2027");
    world_free(w);
    names_free(names);
}

static struct mw_point as_given(struct mw_point p)
{
    return p;
}

static void test_systems_of_coordinates(void **state)
{
    static const struct {
        const char *crs;
        struct mw_point (*to_wgs84)(struct mw_point);
    } systems[] = {
        {"wgs84", as_given}, {"gcj02", mw_coords_wgs84_from_gcj02}, {"bd09", mw_coords_wgs84_from_bd09}};
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        char fence[512];
        snprintf(fence, sizeof fence,
                 COLLECTION(FENCE("w", "\"kind\":\"wash\",\"radius_m\":25,\"crs\":\"%s\"",
                                  "\"geometry\":{\"type\":\"Point\",\"coordinates\":[112.005,30.005]}")),
                 systems[i].crs);
        city_files_write(&files, "f.geojson", fence);
        struct names *names = new_names();
        struct world *w = load_ok("city: {fences: [f.geojson]}\n", names);
        struct mw_point want = systems[i].to_wgs84((struct mw_point){30.005, 112.005});
        struct mw_bounds b = mw_index_fence_bounds(w->index, 0);
        assert_true(fabs((b.south_west.lat_deg + b.north_east.lat_deg) / 2 - want.lat_deg) < 1e-6);
        assert_true(fabs((b.south_west.lon_deg + b.north_east.lon_deg) / 2 - want.lon_deg) < 1e-6);
        world_free(w);
        names_free(names);
    }
}

#define LINE(coordinates) "\"geometry\":{\"type\":\"LineString\",\"coordinates\":" coordinates "}"
#define RING(coordinates) "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" coordinates "]}"

/* One fence file each, and what is said of it. */
static const struct {
    const char *json, *problem;
} fence_complaints[] = {
    {"{", "f.json:1:1: not JSON: string or '}' expected near end of file"},
    {"{\"type\":\"FeatureCollection\",\n\"features\":[}", "f.json:2:13: not JSON: unexpected token near '}'"},
    {"{\"a\":1,\"a\":2}", "f.json:1:10: not JSON: duplicate object key near '\"a\"'"},
    {"[]", "f.json: expected a GeoJSON FeatureCollection"},
    {"{\"type\":\"Polygon\"}", "f.json: expected a GeoJSON FeatureCollection"},
    {"{\"type\":\"FeatureCollection\",\"features\":[],\"crs\":{}}",
     "f.json:1: crs: names no system: take the member out if the coordinates are WGS-84"},
    {COLLECTION("7"), "f.json:1: fence number 1: expected a Feature"},
    {COLLECTION(SITE ",{\"type\":\"Feature\",\"properties\":{}}"),
     "f.json:1: fence number 2: id is missing: expected text (beside \"properties\", not in them)"},
    {COLLECTION("{\"type\":\"Feature\",\"id\":1.5,\"properties\":{}}"),
     "f.json:1: fence number 1: id: 1.5, expected text, or a whole number"},
    {COLLECTION("{\"type\":\"Feature\",\"id\":7}"),
     "f.json:1: fence \"7\": properties are missing: expected an object with \"kind\""},
    {COLLECTION(FENCE("a", "", POLYGON)), "f.json:1: fence \"a\": kind is missing: expected one of site, "
                                          "disposal, route, banned, no_tipping, wash, depot, area, "
                                          "speed, collection, sweep, district"},
    {COLLECTION(FENCE("a", "\"kind\":\"forbidden\"", POLYGON)),
     "f.json:1: fence \"a\": kind \"forbidden\": expected one of site, disposal, route, banned, no_tipping, "
     "wash, depot, "
     "area, speed, collection, sweep, district"},
    {COLLECTION(FENCE("a", "\"kind\":\"route\"", LINE("[[112,30],[112.1,30]]"))),
     "f.json:1: fence \"a\": buffer_m is missing: a line needs the half-width of its corridor, in metres"},
    {COLLECTION(FENCE("a", "\"kind\":\"route\",\"buffer_m\":\"30\"", LINE("[[112,30],[112.1,30]]"))),
     "f.json:1: fence \"a\": buffer_m: \"30\", expected a number, without quotes"},
    {COLLECTION(FENCE("a", "\"kind\":\"route\",\"buffer_m\":0", LINE("[[112,30],[112.1,30]]"))),
     "f.json:1: fence \"a\": buffer_m: 0, expected 0.001 to 100000"},
    {COLLECTION(
         FENCE("a", "\"kind\":\"wash\"", "\"geometry\":{\"type\":\"Point\",\"coordinates\":[112,30]}")),
     "f.json:1: fence \"a\": radius_m is missing: a point needs the radius of its circle, in metres"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", RING("[[112,30],[112.1,30],[112.1,30.1],[112,30.1]]"))),
     "f.json:1: fence \"a\": ring 1, position 4 [112, 30.1]: ring is not closed: its last point must repeat "
     "its first"},
    {COLLECTION(
         FENCE("a", "\"kind\":\"site\"", RING("[[112,30],[112,30.1],[112.2,30],[112.3,30.2],[112,30]]"))),
     "f.json:1: fence \"a\": ring 1, position 2 [112, 30.1]: edges cross each other at longitude "
     "112.0857143, "
     "latitude "
     "30.0571429"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", RING("[[30,112],[30,112.1],[30.1,112.1],[30,112]]"))),
     "f.json:1: fence \"a\": ring 1, position 1 [30, 112]: latitude is out of range: longitude and latitude "
     "look swapped "
     "(GeoJSON puts longitude first)"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"crs\":\"bd09\"",
                      RING("[[30,112],[30,112.1],[30.1,112.1],[30,112]]"))),
     "f.json:1: fence \"a\": ring 1, position 1 [30, 112]: latitude is out of range: longitude and latitude "
     "look swapped "
     "(GeoJSON puts longitude first)"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", RING("[[112,30],[112.1,30],[112,30]]"))),
     "f.json:1: fence \"a\": ring 1, position 1 [112, 30]: too few different points: a ring needs three and "
     "its closing "
     "point, a line two, a circle one"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", RING("[[112,30],[112.1,\"x\"]]"))),
     "f.json:1: fence \"a\": ring 1, position 2: expected [longitude, latitude], two numbers"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", RING("[[112,30],7]"))),
     "f.json:1: fence \"a\": ring 1, position 2: expected [longitude, latitude], two numbers"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", RING("7"))),
     "f.json:1: fence \"a\": ring 1: expected a list of positions"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[]}")),
     "f.json:1: fence \"a\": has no coordinates"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", "\"geometry\":{\"type\":\"Polygon\"}")),
     "f.json:1: fence \"a\": geometry.coordinates: expected a list"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\"", "\"geometry\":null")),
     "f.json:1: fence \"a\": geometry: there is none: draw it, or take the feature out"},
    {COLLECTION(
         FENCE("a", "\"kind\":\"site\"", "\"geometry\":{\"type\":\"GeometryCollection\",\"geometries\":[]}")),
     "f.json:1: fence \"a\": geometry of type \"GeometryCollection\": expected Polygon, MultiPolygon, "
     "LineString, "
     "MultiLineString or Point"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"crs\":\"WGS84\"", POLYGON)),
     "f.json:1: fence \"a\": crs \"WGS84\": expected wgs84, gcj02 or bd09"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"hours\":\"25:99\"", POLYGON)), NULL},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"hours\":7", POLYGON)),
     "f.json:1: fence \"a\": hours: expected text"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"classes\":\"x\"", POLYGON)),
     "f.json:1: fence \"a\": classes: \"x\", expected a list, as in [\"a\", \"b\"]"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"classes\":[7]", POLYGON)),
     "f.json:1: fence \"a\": classes: expected text"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"valid_from\":\"2026-02-30\"", POLYGON)),
     "f.json:1: fence \"a\": valid_from: 2026-02-30 is not a date"},
    {COLLECTION(FENCE("a", "\"kind\":\"site\",\"valid_to\":\"tomorrow\"", POLYGON)),
     "f.json:1: fence \"a\": valid_to: \"tomorrow\", expected a date like 2026-05-01 or a time like "
     "2026-05-01T08:00:00+08:00"},
    {COLLECTION(
         FENCE("a", "\"kind\":\"site\",\"valid_from\":\"2026-05-02\",\"valid_to\":\"2026-05-01\"", POLYGON)),
     "f.json:1: fence \"a\": valid_to is not after valid_from"},
    {COLLECTION(FENCE("a", "\"kind\":\"speed\"", POLYGON)),
     "f.json:1: fence \"a\": a speed fence needs speed_limit_kmh"},
    {COLLECTION(SITE "," SITE), "f.json:1: fence \"s1\": the id is used twice"},
};

static void test_fence_complaints(void **state)
{
    for (size_t i = 0; i < sizeof fence_complaints / sizeof fence_complaints[0]; i++) {
        const char *expected = fence_complaints[i].problem;
        city_files_write(&files, "f.json", fence_complaints[i].json);
        if (expected != NULL) {
            expect_problem("city: {fences: [f.json]}", fence_complaints[i].json, expected);
            continue;
        }
        /* What is wrong with hours is said by their parser. */
        struct problem problem = {""};
        struct names *names = new_names();
        assert_null(city_files_load(&files, "city: {fences: [f.json]}", names, NULL, &problem));
        assert_non_null(strstr(problem.text, "f.json:1: fence \"a\": hours \"25:99\", at character "));
        names_free(names);
    }
}

static const struct {
    const char *json, *problem;
} fleet_complaints[] = {
    {"[]", "f.json: expected an object with \"vehicles\", \"permits\" or \"duties\""},
    {"{\"vehicles\":{}}", "f.json: vehicles: expected a list"},
    {"{\"vehicles\":[7]}", "f.json:1: vehicle number 1: expected an object"},
    {"{\"vehicles\":[{\"id\":\"a\"},{}]}", "f.json:1: vehicle number 2: id is missing"},
    {"{\"vehicles\":[{\"id\":[7]}]}", "f.json:1: vehicle number 1: id: expected text, or a whole number"},
    {"{\"vehicles\":[{\"id\":\"a b\"}]}",
     "f.json:1: vehicle \"a b\": \"a b\" is no id for a vehicle: 1 to 64 letters, "
     "digits, dots, dashes and underscores"},
    {"{\"vehicles\":[{\"id\":\"a\",\"plate\":1}]}", "f.json:1: vehicle \"a\": plate: expected text"},
    {"{\"vehicles\":[{\"id\":\"a\",\"max_load_kg\":-1}]}",
     "f.json:1: vehicle \"a\": max_load_kg: -1, expected 0 to 1e+06"},
    {"{\"vehicles\":[{\"id\":\"a\"},{\"id\":\"a\"}]}", "f.json:1: vehicle \"a\": the id is used twice"},
    {"{\"permits\":[{\"id\":\"p\",\"vehicles\":[\"a/b\"]}]}",
     "f.json:1: permit \"p\": \"a/b\" is no id for a vehicle: 1 to 64 letters, digits, dots, dashes and "
     "underscores"},
    {"{\"permits\":[{\"id\":\"p\",\"status\":\"expired\"}]}",
     "f.json:1: permit \"p\": status \"expired\": expected active, suspended or revoked"},
    {"{\"permits\":[{\"id\":\"p\",\"routes\":\"r1\"}]}",
     "f.json:1: permit \"p\": routes: \"r1\", expected a list, as in [\"a\", \"b\"]"},
    {"{\"permits\":[{\"id\":\"p\",\"routes\":[\"r9\"]}]}",
     "f.json:1: permit \"p\": route \"r9\" is not a fence"},
    {"{\"permits\":[{\"id\":\"p\",\"site\":\"r1\"}]}",
     "f.json:1: permit \"p\": site \"r1\" is a fence of kind route, expected site"},
    {"{\"permits\":[{\"id\":\"p\"},{\"id\":\"p\"}]}", "f.json:1: permit \"p\": the id is used twice"},
    {"{\"duties\":[{}]}", "f.json:1: duty number 1: id is missing"},
};

static void test_fleet_complaints(void **state)
{
    city_files_write(&files, "g.json", COLLECTION(SITE "," TIP "," ROUTE));
    for (size_t i = 0; i < sizeof fleet_complaints / sizeof fleet_complaints[0]; i++) {
        city_files_write(&files, "f.json", fleet_complaints[i].json);
        expect_problem("city: {fences: [g.json], fleet: [f.json]}", fleet_complaints[i].json,
                       fleet_complaints[i].problem);
    }
}

/* SH asks the school calendar, and no other. */
static void test_school_calendar(void **state)
{
    struct names *names = new_names();
    struct problem problem;
    city_files_write(&files, "g.json",
                     COLLECTION(FENCE("s1", "\"kind\":\"site\",\"hours\":\"24/7; SH off\"", POLYGON)));
    city_files_write(
        &files, "s.json",
        "{\"year\":2026,\"days\":[{\"date\":\"2026-07-04\",\"to\":\"2026-08-31\",\"isOffDay\":true}]}");
    struct world *w = load_ok("city: {fences: [g.json], school_calendar: [s.json]}", names);
    struct mw_hours_answer answer;
    mw_hours_at(w->fences[0].hours, w->calendar, w->zone, 1785801600000 /* 4 August */, &answer);
    assert_false(answer.open || answer.guessed);
    assert_int_equal(answer.until_ms, 1788192000000); /* 1 September, 00:00 in Shanghai */
    assert_true(world_check_year(w, 2026, &problem));
    assert_false(world_check_year(w, 2027, &problem));
    assert_string_equal(
        problem.text,
        "fence \"s1\": its hours ask for school holidays, and no school calendar file says those of 2027");
    world_free(w);
    w = load_ok("city: {fences: [g.json], calendar: [s.json]}", names); /* the same file is not the same */
    assert_false(world_check_year(w, 2026, &problem));
    world_free(w);
    expect_problem("city: {fences: [g.json], school_calendar: [none.json]}", "",
                   "none.json: No such file or directory");
    city_files_write(&files, "s.json",
                     "{\"year\":2026,\n\"days\":[{\"date\":\"2026-07-32\",\"isOffDay\":true}]}");
    expect_problem("city: {fences: [g.json], school_calendar: [s.json]}", "",
                   "s.json:2: \"date\" is '2026-07-32', expected a date such as 2026-02-15");
    names_free(names);
}

static void test_other_complaints(void **state)
{
    static const char *const calendars[][2] = {
        {"{}", "c.json: expected an object with \"year\", a number, and \"days\", an array"},
        {"{\"year\":2026,\n\"days\":[{\"date\":\"2026-05-32\",\"isOffDay\":true}]}",
         "c.json:2: \"date\" is '2026-05-32', expected a date such as 2026-02-15"},
    };
    city_files_write(&files, "g.json", COLLECTION(SITE));
    for (size_t i = 0; i < sizeof calendars / sizeof calendars[0]; i++) {
        city_files_write(&files, "c.json", calendars[i][0]);
        expect_problem("city: {fences: [g.json], calendar: [c.json]}", calendars[i][0], calendars[i][1]);
    }
    expect_problem("city: {fences: [none.json]}", "", "none.json: No such file or directory");
    expect_problem(
        "city: {fences: [g.json], timezone: Asia/Nowhere}", "",
        "city.timezone: \"Asia/Nowhere\": no such time zone in /usr/share/zoneinfo (package tzdata)");
    expect_problem("city: {fences: [g.json], timezone: ../../etc/passwd}", "",
                   "city.timezone: \"../../etc/passwd\": not the name of a time zone, such as Asia/Shanghai");
    city_files_write(&files, "h.json", COLLECTION(TIP "," SITE));
    expect_problem("city: {fences: [g.json, h.json]}", "",
                   "h.json:1: fence \"s1\": the id is used twice, also in g.json");
}

static void test_slips_are_warned_of(void **state)
{
    static const char *const slips[][2] = {
        {"\"kind\":\"site\",\"hour\":\"24/7\"",
         "f.json:1: fence \"a\": \"hour\" means nothing here; is it meant to be \"hours\"?"},
        {"\"kind\":\"site\",\"bufer_m\":3",
         "f.json:1: fence \"a\": \"bufer_m\" means nothing here; is it meant to be \"buffer_m\"?"},
        {"\"kind\":\"site\",\"vaild_to\":\"x\"",
         "f.json:1: fence \"a\": \"vaild_to\" means nothing here; is it meant to be \"valid_to\"?"},
        {"\"kind\":\"site\",\"buffer_m\":3",
         "f.json:1: fence \"a\": buffer_m means nothing here: it is for lines"},
        {"\"kind\":\"site\",\"colour\":\"red\",\"x\":1,\"stroke-width\":2", ""},
    };
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 COLLECTION("{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{%s}," POLYGON "}"),
                 slips[i][0]);
        city_files_write(&files, "f.json", text);
        struct names *names = new_names();
        world_free(load_ok("city: {fences: [f.json]}", names));
        assert_string_equal(city_last_warning, slips[i][1]);
        names_free(names);
    }
}

/* A key is judged by the list it stands in, also when it has been seen before. */
static void test_slips_by_list(void **state)
{
    static const char *const things[] = {
        "{\"vehicles\":[{\"id\":\"a\",\"vehicle\":1},{\"id\":\"b\",\"vehicle\":1,\"vehicl\\u0065s\":1}],"
        "\"permits\":[{\"id\":\"p\",\"vehicles\":[\"a\"],\"vehicle\":1},{\"id\":\"q\",\"vehicles\":[\"a\"],"
        "\"vehicle\":1}]}",
        "{\"permits\":[{\"id\":\"r\",\"vehicles\":[\"a\"],\"colour\":1},{\"id\":\"s\",\"vehicles\":[\"a\"],"
        "\"colour\":1,\"hour\":\"\"}]}",
    };
    city_files_write(&files, "g.json", COLLECTION(SITE));
    city_files_write(&files, "f.json", things[0]);
    city_files_write(&files, "h.json", things[1]);
    struct names *names = new_names();
    world_free(load_ok("city: {fences: [g.json], fleet: [f.json, h.json]}", names));
    assert_int_equal(city_warnings, 3);
    assert_string_equal(city_last_warning,
                        "h.json:1: permit \"s\": \"hour\" means nothing here; is it meant to be \"hours\"?");
    names_free(names);
}

static void hash_of(const char *yaml, char out[65])
{
    struct names *names = new_names();
    struct world *world = load_ok(yaml, names);
    memcpy(out, world->hash, 65);
    world_free(world);
    names_free(names);
}

static void expect_hash(const char *yaml, const char *hash, bool same)
{
    char other[65];
    hash_of(yaml, other);
    if ((strcmp(hash, other) == 0) != same)
        fail_msg("%s: %s, expected %s", yaml, other, same ? "the same" : "another hash");
}

#define FLEET                                                                                                \
    "{\"vehicles\":[{\"id\":\"t1\",\"class\":\"m\"},{\"id\":\"t2\"}],\"permits\":[{\"id\":\"p1\","           \
    "\"vehicles\":[\"t1\"],\"site\":\"s1\"}]}"
#define BASE "city: {fences: [a.json], fleet: [fleet.json], calendar: [2026.json]}\n"

static void test_hash_sees_only_what_judges(void **state)
{
    char base[65];
    city_files_write(&files, "a.json", COLLECTION(SITE "," TIP));
    city_files_write(&files, "fleet.json", FLEET);
    city_files_write(&files, "2026.json",
                     "{\"year\":2026,\"days\":[{\"date\":\"2026-05-01\",\"isOffDay\":true},{\"date\":\"2026-"
                     "05-09\",\"isOffDay\":false}]}");
    hash_of(BASE, base);
    expect_hash("rules: {spill: {}}\n" BASE "mqtt: {host: elsewhere}\nretention: {track_hours: 1}\n", base,
                true);
    expect_hash(BASE "rules: {spill: {confirm_fixes: 1}, common: {gap_s: 300.0}}", base, true);
    /* Spread over files, in another order, with other white space, other keys' order, numbers written
     * otherwise. */
    city_files_write(&files, "b.json", COLLECTION(TIP));
    city_files_write(&files, "c.json",
                     "{ \"features\": [ {\"geometry\": {\"coordinates\": "
                     "[[[112,30.00],[1.1201e2,30],[112.01,30.01],[112,30.01],\n"
                     "[112,30]]], \"type\": \"Polygon\"}, \"properties\": {\"colour\":1, \"kind\": \"site\", "
                     "\"name\":null},"
                     "\"id\": \"s1\", \"type\": \"Feature\"}], \"type\": \"FeatureCollection\" }");
    city_files_write(&files, "fleet1.json",
                     "{\"permits\":[{\"site\":\"s1\",\"vehicles\":[\"t1\"],\"id\":\"p1\",\"x\":1}],"
                     "\"vehicles\":[{\"id\":\"t2\",\"plate\":null}]}");
    city_files_write(&files, "fleet2.json", "{\"vehicles\":[{\"class\":\"m\",\"id\":\"t1\"}]}");
    city_files_write(&files, "y.json",
                     "{\"year\":2026,\"days\":[{\"name\":\"n\",\"date\":\"2026-05-09\",\"isOffDay\":false},{"
                     "\"date\":\"2026-05-01\",\"isOffDay\":true}]}");
    expect_hash("city: {calendar: [y.json], fleet: [fleet1.json, fleet2.json], fences: [b.json, c.json]}",
                base, true);
    expect_hash("city: {calendar: [y.json], fleet: [fleet2.json, fleet1.json], fences: [c.json, b.json]}",
                base, true);
    expect_hash("city: {calendar: [y.json, 2026.json], fleet: [fleet.json], fences: [a.json]}", base, true);
    /* What judges: */
    expect_hash(BASE "rules: {spill: {confirm_fixes: 2}}", base, false);
    expect_hash(BASE "rules: {tamper: {jump_mps: 61}}", base, false);
    expect_hash(BASE "rules: {spill: {classes: {m: {enabled: false}}}}", base, false);
    expect_hash(BASE "rules: {common: {crossing: false}}", base, false);
    expect_hash(BASE "rules: {common: {trip_s: 77}}", base, false);
    expect_hash(BASE "rules: {speeding: {severity: critical}}", base, false);
    expect_hash(BASE "rules: {overload: {department: x}}", base, false);
    expect_hash(BASE "rules: {overload: {classes: {m: {}}}}", base, false);
    expect_hash("city: {fences: [a.json], fleet: [fleet.json]}", base, false);
    expect_hash("city: {fences: [a.json], fleet: [fleet.json], calendar: [2026.json], school_calendar: []}",
                base, true);
    expect_hash("city: {fences: [a.json], fleet: [fleet.json], calendar: [2026.json], school_calendar: "
                "[2026.json]}",
                base, false);
    expect_hash("city: {fences: [a.json], fleet: [fleet.json], school_calendar: [2026.json]}", base, false);
    expect_hash("city: {fences: [a.json], fleet: [fleet.json], calendar: [2026.json], timezone: Asia/Urumqi}",
                base, false);
    expect_hash("city: {fences: [a.json], fleet: [fleet2.json], calendar: [2026.json]}", base, false);
    city_files_write(&files, "a.json",
                     COLLECTION(FENCE("s1", "\"kind\":\"site\",\"hours\":\"24/7\"", POLYGON) "," TIP));
    expect_hash(BASE, base, false);
    city_files_write(
        &files, "a.json",
        COLLECTION(FENCE(
            "s1", "\"kind\":\"site\"",
            RING("[[112.0,30.0],[112.01,30.0],[112.01,30.01],[112.0,30.0100001],[112.0,30.0]]")) "," TIP));
    expect_hash(BASE, base, false);
    city_files_write(&files, "a.json", COLLECTION(SITE "," TIP));
    expect_hash(BASE, base, true);
}

/* Reads an argument of a command in Redis' protocol. */
static struct text next_argument(const char **at)
{
    char *end;
    assert_int_equal(**at, '$');
    size_t len = (size_t)strtoul(*at + 1, &end, 10);
    struct text argument = {end + 2, len};
    *at = argument.data + len + 2;
    return argument;
}

enum { RECORDED_FILES = 230, RECORDED_LARGE = 1 << 20, RECORDED_LARGE_AT = 7 };

static struct world_texts many_texts(void)
{
    struct world_texts t = {.file_count = RECORDED_FILES};
    char path[16];
    arena_init(&t.arena);
    t.files = calloc(RECORDED_FILES, sizeof *t.files);
    t.canonical = (struct text){strdup("{}"), 2};
    assert_true(t.files != NULL && t.canonical.data != NULL);
    for (size_t i = 0; i < RECORDED_FILES; i++) {
        t.files[i].bytes.len = i == RECORDED_LARGE_AT ? RECORDED_LARGE : i;
        t.files[i].bytes.data = calloc(t.files[i].bytes.len + 1, 1);
        snprintf(path, sizeof path, "f%zu", i);
        assert_true(t.files[i].bytes.data != NULL &&
                    arena_copy_text(&t.arena, text_of(path), &t.files[i].path));
    }
    return t;
}

/* A large text has a command of its own; all of them are there once, as they were. */
static void test_commands_that_record_a_world(void **state)
{
    struct world_texts texts = many_texts();
    struct recording ruleset;
    char path[16];
    size_t field = 0, bytes = 0;
    assert_true(recording_write("abc", &texts, &ruleset));
    assert_null(texts.files);
    for (size_t c = 0; c < ruleset.count; c++) {
        struct text command = buf_text(&ruleset.commands[c]);
        size_t args = strtoul(command.data + 1, NULL, 10);
        const char *at = memchr(command.data, '\n', command.len);
        bytes += command.len;
        at++;
        assert_true(text_equal(next_argument(&at), TEXT("HSET")));
        assert_true(text_equal(next_argument(&at), TEXT("muck:ruleset:abc")));
        for (size_t i = 0; i < (args - 2) / 2; i++, field++) {
            bool large = field == RECORDED_LARGE_AT + 1;
            struct text name = next_argument(&at), value = next_argument(&at);
            snprintf(path, sizeof path, "f%zu", field - 1);
            assert_true(text_equal(name, field == 0 ? TEXT("canonical") : text_of(path)));
            assert_int_equal(value.len, field == 0 ? 2 : large ? RECORDED_LARGE : field - 1);
            assert_true(!large || args == 4);
        }
        assert_ptr_equal(at, command.data + command.len);
    }
    assert_int_equal(field, RECORDED_FILES + 1);
    assert_int_equal(bytes, ruleset.bytes);
    recording_fini(&ruleset);
}

static void test_texts_of_a_world(void **state)
{
    struct world_texts texts;
    struct problem problem = {""};
    city_files_write(&files, "a.json", COLLECTION(SITE));
    city_files_write(&files, "f.json", FLEET);
    struct names *names = new_names();
    struct world *world =
        city_files_load(&files, "city: {fences: [a.json], fleet: [f.json]}", names, &texts, &problem);
    assert_non_null(world);
    assert_int_equal(texts.file_count, 2);
    assert_true(text_equal(texts.files[0].bytes, TEXT(COLLECTION(SITE))));
    assert_true(text_equal(texts.files[1].bytes, TEXT(FLEET)));
    static const char begin[] = "{\"calendar\":[],\"calendar_years\":[],\"common\":{\"crossing\":true,";
    assert_memory_equal(texts.canonical.data, begin, sizeof begin - 1);
    static const char fences[] = "\"fences\":[{\"geometry\":{\"coordinates\":[[[112,30],[112.01,30],";
    char *canonical = strndup(texts.canonical.data, texts.canonical.len);
    assert_non_null(canonical);
    assert_non_null(strstr(canonical, fences));
    free(canonical);
    world_free(world);
    world_texts_fini(&texts);
    names_free(names);
}

/* The sample city, and real calendars. */
static void test_sample_city(void **state)
{
    struct config config;
    struct problem problem = {""};
    struct world *world = NULL;
    struct names *names = new_names();
    assert_true(config_init(&config));
    if (!config_read_file(&config, MW_SOURCE_DIR "/fixtures/city/muckwatch.yaml", &problem) ||
        !world_load(&config, names, (struct world_load_options){0}, &world, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(world->vehicle_count, 40);
    assert_true(world->fence_count > 40 && world->permit_count == 13);
    assert_true(world_check_year(world, 2026, &problem));
    world_free(world);
    config_fini(&config);
    names_free(names);
}

static void test_recorded_files(void **state)
{
    FILE *f = fopen(MW_DATA_DIR "/holidays-cn/2024.json", "r");
    if (f == NULL) {
        print_message("no recorded data in " MW_DATA_DIR "\n");
        skip();
    }
    fclose(f);
    city_files_write(&files, "a.json", COLLECTION(SITE));
    struct names *names = new_names();
    world_free(load_ok("city: {fences: [a.json], calendar: [" MW_DATA_DIR
                       "/holidays-cn/2024.json, " MW_DATA_DIR "/holidays-cn/2025.json, " MW_DATA_DIR
                       "/holidays-cn/2026.json]}",
                       names));
    names_free(names);
    expect_problem(
        "city: {fences: [" MW_DATA_DIR "/jersey-city-garbage/zones.geojson]}", "zones without ids",
        MW_DATA_DIR
        "/jersey-city-garbage/zones.geojson:4: fence number 1: id is missing: expected text (beside "
        "\"properties\", not in them)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_city, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_systems_of_coordinates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fence_complaints, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fleet_complaints, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_school_calendar, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_complaints, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slips_are_warned_of, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slips_by_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hash_sees_only_what_judges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_texts_of_a_world, set_up, tear_down),
        cmocka_unit_test(test_commands_that_record_a_world),
        cmocka_unit_test(test_sample_city),
        cmocka_unit_test_setup_teardown(test_recorded_files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
