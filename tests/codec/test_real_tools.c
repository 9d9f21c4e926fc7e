/* What GDAL, QGIS, GeoPandas and office programs write, and all that a check tells of a city's files. */
#include "city_files.h"
#include "ruleset.h"

#include "../cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#define RING       "[[112.0,30.0],[112.01,30.0],[112.01,30.01],[112.0,30.01],[112.0,30.0]]"
#define POLYGON    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" RING "]}"
#define BAN(id)    "{\"type\":\"Feature\",\"id\":" id ",\"properties\":{\"kind\":\"banned\"}," POLYGON "}"
#define CITY       "city: {fences: [f.json]}"
#define FULL_CITY  "city: {fences: [f.json], fleet: [fleet.json]}"
#define COLLECTION "{\"type\":\"FeatureCollection\","
/* 2026-06-01 in Shanghai. */
#define NOW_MS INT64_C(1780243200000)

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

static void expect_told(const char *yaml, const char *expected)
{
    bool errors = false;
    for (const char *line = expected; *line != '\0'; line = strchr(line, '\n') + 1)
        errors = errors || strncmp(line, "warning: ", 9) != 0;
    bool ok = city_files_check(&files, yaml, NOW_MS);
    if (ok == errors || strcmp(city_told, expected) != 0) {
        fprintf(stderr, "says:\n%s\nexpected:\n%s\n", city_told, expected);
        fail();
    }
}

/* ---- the crs member ---- */

static void expect_crs(const char *member, const char *expected)
{
    char text[1024];
    snprintf(text, sizeof text, COLLECTION "\"name\":\"bans\",\n\"crs\":%s,\"features\":[" BAN("\"a\"") "]}",
             member);
    city_files_write(&files, "f.json", text);
    expect_told(CITY, expected);
    /* Where keys are sorted otherwise it comes behind. */
    snprintf(text, sizeof text, COLLECTION "\"features\":[" BAN("\"a\"") "],\n\"crs\":%s}", member);
    city_files_write(&files, "f.json", text);
    expect_told(CITY, expected);
}

static void test_systems_that_are_wgs84(void **state)
{
    static const char *const names[] = {"urn:ogc:def:crs:OGC:1.3:CRS84",
                                        "urn:ogc:def:crs:OGC::CRS84",
                                        "urn:ogc:def:crs:EPSG::4326",
                                        "urn:ogc:def:crs:EPSG:6.9:4326",
                                        "EPSG:4326",
                                        "epsg:4326",
                                        "OGC:CRS84",
                                        "CRS84",
                                        "urn:ogc:def:crs:OGC:0:CRS84h",
                                        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                                        "http://www.opengis.net/def/crs/EPSG/0/4326"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char member[160];
        snprintf(member, sizeof member, "{\"type\":\"name\",\"properties\":{\"name\":\"%s\"}}", names[i]);
        expect_crs(member, "");
    }
    expect_crs("null", "");
    expect_crs("{\"type\":\"EPSG\",\"properties\":{\"code\":4326}}", "");
}

static void test_other_systems_are_refused_by_name(void **state)
{
    static const char *const names[] = {"urn:ogc:def:crs:EPSG::3857",  "EPSG:4549",
                                        "urn:ogc:def:crs:EPSG::4326x", "EPSG:14326",
                                        "urn:ogc:def:crs:IGNF::CRS84", "LOCAL:4326"};
    char member[160], expected[400];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(member, sizeof member, "{\"type\":\"name\",\"properties\":{\"name\":\"%s\"}}", names[i]);
        snprintf(
            expected, sizeof expected,
            "f.json:2: crs \"%s\": only WGS-84 is read: export the layer in EPSG:4326 (QGIS: Save Features "
            "As, CRS; ogr2ogr -t_srs EPSG:4326)\n",
            names[i]);
        expect_crs(member, expected);
    }
    expect_crs(
        "{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::4490\"}}",
        "f.json:2: crs \"urn:ogc:def:crs:EPSG::4490\": only WGS-84 is read; CGCS2000 lies within a metre of "
        "it, so export the layer in EPSG:4326, or take the member out\n");
    expect_crs("{\"type\":\"link\",\"properties\":{}}",
               "f.json:2: crs: names no system: take the member out if the coordinates are WGS-84\n");
    city_files_write(
        &files, "f.json",
        "{\"type\":\"Feature\",\"crs\":{\"type\":\"EPSG\",\"properties\":{\"code\":2437}},\"id\":\"a\","
        "\"properties\":{\"kind\":\"site\"}," POLYGON "}");
    expect_told(
        CITY, "f.json:1: fence \"a\": crs \"EPSG:2437\": only WGS-84 is read: export the layer in EPSG:4326 "
              "(QGIS: Save Features As, CRS; ogr2ogr -t_srs EPSG:4326)\n");
}

/* ---- bytes ---- */

#define MARK "\xef\xbb\xbf"

