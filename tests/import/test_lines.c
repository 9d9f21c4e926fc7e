/* Centre lines: what of them is read, and where they are cut. */
#include "cmocka_all.h"

#include "centre_lines.h"

#include <stdio.h>

static const struct line_names names = {
    .name = "street", .oneway = "way", .width = "width", .level = "level"};

static enum centre_lines_status write_lines(const char *roads, struct buf *out, struct line_tally *out_tally,
                                            char problem[200])
{
    struct centre_lines c;
    centre_lines_init(&c);
    enum centre_lines_status status = centre_lines_read(&c, text_of(roads), &names, problem);
    if (status == CENTRE_LINES_OK)
        assert_true(centre_lines_write(&c, out, out_tally, NULL, NULL));
    for (size_t i = 0; i < c.rejects.count; i++)
        buf_printf(out, "%u %s; ", (unsigned)c.rejects.items[i].line, c.rejects.items[i].reason);
    buf_put_char(out, '\0');
    centre_lines_fini(&c);
    return status;
}

#define BEGIN "{\"type\":\"FeatureCollection\",\"features\":["
#define LINE(ID, P, C)                                                                                       \
    "{\"type\":\"Feature\",\"id\":" ID ",\"properties\":" P                                                  \
    ",\"geometry\":{\"type\":\"LineString\",\"coordinates\":" C "}}\n"
#define SWEEP(ID, P, C)                                                                                      \
    "{\"type\":\"Feature\",\"id\":" ID ",\"properties\":{\"kind\":\"sweep\"" P                               \
    "},\"geometry\":{\"type\":\"LineString\",\"coordinates\":" C "}}\n"

static struct line_tally check(const char *roads, const char *expected)
{
    struct buf out;
    struct line_tally tally;
    char problem[200];
    buf_init(&out, SIZE_MAX);
    assert_int_equal(write_lines(roads, &out, &tally, problem), CENTRE_LINES_OK);
    assert_string_equal(out.data, expected);
    buf_fini(&out);
    return tally;
}

/* One road along the equator, others that end on it, 0.4 m and 0.6 m off it, beyond an end, at its corner, or cross it. */
static void test_cut(void **state)
{
    struct line_tally t = check(
        BEGIN LINE("\"a/1\"", "{\"street\":\"Main\",\"way\":\"1\",\"width\":12,\"level\":2}", "[[0,0],[0.002,0],[0.004,0]]") "," LINE(
            "2", "{}",
            "[[0.001,0.000003],[0.001,0."
            "002]]") "," LINE("3", "{}",
                              "[[0.0015,0."
                              "000006],[0."
                              "0015,0.002]"
                              "]") "," LINE("4", "{}",
                                            "[[0.002,0],[0.002,-0.002]"
                                            "]") "," LINE("5", "{}",
                                                          "[[0.003,0."
                                                          "002],[0."
                                                          "003,-0.002]"
                                                          "]") "," LINE("6", "{}",
                                                                        "[[0.004,0],[0.006,0]]") "," LINE("7",
                                                                                                          "{"
                                                                                                          "\""
                                                                                                          "wa"
                                                                                                          "y"
                                                                                                          "\""
                                                                                                          ":"
                                                                                                          "\""
                                                                                                          "-1"
                                                                                                          "\""
                                                                                                          "}",
                                                                                                          "[["
                                                                                                          "0."
                                                                                                          "00"
                                                                                                          "00"
                                                                                                          "03"
                                                                                                          ",0"
                                                                                                          ".0"
                                                                                                          "00"
                                                                                                          "00"
                                                                                                          "1]"
                                                                                                          ",["
                                                                                                          "-0"
                                                                                                          ".0"
                                                                                                          "02"
                                                                                                          ",0"
                                                                                                          "]"
                                                                                                          "]") "]}",
        BEGIN SWEEP("\"a%2F1/1\"", ",\"name\":\"Main\",\"oneway\":\"yes\",\"width_m\":12,\"level\":2", "[[0,0],[0.001,0.000003]]") "," SWEEP("\"a%2F1/2\"", ",\"name\":\"Main\",\"oneway\":\"yes\",\"width_m\":12,\"level\":2", "[[0.001,0.000003],[0.002,0]]") "," SWEEP(
            "\"a%2F1/3\"",
            ",\"name\":\"Main\",\"oneway\":\"yes\",\"width_m\":"
            "12,\"level\":2",
            "[[0.002,0],[0.004,0]]") "," SWEEP("\"2\"", "",
                                               "[[0.001,0."
                                               "000003],[0.001,"
                                               "0.002]]") "," SWEEP("\"3\"", "",
                                                                    "[[0.0015,0.000006],[0.0015,0."
                                                                    "002]]") "," SWEEP("\"4\"", "",
                                                                                       "[[0.002,0]"
                                                                                       ",[0.002,-"
                                                                                       "0.002]]") "," SWEEP("\"5\"",
                                                                                                            "",
                                                                                                            "[[0.003,0.002],[0.003,-0.002]]") "," SWEEP("\"6\"",
                                                                                                                                                        "",
                                                                                                                                                        "[[0.004,0],[0.006,0]]") "," SWEEP("\"7\"",
                                                                                                                                                                                           ",\"oneway\":\"-1\"",
                                                                                                                                                                                           "[[0.000003,0.000001],[-0.002,0]]") "]}");
    assert_int_equal(t.cuts, 2);
    assert_int_equal(t.segments, 9);
}

