/*
 * An id is opened once: whatever the engine hears, each id that it tells of is opened, updated, closed, in this order and
 * never again.
 *
 * A truck stands at the edge of what allows it, its load sensor falls silent in the middle of a change, its body goes up
 * and down, it leaves its site with and without a load, beside its route and when its permit's hours are closed; and
 * now and then another world comes into force, in which a rule does not hold or the permit is another, and the first one
 * again.
 */
#include "../cmocka_all.h"

#include "late_trial.h"

#include <stdio.h>
#include <string.h>

#define T0    INT64_C(1781049600000) /* 08:00 where it drives */
#define M_DEG (1 / 111320.0)

enum { SEEDS = 600, STEPS = 300, STEP_MS = 10000, KINDS = 6 };

static const char *const kinds[KINDS] = {"overstay",  "illegal_dumping", "illegal_loading",
                                         "no_permit", "off_route",       "wrong_hours"};
static const char fences[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"id\":\"site\",\"properties\":{\"kind\":\"site\"},\"geometry\":{\"type\":"
    "\"Polygon\","
    "\"coordinates\":[[[112.99,30.495],[113,30.495],[113,30.505],[112.99,30.505],[112.99,30.495]]]}},"
    "{\"type\":\"Feature\",\"id\":\"way\",\"properties\":{\"kind\":\"route\",\"buffer_m\":60},\"geometry\":{"
    "\"type\":"
    "\"LineString\",\"coordinates\":[[112.999,30.5],[113.004,30.5],[113.004,30.52]]}},"
    "{\"type\":\"Feature\",\"id\":\"tip\",\"properties\":{\"kind\":\"disposal\"},\"geometry\":{\"type\":"
    "\"Polygon\","
    "\"coordinates\":[[[113.05,30.495],[113.06,30.495],[113.06,30.505],[113.05,30.505],[113.05,30.495]]]}}]}";

struct truck {
    struct chance c;
    int64_t ms;
    double x, target; /* m east of the site's border */
    uint32_t stays;   /* fixes */
    int world;
};

static void tell_city(struct telling_texts *t, struct chance *c, bool other)
{
    for (int i = 0; i < FILES; i++)
        buf_clear(&t->files[i]);
    buf_puts(&t->files[0],
             "city:\n  timezone: Asia/Shanghai\n  fences: [one.geojson]\n  fleet: [one.json]\nrules:\n");
    uint32_t off = other ? chance_below(c, KINDS + 1) : KINDS;
    for (uint32_t i = 0; i < KINDS; i++)
        buf_printf(&t->files[0], "  %s: {enabled: %s, clear_fixes: %u%s}\n", kinds[i],
                   i == off ? "false" : "true", 1 + chance_below(c, 3), i == 0 ? ", confirm_s: 120" : "");
    buf_puts(&t->files[1], fences);
    buf_printf(&t->files[3],
               "{\"vehicles\":[{\"id\":\"v\",\"class\":\"muck_truck\"}],\"permits\":[{\"id\":\"p\","
               "\"vehicles\":[\"v\"],"
               "\"site\":\"site\",\"disposal\":[\"tip\"],\"routes\":[\"way\"],\"hours\":\"%s\"%s}]}",
               chance_one_in(c, 2) ? "00:00-24:00" : "06:00-08:20",
               chance_one_in(c, 3) ? ",\"status\":\"suspended\"" : "");
}

static void put_word(struct truck *v, struct buf *out)
{
    static const char *const words[] = {"\"load\":\"empty\"",
                                        "\"load\":\"loaded\"",
                                        "\"body\":\"raised\"",
                                        "\"body\":\"down\"",
                                        "\"load\":\"empty\",\"body\":\"raised\"",
                                        "\"load\":\"loaded\"",
                                        "\"power\":\"main\"",
                                        "\"power\":\"main\""};
    buf_printf(out, "\"sensors\":{%s}}\n", words[chance_below(&v->c, 8)]);
}

static void put_fix(struct truck *v, struct buf *out)
{
    static const double targets[] = {-150, -20, 10, 25, 60, 300, 1500};
    double step_m = v->target - v->x;
    step_m = step_m > 80 ? 80 : step_m < -80 ? -80 : step_m;
    bool stands = step_m < 1 && step_m > -1;
    v->x += step_m;
    if (stands && v->stays-- == 0) {
        v->target = targets[chance_below(&v->c, 7)];
        v->stays = chance_below(&v->c, 40);
    }
    buf_printf(
        out,
        "{\"vehicle\":\"v\",\"time\":%lld.%03d,\"mode\":3,\"eph\":5,\"lat\":%.7f,\"lon\":%.7f,\"speed\":%d,",
        (long long)(v->ms / 1000), (int)(v->ms % 1000), 30.5 + chance_normal(&v->c) * 6 * M_DEG,
        113 + (v->x + chance_normal(&v->c) * 8) * M_DEG / 0.8616, stands ? 0 : 8);
    put_word(v, out);
}

static void put_step(struct truck *v, const struct town *town, struct buf *out)
{
    v->ms += chance_one_in(&v->c, 80) ? 400000 : STEP_MS;
    put_fix(v, out);
    if (chance_one_in(&v->c, 12)) { /* more of the same fix */
        buf_printf(out, "{\"vehicle\":\"v\",\"time\":%lld.%03d,\"mode\":1,", (long long)(v->ms / 1000),
                   (int)(v->ms % 1000));
        put_word(v, out);
    }
    for (uint32_t times = chance_one_in(&v->c, 25) ? 1 + chance_below(&v->c, 3) : 0; times > 0; times--)
        buf_printf(out, "{\"ruleset\":\"%s\",\"received\":%lld}\n", town_hash(town, v->world ^= 1),
                   (long long)v->ms);
}

static void test_opened_once(void **state)
{
    struct buf lines, wrong;
    struct told told;
    struct telling_texts texts;
    uint32_t entries = 0;
    buf_init(&lines, 1 << 20);
    buf_init(&wrong, 1 << 20);
    told_init(&told);
    texts_init(&texts);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct truck v = {.c = chance_of(seed, 5), .ms = T0, .x = -150, .target = -150};
        struct town *town = town_new();
        for (int i = 0; i < TOWNS; i++) {
            tell_city(&texts, &v.c, i > 0);
            assert_true(town_add(town, &texts));
        }
        buf_clear(&lines);
        for (int i = 0; i < STEPS; i++)
            put_step(&v, town, &lines);
        struct run_wish wish = {.until_ms = v.ms + 3600000};
        assert_true(town_run(town, buf_text(&lines), &wish, &told));
        size_t before = wrong.len;
        sequences_check(buf_text(&told.stream), buf_text(&told.settled), &wrong);
        if (wrong.len > before)
            buf_printf(&wrong, "  ^ seed %llu\n", (unsigned long long)seed);
        entries += settled_count(buf_text(&told.settled));
        town_free(town);
    }
    fprintf(stderr, "%.*s%u findings\n", (int)wrong.len, wrong.data, entries);
    assert_int_equal(wrong.len, 0);
    assert_true(entries > SEEDS * 2);
    buf_fini(&lines);
    buf_fini(&wrong);
    told_fini(&told);
    texts_fini(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_opened_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
