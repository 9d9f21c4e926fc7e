/* told: where an episode began, in words; which hours had closed; what is wrong with the nearest permit. */
#include "cmocka_all.h"

#include "names.h"
#include "told.h"
#include "world.h"
#include "yards.h"

#include <math.h>

/* 2026-05-08 14:00 in Shanghai. */
#define AFTERNOON_MS INT64_C(1778220000000)
#define HOUR_MS      INT64_C(3600000)

struct town {
    struct names *names;
    struct world *world;
};

static void add(struct world_builder *b, const char *id, const char *name, enum fence_kind kind,
                double radius_m, const char *jurisdiction, const char *hours)
{
    struct world_error error = {0};
    const bool road = kind == FENCE_ROUTE || kind == FENCE_SWEEP;
    const double lat_deg = kind == FENCE_SWEEP ? 30.002 : 30;
    const struct mw_point points[] = {{lat_deg, 114}, {lat_deg, 114.1}};
    struct mw_part part = {points, road ? 2 : 1, false};
    const struct fence_spec spec = {
        .id = text_of(id),
        .name = text_of(name),
        .name_en = name == NULL ? TEXT("") : TEXT("in English"),
        .reason = TEXT("notice 7"),
        .kind = kind,
        .jurisdiction = text_of(jurisdiction),
        .hours = text_of(hours),
        .shape = {road ? MW_SHAPE_CORRIDOR : MW_SHAPE_CIRCLE, &part, 1, radius_m}};
    assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
}

/* A yard of a class or a company that t1 is not of; its name comes before others. */
static void add_others(struct world_builder *b, const char *id, const char *name, bool of_class)
{
    struct world_error error = {0};
    static const struct text classes[] = {TEXT("crane")};
    const struct mw_point point = {30.08, 114};
    struct mw_part part = {&point, 1, false};
    const struct fence_spec spec = {.id = text_of(id),
                                    .name = text_of(name),
                                    .kind = FENCE_DEPOT,
                                    .classes = classes,
                                    .class_count = of_class,
                                    .company = of_class ? TEXT("") : TEXT("another"),
                                    .shape = {MW_SHAPE_CIRCLE, &part, 1, 100}};
    assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
}

static void add_permit(struct world_builder *b, const char *id, const char *site, const char *hours)
{
    struct world_error error = {0};
    const struct text vehicles[] = {TEXT("t1")};
    const struct permit_spec permit = {
        .id = text_of(id),
        .site = text_of(site),
        .hours = text_of(hours),
        .vehicles = vehicles,
        .vehicle_count = 1,
        .valid_from = {.type = WHEN_INSTANT, .instant = {AFTERNOON_MS - 9 * HOUR_MS}},
        .valid_to = {.type = WHEN_INSTANT, .instant = {AFTERNOON_MS + 9 * HOUR_MS}}};
    assert_int_equal(world_builder_permit(b, &permit, &error), WORLD_OK);
}

/* Around 30 N 114 E: circles within one another, and two roads to the east that overlap. */
static int set_up(void **state)
{
    static struct town t;
    struct world_error error = {0};
    t.names = names_new(100);
    struct world_builder *b = world_builder_new(t.names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(8 * 3600)), WORLD_OK);
    add(b, "z-site", "工地", FENCE_SITE, 100, NULL, NULL);
    add(b, "a-unnamed", NULL, FENCE_DEPOT, 100, NULL, NULL);
    add(b, "b-shut", "夜间收集点", FENCE_COLLECTION, 150, NULL, "22:00-06:00");
    add(b, "m-road", "和平路", FENCE_ROUTE, 300, NULL, NULL);
    add(b, "a-road", "平行路", FENCE_SWEEP, 200, NULL, NULL);
    add(b, "a-city", "市", FENCE_DISTRICT, 5000, "市", NULL);
    add(b, "b-ward", "区", FENCE_DISTRICT, 5000, "市/区", NULL);
    add(b, "ban", "禁区", FENCE_BANNED, 9000, NULL, NULL);
    add_others(b, "o-class", "another class", true);
    add_others(b, "o-company", "another company", false);
    add_permit(b, "p1", "z-site", "21:00-06:00");
    add_permit(b, "p2", "z-site", NULL);
    assert_int_equal(world_builder_build(b, &t.world, &error), WORLD_OK);
    world_builder_free(b);
    *state = &t;
    return 0;
}

static int tear_down(void **state)
{
    struct town *t = *state;
    world_free(t->world);
    names_free(t->names);
    return 0;
}

static void fill(const struct town *town, struct transition *t)
{
    const struct vehicle_state before = {.lat_deg = 30.02, .lon_deg = 114, .place_ms = AFTERNOON_MS};
    struct moment m = {.before = &before,
                       .world = town->world,
                       .info = world_vehicle(town->world, 0),
                       .placed = true,
                       .lat_deg = 45,
                       .lon_deg = 90};
    told_fill(&m, t);
}

/* Where something of a fence, or of none, is said to have begun. */
static struct text place_at(const struct town *town, double lat_deg, double lon_deg, const char *fence)
{
    struct transition t = {.event = TRANSITION_CLOSED,
                           .kind = KIND_SPILL,
                           .fence = names_find(town->names, text_of(fence)),
                           .start_ms = AFTERNOON_MS,
                           .start_lat_deg = lat_deg,
                           .start_lon_deg = lon_deg};
    fill(town, &t);
    return t.told.place;
}

