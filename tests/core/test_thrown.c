/*
 * A receiver that is thrown aside, on random drives along a street: seen in the middle of the banned street
 * beside it for 20 to 40 s it accuses nobody, whatever the speed, the interval and the side. Who drives in the
 * banned street is found all the same, thrown aside before or not once that is over; and the state forgets.
 *
 *        seen      .------- x--x--x -------.        banned, 16 to 28 m broad
 *                  '-----------------------'
 *        driven   --o--o--o--o--o--o--o--o--o-->    9 to 14 m beside its edge
 */
#include "cmocka_all.h"

#include "fleet.h"
#include "names.h"
#include "world.h"

#include <math.h>

#define START_MS INT64_C(1780000000000)
#define LAT_DEG  42.37
#define LON_DEG  (-71.1)
/* Metres of a degree there (WGS-84), to a metre. */
#define NORTH_M 111080.0
#define EAST_M  82400.0

static uint64_t random_state;

static double random_between(double low, double high)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(random_state >> 11) * 0x1p-53;
}

/* A straight street along `deg`, and another beside it, banned from 500 m to 1,100 m. */
struct street {
    double deg, half_m, aside_m; /* of the middle of the banned one, positive: to the right */
    bool stuck;                  /* the unit says the heading 0 wherever it drives */
};

static struct mw_point on_street(const struct street *s, double along_m, double right_m)
{
    double rad = s->deg * (M_PI / 180);
    double north_m = along_m * cos(rad) - right_m * sin(rad),
           east_m = along_m * sin(rad) + right_m * cos(rad);
    return (struct mw_point){LAT_DEG + north_m / NORTH_M, LON_DEG + east_m / EAST_M};
}

static struct street random_street(void)
{
    struct street s = {.deg = random_between(0, 360), .half_m = random_between(8, 14)};
    s.aside_m = (s.half_m + random_between(9, 14)) * (random_between(0, 1) < 0.5 ? 1 : -1);
    return s;
}

struct run {
    struct names *names;
    struct world *world;
    struct fleet *fleet;
    uint32_t place;
    int64_t at_ms;
    uint32_t opened;
};

static struct run begin(const struct street *s)
{
    struct run r = {.names = names_new(100), .at_ms = START_MS};
    struct world_error error = {0};
    struct world_builder *b = world_builder_new(r.names);
    struct mw_point line[2] = {on_street(s, 500, s->aside_m), on_street(s, 1100, s->aside_m)};
    struct mw_part part = {line, 2, false};
    struct fence_spec spec = {
        .id = TEXT("ban"),
        .kind = FENCE_BANNED,
        .shape = {.kind = MW_SHAPE_CORRIDOR, .parts = &part, .part_count = 1, .radius_m = s->half_m}};
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
    assert_int_equal(world_builder_build(b, &r.world, &error), WORLD_OK);
    world_builder_free(b);
    r.fleet = fleet_new(r.names, (struct fleet_options){.vehicle_limit = 1});
    assert_true(fleet_set_world(r.fleet, r.world) && fleet_place(r.fleet, TEXT("t"), &r.place));
    return r;
}

static void end(struct run *r)
{
    fleet_free(r->fleet);
    world_free(r->world);
    names_free(r->names);
}

static void take(struct run *r, const struct street *s, double mps, struct mw_point seen)
{
    static struct outcome out;
    double deg = s->stuck ? 0 : s->deg + random_between(-1, 1);
    struct fix fix = {.time = {r->at_ms},
                      .lat_deg = seen.lat_deg,
                      .lon_deg = seen.lon_deg,
                      .speed_mps = (float)mps,
                      .track_deg = (float)fmod(deg + 360, 360),
                      .eph_m = 10,
                      .content = (uint64_t)r->at_ms,
                      .has = FIX_HAS_POSITION | FIX_HAS_EPH | FIX_HAS_SPEED | FIX_HAS_TRACK,
                      .sensors = sensors_none()};
    bool more;
    do {
        more = fleet_take_fix(r->fleet, r->place, &fix, (struct arrival){r->at_ms, r->at_ms, false}, &out);
        for (uint32_t i = 0; i < out.transition_count; i++)
            r->opened +=
                out.transitions[i].kind == KIND_BANNED_AREA && out.transitions[i].event == TRANSITION_OPENED;
    } while (more);
}

/* Drives the street from end to end, `right_m` beside it; from `thrown_from_m` on its receiver is thrown aside
 * for so many seconds, into the middle of the banned street, or out of it. */
static uint32_t drive(const struct street *s, double right_m, double thrown_from_m, double thrown_s)
{
    struct run r = begin(s);
    double mps = random_between(5, 11), step_s = floor(random_between(5, 12));
    double error_m = random_between(-0.5, 0.5), along_error_m = random_between(-8, 8);
    double thrown_until_m = thrown_from_m + thrown_s * mps;
    for (double at_m = 0; at_m < 1800; at_m += mps * step_s, r.at_ms += (int64_t)(step_s * 1000)) {
        bool thrown = at_m >= thrown_from_m && at_m <= thrown_until_m;
        double seen_m = (thrown ? s->aside_m - right_m : right_m) + error_m;
        take(&r, s, mps, on_street(s, at_m + (thrown ? along_error_m : 0), seen_m));
    }
    bool forgotten = !(fleet_state(r.fleet, r.place)->flags & VEHICLE_THROWN);
    assert_true(forgotten || s->stuck);
    end(&r);
    return r.opened;
}

static void beside_a_ban_it_accuses_nobody(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        random_state = seed;
        struct street s = random_street();
        uint32_t opened = drive(&s, 0, random_between(350, 900), random_between(20, 40));
        if (opened > 0)
            fail_msg("seed %llu: accused", (unsigned long long)seed);
    }
}

static void who_drives_in_the_ban_is_found(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        random_state = seed;
        struct street s = random_street();
        bool before =
            seed % 2 == 0; /* its receiver was thrown out of the street and back before the ban began */
        if (drive(&s, s.aside_m, before ? random_between(100, 300) : 1e9, before ? 15 : 0) != 1)
            fail_msg("seed %llu: not found", (unsigned long long)seed);
    }
}

/* Headings that are none look like one throw after the other; more than any throw they deny nothing. */
static void a_heading_that_is_stuck_hides_nobody(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        random_state = seed;
        struct street s = random_street();
        s.half_m = random_between(60, 200);
        s.stuck = true;
        if (drive(&s, s.aside_m, 1e9, 0) != 1)
            fail_msg("seed %llu: not found, driving to %.0f", (unsigned long long)seed, s.deg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(beside_a_ban_it_accuses_nobody),
                                       cmocka_unit_test(who_drives_in_the_ban_is_found),
                                       cmocka_unit_test(a_heading_that_is_stuck_hides_nobody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
