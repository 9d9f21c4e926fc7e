/*
 * Trips of a truck that does anything: drives between sites, disposals and elsewhere, stands, tips, with
 * sensors that work, lie, fail or are not there, with pauses and wild fixes. Whatever it does, the ledger
 * must make sense: each trip once, in order, times in order, counts that agree with the stream of violations.
 * A second fleet is given the same with its state copied out and in at random times. Under other worlds that
 * mean the same (each permit twice more under other ids, the disposals cut in pieces) the same comes of it.
 */
#include "cmocka_all.h"

#include "fleet.h"
#include "names.h"
#include "trip.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SEEDS = 60, STEPS = 3000, PLACES = 7 };

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* Metres east and north of the origin. */
static struct mw_point place_of(double east_m, double north_m)
{
    return (struct mw_point){30.5 + north_m / 110850, 104 + east_m / 95900};
}

static const struct {
    const char *id;
    enum fence_kind kind;
    double east_m, north_m;
} places[PLACES] = {
    {"pit", FENCE_SITE, 0, 0},           {"pit2", FENCE_SITE, 0, 1500},
    {"tip", FENCE_DISPOSAL, 1500, 0},    {"heap", FENCE_DISPOSAL, 1500, 1500},
    {"bay", FENCE_WASH, 130, 0},         {"yard", FENCE_DEPOT, 700, 700},
    {"river", FENCE_NO_TIPPING, 700, 0},
};

enum variant { PLAIN, TWINS, PIECES, VARIANTS };

static void add_box(struct world_builder *b, const char *id, enum fence_kind kind, const double box[4])
{
    struct world_error error;
    struct mw_point ring[] = {place_of(box[0], box[1]), place_of(box[2], box[1]), place_of(box[2], box[3]),
                              place_of(box[0], box[3]), place_of(box[0], box[1])};
    struct mw_part part = {ring, 5, false};
    struct fence_spec spec = {.id = text_of(id),
                              .kind = kind,
                              .shape = {.kind = MW_SHAPE_POLYGON, .parts = &part, .part_count = 1}};
    assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
}

/* A disposal of 200 m, whole or in two. */
static void add_disposal(struct world_builder *b, const char *id, const char *other, double east_m,
                         double north_m, enum variant variant)
{
    double whole[] = {east_m - 100, north_m - 100, east_m + 100, north_m + 100};
    double first[] = {whole[0], whole[1], east_m + 17, whole[3]},
           rest[] = {first[2], whole[1], whole[2], whole[3]};
    add_box(b, id, FENCE_DISPOSAL, variant == PIECES ? first : whole);
    if (variant == PIECES)
        add_box(b, other, FENCE_DISPOSAL, rest);
}

static void add_route(struct world_builder *b, const char *id, const struct mw_point *line, uint32_t n)
{
    struct world_error error;
    struct mw_part part = {line, n, false};
    struct fence_spec spec = {
        .id = text_of(id),
        .kind = FENCE_ROUTE,
        .shape = {.kind = MW_SHAPE_CORRIDOR, .parts = &part, .part_count = 1, .radius_m = 80}};
    assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
}

static void add_permit(struct world_builder *b, const char *id, struct permit_spec permit,
                       enum variant variant)
{
    struct world_error error;
    char text[8];
    for (int twin = 0; twin < (variant == TWINS ? 3 : 1); twin++) {
        snprintf(text, sizeof text, twin == 0 ? "%s" : "%s-%d", id, twin);
        permit.id = text_of(text);
        assert_int_equal(world_builder_permit(b, &permit, &error), WORLD_OK);
    }
}

/* Two ways out of the pit, by day and at night, and one out of the other pit. */
static void add_permits(struct world_builder *b, enum variant variant)
{
    struct text vehicle = TEXT("t"), straight = TEXT("straight"), round = TEXT("round");
    struct text tips[] = {TEXT("tip"), TEXT("tip2")}, heaps[] = {TEXT("heap"), TEXT("heap2")};
    struct permit_spec p = {.vehicles = &vehicle, .vehicle_count = 1, .site = TEXT("pit"), .route_count = 1};
    p.disposal_count = variant == PIECES ? 2 : 1;
    p.routes = &straight;
    p.disposals = tips;
    add_permit(b, "p", p, variant);
    p.routes = &round;
    p.disposals = heaps;
    p.hours = TEXT("06:00-18:00");
    add_permit(b, "q", p, variant);
    p.site = TEXT("pit2");
    p.route_count = 0;
    p.hours = (struct text){0};
    add_permit(b, "r", p, variant);
}

