/*
 * What only the whole world can tell is wrong: each case is a good world with one thing changed, and the
 * message must name the thing, the value and what was expected. Also: which wash fences belong to which site,
 * and the order of permits and fences.
 */
#include "cmocka_all.h"

#include "names.h"
#include "site_wash.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

struct bench {
    struct names *names;
    struct world_builder *b;
    struct world_error error;
};

static void bench_init(struct bench *t)
{
    t->names = names_new(1000);
    t->b = world_builder_new(t->names);
    assert_int_equal(world_builder_zone(t->b, TEXT("Asia/Shanghai"), mw_zone_fixed(8 * 3600)), WORLD_OK);
}

static void bench_fini(struct bench *t)
{
    world_builder_free(t->b);
    names_free(t->names);
}

/* A square of 0.002 degrees, some 200 m. */
static enum world_status add_square(struct bench *t, const char *id, enum fence_kind kind, double lat,
                                    double lon, double size)
{
    struct mw_point ring[5] = {
        {lat, lon}, {lat, lon + size}, {lat + size, lon + size}, {lat + size, lon}, {lat, lon}};
    struct mw_part part = {ring, 5, false};
    struct fence_spec spec = {.id = text_of(id),
                              .kind = kind,
                              .shape = {.kind = MW_SHAPE_POLYGON, .parts = &part, .part_count = 1},
                              .speed_limit_kmh = kind == FENCE_SPEED ? 40 : 0};
    return world_builder_fence(t->b, &spec, &t->error);
}

static enum world_status add_circle(struct bench *t, const char *id, enum fence_kind kind, double lat,
                                    double lon, double radius_m)
{
    struct mw_point centre = {lat, lon};
    struct mw_part part = {&centre, 1, false};
    struct fence_spec spec = {
        .id = text_of(id),
        .kind = kind,
        .shape = {.kind = MW_SHAPE_CIRCLE, .parts = &part, .part_count = 1, .radius_m = radius_m}};
    return world_builder_fence(t->b, &spec, &t->error);
}

/* A permit as it should be: vehicle truck, site pit, disposal tip, route road. */
struct parts {
    struct text vehicle, disposal, route;
    struct permit_spec spec;
};

static void good_permit(struct parts *p)
{
    *p = (struct parts){.vehicle = TEXT("truck"), .disposal = TEXT("tip"), .route = TEXT("road")};
    p->spec = (struct permit_spec){.id = TEXT("p1"),
                                   .site = TEXT("pit"),
                                   .vehicles = &p->vehicle,
                                   .vehicle_count = 1,
                                   .disposals = &p->disposal,
                                   .disposal_count = 1,
                                   .routes = &p->route,
                                   .route_count = 1};
}

static void good_world(struct bench *t)
{
    assert_int_equal(add_square(t, "pit", FENCE_SITE, 30.5, 104, 0.002), WORLD_OK);
    assert_int_equal(add_square(t, "tip", FENCE_DISPOSAL, 30.6, 104, 0.002), WORLD_OK);
    assert_int_equal(add_square(t, "road", FENCE_ROUTE, 30.5, 104, 0.1), WORLD_OK);
    struct vehicle_spec truck = {.id = TEXT("truck"), .class_name = TEXT("muck_truck")};
    assert_int_equal(world_builder_vehicle(t->b, &truck, &t->error), WORLD_OK);
}

