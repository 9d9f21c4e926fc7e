/*
 * repeat against a list of every opening: violations of two kinds at random times; what an opening says must
 * be how many of its kind there were in the 30 days before, itself included, as far as the 48 openings of any
 * kind before it reach back. Times are kept by the hour, so a time within the hour of the edge may count or
 * not.
 */
#include "cmocka_all.h"

#include "fleet.h"
#include "names.h"
#include "world.h"

#include <math.h>
#include <string.h>

enum { OPENINGS = 3000, DAY_H = 24 };
#define HOUR_MS INT64_C(3600000)

static uint64_t random_state = 20261123;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

static struct world *world_with(struct names *names)
{
    struct world *w;
    struct world_error error;
    struct world_builder *b = world_builder_new(names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        struct rule_settings s = kind_settings_initial(k);
        s.enabled = k == KIND_SPILL || k == KIND_ILLEGAL_DUMPING;
        s.confirm_fixes = s.clear_fixes = 1;
        s.confirm_ms = 0;
        assert_int_equal(world_builder_rule(b, k, TEXT(""), &s, &error), WORLD_OK);
    }
    assert_int_equal(world_builder_build(b, &w, &error), WORLD_OK);
    world_builder_free(b);
    return w;
}

static void take(struct fleet *f, uint32_t place, int64_t at_ms, bool spill, bool raised, struct outcome *out)
{
    struct fix fix = {.time = {at_ms},
                      .lat_deg = 30.5,
                      .lon_deg = 104 + (double)(at_ms % 1000) * 1e-6,
                      .has = FIX_HAS_POSITION | FIX_HAS_SENSORS,
                      .sensors = sensors_none()};
    fix.sensors.spill = spill ? FLAG_TRUE : FLAG_FALSE;
    fix.sensors.body = raised ? BODY_RAISED : BODY_DOWN;
    while (fleet_take_fix(f, place, &fix, (struct arrival){at_ms, at_ms, false}, out))
        ;
    assert_int_equal(out->verdict, VERDICT_JUDGED);
}

struct opening {
    int64_t at_ms;
    enum kind kind;
};

/* How many of the kind lie in the last `hours`, the newest and at most 48 before it. */
static uint32_t count_in(const struct opening *all, uint32_t n, int64_t hours)
{
    uint32_t same = 0;
    uint32_t from = n > VEHICLE_OPENINGS_MAX + 1 ? n - VEHICLE_OPENINGS_MAX - 1 : 0;
    for (uint32_t i = from; i < n; i++)
        same += all[i].kind == all[n - 1].kind && all[n - 1].at_ms - all[i].at_ms < hours * HOUR_MS;
    return same;
}

static void test_repeat(void **state)
{
    static struct opening all[OPENINGS];
    static struct outcome out;
    struct names *names = names_new(1000);
    struct world *w = world_with(names);
    struct fleet *f = fleet_new(names, (struct fleet_options){.vehicle_limit = 1});
    uint32_t place, most = 0;
    assert_true(fleet_set_world(f, w));
    assert_true(fleet_place(f, TEXT("t"), &place));
    int64_t at_ms = INT64_C(1780000000000);
    for (uint32_t n = 0; n < OPENINGS; n++) {
        /* Busy and quiet months, so that now the time and now the number is what forgets. */
        at_ms += 20000 + (int64_t)random_below(n / 300 % 2 == 0 ? 4 * 3600 : 40 * 3600) * 1000;
        enum kind kind = random_below(3) > 0 ? KIND_SPILL : KIND_ILLEGAL_DUMPING;
        all[n] = (struct opening){at_ms, kind};
        take(f, place, at_ms, kind == KIND_SPILL, kind != KIND_SPILL, &out);
        assert_int_equal(out.transition_count, 1);
        assert_int_equal(out.transitions[0].event, TRANSITION_OPENED);
        assert_int_equal(out.transitions[0].kind, kind);
        uint32_t repeat = out.transitions[0].repeat;
        assert_in_range(repeat, count_in(all, n + 1, 30 * DAY_H - 1), count_in(all, n + 1, 30 * DAY_H + 1));
        most = repeat > most ? repeat : most;
        take(f, place, at_ms + 10000, false, false, &out);
        assert_int_equal(out.transitions[0].event, TRANSITION_CLOSED);
        assert_int_equal(out.transitions[0].repeat, repeat);
    }
    assert_true(most > 30); /* else the bound was never tried */
    fleet_free(f);
    world_free(w);
    names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_repeat)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