/* 4,998 m are three pieces alike; parts of one road are numbered on; places twice in a row are one. */
static void test_long_and_parts(void **state)
{
    struct line_tally t = check(
        BEGIN LINE("1", "{}",
                   "[[0,0],[0,0],[0.0449,0]]") ",{\"type\":\"Feature\",\"id\":2,\"properties\":null,"
                                               "\"geometry\":{\"type\":\"MultiLineString\",\"coordinates\":"
                                               "[[[1,1],[1,1.0001]],[[1,1.01],[1,1.011]]]}}]}",
        BEGIN SWEEP("\"1/1\"", "", "[[0,0],[0.014966667,0]]") "," SWEEP(
            "\"1/2\"", "",
            "[[0.014966667,0],[0.029933333,0]"
            "]") "," SWEEP("\"1/3\"", "",
                           "[[0.029933333,0],[0.0449,"
                           "0]]") "," SWEEP("\"2/1\"", "",
                                            "[[1,1],[1,1.0001]"
                                            "]") "," SWEEP("\"2"
                                                           "/2"
                                                           "\"",
                                                           "",
                                                           "[["
                                                           "1,"
                                                           "1."
                                                           "01]"
                                                           ",["
                                                           "1,"
                                                           "1."
                                                           "011"
                                                           "]]") "]}");
    assert_int_equal(t.cuts, 0);
    assert_int_equal(t.shorts, 1);
}

static void test_rejected(void **state)
{
    check(
        BEGIN
        "\n" LINE("1", "{}", "[[0,0],[0.001,0]]") "," LINE("1", "{}", "[[0,1],[0.001,1]]") "," LINE("2", "{\"way\":\"perhaps\"}", "[[0,2],[0.001,2]]") "," LINE(
            "3", "{\"width\":201}",
            "[[0,2],[0.001,2]]") "," LINE("4", "{\"level\":5}",
                                          "[[0,2],[0.001,2]]") "," LINE("5", "{}",
                                                                        "[[200,2],[0.001,2]"
                                                                        "]") "," LINE("6", "{}",
                                                                                      "[[2,"
                                                                                      "2],["
                                                                                      "2,2]"
                                                                                      "]") "," LINE("null",
                                                                                                    "{}",
                                                                                                    "[[2,2]"
                                                                                                    ",[2,3]"
                                                                                                    "]") "," LINE("8",
                                                                                                                  "{}",
                                                                                                                  "[[2]]") ",{\"id\":9,\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}},7]}",
        BEGIN SWEEP("\"1\"", "",
                    "[[0,0],[0.001,0]]") "]}"
                                         "3 id: stands in line 2 too; 4 one-way: neither yes, no nor -1; 5 "
                                         "width: not 1 to 200 m; 6 level: not 1 to 4; "
                                         "7 a position is no longitude and latitude in degrees; 8 no length; "
                                         "9 no id; 10 no line; 11 no line; 11 no feature; ");
}

static void check_wrong(const char *roads, const char *expected)
{
    struct buf out;
    struct line_tally tally;
    char problem[200];
    buf_init(&out, SIZE_MAX);
    assert_int_equal(write_lines(roads, &out, &tally, problem), CENTRE_LINES_WRONG);
    assert_string_equal(problem, expected);
    buf_fini(&out);
}

static void test_wrong(void **state)
{
    check_wrong("{\"type\":\"Feature\"}", "1: no FeatureCollection");
    check_wrong("{\"crs\":{\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::4490\"}},\"features\":[]}",
                "1: crs urn:ogc:def:crs:EPSG::4490 is not WGS-84: export the layer in EPSG:4326");
    char problem[200];
    struct buf out;
    struct line_tally tally;
    buf_init(&out, SIZE_MAX);
    assert_int_equal(write_lines("{\n\"a\" 1}", &out, &tally, problem), CENTRE_LINES_WRONG);
    assert_memory_equal(problem, "2: ", 3);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_long_and_parts),
        cmocka_unit_test(test_rejected),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