static struct world *make_world(struct names *names, enum variant variant)
{
    struct world *w;
    struct world_error error;
    struct world_builder *b = world_builder_new(names);
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    struct mw_point straight[] = {place_of(0, 0), place_of(1500, 0)};
    struct mw_point round[] = {place_of(0, 0), place_of(700, 700), place_of(1500, 1500)};
    add_route(b, "straight", straight, 2);
    add_route(b, "round", round, 3);
    add_disposal(b, "tip", "tip2", 1500, 0, variant);
    add_disposal(b, "heap", "heap2", 1500, 1500, variant);
    for (int i = 0; i < PLACES; i++) {
        if (places[i].kind == FENCE_DISPOSAL)
            continue;
        struct mw_point centre = place_of(places[i].east_m, places[i].north_m);
        struct mw_part part = {&centre, 1, false};
        struct fence_spec spec = {
            .id = text_of(places[i].id),
            .kind = places[i].kind,
            .shape = {.kind = MW_SHAPE_CIRCLE, .parts = &part, .part_count = 1, .radius_m = 100}};
        assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
    }
    struct vehicle_spec truck = {.id = TEXT("t"), .class_name = TEXT("muck_truck")};
    assert_int_equal(world_builder_vehicle(b, &truck, &error), WORLD_OK);
    add_permits(b, variant);
    struct common_settings common = common_settings_initial();
    common.trip_ms = 3600 * 1000;
    world_builder_common(b, &common);
    assert_int_equal(world_builder_build(b, &w, &error), WORLD_OK);
    world_builder_free(b);
    return w;
}

struct truck {
    double east_m, north_m, to_east_m, to_north_m;
    int stand; /* fixes still to stand */
    bool load_sensor, body_sensor, says_speed;
    bool loaded, raised;
    int64_t at_ms;
};

static void choose_target(struct truck *t)
{
    uint32_t p = random_below(PLACES + 2);
    t->to_east_m = p < PLACES ? places[p].east_m : (double)random_below(2000);
    t->to_north_m = p < PLACES ? places[p].north_m : (double)random_below(2000);
}

static void act_standing(struct truck *t)
{
    t->stand--;
    t->raised = t->raised ? random_below(3) > 0 : random_below(8) == 0;
    if (random_below(6) == 0)
        t->loaded = !t->loaded;
    if (t->stand == 0) {
        choose_target(t);
        t->raised = t->raised && random_below(4) == 0;
    }
}

static double drive(struct truck *t, double seconds)
{
    double east_m = t->to_east_m - t->east_m, north_m = t->to_north_m - t->north_m;
    double left_m = hypot(east_m, north_m), way_m = fmin(left_m, 12 * seconds);
    if (left_m > 0) {
        t->east_m += east_m * way_m / left_m;
        t->north_m += north_m * way_m / left_m;
    }
    if (way_m >= left_m)
        t->stand = 1 + (int)random_below(20);
    return way_m / seconds;
}

static struct fix next_fix(struct truck *t)
{
    static const int64_t steps_ms[] = {1000, 5000, 10000, 10000, 10000, 30000, 60000, 200000};
    int64_t step_ms = random_below(150) == 0 ? 400000 : steps_ms[random_below(8)];
    double speed = 0;
    t->at_ms += step_ms;
    if (t->stand > 0)
        act_standing(t);
    else
        speed = drive(t, (double)step_ms / 1000);
    double wild_m = random_below(100) == 0 ? 300 : 0;
    struct mw_point at = place_of(t->east_m + (double)random_below(20) - 10 + wild_m,
                                  t->north_m + (double)random_below(20) - 10);
    struct fix fix = {.time = {t->at_ms},
                      .lat_deg = at.lat_deg,
                      .lon_deg = at.lon_deg,
                      .has = FIX_HAS_POSITION | FIX_HAS_SENSORS,
                      .sensors = sensors_none()};
    if (random_below(60) == 0)
        fix.has = FIX_HAS_SENSORS;
    if (t->says_speed) {
        fix.has |= FIX_HAS_SPEED;
        fix.speed_mps = (float)speed;
    }
    if (t->load_sensor)
        fix.sensors.load = random_below(40) == 0                  ? LOAD_FAULT
                           : random_below(60) == 0                ? LOAD_UNKNOWN
                           : t->loaded != (random_below(50) == 0) ? LOAD_LOADED
                                                                  : LOAD_EMPTY;
    if (t->body_sensor)
        fix.sensors.body = random_below(40) == 0 ? BODY_FAULT : t->raised ? BODY_RAISED : BODY_DOWN;
    return fix;
}