/* The world cannot be built, and the message has each of these in it. */
static void assert_refused(struct bench *t, const char *const *words)
{
    struct world *w = NULL;
    assert_int_equal(world_builder_build(t->b, &w, &t->error), WORLD_BAD);
    assert_null(w);
    for (; *words != NULL; words++)
        if (strstr(t->error.text, *words) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", t->error.text, *words);
}

#define REFUSED(t, ...) assert_refused(t, (const char *const[]){__VA_ARGS__, NULL})

static struct world *build(struct bench *t)
{
    struct world *w;
    if (world_builder_build(t->b, &w, &t->error) != WORLD_OK)
        fail_msg("%s", t->error.text);
    return w;
}

struct heard {
    unsigned count;
    char text[4][320];
};

static void hear(void *context, const struct world_error *error)
{
    struct heard *h = context;
    assert_true(h->count < 4);
    memcpy(h->text[h->count++], error->text, sizeof error->text);
}

/* With somebody who hears, looking goes on; a fence that could not be used is not held against a permit. */
static void test_all_that_is_wrong_is_told(void **state)
{
    struct bench t;
    struct parts p;
    struct heard h = {0};
    bench_init(&t);
    good_world(&t);
    good_permit(&p);
    world_builder_tell(t.b, hear, &h);
    p.route = TEXT("lane");
    p.disposal = TEXT("pit");
    p.spec.hours = TEXT("25:99");
    p.spec.site = TEXT("hole");
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_BAD);
    assert_int_equal(h.count, 1);
    world_builder_lost(t.b, TEXT("hole"));
    assert_int_equal(world_builder_check(t.b, &t.error), WORLD_BAD);
    assert_int_equal(h.count, 3);
    assert_string_equal(h.text[1], "permit \"p1\": route \"lane\" is not a fence");
    assert_string_equal(h.text[2],
                        "permit \"p1\": disposal \"pit\" is a fence of kind site, expected disposal");
    assert_string_equal(t.error.text, h.text[1]);
    bench_fini(&t);
}

static void test_good(void **state)
{
    struct bench t;
    struct parts p;
    bench_init(&t);
    good_world(&t);
    good_permit(&p);
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    struct world *w = build(&t);
    uint32_t pit = world_fence_by_id(w, names_find(t.names, TEXT("pit")));
    assert_int_equal(w->permits[0].site, pit + 1);
    assert_int_equal(w->permits[0].status, PERMIT_ACTIVE);
    const struct vehicle_info *v = world_vehicle(w, names_find(t.names, TEXT("truck")));
    assert_int_equal(v->permit_count, 1);
    assert_int_equal(v->permits[0], 0);
    world_free(w);
    bench_fini(&t);
}

static void test_used_twice(void **state)
{
    struct bench t;
    struct parts p;
    bench_init(&t);
    good_world(&t);
    assert_int_equal(add_square(&t, "pit", FENCE_WASH, 31, 104, 0.002), WORLD_OK);
    REFUSED(&t, "fence", "\"pit\"", "twice");
    bench_fini(&t);

    bench_init(&t);
    good_world(&t);
    struct vehicle_spec again = {.id = TEXT("truck")};
    assert_int_equal(world_builder_vehicle(t.b, &again, &t.error), WORLD_OK);
    REFUSED(&t, "vehicle", "\"truck\"", "twice");
    bench_fini(&t);

    bench_init(&t);
    good_world(&t);
    good_permit(&p);
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    REFUSED(&t, "permit", "\"p1\"", "twice");
    bench_fini(&t);
}

/* One name may be a fence, a vehicle and a permit. */
static void test_ids_are_apart(void **state)
{
    struct bench t;
    struct parts p;
    bench_init(&t);
    good_world(&t);
    struct vehicle_spec pit = {.id = TEXT("pit")};
    assert_int_equal(world_builder_vehicle(t.b, &pit, &t.error), WORLD_OK);
    good_permit(&p);
    p.spec.id = TEXT("pit");
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    world_free(build(&t));
    bench_fini(&t);
}

static void refuse_permit(struct text *field_of(struct parts *), struct text value, const char *role,
                          const char *named, const char *why)
{
    struct bench t;
    struct parts p;
    bench_init(&t);
    good_world(&t);
    good_permit(&p);
    *field_of(&p) = value;
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    REFUSED(&t, "permit \"p1\"", role, named, why);
    bench_fini(&t);
}

static struct text *site_of(struct parts *p)
{
    return &p->spec.site;
}

static struct text *disposal_of(struct parts *p)
{
    return &p->disposal;
}

static struct text *route_of(struct parts *p)
{
    return &p->route;
}