static void test_marks_and_line_ends_of_windows(void **state)
{
    city_files_write(&files, "f.json", MARK COLLECTION "\r\n\"features\":[\r\n" BAN("\"a\"") "\r\n]}\r\n");
    city_files_write(&files, "fleet.json", MARK "{\"vehicles\":[{\"id\":\"t1\"}]}");
    city_files_write(&files, "c.json", MARK "{\"year\":2026,\"days\":[]}");
    expect_told("city: {fences: [f.json], fleet: [fleet.json], calendar: [c.json]}", "");
    city_files_write(&files, "f.json", MARK COLLECTION "\r\n\"features\":[\r\n" BAN("7.5") "\r\n]}\r\n");
    expect_told(CITY, "f.json:3: fence number 1: id: 7.5, expected text, or a whole number\n");
}

static void test_the_configuration_may_have_a_mark(void **state)
{
    struct config config;
    struct problem problem = {""};
    char path[128];
    snprintf(path, sizeof path, "%s/muckwatch.yaml", files.dir);
    city_files_write(&files, "muckwatch.yaml", MARK CITY "\r\n");
    assert_true(config_init(&config));
    if (!config_read_file(&config, path, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(config.city.fences.count, 1);
    config_fini(&config);
    city_files_write_bytes(&files, "muckwatch.yaml",
                           "\xff\xfe"
                           "c\0i\0t\0y\0",
                           10);
    assert_true(config_init(&config));
    assert_false(config_read_file(&config, path, &problem));
    assert_non_null(strstr(problem.text, "UTF-16 or UTF-32: save it as UTF-8"));
    config_fini(&config);
}

static void test_other_encodings_are_named(void **state)
{
    static const char wide[] = "\xff\xfe{\0}\0", big[] = "\xfe\xff\0{\0}", bare[] = "{\0}\0";
    const struct {
        const char *bytes;
        size_t count;
    } cases[] = {{wide, sizeof wide - 1}, {big, sizeof big - 1}, {bare, sizeof bare - 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        city_files_write_bytes(&files, "f.json", cases[i].bytes, cases[i].count);
        expect_told(CITY, "f.json: the file is UTF-16 or UTF-32: save it as UTF-8\n");
    }
    city_files_write(&files, "f.json", "{\"name\":\"\xb2\xfa\"}");
    expect_told(CITY, "f.json:1:9: not JSON: unable to decode byte 0xb2 near '\"': no UTF-8; a file in GBK "
                      "has to be saved as "
                      "UTF-8\n");
}

/* ---- ids ---- */

/* Loads one ban of that id; the world's hash, and what the fence is called. */
static void load_id(const char *id, char hash[65], char called[80])
{
    char text[1024];
    struct problem problem = {""};
    struct world_texts texts;
    struct names *names = names_new(100);
    snprintf(text, sizeof text,
             COLLECTION "\"features\":[{\"type\":\"Feature\",\"id\":%s,\"properties\":{\"kind\":"
                        "\"banned\"}," POLYGON "}]}",
             id);
    city_files_write(&files, "f.json", text);
    struct world *world = city_files_load(&files, CITY, names, &texts, &problem), *again = NULL;
    if (world == NULL)
        fail_msg("%s", problem.text);
    memcpy(hash, world->hash, 65);
    snprintf(called, 80, "%.*s", TEXT_ARG(names_text(names, world->fences[0].id)));
    /* What was recorded of it makes it again, id and all. */
    if (!ruleset_load(texts.canonical, text_of(world->hash), names, &again, &problem))
        fail_msg("%s: %s", id, problem.text);
    assert_int_equal(again->fences[0].id, world->fences[0].id);
    world_free(again);
    world_texts_fini(&texts);
    world_free(world);
    names_free(names);
}

static void test_numeric_ids(void **state)
{
    static const char *const same[][2] = {
        {"12", "12"},
        {"12.0", "12"},
        {"1.2e1", "12"},
        {"1e3", "1000"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"0", "0"},
        {"-7", "-7"},
        {"-7.0", "-7"},
        {"\"12\"", "12"},
        {"\"12.0\"", "12.0"},
        {"9007199254740991.0", "9007199254740991"},
        {"9007199254740993", "9007199254740993"},
        {"2305843009223239036", "2305843009223239036"},
        {"-9223372036854775808", "-9223372036854775808"},
    };
    char hash[65], called[80];
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        load_id(same[i][0], hash, called);
        assert_string_equal(called, same[i][1]);
    }
}

static void test_neighbours_beyond_doubles_are_two_worlds(void **state)
{
    char a[65], b[65], called[80];
    load_id("2305843009223239036", a, called);
    load_id("2305843009223239037", b, called);
    assert_string_not_equal(a, b);
    load_id("12", a, called);
    load_id("12.0", b, called);
    assert_string_equal(a, b);
}

static void test_ids_that_are_none(void **state)
{
    static const char *const cases[][2] = {
        {"1.5", "id: 1.5, expected text, or a whole number"},
        {"1e20", "id: 1e20, too large for a number with a point or an exponent: write it as text, in quotes"},
        {"9007199254740993.0",
         "id: 9007199254740993.0, too large for a number with a point or an exponent: write it as "
         "text, in quotes"},
        {"true", "id: expected text, or a whole number"},
        {"null", "id is missing: expected text (beside \"properties\", not in them)"},
        {"\"\"", "id is missing: expected text (beside \"properties\", not in them)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024], expected[400];
        snprintf(text, sizeof text,
                 COLLECTION "\"features\":[{\"type\":\"Feature\",\"id\":%s,\"properties\":{\"kind\":"
                            "\"banned\"}," POLYGON "}]}",
                 cases[i][0]);
        snprintf(expected, sizeof expected, "f.json:1: fence number 1: %s\n", cases[i][1]);
        city_files_write(&files, "f.json", text);
        expect_told(CITY, expected);
    }
    city_files_write(
        &files, "f.json",
        COLLECTION "\"features\":[{\"type\":\"Feature\",\"properties\":{\"id\":7,\"kind\":\"site\"}," POLYGON
                   "}]}");
    expect_told(CITY,
                "f.json:1: fence number 1: id is missing: expected text beside \"properties\", not in them "
                "(ogr2ogr -lco ID_FIELD=id puts it there)\n");
    city_files_write(&files, "f.json", COLLECTION "\"features\":[" BAN("18446744073709551615") "]}");
    expect_told(CITY,
                "f.json:1:83: not JSON: too big integer near '18446744073709551615': write it as text, in "
                "quotes\n");
    city_files_write(
        &files, "f.json",
        COLLECTION "\"features\":[" BAN("12") ",\n" BAN("\"12\"") ",\n" BAN("\"a\"") ",\n" BAN("\"a\"") "]}");
    expect_told(CITY, "f.json:2: fence \"12\": the id is used twice, as text and as a number\n"
                      "f.json:4: fence \"a\": the id is used twice\n");
}

static void test_numeric_ids_of_a_fleet(void **state)
{
    city_files_write(
        &files, "f.json",
        COLLECTION "\"features\":[{\"type\":\"Feature\",\"id\":31,\"properties\":{\"kind\":\"site\"}," POLYGON
                   "},{\"type\":\"Feature\",\"id\":32,\"properties\":{\"kind\":\"disposal\"}," POLYGON "}]}");
    city_files_write(&files, "fleet.json",
                     "{\"vehicles\":[{\"id\":12.0}],\"permits\":[{\"id\":2305843009223239036,\"vehicles\":["
                     "12],\"site\":31,"
                     "\"disposal\":[32.0,\"32\"]}]}");
    expect_told(FULL_CITY, "");
    struct problem problem = {""};
    struct world_texts texts;
    struct names *names = names_new(100);
    struct world *world = city_files_load(&files, FULL_CITY, names, &texts, &problem), *again = NULL;
    assert_non_null(world);
    assert_int_equal(world->permit_count, 1);
    assert_int_equal(world->vehicles[0].permit_count, 1);
    assert_true(text_equal(names_text(names, world->permits[0].id), TEXT("2305843009223239036")));
    if (!ruleset_load(texts.canonical, text_of(world->hash), names, &again, &problem))
        fail_msg("%s", problem.text);
    world_free(again);
    world_texts_fini(&texts);
    world_free(world);
    names_free(names);
}

/* ---- what else these tools write ---- */

static void test_what_is_taken(void **state)
{
    /* Heights, columns without a value, boxes, a name of the layer, properties that nobody knows. */
    city_files_write(
        &files, "f.json",
        COLLECTION
        "\"name\":\"layer\",\"bbox\":[112,30,113,31],\"features\":[{\"type\":\"Feature\",\"bbox\":"
        "[112,30,112.01,30.01],\"id\":\"a\",\"properties\":{\"kind\":\"site\",\"fid\":1,\"name\":null,"
        "\"hours\":\"\",\"company\":null,\"group\":\"g\",\"name_en\":\"A\",\"Shape_Area\":1.5},"
        "\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":[[[[112,30,0],[112.01,30,0.0],"
        "[112.01,30.01,12.5],[112,30,0]]]]}}]}");
    expect_told(CITY, "");
    struct problem problem = {""};
    struct names *names = names_new(100);
    struct world *world = city_files_load(&files, CITY, names, NULL, &problem);
    assert_non_null(world);
    assert_true(text_equal(world->fences[0].group, TEXT("g")) &&
                text_equal(world->fences[0].name_en, TEXT("A")));
    assert_int_equal(world->fences[0].name.len, 0); /* texts name no ids */
    world_free(world);
    names_free(names);
}

static void test_what_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"\"properties\":null," POLYGON, "properties are missing: expected an object with \"kind\""},
        {"\"properties\":{\"kind\":\"site\"},\"geometry\":null",
         "geometry: there is none: draw it, or take the feature out"},
        {"\"properties\":{\"kind\":\"site\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[]}",
         "has no coordinates"},
        {"\"properties\":{\"kind\":\"site\"},\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":[]}",
         "has no coordinates"},
        {"\"properties\":{\"kind\":\"route\",\"buffer_m\":\"30\"},\"geometry\":{\"type\":\"LineString\","
         "\"coordinates\":"
         "[[112,30],[112.1,30]]}",
         "buffer_m: \"30\", expected a number, without quotes"},
        {"\"properties\":{\"kind\":\"site\",\"classes\":\"muck_truck\"}," POLYGON,
         "classes: \"muck_truck\", expected a list, as in [\"a\", \"b\"]"},
        {"\"properties\":{\"kind\":\"site\",\"valid_from\":\"2026/05/01\"}," POLYGON,
         "valid_from: \"2026/05/01\", expected a date like 2026-05-01 or a time like "
         "2026-05-01T08:00:00+08:00"},
        {"\"properties\":{\"kind\":\"site\"},\"geometry\":{\"type\":\"GeometryCollection\",\"geometries\":[{"
         "\"type\":"
         "\"GeometryCollection\",\"geometries\":[]}]}",
         "geometry of type \"GeometryCollection\": expected Polygon, MultiPolygon, LineString, "
         "MultiLineString or Point"},
        {"\"properties\":{\"kind\":\"site\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[12468047."
         "2,3503549.8],"
         "[12469160.4,3503549.8],[12469160.4,3504835.5],[12468047.2,3503549.8]]]}",
         "ring 1, position 1 [12468047.2, 3503549.8]: coordinate is no degrees but, it seems, metres of a "
         "map projection: "
         "export in EPSG:4326"},
        {"\"properties\":{\"kind\":\"site\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[179.9,30],"
         "[180.1,30],"
         "[180.1,30.1],[179.9,30]]]}",
         "ring 1, position 2 [180.1, 30]: longitude beyond 180: east of the antimeridian it goes on at -180 "
         "(take 360 off, "
         "or add it); cut there what lies on both sides"},
        {"\"properties\":{\"kind\":\"site\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[179.9,30],"
         "[-179.9,30],"
         "[-179.9,30.1],[179.9,30]]]}",
         "ring 1, position 2 [-179.9, 30]: crosses the antimeridian: cut it at 180 degrees into several "
         "parts"},
        {"\"properties\":{\"kind\":\"banned\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" RING
         "," RING "]}",
         "ring 2, position 1 [112, 30]: hole leaves nothing of its outer ring"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024], expected[600];
        snprintf(text, sizeof text, COLLECTION "\"features\":[\n{\"type\":\"Feature\",\"id\":\"a\",%s}]}",
                 cases[i][0]);
        snprintf(expected, sizeof expected, "f.json:2: fence \"a\": %s\n", cases[i][1]);
        city_files_write(&files, "f.json", text);
        expect_told(CITY, expected);
    }
}

/* ---- all at once ---- */

static void test_all_errors_of_all_files(void **state)
{
    city_files_write(
        &files, "f.json",
        COLLECTION
        "\"features\":[\n"
        "{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{\"kind\":\"sit\",\n\"hours\":7},\n\"geometry\":"
        "{\"type\":\"Polygon\",\"coordinates\":[[[112,30],\n[112.1,\"x\"]]]}},\n"
        "7,\n"
        "{\"type\":\"Feature\",\"id\":\"r1\",\"properties\":{\"kind\":\"route\",\"hours\":\"25:99\","
        "\"valid_from\":\"2026-05-02\",\"valid_to\":\"2026-05-01\",\"buffer_m\":30},\"geometry\":{\"type\":"
        "\"LineString\",\"coordinates\":[[112,30],\n[112,130]]}},\n" BAN("\"b\"") "]}");
    city_files_write(&files, "g.json", "{\"type\":\"FeatureCollection\",\n\"features\":[" BAN("\"b\"") "]}");
    city_files_write(&files, "fleet.json",
                     "{\"vehicles\":[{\"id\":\"t 1\"},\n{\"id\":\"t2\",\"max_load_kg\":-1,\"plate\":1}],\n"
                     "\"permits\":[{\"id\":\"p\",\"vehicles\":[\"t2\"],\"routes\":[\"r1\",\"r9\"],"
                     "\n\"status\":\"gone\"},\n"
                     "{\"id\":\"q\",\"vehicles\":[\"t2\"],\"routes\":[\"r9\",\"b\"]}]}");
    expect_told(
        "city: {fences: [f.json, g.json, none.json], fleet: [fleet.json]}",
        "f.json:2: fence \"a\": kind \"sit\": expected one of site, disposal, route, banned, no_tipping, "
        "wash, depot, "
        "area, speed, collection, sweep, district\n"
        "f.json:3: fence \"a\": hours: expected text\n"
        "f.json:5: fence \"a\": ring 1, position 2: expected [longitude, latitude], two numbers\n"
        "f.json:6: fence number 2: expected a Feature\n"
        "f.json:7: fence \"r1\": hours \"25:99\", at character 4: minutes go from 00 to 59\n"
        "f.json:7: fence \"r1\": valid_to is not after valid_from\n"
        "f.json:8: fence \"r1\": line 1, position 2 [112, 130]: coordinate is out of range: latitude -90 to "
        "90, longitude -180 to 180\n"
        "none.json: No such file or directory\n"
        "fleet.json:1: vehicle \"t 1\": \"t 1\" is no id for a vehicle: 1 to 64 letters, digits, dots, "
        "dashes and "
        "underscores\n"
        "fleet.json:2: vehicle \"t2\": plate: expected text\n"
        "fleet.json:2: vehicle \"t2\": max_load_kg: -1, expected 0 to 1e+06\n"
        "fleet.json:4: permit \"p\": status \"gone\": expected active, suspended or revoked\n"
        "g.json:2: fence \"b\": the id is used twice, also in f.json\n"
        "fleet.json:5: permit \"q\": route \"b\" is a fence of kind banned, expected route\n");
    assert_non_null(strstr(
        city_told_json,
        "{\"level\":\"error\",\"file\":\"f.json\",\"line\":8,\"thing\":\"fence\",\"id\":\"r1\",\"number\":3,"
        "\"part\":\"line\",\"part_number\":1,\"position\":2,\"feature\":\"r1\",\"vertex\":2,\"lon\":112,"
        "\"lat\":130,\"reason\":\"coordinate "
        "is"));
    /* With all fences read, a route that is not there is told as well, line and all. */
    city_files_write(&files, "f.json", COLLECTION "\"features\":[" BAN("\"b\"") "]}");
    city_files_write(
        &files, "fleet.json",
        "{\"permits\":[{\"id\":\"p\",\"vehicles\":[\"t\"],\"routes\":[\"r8\",\"r9\"]},\n{\"id\":\"q\\\": \","
        "\"vehicles\":[\"t\"],\"site\":\"b\"}],\"vehicles\":[{\"id\":\"t\"}]}");
    expect_told(FULL_CITY,
                "fleet.json:1: permit \"p\": route \"r8\" is not a fence\n"
                "fleet.json:1: permit \"p\": route \"r9\" is not a fence\n"
                "fleet.json:2: permit \"q\": \": site \"b\" is a fence of kind banned, expected site\n");
}

static void hear(void *told, const struct problem *problem)
{
    const char *slash = strrchr(problem->text, '/');
    size_t n = strlen(told);
    snprintf((char *)told + n, 2000 - n, "%s\n", slash != NULL ? slash + 1 : problem->text);
}

static void test_all_errors_of_a_configuration(void **state)
{
    struct config config;
    char path[128], told[2000] = "";
    snprintf(path, sizeof path, "%s/muckwatch.yaml", files.dir);
    city_files_write(
        &files, "muckwatch.yaml",
        "citty: {fences: [a]}\ncity: {fences: [f.json], timezone: 7, fleets: [x]}\nmqtt: {port: 70000}\n"
        "rules:\n  spil: {confirm_s: 3}\n  spill: {confirm_s: x, classes: {a: {enable: true, major: -1}}}\n"
        "mqtt: {}\n");
    assert_true(config_init(&config));
    assert_false(config_check_file(&config, path, (struct options_hearing){hear, told}));
    assert_int_equal(config.city.fences.count, 1);
    config_fini(&config);
    static const char expected[] =
        "muckwatch.yaml:1:1: citty: unknown key; is it meant to be \"city\"?\n"
        "muckwatch.yaml:2:39: city.fleets: unknown key; is it meant to be \"fleet\"?\n"
        "muckwatch.yaml:3:14: mqtt.port: 70000, expected a whole number from 1 to 65535\n"
        "muckwatch.yaml:7:1: mqtt: stands twice\n"
        "muckwatch.yaml:5:3: rules.spil: there is no such rule\n"
        "muckwatch.yaml:6:22: rules.spill.confirm_s: x, expected a number from 0 to 86400 s\n"
        "muckwatch.yaml:6:39: rules.spill.classes.a.enable: unknown key; is it meant to be \"enabled\"?\n"
        "muckwatch.yaml:6:60: rules.spill.classes.a.major: -1, expected a number from 0 to 1000000\n";
    if (strcmp(told, expected) != 0) {
        fprintf(stderr, "says:\n%s", told);
        fail();
    }
}

static void test_told_up_to_a_number(void **state)
{
    enum { MANY = FINDINGS_TOLD_MAX + 7, BYTES = MANY * 64 };
    char *text = malloc(BYTES);
    assert_non_null(text);
    size_t n = (size_t)snprintf(text, BYTES, "{\"vehicles\":[{\"id\":\"t\"}");
    for (int i = 0; i < MANY; i++)
        n += (size_t)snprintf(text + n, BYTES - n, ",\n{\"id\":\"%d/\"}", i);
    snprintf(text + n, BYTES - n, "]}");
    city_files_write(&files, "fleet.json", text);
    city_files_write(&files, "f.json", COLLECTION "\"features\":[]}");
    free(text);
    assert_false(city_files_check(&files, FULL_CITY, NOW_MS));
    assert_non_null(strstr(city_told, "fleet.json:501: vehicle \"499/\": "));
    assert_non_null(strstr(city_told_json, "\"more\":7,\"reason\":\"7 more errors are not told\""));
}

/* ---- what is allowed but hardly meant ---- */

static void test_names_that_match_nobody(void **state)
{
    city_files_write(
        &files, "f.json",
        COLLECTION
        "\"features\":[\n"
        "{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{\"kind\":\"banned\",\"classes\":[\"muck_trucks\","
        "\"muck_truck\"]}," POLYGON "},\n"
        "{\"type\":\"Feature\",\"id\":\"b\",\"properties\":{\"kind\":\"banned\",\"classes\":[\"muck_trucks\"]"
        ","
        "\"company\":\"C \"}," POLYGON "},\n"
        "{\"type\":\"Feature\",\"id\":\"a "
        "\",\"properties\":{\"kind\":\"banned\",\"company\":\"other\"}," POLYGON "},\n"
        "{\"type\":\"Feature\",\"id\":\"c\",\"properties\":{\"kind\":\"site\",\"name\":\"\xef\xbc\xa1"
        "1\"}," POLYGON "},\n"
        "{\"type\":\"Feature\",\"id\":\"d\",\"properties\":{\"kind\":\"site\",\"name\":\"A1\"}," POLYGON
        "}]}");
    city_files_write(
        &files, "fleet.json",
        "{\"vehicles\":[{\"id\":\"t1\",\"class\":\"muck_truck\",\"company\":\"C\",\"plate\":\"\xe9\x84\x82"
        "\xef\xbc\xa1\xc2\xb7\xef\xbc\x91\",\"max_load_kg\":16},\n"
        "{\"id\":\"T1\",\"class\":\"muck_truck\",\"plate\":\"\xe9\x84\x82"
        "A1\",\"max_height_m\":38}],\n"
        "\"permits\":[{\"id\":\"p\",\"vehicles\":[\"t1\",\"t11\"],\"valid_to\":\"2026-05-30\"},\n"
        "{\"id\":\"q\",\"valid_to\":\"2026-05-31\"},\n"
        "{\"id\":\"r\",\"vehicles\":[\"T1\"],\"valid_to\":\"2026-05-30\",\"status\":\"revoked\"}]}");
    expect_told(
        FULL_CITY "\nrules: {spill: {classes: {sweeper: {confirm_s: 3}}}}",
        "warning: fleet.json:4: permit \"q\": names no vehicle\n"
        "warning: f.json:2: fence \"a\": classes: no vehicle is of class \"muck_trucks\" (so say 2); is it "
        "meant to be "
        "\"muck_truck\"?\n"
        "warning: rules: classes: no vehicle is of class \"sweeper\"\n"
        "warning: f.json:3: fence \"b\": company: no vehicle is of company \"C \"; \"C\" differs only in "
        "blanks, width or "
        "case\n"
        "warning: f.json:4: fence \"a \": company: no vehicle is of company \"other\"\n"
        "warning: fleet.json:3: permit \"p\": vehicles: no file has a vehicle \"t11\"\n"
        "warning: fleet.json:2: vehicle \"T1\": plate: \"\xe9\x84\x82"
        "A1\" is that of vehicle \"t1\" too, written "
        "\"\xe9\x84\x82\xef\xbc\xa1\xc2\xb7\xef\xbc\x91\"\n"
        "warning: f.json:4: fence \"a \": id: \"a \" is that of fence \"a\" too, written \"a\"\n"
        "warning: fleet.json:2: vehicle \"T1\": id: \"T1\" is that of vehicle \"t1\" too, written \"t1\"\n"
        "warning: f.json:6: fence \"d\": name: \"A1\" is that of fence \"c\" too, written \"\xef\xbc\xa1"
        "1\"\n"
        "warning: f.json:6: fence \"d\": is drawn as site \"c\" is, point by point\n"
        "warning: fleet.json:1: vehicle \"t1\": max_load_kg: 16 kg is little: are these tonnes? Then it is "
        "16000\n"
        "warning: fleet.json:2: vehicle \"T1\": max_height_m: 38 m is much for a vehicle: is the unit "
        "right?\n"
        "warning: fleet.json:3: permit \"p\": has expired: valid_to is 2026-05-30\n"
        "warning: fleet.json:4: permit \"q\": has expired: valid_to is 2026-05-31\n");
}

/* Of many fences side by side one has a slip of a digit. */
static void test_a_fence_far_from_all_others(void **state)
{
    enum { FENCES = 40, BYTES = FENCES * 200 };
    char text[BYTES];
    size_t n = (size_t)snprintf(text, BYTES, COLLECTION "\"features\":[");
    for (int i = 0; i < FENCES; i++)
        n += (size_t)snprintf(
            text + n, BYTES - n,
            "%s\n{\"type\":\"Feature\",\"id\":\"%d\",\"properties\":{\"kind\":\"site\",\"radius_m\":%d},"
            "\"geometry\":{\"type\":\"Point\",\"coordinates\":[%d.%02d,30.%d]}}",
            i > 0 ? "," : "", i, 10 + i, i == 17 ? 121 : 112, i * 2, i % 7);
    snprintf(text + n, BYTES - n, "]}");
    city_files_write(&files, "f.json", text);
    expect_told(CITY, "warning: f.json:19: fence \"17\": lies at longitude 121.3400000, latitude 30.3000000, "
                      "half a degree or "
                      "more from all others: are its coordinates right?\n");
    assert_non_null(strstr(
        city_told_json,
        "\"line\":19,\"thing\":\"fence\",\"id\":\"17\",\"feature\":\"17\",\"lon\":121.34,\"lat\":30.3,"));
}

/* Within, over the edge by 100 m, and along it by 2 m, which neighbours drawn by hand are. */
static void test_sites_in_each_other(void **state)
{
#define SITE_OF(id, kind, west, east)                                                                        \
    "{\"type\":\"Feature\",\"id\":\"" id "\",\"properties\":{\"kind\":\"" kind                               \
    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[" west ",30.002],[" east ",30.002],[" east    \
    ",30.005],[" west ",30.005],[" west ",30.002]]]}}"
    city_files_write(
        &files, "f.json",
        COLLECTION
        "\"features\":[{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{\"kind\":"
        "\"site\"}," POLYGON "},\n" SITE_OF("in", "site", "112.002", "112.004") ",\n" SITE_OF(
            "over", "site", "112.009",
            "112.02") ",\n" SITE_OF("along", "site", "111.99",
                                    "112.00002") ",\n" SITE_OF("ban", "banned", "112.002", "112.004") "]}");
    expect_told(
        CITY,
        "warning: f.json:2: fence \"in\": lies, or reaches, in site \"a\" at longitude 112.0020000, latitude "
        "30.0020000\n"
        "warning: f.json:3: fence \"over\": lies, or reaches, in site \"a\" at longitude 112.0090000, "
        "latitude "
        "30.0020000\n");
}

