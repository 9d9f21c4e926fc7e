/*
 * What is judged again beside a unit that always has one more late fix.
 */
#include "../cmocka_all.h"
#include "events.h"
#include "record.h"

#include <string.h>

enum { AHEAD_MS = 200000, BACK_MS = 1000 };

/* A fix before all others of the unit, so late ones never end; the fix is of a time of its own. */
static void make_late(struct town *t, uint32_t unit)
{
    struct unit *u = &t->units[unit];
    static int64_t back_ms;
    bool made = false;
    t->live_first = true;
    while (!made) { /* the town draws whether what is kept is sent: till one was */
        uint32_t before = u->made;
        back_ms += BACK_MS;
        u->kept = 1;
        u->kept_ms[0] = t->wall_ms - back_ms % (AHEAD_MS / 2);
        int64_t newest_ms = u->time_ms;
        assert_true(unit_makes_fix(t, unit));
        made = u->time_ms == newest_ms && u->made == before + 1;
    }
    t->live_first = false;
    u->kept = 0;
}

static void begin(struct town *t)
{
    town_init(t, 11);
    t->city = 3; /* a silence of seconds is none there */
    town_start(t);
    go_on(t, 50);
    assert_true(t->stages.partition.attended.running);
    for (int i = 0; i < 6; i++) {
        assert_true(unit_makes_fix(t, 0));
        t->mono_ms += AHEAD_MS / 10;
        t->wall_ms += AHEAD_MS / 10;
        go_on(t, 3);
    }
}

static uint64_t redos(const struct town *t)
{
    uint64_t corrections, left;
    return record_redos(t->store, &corrections, &left);
}

static bool waits(const struct town *t)
{
    for (uint32_t place = 0; place < fleet_count(t->stages.partition.fleet); place++)
        if (fleet_state(t->stages.partition.fleet, place)->flags & VEHICLE_LATE)
            return true;
    return false;
}

/* One late fix after the other, until a stretch has been judged again all the same. */
static void send_until_judged(struct town *t)
{
    for (int i = 0; i < 240 && redos(t) == 0; i++) {
        make_late(t, 0);
        go_on(t, 2);
    }
    assert_int_equal(redos(t), 1);
}

static void judge_the_rest(struct town *t)
{
    for (int i = 0; i < 400 && (t->broker.count > 0 || waits(t)); i++) {
        go_on(t, 1);
        while (event_serve(t) || event_answer(t)) /* no time goes by while the store is asked */
            ;
        t->mono_ms += 500;
        t->wall_ms += 500;
    }
    assert_int_equal(t->broker.count, 0);
}

static void end(struct town *t)
{
    record_check(t->store, &t->late);
    assert_true(record_check_settled(t->store) > 0);
    town_fini(t);
}

/* One late fix after the other, faster than a stretch is read: it is judged all the same, and the rest later. */
static void test_always_one_more(void **state)
{
    static struct town t;
    begin(&t);
    send_until_judged(&t);
    assert_true(waits(&t)); /* for what came since */
    record_check(t.store, &t.late);
    judge_the_rest(&t);
    assert_int_equal(redos(&t), 2);
    assert_false(waits(&t));
    end(&t);
}

/* What was left is known after a death, too. */
static void test_left_and_killed(void **state)
{
    static struct town t;
    begin(&t);
    send_until_judged(&t);
    town_kill(&t);
    town_start(&t);
    go_on(&t, 50);
    judge_the_rest(&t);
    assert_false(waits(&t));
    assert_true(redos(&t) > 1);
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_always_one_more),
                                       cmocka_unit_test(test_left_and_killed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