static void test_references(void **state)
{
    refuse_permit(site_of, TEXT("pitt"), "site", "\"pitt\"", "not a fence");
    refuse_permit(disposal_of, TEXT("nowhere"), "disposal", "\"nowhere\"", "not a fence");
    refuse_permit(route_of, TEXT("truck"), "route", "\"truck\"", "not a fence");
    refuse_permit(site_of, TEXT("tip"), "site", "\"tip\"", "kind disposal, expected site");
    refuse_permit(disposal_of, TEXT("pit"), "disposal", "\"pit\"", "kind site, expected disposal");
    refuse_permit(route_of, TEXT("tip"), "route", "\"tip\"", "kind disposal, expected route");
}

/* A permit may name a vehicle that no fleet file does: it is judged by the defaults, and has the permit. */
static void test_unlisted_vehicle(void **state)
{
    struct bench t;
    struct parts p;
    bench_init(&t);
    good_world(&t);
    good_permit(&p);
    p.vehicle = TEXT("guest");
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    struct world *w = build(&t);
    assert_int_equal(world_vehicle(w, names_find(t.names, TEXT("guest")))->permit_count, 1);
    assert_int_equal(world_vehicle(w, names_find(t.names, TEXT("truck")))->permit_count, 0);
    assert_int_equal(world_vehicle(w, 0)->permit_count, 0);
    world_free(w);
    bench_fini(&t);
}

static void test_single_things(void **state)
{
    struct bench t;
    struct parts p;
    char longest[WORLD_ID_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[WORLD_ID_MAX + 1] = '\0';
    bench_init(&t);
    assert_int_equal(add_square(&t, "", FENCE_SITE, 30, 104, 0.002), WORLD_BAD);
    assert_non_null(strstr(t.error.text, "without an id"));
    assert_int_equal(add_square(&t, longest, FENCE_SITE, 30, 104, 0.002), WORLD_BAD);
    assert_non_null(strstr(t.error.text, "65 bytes"));
    assert_int_equal(add_square(&t, longest + 1, FENCE_SITE, 30, 104, 0.002), WORLD_OK);
    assert_int_equal(add_square(&t, "flat", FENCE_SITE, 30, 104, 0), WORLD_BAD);
    assert_non_null(strstr(t.error.text, "\"flat\""));
    assert_int_not_equal(t.error.shape.problem, MW_SHAPE_FINE);

    good_permit(&p);
    p.spec.hours = TEXT("22:00-6");
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_BAD);
    assert_non_null(strstr(t.error.text, "permit \"p1\""));
    assert_non_null(strstr(t.error.text, "22:00-6"));
    assert_non_null(strstr(t.error.text, "at character"));

    good_permit(&p);
    p.spec.valid_from = (struct when_spec){.type = WHEN_DATE, .year = 2026, .month = 6, .day = 11};
    p.spec.valid_to = (struct when_spec){.type = WHEN_DATE, .year = 2026, .month = 6, .day = 10};
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_BAD);
    assert_non_null(strstr(t.error.text, "valid_to is not after valid_from"));
    bench_fini(&t);
}

/* A date that ends something includes that day, by the city's clock. */
static void test_dates(void **state)
{
    struct bench t;
    struct parts p;
    bench_init(&t);
    good_world(&t);
    good_permit(&p);
    p.spec.valid_from = p.spec.valid_to =
        (struct when_spec){.type = WHEN_DATE, .year = 2026, .month = 6, .day = 10};
    assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    struct world *w = build(&t);
    assert_int_equal(w->permits[0].valid_from_ms, INT64_C(1781020800000)); /* 2026-06-10T00:00+08:00 */
    assert_int_equal(w->permits[0].valid_to_ms, INT64_C(1781107200000));   /* 2026-06-11T00:00+08:00 */
    world_free(w);
    bench_fini(&t);
}

