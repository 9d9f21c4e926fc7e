/*
 * Vehicles as they stand, against a list that is simply written over: rows and hashes in any order, sweeps that begin and end, vehicles
 * that go; and rows that no tracker writes.
 */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "fleet_now.h"

#include <math.h>
#include <stdio.h>

static const struct hash_key key = {7, 9};

static bool take(struct fleet_now *f, const char *moves)
{
    return fleet_now_take_moves(f, 0, text_of(moves));
}

static void test_rows(void **state)
{
    struct fleet_now *f = fleet_now_new(key, 100);
    assert_true(take(f, "[[\"truck-7\",31.2304123,121.4737012,43.2,271.5,1777593600125,19],"
                        "[\"b\",null,null,null,null,null,4096]]"));
    const struct vehicle_now *v = fleet_now_find(f, TEXT("truck-7"));
    assert_true(v->lat_deg == 31.2304123 && v->lon_deg == 121.4737012 && v->speed_kmh == 43.2);
    assert_true(v->track_deg == 271.5 && v->time_ms == INT64_C(1777593600125) && v->flags == 19);
    v = fleet_now_find(f, TEXT("b"));
    assert_true(isnan(v->lat_deg) && isnan(v->speed_kmh) && v->time_ms == 0 && v->flags >> NOW_WORST_AT == 2);
    /* A later tracker says more; blanks; what is no row is passed over, the others count. */
    assert_true(take(f, " [ [ \"c\" , 1 , 2 , 3 , 4 , 5 , 65537 , {\"x\":[1]} ] , [] , [\"d\",1], 7 ]"));
    assert_int_equal(fleet_now_find(f, TEXT("c"))->flags, 65537);
    assert_int_equal(fleet_now_figures(f).strange, 3);
    static const char *const odd[] = {"",
                                      "x",
                                      "[",
                                      "[[\"e\",1,2,3,4,5,6",
                                      "{}",
                                      "[[\"\",1,2,3,4,5,6]]",
                                      "[[\"e\\u0041\",1,2,3,4,5,6]]",
                                      "[[\"e\",\"1\",2,3,4,5,6]]"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_true(take(f, odd[i]));
    assert_int_equal(fleet_now_figures(f).strange, 3 + sizeof odd / sizeof *odd);
    assert_int_equal(fleet_now_figures(f).vehicles, 3);
    assert_true(take(f, "[[\"f\",91,1e9,-3,720,-1,-1]]"));
    v = fleet_now_find(f, TEXT("f"));
    assert_true(isnan(v->lat_deg) && isnan(v->lon_deg) && isnan(v->track_deg) && v->time_ms == 0 &&
                v->flags == 0);
    fleet_now_free(f);
}

static void test_hash(void **state)
{
    struct field fields[] = {{TEXT("lat"), TEXT("30.1")},       {TEXT("lon"), TEXT("112.5")},
                             {TEXT("speed"), TEXT("36.0")},     {TEXT("time"), TEXT("1777593600125")},
                             {TEXT("online"), TEXT("1")},       {TEXT("mode"), TEXT("3")},
                             {TEXT("cover"), TEXT("fault")},    {TEXT("load"), TEXT("over")},
                             {TEXT("work"), TEXT("dig")},       {TEXT("trip"), TEXT("t")},
                             {TEXT("worst"), TEXT("critical")}, {TEXT("live_time"), TEXT("1777593600999")},
                             {TEXT("live_lat"), TEXT("31")},    {TEXT("live_lon"), TEXT("113")}};
    struct vehicle_now v;
    assert_true(vehicle_now_read_hash(TEXT("a"), (struct fields){fields, 11}, &v));
    assert_true(v.lat_deg == 30.1 && v.lon_deg == 112.5 && v.speed_kmh == 36 && isnan(v.track_deg));
    assert_int_equal(v.flags, NOW_ONLINE | NOW_PLACED | NOW_LOADED | NOW_WORKING | NOW_HAULING | NOW_WORST |
                                  NOW_FAULT);
    assert_true(vehicle_now_read_hash(TEXT("a"), (struct fields){fields, 14}, &v));
    assert_true(v.lat_deg == 31 && isnan(v.speed_kmh) && v.time_ms == INT64_C(1777593600999));
    assert_true((v.flags & NOW_LIVE) != 0);
    assert_false(vehicle_now_read_hash(TEXT(""), (struct fields){fields, 11}, &v));
}

enum { VEHICLES = 60 };

struct plain {
    bool there, seen, told;
    uint32_t flags;
};

static void hash_of(struct fleet_now *f, int n, uint32_t time)
{
    char id[16], text[16];
    snprintf(id, sizeof id, "v%d", n);
    snprintf(text, sizeof text, "%u", time);
    struct field field = {TEXT("time"), text_of(text)};
    assert_true(fleet_now_take_hash(f, (uint32_t)n % 2, text_of(id), (struct fields){&field, 1}));
}

static void row_of(struct fleet_now *f, int n, uint32_t time)
{
    char row[64];
    snprintf(row, sizeof row, "[[\"v%d\",1,2,3,4,%u,0]]", n, time);
    assert_true(fleet_now_take_moves(f, (uint32_t)n % 2, text_of(row)));
}

static void check(struct fleet_now *f, const struct plain *plain)
{
    size_t count, there = 0;
    struct vehicle_now *const *all = fleet_now_all(f, &count);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(all[i - 1]->id, all[i]->id) < 0);
        assert_ptr_equal(fleet_now_find(f, text_of(all[i]->id)), all[i]);
        assert_int_equal(fleet_now_behind(f, text_of(all[i]->id)), i + 1);
    }
    for (int n = 0; n < VEHICLES; n++) {
        char id[16];
        snprintf(id, sizeof id, "v%d", n);
        const struct vehicle_now *v = fleet_now_find(f, text_of(id));
        assert_int_equal(v != NULL, plain[n].there);
        there += plain[n].there;
        if (v != NULL)
            assert_int_equal(v->time_ms, plain[n].flags);
    }
    assert_int_equal(count, there);
    /* Each hangs on the chain once, who changed last first, and is found by its number. */
    size_t on_chain = 0;
    for (const struct vehicle_now *v = fleet_now_newest(f); v != NULL; v = v->older, on_chain++) {
        assert_true(v->newer == NULL || (v->newer->older == v && v->newer->changed > v->changed));
        assert_ptr_equal(fleet_now_at(f, v->number), v);
        assert_true(v->number < fleet_now_numbers(f));
    }
    assert_int_equal(on_chain, count);
}