struct ledger {
    int64_t last_end_ms;
    int64_t trip_ms; /* of which openings are counted */
    uint32_t opened; /* with that trip */
    uint32_t no_permit;
    uint32_t trips, reasons[TRIP_END_COUNT];
};

static enum trip_end reason_of(const struct trip_entry *e)
{
    for (enum trip_end r = TRIP_END_UNLOADED; r < TRIP_END_COUNT; r++)
        if (strcmp(e->end_reason, trip_end_name(r)) == 0)
            return r;
    fail_msg("no such reason: %s", e->end_reason);
    return TRIP_END_NONE;
}

static void check_entry(struct ledger *l, const struct trip_entry *e)
{
    enum trip_end reason = reason_of(e);
    const struct trip *t = &e->trip;
    assert_true(t->start_ms >= l->last_end_ms);
    assert_true(e->end_ms >= t->start_ms);
    assert_true(t->loaded_ms == TIME_NONE || t->loaded_ms <= t->start_ms);
    assert_true(t->arrived_ms == TIME_NONE || t->arrived_ms >= t->start_ms);
    assert_true(t->arrived_ms == TIME_NONE || t->arrived_ms <= e->end_ms + 200000);
    assert_int_equal(e->unloaded_ms == TIME_NONE, reason > TRIP_END_DUMPED);
    assert_int_not_equal(t->site, 0);
    if (reason == TRIP_END_UNLOADED || reason == TRIP_END_WRONG_SITE)
        assert_int_not_equal(t->disposal, 0);
    if (reason == TRIP_END_WRONG_SITE)
        assert_int_not_equal(t->permit, 0);
    assert_true(e->completeness >= 0 && e->completeness <= 1);
    assert_true(t->distance_m >= 0);
    assert_true(e->end_ms - t->start_ms <= 3600 * 1000);
    assert_int_equal(t->violations, l->trip_ms == t->start_ms ? l->opened : 0);
    bool accused = l->trip_ms == t->start_ms && l->no_permit > 0;
    bool due = t->flags == TRIP_NO_PERMIT;
    assert_int_equal(t->permit == 0, (t->flags & TRIP_NO_PERMIT) != 0);
    assert_int_equal(accused, due);
    assert_true(!accused || l->no_permit == 1);
    l->last_end_ms = e->end_ms;
    l->trips++;
    l->reasons[reason]++;
}

static void check_outcome(struct ledger *l, const struct outcome *out)
{
    for (uint32_t i = 0; i < out->transition_count; i++) {
        const struct transition *t = &out->transitions[i];
        if (t->event != TRANSITION_OPENED || t->trip_ms == TIME_NONE)
            continue;
        if (t->trip_ms > l->trip_ms) {
            l->trip_ms = t->trip_ms;
            l->opened = l->no_permit = 0;
        }
        l->opened += t->trip_ms == l->trip_ms;
        l->no_permit += t->trip_ms == l->trip_ms && t->kind == KIND_NO_PERMIT;
    }
    assert_in_range(out->trip_count, 0, OUTCOME_TRIPS_MAX);
    for (uint32_t i = 0; i < out->trip_count; i++)
        check_entry(l, &out->trips[i]);
}