/* "Then by id" is their order, and a vehicle's list follows it. */
static void test_permit_order(void **state)
{
    static const char *const ids[] = {"p10", "p2", "b", "p1", "B"}, *const sorted[] = {"B", "b", "p1", "p10",
                                                                                       "p2"};
    struct bench t;
    struct parts p;
    bench_init(&t);
    good_world(&t);
    for (int i = 0; i < 5; i++) {
        good_permit(&p);
        p.spec.id = text_of(ids[i]);
        assert_int_equal(world_builder_permit(t.b, &p.spec, &t.error), WORLD_OK);
    }
    struct world *w = build(&t);
    const struct vehicle_info *v = world_vehicle(w, names_find(t.names, TEXT("truck")));
    assert_int_equal(v->permit_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        const struct permit *permit = &w->permits[v->permits[i]];
        assert_true(text_equal(names_text(t.names, permit->id), text_of(sorted[i])));
        assert_int_equal(world_permit_by_id(w, permit->id), v->permits[i]);
    }
    world_free(w);
    bench_fini(&t);
}

/* A vehicle for which one of the sites or washes is not there. */
struct asking {
    uint32_t missing, wash;
};

static bool is_there(const void *context, uint32_t fence)
{
    const struct asking *a = context;
    return fence != a->missing;
}

static bool is_this(const void *context, uint32_t wash)
{
    const struct asking *a = context;
    return wash == a->wash;
}

static uint32_t number_of(const struct world *w, const struct bench *t, const char *fence)
{
    return fence == NULL ? UINT32_MAX : world_fence_by_id(w, names_find(t->names, text_of(fence)));
}

static bool site_has_without(const struct world *w, const struct bench *t, const char *site, const char *wash,
                             const char *missing)
{
    struct asking a = {number_of(w, t, missing), number_of(w, t, wash)};
    struct wash_question q = {is_there, wash != NULL ? is_this : NULL, &a};
    return site_wash_any(w, number_of(w, t, site), &q);
}

static bool site_has(const struct world *w, const struct bench *t, const char *site, const char *wash)
{
    return site_has_without(w, t, site, wash, NULL);
}

/* Metres north in degrees, near enough at 30 north for border probes of a metre. */
static double north(double m)
{
    return m / 110852.0;
}

/* Ten squares in a row, a to j, of which every third is banned, in one order of files or another. */
static struct world *row_of_squares(struct bench *t, const char *order)
{
    bench_init(t);
    for (const char *id = order; *id != '\0'; id++) {
        const char text[] = {*id, '\0'};
        int n = *id - 'a';
        assert_int_equal(
            add_square(t, text, n % 3 == 0 ? FENCE_BANNED : FENCE_AREA, 30.5, 104 + n * 0.01, 0.002),
            WORLD_OK);
    }
    return build(t);
}

static void test_fence_order(void **state)
{
    static const char *const orders[] = {"abcdefghij", "jihgfedcba", "dbjgaehcfi"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct bench t;
        struct world *w = row_of_squares(&t, orders[i]);
        for (uint32_t n = 0; n < 10; n++) {
            uint32_t found;
            struct mw_point middle = {30.501, 104.001 + n * 0.01};
            assert_int_equal(names_text(t.names, w->fences[n].id).data[0], 'a' + (int)n);
            assert_int_equal(w->fences[n].kind, n % 3 == 0 ? FENCE_BANNED : FENCE_AREA);
            assert_int_equal(mw_index_point(w->index, middle, &found, 1), 1);
            assert_int_equal(found, n);
            assert_int_equal(mw_index_point(w->banned, middle, &found, 1), n % 3 == 0);
            if (n % 3 == 0)
                assert_int_equal(w->of_kind[FENCE_BANNED].numbers[found], n);
        }
        world_free(w);
        bench_fini(&t);
    }
}

