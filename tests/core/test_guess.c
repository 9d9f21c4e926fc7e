/* Hours that name holidays, in a year that no calendar knows: judged as if it had none, and said so. */
#include "cmocka_all.h"

#include "fleet.h"
#include "names.h"
#include "world.h"

enum known { NOTHING, HOLIDAYS, SCHOOL };

static struct world *make_world(struct names *names, const char *hours, enum known known)
{
    struct world *world = NULL;
    struct world_error error = {0};
    const struct text vehicles[] = {TEXT("t1")};
    struct world_builder *b = world_builder_new(names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(8 * 3600)), WORLD_OK);
    if (known != NOTHING) {
        struct mw_calendar *calendar = mw_calendar_new();
        assert_int_equal(known == HOLIDAYS ? mw_calendar_add_year(calendar, 2026)
                                           : mw_calendar_add_school_year(calendar, 2026),
                         MW_CALENDAR_OK);
        world_builder_calendar(b, calendar);
    }
    const struct permit_spec permit = {
        .id = TEXT("p1"), .hours = text_of(hours), .vehicles = vehicles, .vehicle_count = 1};
    assert_int_equal(world_builder_permit(b, &permit, &error), WORLD_OK);
    assert_int_equal(world_builder_build(b, &world, &error), WORLD_OK);
    world_builder_free(b);
    return world;
}

/* Whether judging one moving fix of 8 May 2026 had to guess. */
static bool guesses(const char *hours, enum known known)
{
    static struct outcome out;
    struct names *names = names_new(100);
    struct world *world = make_world(names, hours, known);
    struct fleet *fleet = fleet_new(names, (struct fleet_options){.vehicle_limit = 10});
    uint32_t place = 0;
    assert_true(fleet_set_world(fleet, world) && fleet_place(fleet, TEXT("t1"), &place));
    const struct fix fix = {.time = {INT64_C(1778220000000)},
                            .lat_deg = 30,
                            .lon_deg = 114,
                            .speed_mps = 10,
                            .has = FIX_HAS_POSITION | FIX_HAS_SPEED,
                            .sensors = sensors_none()};
    const struct arrival arrival = {fix.time.ms, fix.time.ms, false};
    assert_false(fleet_take_fix(fleet, place, &fix, arrival, &out));
    fleet_free(fleet);
    world_free(world);
    names_free(names);
    return out.guessed;
}

static void an_unknown_year_is_told(void **state)
{
    (void)state;
    assert_true(guesses("21:00-07:00; PH off", NOTHING));
    assert_false(guesses("21:00-07:00; PH off", HOLIDAYS));
    assert_true(guesses("21:00-07:00; PH off", SCHOOL));
    assert_true(guesses("21:00-07:00; SH off", NOTHING));
    assert_true(guesses("21:00-07:00; SH off", HOLIDAYS));
    assert_false(guesses("21:00-07:00; SH off", SCHOOL));
}

static void hours_without_holidays_need_no_calendar(void **state)
{
    (void)state;
    assert_false(guesses("21:00-07:00", NOTHING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_year_is_told),
        cmocka_unit_test(hours_without_holidays_need_no_calendar),
    };
    return cmocka_run_group_tests_name("core guess", tests, NULL, NULL);
}