static void test_sweeps(void **state)
{
    struct fleet_now *f = fleet_now_new(key, 1000);
    struct plain plain[VEHICLES] = {0};
    struct random seeded = random_seeded(11), *random = &seeded;
    for (uint32_t step = 1; step < 20000; step++) {
        int n = (int)random_below(random, VEHICLES);
        unsigned what = random_below(random, 100), partition = random_below(random, 2);
        if (what < 2)
            fleet_now_sweep_begin(f, partition);
        if (what >= 2 && what < 4)
            fleet_now_sweep_end(f, partition);
        for (int i = 0; i < VEHICLES && what < 4; i++)
            if ((unsigned)i % 2 == partition) {
                plain[i].there = plain[i].there && (what < 2 || plain[i].seen);
                plain[i].seen = plain[i].seen && what >= 2;
                plain[i].told = plain[i].told && plain[i].there && what >= 2;
            }
        if (what < 4)
            continue;
        if (what < 50)
            row_of(f, n, step);
        else
            hash_of(f, n, step);
        if (what < 50 || !plain[n].there || !plain[n].told)
            plain[n] = (struct plain){.told = what < 50, .flags = step};
        plain[n].there = plain[n].seen = true;
        if (step % 10 == 0)
            check(f, plain);
    }
    check(f, plain);
    assert_true(fleet_now_removals(f) > 0);
    fleet_now_free(f);
}

static void test_bound(void **state)
{
    struct fleet_now *f = fleet_now_new(key, 3);
    for (int n = 0; n < 10; n += 2)
        row_of(f, n, 5);
    assert_true(fleet_now_figures(f).truncated && fleet_now_figures(f).vehicles == 3);
    row_of(f, 2, 6);
    assert_int_equal(fleet_now_find(f, TEXT("v2"))->time_ms, 6);
    fleet_now_sweep_begin(f, 0);
    row_of(f, 4, 7);
    fleet_now_sweep_end(f, 0);
    assert_true(!fleet_now_figures(f).truncated && fleet_now_figures(f).vehicles == 1);
    fleet_now_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_hash),
                                       cmocka_unit_test(test_sweeps), cmocka_unit_test(test_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
