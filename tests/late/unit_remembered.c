/* remembered: from which point a replay judges again, and what it need not keep any more. */
#include "../cmocka_all.h"

#include "remembered.h"

static void add(struct remembered *m, int64_t ms, uint32_t world)
{
    const struct remembered_point point = {.upto_ms = ms, .time_ms = ms, .world = world};
    assert_true(remembered_add_point(m, &point, TEXT("state")));
}

static void test_the_last_point_before(void **state)
{
    struct remembered m;
    remembered_init(&m);
    assert_null(remembered_before(&m, 100, 0));
    add(&m, 100, 1);
    add(&m, 200, 1);
    add(&m, 300, 2);
    assert_int_equal(remembered_before(&m, 201, 0)->upto_ms, 200);
    assert_int_equal(remembered_before(&m, 200, 0)->upto_ms, 100); /* up to then all was judged */
    assert_int_equal(remembered_before(&m, 50, 0)->upto_ms, 100);  /* the first there is */
    assert_int_equal(remembered_before(&m, 250, 2)->upto_ms, 300); /* of a world that is still held */
    remembered_fini(&m);
}

static void test_what_is_not_needed_goes(void **state)
{
    struct remembered m;
    remembered_init(&m);
    add(&m, 100, 1);
    add(&m, 200, 1);
    for (int64_t ms = 90; ms <= 210; ms += 10) {
        struct late_fix f = {.fix = {.time = {ms}, .sensors = sensors_none()}};
        assert_true(remembered_add_fix(&m, &f));
    }
    remembered_trim(&m, 150, false);
    assert_int_equal(m.point_count, 2);
    assert_int_equal(m.fixes[0].fix.time.ms, 110); /* that of the point itself is in its state */
    remembered_trim(&m, 201, false);
    assert_int_equal(m.point_count, 1);
    assert_int_equal(m.fix_count, 1);
    remembered_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_point_before),
        cmocka_unit_test(test_what_is_not_needed_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