static void test_washes(void **state)
{
    struct bench t;
    bench_init(&t);
    good_world(&t); /* the pit reaches from 30.5 to 30.502 north */
    assert_int_equal(add_circle(&t, "inside", FENCE_WASH, 30.501, 104.001, 10), WORLD_OK);
    assert_int_equal(add_circle(&t, "around", FENCE_WASH, 30.501, 104.001, 5000), WORLD_OK);
    assert_int_equal(add_circle(&t, "border", FENCE_WASH, 30.502, 104.001, 10), WORLD_OK);
    assert_int_equal(add_circle(&t, "near", FENCE_WASH, 30.502 + north(59), 104.001, 10), WORLD_OK);
    assert_int_equal(add_circle(&t, "far", FENCE_WASH, 30.502 + north(61), 104.001, 10), WORLD_OK);
    /* A strip through the site: no corner of either lies near the other's. */
    struct mw_point ring[5] = {
        {30.4, 104.0009}, {30.4, 104.0011}, {30.6, 104.0011}, {30.6, 104.0009}, {30.4, 104.0009}};
    struct mw_part part = {ring, 5, false};
    struct fence_spec strip = {.id = TEXT("strip"),
                               .kind = FENCE_WASH,
                               .shape = {.kind = MW_SHAPE_POLYGON, .parts = &part, .part_count = 1}};
    assert_int_equal(world_builder_fence(t.b, &strip, &t.error), WORLD_OK);
    assert_int_equal(add_square(&t, "other", FENCE_SITE, 30.7, 104, 0.002), WORLD_OK);
    struct world *w = build(&t);
    assert_true(site_has(w, &t, "pit", "inside"));
    assert_true(site_has(w, &t, "pit", "around"));
    assert_true(site_has(w, &t, "pit", "border"));
    assert_true(site_has(w, &t, "pit", "near"));
    assert_false(site_has(w, &t, "pit", "far"));
    assert_true(site_has(w, &t, "pit", "strip"));
    assert_false(site_has(w, &t, "other", NULL));
    world_free(w);
    bench_fini(&t);
}

/* A site within another, without a wash of its own: the ways out of it lead past those of the other. */
static void test_shared_washes(void **state)
{
    struct bench t;
    bench_init(&t);
    good_world(&t); /* the pit: 30.5 to 30.502 north, 104 to 104.002 east */
    assert_int_equal(add_circle(&t, "bay", FENCE_WASH, 30.5002, 104.001, 10), WORLD_OK);
    assert_int_equal(add_square(&t, "block", FENCE_SITE, 30.5008, 104.0008, 0.0004), WORLD_OK);
    assert_int_equal(add_circle(&t, "heap", FENCE_SITE, 30.5018, 104.0004, 12), WORLD_OK);
    assert_int_equal(add_circle(&t, "gate", FENCE_SITE, 30.5018, 104.0016, 18), WORLD_OK);
    assert_int_equal(add_square(&t, "beside", FENCE_SITE, 30.5, 104.002, 0.002), WORLD_OK);
    struct world *w = build(&t);
    assert_true(site_has(w, &t, "pit", "bay"));
    assert_true(site_has(w, &t, "block", "bay"));
    assert_true(site_has(w, &t, "heap", "bay"));
    assert_false(site_has(w, &t, "gate", "bay"));
    assert_false(site_has(w, &t, "beside", "bay"));
    assert_false(site_has_without(w, &t, "block", "bay", "pit"));
    assert_false(site_has_without(w, &t, "pit", "bay", "bay"));
    world_free(w);
    bench_fini(&t);
}

/* What is not there for a vehicle owns nothing, lends nothing and takes nothing from another. */
static void test_washes_among_what_is_there(void **state)
{
    struct bench t;
    bench_init(&t);
    good_world(&t); /* the pit: 30.5 to 30.502 north, 104 to 104.002 east */
    assert_int_equal(add_square(&t, "house", FENCE_SITE, 30.502 + north(60), 104, 0.002), WORLD_OK);
    assert_int_equal(add_circle(&t, "nearer", FENCE_WASH, 30.502 + north(20), 104.0005, 5), WORLD_OK);
    assert_int_equal(add_circle(&t, "middle", FENCE_WASH, 30.502 + north(30), 104.0015, 5), WORLD_OK);
    assert_int_equal(add_circle(&t, "yard", FENCE_SITE, 30.502 + north(20), 104.0005, 8), WORLD_OK);
    assert_int_equal(add_square(&t, "block", FENCE_SITE, 30.5008, 104.0008, 0.0004), WORLD_OK);
    assert_int_equal(add_circle(&t, "own", FENCE_WASH, 30.501, 104.001, 5), WORLD_OK);
    assert_int_equal(add_circle(&t, "bay", FENCE_WASH, 30.5002, 104.001, 10), WORLD_OK);
    struct world *w = build(&t);
    assert_true(site_has(w, &t, "yard", "nearer"));
    assert_false(site_has(w, &t, "pit", "nearer"));
    assert_true(site_has_without(w, &t, "pit", "nearer", "yard"));
    assert_false(site_has_without(w, &t, "house", "nearer", "yard"));
    assert_false(site_has(w, &t, "pit", "middle"));
    assert_true(site_has_without(w, &t, "pit", "middle", "house"));
    assert_true(site_has_without(w, &t, "house", "middle", "pit"));
    assert_false(site_has(w, &t, "block", "bay"));
    assert_true(site_has_without(w, &t, "block", "bay", "own"));
    world_free(w);
    bench_fini(&t);
}

