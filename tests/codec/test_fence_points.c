/* limits.fence_points: a fence with more points is refused by its file and part, one with as many is not. */
#include "buf.h"
#include "city_files.h"
#include "cmocka_all.h"

#include <string.h>

static struct city_files files;

/* Two lines of so many points together. */
static void write_lines(unsigned points)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_printf(&out, "{\"features\":[{\"type\":\"Feature\",\"id\":\"r\",\"properties\":{\"kind\":\"route\","
                     "\"buffer_m\":30},"
                     "\"geometry\":{\"type\":\"MultiLineString\",\"coordinates\":[");
    for (unsigned i = 0; i < points; i++)
        buf_printf(&out, "%s[%.4f,%d]", i == 0 ? "[" : i == points / 2 ? "],[" : ",", 112 + i * 1e-4, 30);
    buf_printf(&out, "]]}}],\"type\":\"FeatureCollection\"}");
    assert_true(buf_ok(&out));
    city_files_write_bytes(&files, "l.json", out.data, out.len);
    buf_fini(&out);
}

/* `said`: the problem; empty: there is none. */
static void expect(const char *yaml, struct names *names, const char *said)
{
    struct problem problem = {""};
    struct world *world = city_files_load(&files, yaml, names, NULL, &problem);
    assert_string_equal(world != NULL ? "" : problem.text, said);
    world_free(world);
}

static void test_points_of_a_fence(void **state)
{
    (void)state;
    const char yaml[] = "{city: {fences: [l.json]}, limits: {fence_points: 1000}}";
    struct names *names = names_new(100);
    assert_non_null(names);
    city_files_init(&files);
    write_lines(1000);
    expect(yaml, names, "");
    write_lines(1001);
    expect(yaml, names,
           "l.json:1: fence \"r\": line 2, position 1 [112.05, 30]: the fence has more than 1000 points "
           "(limits.fence_points) up to here: leave out those that no map shows");
    expect("city: {fences: [l.json]}", names, "");
    names_free(names);
    city_files_fini(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_points_of_a_fence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