/* Squares a millimetre apart, of these kinds in turn. */
static void write_heap(size_t count, const char *one, const char *other)
{
    size_t bytes = count * 300 + 100, n;
    char *text = malloc(bytes);
    assert_non_null(text);
    n = (size_t)snprintf(text, bytes, COLLECTION "\"features\":[");
    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(
            text + n, bytes - n,
            "%s\n{\"type\":\"Feature\",\"id\":\"%zu\",\"properties\":{\"kind\":\"%s\"},\"geometry\":{"
            "\"type\":"
            "\"Polygon\",\"coordinates\":[[[112.%09zu,30],[112.1,30],[112.1,30.1],[112.%09zu,30]]]}}",
            i > 0 ? "," : "", i, i % 2 ? other : one, i, i);
    snprintf(text + n, bytes - n, "]}");
    city_files_write(&files, "f.json", text);
    free(text);
}

/* Each lies in all others, but for a millimetre. Looking for it ends somewhere, and says where. */
static void test_sites_in_heaps(void **state)
{
    write_heap(2000, "site", "site");
    assert_true(city_files_check(&files, CITY, NOW_MS));
    assert_int_equal(strncmp(city_told, "warning: f.json:", 16), 0);
    assert_non_null(strstr(city_told,
                           "lies where thousands of fences lie on each other; which lie in others is not "
                           "looked for further\n"));
    assert_int_equal(strchr(city_told, '\n')[1], 0); /* nothing else */
    write_heap(1600, "site", "wash");
    assert_false(city_files_check(&files, CITY, NOW_MS));
    assert_non_null(
        strstr(city_told, "city: sites and washes lie on each other in heaps: more than 500000 pairs"));
}

