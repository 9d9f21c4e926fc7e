/* What does not fit is left out, and told by its bound; what else the vehicle does is found all the same. */
#include "cmocka_all.h"

#include "fleet.h"
#include "moment.h"
#include "names.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

struct run {
    struct names *names;
    struct world *world;
    struct fleet *fleet;
    uint32_t place, full, opened;
    int64_t time_ms;
};

/* So many fences over one square of 400 m, each under a rule of its own: they make as many things. */
static void add_fences(struct world_builder *b, enum fence_kind kind, unsigned count)
{
    struct mw_point ring[5] = {{30, 114}, {30, 114.004}, {30.004, 114.004}, {30.004, 114}, {30, 114}};
    struct mw_part part = {ring, 5, false};
    for (unsigned i = 0; i < count; i++) {
        char id[16];
        struct world_error error;
        snprintf(id, sizeof id, "f%05u", i);
        struct fence_spec spec = {.id = text_of(id),
                                  .reason = text_of(id),
                                  .kind = kind,
                                  .shape = {.kind = MW_SHAPE_POLYGON, .parts = &part, .part_count = 1}};
        assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
    }
}

static struct run begin(enum fence_kind kind, unsigned count)
{
    struct run r = {.names = names_new(4000), .time_ms = INT64_C(1778220000000)};
    struct world_error error = {0};
    struct world_builder *b = world_builder_new(r.names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    add_fences(b, kind, count);
    assert_int_equal(world_builder_build(b, &r.world, &error), WORLD_OK);
    world_builder_free(b);
    r.fleet = fleet_new(r.names, (struct fleet_options){.vehicle_limit = 10});
    assert_true(fleet_set_world(r.fleet, r.world) && fleet_place(r.fleet, TEXT("t1"), &r.place));
    return r;
}

static void end(struct run *r)
{
    fleet_free(r->fleet);
    world_free(r->world);
    names_free(r->names);
}

/* A fix ten seconds after the last one. */
static void drive_so(struct run *r, double lat_deg, double lon_deg, float speed_mps, uint8_t spill)
{
    static struct outcome out;
    struct fix fix = {.time = {r->time_ms += 10000},
                      .lat_deg = lat_deg,
                      .lon_deg = lon_deg,
                      .speed_mps = speed_mps,
                      .eph_m = 5,
                      .has = FIX_HAS_POSITION | FIX_HAS_SPEED | FIX_HAS_EPH,
                      .sensors = sensors_none()};
    fix.sensors.spill = spill;
    const struct arrival arrival = {fix.time.ms, fix.time.ms, false};
    assert_false(fleet_take_fix(r->fleet, r->place, &fix, arrival, &out));
    r->full |= out.full;
    for (uint32_t i = 0; i < out.transition_count; i++)
        r->opened += out.transitions[i].event == TRANSITION_OPENED;
}

static void drive(struct run *r, double lat_deg, double lon_deg, uint8_t spill)
{
    drive_so(r, lat_deg, lon_deg, 15, spill);
}

/* Along the middle of the square, then a spill. */
static void drive_inside(struct run *r)
{
    for (int i = 0; i < 3; i++)
        drive(r, 30.002, 114.001 + i * 0.001, i < 2 ? FLAG_FALSE : FLAG_TRUE);
}

static void episodes_of_one_kind(void **state)
{
    (void)state;
    struct run r = begin(FENCE_BANNED, 15);
    drive_inside(&r);
    assert_int_equal(r.full, 0);
    assert_int_equal(r.opened, 16);
    end(&r);
    r = begin(FENCE_BANNED, 16);
    drive_inside(&r);
    assert_int_equal(r.full, BOUND_EPISODES);
    assert_int_equal(r.opened, 16);
    end(&r);
}

static void fences_over_one_place(void **state)
{
    (void)state;
    struct run r = begin(FENCE_DISTRICT, MOMENT_FENCES_MAX);
    drive_inside(&r);
    assert_int_equal(r.full, 0);
    end(&r);
    r = begin(FENCE_DISTRICT, MOMENT_FENCES_MAX + 1);
    drive_inside(&r);
    assert_int_equal(r.full, BOUND_FENCES);
    assert_int_equal(r.opened, 1);
    end(&r);
}

static void fences_on_one_path(void **state)
{
    (void)state;
    struct run r = begin(FENCE_BANNED, PATH_FENCES_MAX);
    drive(&r, 30.002, 113.999, FLAG_FALSE);
    drive(&r, 30.002, 114.005, FLAG_FALSE);
    assert_int_equal(r.full, 0);
    end(&r);
    r = begin(FENCE_BANNED, PATH_FENCES_MAX + 1);
    drive(&r, 30.002, 113.999, FLAG_FALSE);
    drive(&r, 30.002, 114.005, FLAG_FALSE);
    assert_int_equal(r.full, BOUND_PATHS);
    end(&r);
}

/* More than are looked at, and none of them for this vehicle or in force any more; then what is. */
static struct run begin_idle(enum fence_kind kind, unsigned idle)
{
    static const struct text classes[] = {TEXT("crane")};
    struct mw_point big[5] = {{29.9, 113.9}, {29.9, 114.1}, {30.1, 114.1}, {30.1, 113.9}, {29.9, 113.9}};
    struct mw_part part = {big, 5, false};
    struct run r = {.names = names_new(4000), .time_ms = INT64_C(1778220000000)};
    struct world_error error = {0};
    struct world_builder *b = world_builder_new(r.names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    for (unsigned i = 0; i < idle; i++) {
        char id[16];
        snprintf(id, sizeof id, "a%05u", i);
        struct fence_spec spec = {.id = text_of(id),
                                  .name = text_of(id),
                                  .kind = kind,
                                  .classes = classes,
                                  .class_count = i % 3 == 0,
                                  .company = i % 3 == 1 ? TEXT("another") : TEXT(""),
                                  .shape = {MW_SHAPE_POLYGON, &part, 1, 0}};
        if (i % 3 == 2)
            spec.valid_to = (struct when_spec){.type = WHEN_INSTANT, .instant = {r.time_ms - 1}};
        assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
    }
    add_fences(b, FENCE_BANNED, 1);
    assert_int_equal(world_builder_build(b, &r.world, &error), WORLD_OK);
    world_builder_free(b);
    r.fleet = fleet_new(r.names, (struct fleet_options){.vehicle_limit = 10});
    assert_true(fleet_set_world(r.fleet, r.world) && fleet_place(r.fleet, TEXT("t1"), &r.place));
    return r;
}

static void idle_fences_over_one_place(void **state)
{
    (void)state;
    struct run r = begin_idle(FENCE_DISTRICT, MOMENT_FENCES_MAX + 1);
    drive_inside(&r);
    assert_int_equal(r.full, 0);
    assert_int_equal(r.opened, 2); /* the ban and the spill */
    end(&r);
}

/* The ban has the highest number among those banned: its path has a place all the same. */
static void idle_fences_on_one_path(void **state)
{
    (void)state;
    struct run r = begin_idle(FENCE_BANNED, PATH_FENCES_MAX + 1);
    for (int i = 0; i < 10; i++) /* 580 m apart, 400 of them inside */
        drive_so(&r, 30.002, 113.999 + i * 0.006, 58, FLAG_FALSE);
    assert_int_equal(r.full, 0);
    assert_int_equal(r.opened, 1);
    end(&r);
}

/* Nor do they keep what is near from being found. */
static void idle_fences_around(void **state)
{
    (void)state;
    struct run r = begin_idle(FENCE_DISTRICT, PATH_FENCES_MAX + 1);
    const struct vehicle_state before = {.time_ms = r.time_ms, .place_ms = TIME_NONE};
    struct moment_near near = {0};
    uint32_t full = 0;
    struct moment m = {.world = r.world,
                       .info = world_vehicle(r.world, 0),
                       .before = &before,
                       .near = &near,
                       .full = &full,
                       .at_ms = r.time_ms,
                       .placed = true,
                       .lat_deg = 30.002,
                       .lon_deg = 113.99995, /* 5 m from the ban */
                       .eph_m = 10};
    assert_true(moment_near_kind(&m, FENCE_BANNED));
    assert_false(moment_near_kind(&m, FENCE_DISTRICT));
    assert_int_equal(full, 0);
    end(&r);
}

static void add_line(struct world_builder *b, const char *id, struct mw_point from, struct mw_point to)
{
    struct world_error error;
    struct mw_point line[2] = {from, to};
    struct mw_part part = {line, 2, false};
    const struct fence_spec spec = {
        .id = text_of(id),
        .kind = FENCE_BANNED,
        .shape = {.kind = MW_SHAPE_CORRIDOR, .parts = &part, .part_count = 1, .radius_m = 5}};
    assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
}

/* Two banned streets that cross far from their ends are one thing, however much else their edges meet. */
static void streets_under_many_fences(void **state)
{
    (void)state;
    struct names *names = names_new(4000);
    struct world *world = NULL;
    struct world_error error = {0};
    struct world_builder *b = world_builder_new(names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    add_line(b, "y", (struct mw_point){30.002, 113.99}, (struct mw_point){30.002, 114.05});
    add_line(b, "z", (struct mw_point){29.99, 114.002}, (struct mw_point){30.05, 114.002});
    add_line(b, "zz", (struct mw_point){29.99, 114.06}, (struct mw_point){30.05, 114.06});
    add_fences(b, FENCE_DISTRICT, 100);
    assert_int_equal(world_builder_build(b, &world, &error), WORLD_OK);
    world_builder_free(b);
    uint32_t things[3], i = 0;
    for (const char *const *id = (const char *const[]){"y", "z", "zz", NULL}; *id != NULL; id++) {
        uint32_t symbol;
        assert_true(names_intern(names, text_of(*id), &symbol));
        things[i++] = world->fences[world_fence_by_id(world, symbol)].thing;
    }
    assert_int_equal(things[0], things[1]);
    assert_int_not_equal(things[0], things[2]);
    world_free(world);
    names_free(names);
}

static void every_bound_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < BOUND_COUNT; i++)
        assert_true(strlen(bound_name(i)) > 0);
    assert_int_equal(1u << (BOUND_COUNT - 1), BOUND_PERMITS);
    assert_string_equal(bound_name(BOUND_COUNT), "");
}

/* Strangers make names up; beyond the limit not even those are kept. */
static void a_vehicle_beyond_the_limit_leaves_no_name(void **state)
{
    struct names *names = names_new(1000000);
    struct fleet *fleet = fleet_new(names, (struct fleet_options){.vehicle_limit = 10});
    uint32_t place, kept = 0, known;
    char id[16];
    assert_true(names_intern(names, TEXT("v100000"), &known)); /* the files name it */
    for (int i = 1; i <= 100000; i++) {
        snprintf(id, sizeof id, "v%d", i);
        kept += fleet_place(fleet, text_of(id), &place);
    }
    assert_int_equal(kept, 10);
    assert_int_equal(fleet_count(fleet), 10);
    assert_int_equal(names_count(names), 11);
    assert_true(fleet_place(fleet, TEXT("v7"), &place) && place == 6);
    assert_int_equal(names_text(names, fleet_state(fleet, place)->vehicle).len, 2);
    fleet_free(fleet);
    names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(episodes_of_one_kind),
        cmocka_unit_test(fences_over_one_place),
        cmocka_unit_test(fences_on_one_path),
        cmocka_unit_test(idle_fences_over_one_place),
        cmocka_unit_test(idle_fences_on_one_path),
        cmocka_unit_test(idle_fences_around),
        cmocka_unit_test(streets_under_many_fences),
        cmocka_unit_test(every_bound_has_a_name),
        cmocka_unit_test(a_vehicle_beyond_the_limit_leaves_no_name),
    };
    return cmocka_run_group_tests_name("core bounds", tests, NULL, NULL);
}
