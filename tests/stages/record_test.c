/*
 * The record at its edges, each alone: what a full batch leaves for the next, what is due at one moment, and
 * what a world finds that comes into force. Each time the replay is asked after every commit.
 */
#include "../cmocka_all.h"
#include "events.h"
#include "record.h"
#include "replay.h"

#include <string.h>

enum { STEPS = 40, SILENT_0_MS = 400 }; /* how long a unit may be silent in city 0 */

static void begin(struct town *t, unsigned city)
{
    town_init(t, 7);
    t->city = city;
    town_start(t);
    go_on(t, 50);
    assert_true(t->stages.partition.attended.running);
    for (uint32_t i = 0; i < UNITS; i++)
        assert_true(unit_makes_fix(t, i));
    go_on_still(t, STEPS);
    assert_int_equal(t->broker.count, 0);
}

static void pass(struct town *t, int64_t ms)
{
    t->mono_ms += ms;
    t->wall_ms += ms;
}

static void tell_status(struct town *t, uint32_t unit)
{
    assert_true(unit_tells_status(t, unit));
    t->broker.queue[t->broker.count - 1].retain = false;
}

/* Goes on, and plays again what is stored, as if there were nothing more. */
static uint64_t go_on_checked(struct town *t)
{
    uint64_t lives = 0, batch = 0;
    for (int i = 0; i < STEPS; i++) {
        go_on_still(t, 1);
        if (t->store->batch != batch)
            lives = record_check(t->store, &t->late);
        batch = t->store->batch;
    }
    return lives;
}

static uint64_t end(struct town *t)
{
    pass(t, 5000);
    uint64_t lives = go_on_checked(t);
    town_fini(t);
    return lives;
}

/* Three units fill the batch at whose arrival the fourth has been silent for too long, but for a status. */
static void test_full_batch(void **state)
{
    static struct town t;
    begin(&t, 0);
    pass(&t, SILENT_0_MS - 100);
    tell_status(&t, 0);
    go_on_still(&t, STEPS);
    pass(&t, 200);
    for (uint32_t i = 1; i < UNITS; i++)
        assert_true(unit_makes_fix(&t, i));
    for (uint32_t i = 1; i < UNITS; i++)
        assert_true(broker_delivers(&t));
    assert_int_equal(go_on_checked(&t), 1);
    pass(&t, 100);
    tell_status(&t, 1); /* counted from the arrival in the batch that was full */
    assert_true(go_on_checked(&t) >= 1);
    assert_true(end(&t) >= 2);
}

/* More is due at one moment than a batch is to hold. */
static void test_due_together(void **state)
{
    static struct town t;
    begin(&t, 0);
    end(&t);
}

/* A world is less patient: a status that nothing had asked for now says who is not silent. */
static void test_world_that_asks(void **state)
{
    static struct town t;
    begin(&t, 3);
    pass(&t, 600);
    for (uint32_t i = 0; i < NUMBERED; i++)
        tell_status(&t, i);
    go_on_still(&t, STEPS);
    pass(&t, 100);
    t.city = 0;
    do {
        town_tell_kind(&t, FACT_RELOAD_ASKED);
        go_on_still(&t, STEPS); /* a switch is in the record when it is through */
    } while (strcmp(t.stages.shared.world->hash, t.store->rulesets.rows[0].key) == 0);
    assert_true(record_check(t.store, &t.late) >= NUMBERED);
    for (size_t i = 0; i < t.store->told.count; i++)
        assert_true(strcmp(t.store->told.rows[i].key, "u3") == 0); /* it alone has said nothing since */
    end(&t);
}

static bool waits(const struct town *t, uint32_t place)
{
    return fleet_state(t->stages.partition.fleet, place)->flags & VEHICLE_LATE;
}

/*
 * A commit breaks between the fix that passed a mark and its checkpoint, or anywhere else, and the rest is written
 * later: what is judged again from that checkpoint begins with that fix.
 */
static void test_broken_at_a_checkpoint(void **state)
{
    static struct town t;
    for (unsigned operations = 0; operations < 12; operations++) {
        town_init(&t, 11);
        town_start(&t);
        go_on(&t, 50);
        struct unit *u = &t.units[0];
        t.store->breaking = true;
        t.store->operations = operations;
        pass(&t, 8000 - t.wall_ms % 8000 + 4000); /* from here on it spills */
        assert_true(unit_makes_fix(&t, 0));
        int64_t first_ms = u->time_ms;
        go_on_still(&t, STEPS);
        pass(&t, 500);
        t.store->breaking = false;
        for (int i = 0; i < 3; i++) {
            go_on_still(&t, STEPS);
            pass(&t, 100);
            assert_true(unit_makes_fix(&t, 0));
        }
        go_on(&t, STEPS);
        t.live_first = true;
        u->kept_ms[0] = first_ms + 1;
        for (u->kept = 1; u->kept == 1;)
            assert_true(unit_makes_fix(&t, 0));
        go_on_still(&t, STEPS);
        assert_true(waits(&t, 0));
        for (int i = 0; i < 600 && waits(&t, 0); i++)
            go_on(&t, 1);
        go_on_still(&t, STEPS);
        assert_false(waits(&t, 0));
        record_check(t.store, &t.late);
        record_check_settled(t.store);
        town_fini(&t);
    }
}

/* A start in the middle of a switch writes a sign of life down once more: it ends no silence that began since. */
static void test_life_twice(void **state)
{
    static const char *const lines[] = {
        "{\"attended\":0,\"received\":1790000000000,\"runs\":true}",
        "{\"vehicle\":\"u0\",\"received\":1790000000000,\"time\":1790000000,\"lat\":30,\"lon\":114.3,"
        "\"speed\":5}",
        "{\"mark\":\"life\",\"vehicle\":\"u0\",\"received\":1790000000255,\"clock\":255}",
        "{\"attended\":995,\"received\":1790000000995,\"runs\":true}",
        "{\"mark\":\"life\",\"vehicle\":\"u0\",\"received\":1790000000255,\"clock\":255}",
        "{\"attended\":1200,\"received\":1790000001200,\"runs\":true}",
    };
    struct names *names = names_new(1000);
    struct proposal p = town_world(names, 0);
    struct replay *r = replay_new(names, p.world, &(struct replay_options){.vehicle_limit = 1});
    struct buf out;
    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(replay_line(r, text_of(lines[i]), &out), REPLAY_OK);
    buf_put_char(&out, '\0');
    assert_true(buf_ok(&out));
    assert_non_null(strstr(out.data, "\"event\":\"opened\""));
    assert_null(strstr(out.data, "\"event\":\"closed\""));
    buf_fini(&out);
    replay_free(r);
    proposal_fini(&p);
    names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_full_batch), cmocka_unit_test(test_life_twice),
                                       cmocka_unit_test(test_due_together),
                                       cmocka_unit_test(test_world_that_asks),
                                       cmocka_unit_test(test_broken_at_a_checkpoint)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