/* Of so many names that nobody knows, only of the first ones it is told what may be meant. */
static void test_names_are_guessed_to_an_end(void **state)
{
    enum { MANY = 600, BYTES = MANY * 64 };
    char *text = malloc(BYTES);
    assert_non_null(text);
    size_t n = (size_t)snprintf(
        text, BYTES, "{\"vehicles\":[{\"id\":\"lorry-no-\"}],\"permits\":[{\"id\":\"p\",\"vehicles\":[\"t\"");
    for (int i = 0; i < MANY; i++)
        n += (size_t)snprintf(text + n, BYTES - n, ",\"lorry-no-%d\"", i);
    snprintf(text + n, BYTES - n, "]}]}");
    city_files_write(&files, "fleet.json", text);
    city_files_write(&files, "f.json", COLLECTION "\"features\":[]}");
    free(text);
    assert_true(city_files_check(&files, FULL_CITY, NOW_MS));
    size_t guesses = 0;
    for (const char *at = city_told; (at = strstr(at, "is it meant to be")) != NULL; at++)
        guesses++;
    assert_int_equal(guesses, 500);
    assert_non_null(strstr(city_told, "\"lorry-no-1\"; is it meant to be \"lorry-no-\"?"));
    assert_non_null(strstr(city_told, "vehicles: no file has a vehicle \"lorry-no-99\"\n"));
}

