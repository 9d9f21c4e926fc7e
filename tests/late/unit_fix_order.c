/* fix_order: from arrival to time; what repeats, and what a wrong clock said, is left out. */
#include "../cmocka_all.h"

#include "fix_order.h"

#include <math.h>
#include <string.h>

#define T0 INT64_C(1780000000000)

static struct late_fix fix_at(int64_t ms, int64_t received_ms, enum late_mark mark)
{
    struct late_fix f = {.received_ms = T0 + received_ms, .mark = (uint8_t)mark};
    f.fix.time.ms = T0 + ms;
    f.fix.has = FIX_HAS_POSITION;
    f.fix.lat_deg = 30 + (double)ms * 1e-6;
    f.fix.lon_deg = 113;
    f.fix.sensors.load_kg = f.fix.sensors.height_m = NAN;
    /* What the compiler leaves between the words and the amounts is nothing that was said. */
    static char nothing_said;
    size_t hole = offsetof(struct sensors, antenna) + 1;
    if (hole < offsetof(struct sensors, load_kg))
        memset((char *)&f.fix.sensors + hole, nothing_said++, offsetof(struct sensors, load_kg) - hole);
    return f;
}

static void assert_times(const struct late_fix *fixes, size_t count, const int64_t *want, size_t wanted)
{
    assert_int_equal(count, wanted);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fixes[i].fix.time.ms - T0, want[i]);
}

static void test_by_time(void **state)
{
    struct late_fix f[] = {fix_at(1000, 1000, LATE_NOT), fix_at(5000, 5000, LATE_NOT),
                           fix_at(4000, 5100, LATE_LATE), fix_at(2000, 5200, LATE_LATE),
                           fix_at(3000, 5300, LATE_LATE)};
    static const int64_t want[] = {1000, 2000, 3000, 4000, 5000};
    assert_times(f, fix_order(f, 5), want, 5);
    assert_int_equal(fix_order(f, 0), 0);
}

/* Those of one time stay in the order in which they came, however many there are. */
static void test_one_time(void **state)
{
    enum { COUNT = 100 };
    struct late_fix f[COUNT];
    for (int i = 0; i < COUNT; i++) {
        f[i] = fix_at(i % 2 == 0 ? 2000 : 1000, 3000 + i, i == 0 ? LATE_NOT : LATE_LATE);
        f[i].fix.lon_deg = 113 + i;
    }
    assert_int_equal(fix_order(f, COUNT), COUNT);
    for (int i = 1; i < COUNT; i++)
        if (f[i].fix.time.ms == f[i - 1].fix.time.ms)
            assert_true(f[i].received_ms > f[i - 1].received_ms);
}

/* A late one that says what another of its time said is left out, under whatever number; a judged one never is. */
static void test_repeats(void **state)
{
    struct late_fix judged = fix_at(1000, 1000, LATE_NOT), again = fix_at(1000, 9000, LATE_LATE);
    struct late_fix f[] = {judged, fix_at(2000, 2000, LATE_NOT), again, fix_at(500, 9100, LATE_LATE),
                           fix_at(500, 9200, LATE_LATE)};
    static const int64_t want[] = {500, 1000, 2000};
    assert_times(f, fix_order(f, 5), want, 3);
    assert_int_equal(f[0].received_ms - T0, 9100);
    assert_int_equal(f[1].mark, LATE_NOT);
    struct late_fix both[] = {judged, judged};
    assert_int_equal(fix_order(both, 2), 2);
}

/* What differs in place, in a word or an amount, or in having a place at all, is no repeat. */
static void test_no_repeats(void **state)
{
    for (int what = 0; what < 6; what++) {
        struct late_fix f[] = {fix_at(1000, 1000, LATE_NOT), fix_at(1000, 9000, LATE_LATE)};
        struct fix *g = &f[1].fix;
        g->lat_deg += what == 0 ? 1e-7 : 0;
        g->lon_deg += what == 1 ? 1e-7 : 0;
        g->has = what == 2 ? 0 : g->has;
        g->sensors.cover = what == 3;
        g->sensors.load_kg = what == 4 ? 0 : NAN;
        g->sensors.height_m = what == 5 ? 3 : NAN;
        assert_int_equal(fix_order(f, 2), 2);
    }
}

/* Without a place it is a repeat whatever stands where the place would. */
static void test_nowhere(void **state)
{
    struct late_fix f[] = {fix_at(1000, 1000, LATE_NOT), fix_at(1000, 9000, LATE_LATE)};
    f[0].fix.has = f[1].fix.has = 0;
    f[1].fix.lat_deg = 7;
    assert_int_equal(fix_order(f, 2), 1);
}

/* The run of a wrong clock: also those that came before it was known, late by as much to ten seconds. */
static void test_wrong_clock(void **state)
{
    enum { BEHIND = 3600000, RUN = 12 };
    struct late_fix f[RUN + 4];
    size_t n = 0;
    f[n++] = fix_at(0, 0, LATE_NOT);
    f[n++] = fix_at(-5000, 1000, LATE_LATE); /* late by other means */
    for (int i = 0; i < RUN; i++)
        f[n++] = fix_at(i * 1000 - BEHIND, 2000 + i * 1000 + i % 3 * 3000, i < 9 ? LATE_LATE : LATE_CLOCK);
    f[n++] = fix_at(20000, 20000, LATE_NOT);
    f[n++] = fix_at(21000 - BEHIND, 21000 + 11000, LATE_LATE); /* after it */
    static const int64_t want[] = {21000 - BEHIND, -5000, 0, 20000};
    assert_times(f, fix_order(f, n), want, 4);
}

/* A judged fix ends the run backwards; what came before it is not of that clock. */
static void test_run_ends(void **state)
{
    struct late_fix f[] = {fix_at(-3600000, 0, LATE_LATE), fix_at(1000, 1000, LATE_NOT),
                           fix_at(-3598000, 2000, LATE_LATE), fix_at(-3597000, 3000, LATE_CLOCK)};
    static const int64_t want[] = {-3600000, 1000};
    assert_times(f, fix_order(f, 4), want, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_time),  cmocka_unit_test(test_one_time),
        cmocka_unit_test(test_repeats),  cmocka_unit_test(test_no_repeats),
        cmocka_unit_test(test_nowhere),  cmocka_unit_test(test_wrong_clock),
        cmocka_unit_test(test_run_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