/* The lists by kind hold every fence once. */
static void test_kinds(void **state)
{
    struct bench t;
    bench_init(&t);
    for (int i = 0; i < 60; i++) {
        char id[16];
        snprintf(id, sizeof id, "f%d", i);
        enum fence_kind kind = (enum fence_kind)(1 + i * 7 % (FENCE_KIND_COUNT - 1));
        assert_int_equal(add_square(&t, id, kind, 30 + i * 0.01, 104, 0.002), WORLD_OK);
    }
    struct world *w = build(&t);
    uint32_t listed = 0;
    for (int kind = 0; kind < FENCE_KIND_COUNT; kind++)
        for (uint32_t i = 0; i < w->of_kind[kind].count; i++, listed++) {
            assert_int_equal(w->fences[w->of_kind[kind].numbers[i]].kind, kind);
            assert_true(i == 0 || w->of_kind[kind].numbers[i] > w->of_kind[kind].numbers[i - 1]);
        }
    assert_int_equal(listed, 60);
    world_free(w);
    bench_fini(&t);
}

/* Settings for every class reach classes that came up before and after; those of a class only that class. */
static void test_class_settings(void **state)
{
    struct bench t;
    bench_init(&t);
    good_world(&t);
    struct rule_settings s = kind_settings_initial(KIND_SPILL);
    s.confirm_fixes = 7;
    s.event_code = TEXT("01-12");
    assert_int_equal(world_builder_rule(t.b, KIND_SPILL, TEXT(""), &s, &t.error), WORLD_OK);
    s.confirm_fixes = 9;
    assert_int_equal(world_builder_rule(t.b, KIND_SPILL, TEXT("sweeper"), &s, &t.error), WORLD_OK);
    struct vehicle_spec washer = {.id = TEXT("w"), .class_name = TEXT("washer")};
    struct vehicle_spec sweeper = {.id = TEXT("s"), .class_name = TEXT("sweeper")};
    assert_int_equal(world_builder_vehicle(t.b, &washer, &t.error), WORLD_OK);
    assert_int_equal(world_builder_vehicle(t.b, &sweeper, &t.error), WORLD_OK);
    struct world *w = build(&t);
    static const struct {
        const char *vehicle;
        uint32_t confirm_fixes;
    } expected[] = {{"truck", 7}, {"w", 7}, {"s", 9}, {"stranger", 7}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        uint32_t class_number =
            world_vehicle(w, names_find(t.names, text_of(expected[i].vehicle)))->class_number;
        assert_int_equal(world_rule(w, KIND_SPILL, class_number)->confirm_fixes, expected[i].confirm_fixes);
        assert_true(text_equal(world_rule(w, KIND_SPILL, class_number)->event_code, TEXT("01-12")));
        assert_int_equal(world_rule(w, KIND_OFF_ROUTE, class_number)->confirm_fixes, 3);
    }
    world_free(w);
    bench_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_all_that_is_wrong_is_told),
        cmocka_unit_test(test_used_twice),
        cmocka_unit_test(test_ids_are_apart),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_unlisted_vehicle),
        cmocka_unit_test(test_single_things),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_permit_order),
        cmocka_unit_test(test_fence_order),
        cmocka_unit_test(test_washes),
        cmocka_unit_test(test_shared_washes),
        cmocka_unit_test(test_washes_among_what_is_there),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_class_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
