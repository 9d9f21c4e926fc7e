/* A real fleet's day, every line of it, read as Jansson reads it. */
#include "fix_json.h"
#include "time_text.h"

#include "../cmocka_all.h"

#include <jansson.h>
#include <stdio.h>

static unsigned check_file(const char *path)
{
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        print_message("%s is absent\n", path);
        return 0;
    }
    char text[4096];
    unsigned count = 0;
    for (; fgets(text, sizeof text, f) != NULL; count++) {
        struct fix_line line;
        struct wall time;
        assert_int_equal(fix_line_read(text_of(text), &line), FIX_OK);
        json_t *tree = json_loads(text, 0, NULL);
        assert_non_null(tree);
        const json_t *speed = json_object_get(tree, "speed");
        assert_true(line.item.fix.lat_deg == json_number_value(json_object_get(tree, "lat")));
        assert_true(line.item.fix.lon_deg == json_number_value(json_object_get(tree, "lon")));
        assert_int_equal(fix_has(&line.item.fix, FIX_HAS_SPEED), json_is_number(speed));
        assert_true(text_equal(line.vehicle, text_of(json_string_value(json_object_get(tree, "vehicle")))));
        assert_int_equal(time_text_read(text_of(json_string_value(json_object_get(tree, "time"))), &time),
                         TIME_OK);
        assert_int_equal(line.item.fix.time.ms, time.ms);
        json_decref(tree);
    }
    fclose(f);
    return count;
}

static void test_recorded_fixes(void **state)
{
    unsigned n = check_file(MW_DATA_DIR "/jersey-city-garbage/fixes.ndjson") +
                 check_file(MW_DATA_DIR "/onehz-traces/limerick-bus304.ndjson") +
                 check_file(MW_DATA_DIR "/onehz-traces/munich-x0001-001.ndjson");
    if (n == 0)
        skip();
    assert_int_equal(n, 9744 + 2144 + 1194);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recorded_fixes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
