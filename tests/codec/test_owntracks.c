/* owntracks: locations become fixes, everything else is left alone. */
#include "owntracks.h"

#include "../cmocka_all.h"

#include <math.h>

static void test_location(void **state)
{
    struct fix_item item;
    struct text payload =
        TEXT("{\"_type\":\"location\",\"acc\":12,\"alt\":420,\"batt\":81,\"bs\":1,\"cog\":271,"
             "\"conn\":\"m\",\"lat\":30.65,\"lon\":104.06,\"tid\":\"t7\",\"tst\":1777593600,\"vac\":3,"
             "\"vel\":36,\"inregions\":[\"yard\"]}");
    assert_true(owntracks_read(payload, &item));
    assert_int_equal(item.error, FIX_OK);
    assert_int_equal(item.fix.time.ms, 1777593600000);
    assert_true(item.fix.lat_deg == 30.65 && item.fix.lon_deg == 104.06);
    assert_true(item.fix.speed_mps == 10.0f && item.fix.track_deg == 271.0f);
    assert_true(item.fix.eph_m == 12.0f && item.fix.alt_m == 420.0f);
    assert_int_equal(item.fix.has,
                     FIX_HAS_POSITION | FIX_HAS_SPEED | FIX_HAS_TRACK | FIX_HAS_EPH | FIX_HAS_ALT);
    assert_true(isnan(item.fix.sensors.load_kg));
    assert_true(text_equal(item.json, payload));
    assert_true(
        owntracks_read(TEXT("{\"lat\":1,\"lon\":2,\"tst\":1777593600,\"_type\":\"location\"}"), &item));
    assert_int_equal(item.fix.has, FIX_HAS_POSITION);
}

/* As the apps themselves sent it for years. */
static void test_minus_one_is_unknown(void **state)
{
    struct fix_item item;
    assert_true(
        owntracks_read(TEXT("{\"_type\":\"location\",\"tst\":1777593600,\"lat\":1,\"lon\":2,\"vel\":-1,"
                            "\"cog\":511,\"acc\":-1,\"alt\":-9999,\"vac\":-1}"),
                       &item));
    assert_int_equal(item.error, FIX_OK);
    assert_int_equal(item.fix.has, FIX_HAS_POSITION);
    assert_int_equal(item.unknown, FIX_HAS_SPEED | FIX_HAS_TRACK | FIX_HAS_EPH | FIX_HAS_ALT);
}

static void test_other_types_are_ignored(void **state)
{
    static const struct text others[] = {
        TEXT("{\"_type\":\"transition\",\"event\":\"enter\",\"lat\":\"x\",\"tst\":1}"),
        TEXT("{\"_type\":\"lwt\",\"tst\":1777593600}"),
        TEXT("{\"_type\":\"encrypted\",\"data\":\"abc\"}"),
        TEXT("{\"_type\":null}"),
        TEXT("{\"_type\":[1]}"),
        TEXT("{\"lat\":1,\"lon\":2,\"tst\":1777593600}"),
        TEXT("{}"),
    };
    struct fix_item item = {.error = FIX_TOO_LARGE};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(owntracks_read(others[i], &item));
    assert_int_equal(item.error, FIX_TOO_LARGE);
}

static void test_refusals(void **state)
{
    static const struct {
        struct text payload;
        enum fix_error error;
    } cases[] = {
        {TEXT(""), FIX_NOT_JSON},
        {TEXT("{\"_type\":\"location\""), FIX_NOT_JSON},
        {TEXT("{\"_type\":\"lwt\"} x"), FIX_NOT_JSON},
        {TEXT("[]"), FIX_WRONG_TYPE},
        {TEXT("{\"_type\":\"location\",\"lat\":1,\"lon\":2}"), FIX_NO_TIME},
        {TEXT("{\"_type\":\"location\",\"lat\":1,\"tst\":1777593600}"), FIX_NO_POSITION},
        {TEXT("{\"_type\":\"location\",\"lat\":91,\"lon\":2,\"tst\":1777593600}"), FIX_OUT_OF_RANGE},
        {TEXT("{\"_type\":\"location\",\"lat\":1,\"lon\":2,\"tst\":1777593600,\"vel\":\"fast\"}"),
         FIX_WRONG_TYPE},
        {TEXT("{\"_type\":\"location\",\"lat\":1,\"lon\":2,\"tst\":17775936}"), FIX_TOO_OLD},
        {TEXT("{\"_type\":\"location\",\"lat\":\"1\",\"lon\":2,\"tst\":1777593600}"), FIX_WRONG_TYPE},
        {TEXT("{\"_type\":\"location\",\"lat\":1,\"lat\":1,\"lon\":2,\"tst\":1777593600}"),
         FIX_DUPLICATE_KEY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fix_item item;
        assert_true(owntracks_read(cases[i].payload, &item));
        assert_int_equal(item.error, cases[i].error);
        assert_int_equal(item.fix.has, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_location),
        cmocka_unit_test(test_minus_one_is_unknown),
        cmocka_unit_test(test_other_types_are_ignored),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