/* All that came of one input but the names of disposals and what no two worlds share. */
static uint64_t digest(const struct outcome *out, uint64_t h)
{
#define MIX(x) h = (h ^ (uint64_t)(x)) * 1099511628211u
    for (uint32_t i = 0; i < out->transition_count; i++) {
        const struct transition *t = &out->transitions[i];
        MIX(t->event), MIX(t->kind), MIX(t->reason), MIX(t->permit), MIX(t->rev);
        MIX(t->start_ms), MIX(t->at_ms), MIX(t->end_ms), MIX(t->trip_ms);
    }
    for (uint32_t i = 0; i < out->trip_count; i++) {
        const struct trip *t = &out->trips[i].trip;
        MIX(t->start_ms), MIX(t->loaded_ms), MIX(t->arrived_ms), MIX(t->unloaded_ms), MIX(t->site);
        MIX(t->permit), MIX(t->ending), MIX(t->flags), MIX(t->violations), MIX(t->disposal != 0);
    }
#undef MIX
    return h;
}

static uint64_t take(struct fleet *f, const struct fix *fix, struct outcome *out, struct ledger *l)
{
    struct arrival arrival = {fix->time.ms, fix->time.ms, false};
    uint64_t h = 14695981039346656037u;
    bool more = true;
    while (more) {
        more = fleet_take_fix(f, 0, fix, arrival, out);
        check_outcome(l, out);
        h = digest(out, h);
    }
    return h;
}

static void run_seed(uint64_t seed, struct names *names, struct world *const worlds[VARIANTS],
                     struct ledger *sum)
{
    static struct outcome out;
    const struct world *w = worlds[PLAIN];
    struct fleet *alike[VARIANTS];
    struct fleet *f = fleet_new(names, (struct fleet_options){.vehicle_limit = 1});
    struct fleet *twin = fleet_new(names, (struct fleet_options){.vehicle_limit = 1});
    struct ledger a = {.last_end_ms = INT64_MIN, .trip_ms = TIME_NONE}, b = a, others[VARIANTS];
    uint32_t place;
    for (int v = TWINS; v < VARIANTS; v++) {
        others[v] = a;
        alike[v] = fleet_new(names, (struct fleet_options){.vehicle_limit = 1});
        assert_true(fleet_set_world(alike[v], worlds[v]) && fleet_place(alike[v], TEXT("t"), &place));
    }
    random_state = seed;
    assert_true(fleet_set_world(f, w) && fleet_set_world(twin, w));
    assert_true(fleet_place(f, TEXT("t"), &place) && fleet_place(twin, TEXT("t"), &place));
    struct truck t = {.at_ms = INT64_C(1780000000000), .stand = 3};
    t.load_sensor = random_below(3) > 0;
    t.body_sensor = random_below(2) > 0;
    t.says_speed = random_below(3) > 0;
    for (int i = 0; i < STEPS; i++) {
        struct fix fix = next_fix(&t);
        uint64_t h = take(f, &fix, &out, &a);
        take(twin, &fix, &out, &b);
        for (int v = TWINS; v < VARIANTS; v++)
            if (take(alike[v], &fix, &out, &others[v]) != h)
                fail_msg("fix %d of seed %llu: not the same under variant %d", i, (unsigned long long)seed,
                         v);
        if (random_below(20) == 0) {
            struct vehicle_state state = *fleet_state(twin, 0);
            fleet_clear(twin);
            assert_true(fleet_restore(twin, &state));
        }
        assert_memory_equal(fleet_state(f, 0), fleet_state(twin, 0), sizeof(struct vehicle_state));
    }
    assert_memory_equal(&a, &b, sizeof a);
    sum->trips += a.trips;
    for (int r = 0; r < TRIP_END_COUNT; r++)
        sum->reasons[r] += a.reasons[r];
    fleet_free(f);
    fleet_free(twin);
    for (int v = TWINS; v < VARIANTS; v++)
        fleet_free(alike[v]);
}

static void test_ledger(void **state)
{
    struct names *names = names_new(1000);
    struct world *worlds[VARIANTS];
    for (enum variant v = PLAIN; v < VARIANTS; v++)
        worlds[v] = make_world(names, v);
    struct ledger sum = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        printf("seed %llu\n", (unsigned long long)seed);
        run_seed(seed, names, worlds, &sum);
    }
    for (enum trip_end r = TRIP_END_UNLOADED; r < TRIP_END_COUNT; r++) {
        printf("%u %s\n", sum.reasons[r], trip_end_name(r));
        assert_true(sum.reasons[r] > 0); /* else something was never tried */
    }
    for (enum variant v = PLAIN; v < VARIANTS; v++)
        world_free(worlds[v]);
    names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ledger)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