static void the_best_named_place_is_told(void **state)
{
    const struct town *t = *state;
    assert_true(text_equal(place_at(t, 30, 114, NULL), TEXT("工地")));
    /* A fence out of force, or without a name, says nothing; of roads the nearer, told by its middle. */
    assert_true(text_equal(place_at(t, 30.00095, 114.001, NULL), TEXT("和平路")));
    assert_true(text_equal(place_at(t, 30.00105, 114.001, NULL), TEXT("平行路")));
    assert_true(text_equal(place_at(t, 30.02, 114, NULL), TEXT("区")));
    assert_int_equal(place_at(t, 30.06, 114, NULL).len, 0);
    /* Nor does one that is not for the vehicle. */
    assert_int_equal(place_at(t, 30.08, 114, NULL).len, 0);
    /* Not twice the same. */
    assert_true(text_equal(place_at(t, 30, 114, "z-site"), TEXT("和平路")));
    /* Where it began is not known: where it is now, in the wilderness. */
    assert_int_equal(place_at(t, NAN, NAN, NULL).len, 0);
}

/* What has no position is told by the last place before it. */
static void where_it_was_lost_is_told(void **state)
{
    const struct town *town = *state;
    struct transition t = {
        .kind = KIND_NO_FIX, .start_ms = AFTERNOON_MS, .start_lat_deg = NAN, .start_lon_deg = NAN};
    fill(town, &t);
    assert_true(text_equal(t.told.place, TEXT("区")) && t.told.lat_deg == 30.02);
}

static void a_rule_tells_what_it_lets_pass(void **state)
{
    const struct town *town = *state;
    struct transition t = {.kind = KIND_OVERSTAY, .start_lat_deg = 30, .start_lon_deg = 114};
    fill(town, &t);
    assert_int_equal(t.allowed_ms, 1800000);
}

static void the_fence_is_told(void **state)
{
    const struct town *town = *state;
    struct transition t = {.kind = KIND_BANNED_AREA,
                           .fence = names_find(town->names, TEXT("ban")),
                           .start_ms = AFTERNOON_MS,
                           .start_lat_deg = 30,
                           .start_lon_deg = 114};
    fill(town, &t);
    assert_true(text_equal(t.fence_name, TEXT("禁区")) &&
                text_equal(t.told.fence_name_en, TEXT("in English")));
    assert_true(text_equal(t.told.fence_reason, TEXT("notice 7")));
    assert_true(text_equal(t.told.place, TEXT("工地")));
}

static struct told_facts hours_of(const struct town *town, const char *permit, enum transition_event event,
                                  int64_t start_ms)
{
    struct transition t = {.event = event,
                           .kind = KIND_WRONG_HOURS,
                           .permit = names_find(town->names, text_of(permit)),
                           .start_ms = start_ms,
                           .at_ms = start_ms,
                           .start_lat_deg = 30,
                           .start_lon_deg = 114};
    fill(town, &t);
    return t.told;
}

static void hours_that_closed_are_told(void **state)
{
    const struct town *t = *state;
    const int64_t closed_ms = AFTERNOON_MS - 8 * HOUR_MS, opens_ms = AFTERNOON_MS + 7 * HOUR_MS;
    struct told_facts told = hours_of(t, "p1", TRANSITION_OPENED, AFTERNOON_MS);
    assert_int_equal(told.closed_ms, closed_ms);
    assert_int_equal(told.opens_ms, opens_ms);
    /* At the edge itself, and a moment before the other one. */
    assert_int_equal(hours_of(t, "p1", TRANSITION_OPENED, closed_ms).closed_ms, closed_ms);
    assert_int_equal(hours_of(t, "p1", TRANSITION_OPENED, opens_ms - 1).closed_ms, closed_ms);
    /* Open still: a warning tells when they will close. */
    assert_int_equal(hours_of(t, "p1", TRANSITION_NONE, closed_ms - 1).closed_ms, closed_ms);
    assert_int_equal(hours_of(t, "p1", TRANSITION_NONE, closed_ms - 1).opens_ms, TIME_NONE);
    assert_int_equal(hours_of(t, "p2", TRANSITION_OPENED, AFTERNOON_MS).closed_ms, TIME_NONE);
}

/* Of a haul that left this site, or none that is known, at that time. */
static struct transition gap_of(const struct town *town, const char *site, int64_t start_ms)
{
    static struct vehicle_state before;
    struct moment m = {.before = &before,
                       .world = town->world,
                       .info = world_vehicle(town->world, names_find(town->names, TEXT("t1")))};
    struct transition t = {.event = TRANSITION_OPENED, .kind = KIND_NO_PERMIT, .start_lat_deg = NAN};
    vehicle_init(&before, 1);
    before.trip.start_ms = start_ms;
    if (site != NULL)
        assert_non_null(yards_add(&before.haul.origins, names_find(town->names, text_of(site))));
    told_fill(&m, &t);
    return t;
}

static void the_nearest_permit_is_told(void **state)
{
    const struct town *town = *state;
    const int64_t from_ms = AFTERNOON_MS - 9 * HOUR_MS, to_ms = AFTERNOON_MS + 9 * HOUR_MS;
    struct transition t = gap_of(town, "z-site", to_ms);
    assert_int_equal(t.why, GAP_EXPIRED);
    assert_int_equal(t.near_permit, names_find(town->names, TEXT("p1")));
    assert_int_equal(t.told.near_ms, to_ms);
    assert_int_equal(t.told.near_site.len, 0);
    t = gap_of(town, "z-site", from_ms - 1);
    assert_int_equal(t.why, GAP_NOT_YET);
    assert_int_equal(t.told.near_ms, from_ms);
    t = gap_of(town, "ban", AFTERNOON_MS);
    assert_int_equal(t.why, GAP_OTHER_SITE);
    assert_int_equal(t.told.near_ms, TIME_NONE);
    assert_true(text_equal(t.told.near_site, TEXT("工地")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_best_named_place_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_it_was_lost_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rule_tells_what_it_lets_pass, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_fence_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hours_that_closed_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_nearest_permit_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("core told", tests, NULL, NULL);
}
