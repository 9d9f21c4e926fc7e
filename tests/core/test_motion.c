/*
 * Derived motion against a model of the contract: over random drives, speed and heading come from the place
 * at least 5 s before, with the errors of both places taken off as independent ones; between, and over what
 * stands within them, what was told last holds.
 */
#include "cmocka_all.h"

#include "fleet.h"
#include "names.h"
#include "world.h"

#include <math.h>

#define START_MS INT64_C(1780000000000)
#define LAT_DEG  30.5
/* Metres of a degree there (WGS-84), to a metre. */
#define NORTH_M 110858.0
#define EAST_M  95995.0

static uint64_t random_state;

static double random_between(double low, double high)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(random_state >> 11) * 0x1p-53;
}

struct spot {
    double north_m, east_m, eph_m;
    int64_t ms;
};

/* What the contract makes of it. */
struct model {
    bool has_base;
    struct spot base;
    int64_t last_ms; /* of the last fix */
    double mps, deg; /* NaN: not known */
};

static void model_take(struct model *m, struct spot now)
{
    if (m->has_base && now.ms - m->last_ms > 300000)
        *m = (struct model){.mps = NAN, .deg = NAN};
    m->last_ms = now.ms;
    if (m->has_base && now.ms - m->base.ms < 5000)
        return;
    if (m->has_base) {
        double north = now.north_m - m->base.north_m, east = now.east_m - m->base.east_m;
        double moved = fmax(0, sqrt(north * north + east * east) -
                                   sqrt(now.eph_m * now.eph_m + m->base.eph_m * m->base.eph_m));
        m->mps = moved / ((double)(now.ms - m->base.ms) / 1000);
        if (moved > 0)
            m->deg = fmod(atan2(east, north) * 57.29577951308232 + 360, 360);
    }
    m->has_base = true;
    m->base = now;
}

static bool near(double got, double want, double room)
{
    return isnan(want) ? isnan(got) : fabs(remainder(got - want, 360)) <= room;
}

static struct world *plain_world(struct names *names)
{
    struct world_error error;
    struct world *w;
    struct world_builder *b = world_builder_new(names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    assert_int_equal(world_builder_build(b, &w, &error), WORLD_OK);
    world_builder_free(b);
    return w;
}

static struct fix fix_of(struct spot s)
{
    return (struct fix){.time = {s.ms},
                        .lat_deg = LAT_DEG + s.north_m / NORTH_M,
                        .lon_deg = 104 + s.east_m / EAST_M,
                        .eph_m = (float)s.eph_m,
                        .content = (uint64_t)s.ms,
                        .has = FIX_HAS_POSITION | FIX_HAS_EPH,
                        .sensors = sensors_none()};
}

static void drive(struct fleet *f, uint32_t place, uint64_t seed)
{
    static struct outcome out;
    struct model model = {.mps = NAN, .deg = NAN};
    struct spot s = {0, 0, 0, START_MS};
    double course = random_between(0, 6.28);
    /* An error that changes, and fixes often enough that one is passed over, are not tried together. */
    bool often = seed % 2 == 0;
    double eph_m = random_between(0, 30);
    for (int i = 0; i < 200; i++) {
        double step_s =
            floor(random_between(0, 40) < 1 ? random_between(290, 310) : random_between(often ? 1 : 5, 20));
        course += random_between(-0.5, 0.5);
        double way_m = random_between(0, 1) < 0.4 ? 0 : random_between(0, 25) * fmin(step_s, 20);
        s.north_m += way_m * cos(course);
        s.east_m += way_m * sin(course);
        s.ms += (int64_t)(step_s * 1000);
        s.eph_m = often ? eph_m : random_between(0, 60);
        struct fix fix = fix_of(s);
        float said = (float)random_between(0, 20);
        if (random_between(0, 1) < 0.1) {
            fix.has |= FIX_HAS_SPEED;
            fix.speed_mps = said;
        }
        model_take(&model, s);
        if (fix.has & FIX_HAS_SPEED)
            model.mps = (double)said;
        while (fleet_take_fix(f, place, &fix, (struct arrival){s.ms, s.ms, false}, &out))
            continue;
        const struct vehicle_state *state = fleet_state(f, place);
        if (out.distrust != DISTRUST_NONE ||
            !near((double)state->speed_mps, model.mps, 0.02 + 0.005 * fabs(model.mps)) ||
            !near((double)state->track_deg, model.deg, 0.5))
            fail_msg("seed %llu, fix %d: %.3f m/s to %.1f, not %.3f to %.1f", (unsigned long long)seed, i,
                     (double)state->speed_mps, (double)state->track_deg, model.mps, model.deg);
    }
}

static void speed_and_heading_are_those_of_the_contract(void **state)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        random_state = seed;
        struct names *names = names_new(100);
        struct world *w = plain_world(names);
        struct fleet *f = fleet_new(names, (struct fleet_options){.vehicle_limit = 1});
        uint32_t place;
        assert_true(fleet_set_world(f, w) && fleet_place(f, TEXT("t"), &place));
        drive(f, place, seed);
        fleet_free(f);
        world_free(w);
        names_free(names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(speed_and_heading_are_those_of_the_contract)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
