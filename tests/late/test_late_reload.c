/*
 * Over a reload: a truck drives through two bans in a dead zone, and between them another world comes into force. Told
 * in order or all of it afterwards, the first is found under the world of before and the second under that of after.
 * Where two worlds came meanwhile, the first of them is not held any more and nothing is judged under it again.
 */
#include "../cmocka_all.h"

#include "late_trial.h"

#include <stdio.h>
#include <string.h>

#define T0 INT64_C(1781049600000)

enum { STEP_MS = 10000, LAST = 45, DARK_FROM = 8, DARK_TO = 38, RELOAD = 22, RELOAD_AGAIN = 30 };

static const char config[] =
    "city:\n  timezone: Asia/Shanghai\n  fences: [one.geojson]\n  fleet: [one.json]\n";
static const char fences[] = "{\"type\":\"FeatureCollection\",\"features\":["
                             "{\"type\":\"Feature\",\"id\":\"south\",\"properties\":{\"kind\":\"banned\","
                             "\"reason\":\"%s\"},\"geometry\":{\"type\":"
                             "\"Polygon\",\"coordinates\":[[[112.99,30.5],[113.01,30.5],[113.01,30.505],[112."
                             "99,30.505],[112.99,30.5]]]}},"
                             "{\"type\":\"Feature\",\"id\":\"north\",\"properties\":{\"kind\":\"banned\","
                             "\"reason\":\"%s\"},\"geometry\":{\"type\":"
                             "\"Polygon\",\"coordinates\":[[[112.99,30.515],[113.01,30.515],[113.01,30.52],["
                             "112.99,30.52],[112.99,30.515]]]}}]}";

static struct town *town;
static struct buf lines;
static struct told told;

static int setup(void **state)
{
    static const char *const reasons[] = {"school", "works"};
    struct telling_texts texts;
    town = town_new();
    texts_init(&texts);
    buf_puts(&texts.files[0], config);
    buf_puts(&texts.files[3], "{\"vehicles\":[{\"id\":\"v\"}]}");
    for (int i = 0; i < TOWNS; i++) {
        buf_clear(&texts.files[1]);
        buf_printf(&texts.files[1], fences, reasons[i], reasons[i]);
        assert_true(town_add(town, &texts));
    }
    texts_fini(&texts);
    buf_init(&lines, 1 << 20);
    told_init(&told);
    return 0;
}

static int teardown(void **state)
{
    town_free(town);
    buf_fini(&lines);
    told_fini(&told);
    return 0;
}

/* North at 10 m/s. What satellites it saw is no news. */
static void put_seen(int k, int64_t received_ms, int satellites)
{
    buf_printf(&lines, "{\"vehicle\":\"v\",\"received\":%lld,\"time\":%lld,\"lat\":30.",
               (long long)received_ms, (long long)((T0 + k * STEP_MS) / 1000));
    buf_printf(&lines, "%06d,\"lon\":113,\"mode\":3,\"speed\":10,\"track\":0,\"eph\":5,\"sats\":%d}\n",
               490000 + 900 * k, satellites);
}

static void put_fix(int k, int64_t received_ms)
{
    put_seen(k, received_ms, 9);
}

static void put_reload(int k, int which)
{
    buf_printf(&lines, "{\"ruleset\":\"%s\",\"received\":%lld}\n", town_hash(town, which),
               (long long)(T0 + k * STEP_MS - 1));
}

/* All along, or what was in the dead zone behind the first fix after it; with one reload, or one more back again. */
static void drive(bool late, bool again)
{
    for (int k = 0; k <= LAST; k++) {
        if (k == RELOAD)
            put_reload(k, 1);
        if (k == RELOAD_AGAIN && again)
            put_reload(k, 0);
        if (late && k >= DARK_FROM && k < DARK_TO)
            continue;
        put_fix(k, T0 + k * STEP_MS);
        for (int i = DARK_FROM; late && k == DARK_TO && i < DARK_TO; i++)
            put_fix(i, T0 + k * STEP_MS + 1000 + i);
    }
}

static int64_t checkpoint_ms = 900000;

static void run(void)
{
    struct run_wish wish = {.late = {.horizon_ms = 24 * INT64_C(3600000),
                                     .quiet_ms = 10000,
                                     .max_wait_ms = 60000,
                                     .checkpoint_ms = checkpoint_ms},
                            .until_ms = T0 + INT64_C(3600000)};
    assert_true(town_run(town, buf_text(&lines), &wish, &told));
}

/* The ruleset of what was found in one of the bans; NULL: nothing was. */
static const char *found_under(const char *fence)
{
    char key[40];
    snprintf(key, sizeof key, "\"fence\":\"%s\"", fence);
    const char *at = told.settled.data, *end = at + told.settled.len;
    while (at < end) {
        size_t len = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at);
        for (int i = 0; memmem(at, len, key, strlen(key)) != NULL && i < TOWNS; i++)
            if (memmem(at, len, town_hash(town, i), 64) != NULL)
                return town_hash(town, i);
        at += len + 1;
    }
    return NULL;
}

static void test_both_orders(void **state)
{
    for (int late = 0; late < 2; late++) {
        buf_clear(&lines);
        drive(late, false);
        run();
        assert_int_equal(told.redos, late);
        assert_ptr_equal(found_under("south"), town_hash(town, 0));
        assert_ptr_equal(found_under("north"), town_hash(town, 1));
    }
}

static void test_two_reloads(void **state)
{
    drive(false, true);
    run();
    assert_ptr_equal(found_under("south"), town_hash(town, 0));
    buf_clear(&lines);
    drive(true, true);
    run();
    assert_null(found_under("south"));
}

/* A late one that has been judged comes once more, and nothing else does. */
static void test_a_repeat_asks_for_nothing(void **state)
{
    drive(true, false);
    put_seen(DARK_FROM + 5, T0 + (LAST + 20) * STEP_MS, 8);
    run();
    assert_int_equal(told.redos, 1);
    assert_int_equal(told.late, DARK_TO - DARK_FROM + 1);
}

/* What has been judged again is not judged again with the next late data, which came long after it. */
static void test_the_next_late_data_begins_anew(void **state)
{
    checkpoint_ms = 60000;
    drive(true, false);
    run();
    uint64_t once = told.judged_again;
    assert_int_equal(told.redos, 1);
    put_fix(LAST + 20, T0 + (LAST + 20) * STEP_MS);
    put_fix(LAST + 19, T0 + (LAST + 20) * STEP_MS + 1000);
    run();
    checkpoint_ms = 900000;
    assert_int_equal(told.redos, 2);
    assert_in_range(told.judged_again - once, 1, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_both_orders, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_reloads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_repeat_asks_for_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_next_late_data_begins_anew, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