static void test_keys_that_are_misspelt(void **state)
{
    static const char *const cases[][2] = {
        {"vaild_to", "valid_to"}, {"Kind", "kind"},
        {"CLASSES", "classes"},   {"speed_limi", "speed_limit_kmh"},
        {"class", "classes"},     {"jurisdicti", "jurisdiction"},
        {"name:en", "name_en"},   {"\xef\xbd\x8b\xef\xbd\x89\xef\xbd\x8e\xef\xbd\x84", "kind"},
        {"hours ", "hours"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[600], expected[300];
        snprintf(text, sizeof text,
                 COLLECTION "\"features\":[{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{\"kind\":"
                            "\"site\",\"%s\":null}," POLYGON "}]}",
                 cases[i][0]);
        snprintf(expected, sizeof expected,
                 "warning: f.json:1: fence \"a\": \"%s\" means nothing here; is it meant to be \"%s\"?\n",
                 cases[i][0], cases[i][1]);
        city_files_write(&files, "f.json", text);
        expect_told(CITY, expected);
    }
}

/* ---- recorded files ---- */

#define CASES MW_DATA_DIR "/field-cases/"

static bool has_cases(void)
{
    FILE *f = fopen(CASES "12-crs84-member-of-qgis/fences.geojson", "r");
    if (f != NULL)
        fclose(f);
    else
        print_message("no recorded data in " MW_DATA_DIR "\n");
    return f != NULL;
}

/* What is told of the city of a case; `fences` names its file. */
static bool check_case(const char *fences, const char *fleet)
{
    char yaml[400];
    snprintf(yaml, sizeof yaml, "city: {fences: [" CASES "%s], fleet: [" CASES "%s]}", fences, fleet);
    return city_files_check(&files, yaml, NOW_MS);
}

static void test_field_cases(void **state)
{
    static const char *const doubts[] = {
        "classes: no vehicle is of class \"muck_trucks\"; is it meant to be \"muck_truck\"?\n",
        "fence \"ban-2\": company: no vehicle is of company",
        "fence \"ban-3\": company: no vehicle is of company",
        "vehicle \"t2\": plate: ",
    };
    if (!has_cases())
        skip();
    assert_true(check_case("12-crs84-member-of-qgis/fences.geojson", "12-crs84-member-of-qgis/fleet.json"));
    assert_string_equal(city_told, "");
    assert_true(check_case("07-numeric-id-beyond-2-to-the-53/fences-two.geojson",
                           "07-numeric-id-beyond-2-to-the-53/fleet.json"));
    assert_string_equal(city_told, "");
    assert_false(check_case("21-ring-traced-twice/fences.geojson", "21-ring-traced-twice/fleet.json"));
    assert_non_null(strstr(city_told,
                           "fences.geojson:2: fence \"ban-1\": ring 1, position 5 [104, 30.6]: ring runs "
                           "round more than once: draw its outline once\n"));
    assert_true(
        check_case("24-names-that-match-nobody/fences.geojson", "24-names-that-match-nobody/fleet.json"));
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++)
        if (strstr(city_told, doubts[i]) == NULL)
            fail_msg("does not say %s", doubts[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_systems_that_are_wgs84),
        TEST(test_other_systems_are_refused_by_name),
        TEST(test_marks_and_line_ends_of_windows),
        TEST(test_the_configuration_may_have_a_mark),
        TEST(test_other_encodings_are_named),
        TEST(test_numeric_ids),
        TEST(test_neighbours_beyond_doubles_are_two_worlds),
        TEST(test_ids_that_are_none),
        TEST(test_numeric_ids_of_a_fleet),
        TEST(test_what_is_taken),
        TEST(test_what_is_refused),
        TEST(test_all_errors_of_all_files),
        TEST(test_all_errors_of_a_configuration),
        TEST(test_told_up_to_a_number),
        TEST(test_names_that_match_nobody),
        TEST(test_a_fence_far_from_all_others),
        TEST(test_sites_in_each_other),
        TEST(test_sites_in_heaps),
        TEST(test_names_are_guessed_to_an_end),
        TEST(test_keys_that_are_misspelt),
        TEST(test_field_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
