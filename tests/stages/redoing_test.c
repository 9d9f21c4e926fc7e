/*
 * What a redo has in hand, step by step: what is read beside what comes, and what ends it early. In the end of each the
 * vehicle is judged again all the same, and the record plays.
 */
#include "../cmocka_all.h"
#include "events.h"
#include "fake_late.h"
#include "record.h"
#include "state_codec.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 40, MANY = 4000 };

static bool waits(const struct town *t)
{
    return fleet_state(t->stages.partition.fleet, 0)->flags & VEHICLE_LATE;
}

static const struct redoing_slot *slot_of(const struct town *t)
{
    return &t->stages.redoing.slots[0];
}

static void pass(struct town *t, int64_t ms)
{
    t->mono_ms += ms;
    t->wall_ms += ms;
}

/* A unit that has sent some fixes, and then one from before them, that waits. */
static void begin_with(struct town *t, uint64_t seed, int64_t checkpoint_ms)
{
    town_init(t, seed);
    t->late.checkpoint_ms = checkpoint_ms;
    town_start(t);
    go_on(t, 50);
    struct unit *u = &t->units[0];
    int64_t first_ms = 0;
    for (int i = 0; i < 4; i++) {
        assert_true(unit_makes_fix(t, 0));
        first_ms = i == 0 ? u->time_ms : first_ms;
        go_on_still(t, STEPS);
        pass(t, 2000);
        if (i == 0)
            event_back_up(t);
    }
    t->live_first = true;
    u->kept_ms[0] = first_ms + 1;
    for (u->kept = 1; u->kept == 1;)
        assert_true(unit_makes_fix(t, 0));
    go_on_still(t, STEPS);
    t->live_first = false;
    assert_true(waits(t));
}

static void begin(struct town *t, uint64_t seed)
{
    begin_with(t, seed, 60000); /* none but the first */
}

/* One thing after the other, until it has come so far. */
static void go_to(struct town *t, enum redoing_step step)
{
    for (int i = 0; i < MANY && slot_of(t)->step != step; i++)
        if (!event_answer(t) && !event_serve(t) && !event_fire_timer(t))
            event_advance(t);
    assert_int_equal(slot_of(t)->step, step);
}

static void send_one(struct town *t)
{
    assert_true(unit_makes_fix(t, 0));
    assert_true(broker_delivers(t));
    town_tell(t, (struct fact){.kind = FACT_READ, .drained = true});
}

static void end(struct town *t)
{
    for (int i = 0; i < MANY && waits(t); i++)
        go_on(t, 1);
    assert_false(waits(t));
    go_on_still(t, STEPS);
    record_check(t->store, &t->late);
    record_check_settled(t->store);
    town_fini(t);
}

/* A fix that comes while it is read is in the track by then, and was handed in: it is judged once. */
static void test_handed_in_once(void **state)
{
    static struct town t;
    static const enum redoing_step steps[] = {REDOING_REIGNS, REDOING_PAST, REDOING_TRACK, REDOING_SAID,
                                              REDOING_RUNS};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        begin(&t, 21 + i);
        go_to(&t, steps[i]);
        uint64_t batch = t.store->batch;
        send_one(&t);
        if (steps[i] != REDOING_RUNS) {
            go_to(&t, REDOING_RUNS);
            assert_true(t.store->batch > batch);
        }
        assert_int_equal(slot_of(&t)->redo.count, t.units[0].made);
        end(&t);
    }
}

/* More late data is no part of it and ends it not: it waits for the next. */
static void test_more_late_data(void **state)
{
    static struct town t;
    begin(&t, 31);
    go_to(&t, REDOING_RUNS);
    struct unit *u = &t.units[0];
    size_t count = slot_of(&t)->redo.count;
    t.live_first = true;
    u->kept_ms[0] = u->time_ms - 1;
    for (u->kept = 1; u->kept == 1;)
        assert_true(unit_makes_fix(&t, 0));
    t.live_first = false;
    while (broker_delivers(&t))
        ;
    assert_true(slot_of(&t)->step >= REDOING_RUNS);
    assert_true(slot_of(&t)->left > 0);
    assert_true(slot_of(&t)->redo.count <= count + 1);
    town_tell(&t, (struct fact){.kind = FACT_READ, .drained = true});
    end(&t);
}

/* What was read of a store that is gone is read again from what is there next. */
static void test_store_lost(void **state)
{
    static struct town t;
    static const enum redoing_step steps[] = {REDOING_PAST, REDOING_SAID, REDOING_RUNS};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        begin(&t, 41 + i);
        go_to(&t, steps[i]);
        town_lose_unserved(&t);
        assert_int_equal(slot_of(&t)->step, REDOING_FREE);
        assert_true(waits(&t));
        end(&t);
    }
}

static void reload(struct town *t)
{
    const struct world *before = t->stages.shared.world;
    t->city++;
    for (int i = 0; i < MANY && t->stages.shared.world == before; i++) {
        if (t->stages.reload.phase == RELOAD_NONE)
            town_tell_kind(t, FACT_RELOAD_ASKED); /* once more, if its files could not be read */
        if (t->due_ms[TIMER_TURN] >= 0) {
            t->due_ms[TIMER_TURN] = -1;
            town_tell(t, (struct fact){.kind = FACT_DUE, .timer = TIMER_TURN});
        } else if (!event_finish_thread(t) && !event_use_recorder(t) && !event_serve(t)) {
            event_answer(t);
        }
    }
    assert_ptr_not_equal(t->stages.shared.world, before);
    while (event_answer(t) || event_serve(t))
        ;
    assert_int_equal(t->stages.stage, STAGE_RUNNING);
}

/* How often it is on record where the vehicle stood when another world came. */
static size_t times_settled(const struct fake_store *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->streams.count; i++)
        n += strcmp(s->streams.rows[i].key, "past:u0") == 0 &&
             fake_late_field(&s->streams.rows[i], "settled").len > 0;
    return n;
}

/* Another world: what was begun is judged from the start, with that one in force. */
static void test_another_world(void **state)
{
    static struct town t;
    begin(&t, 51);
    go_to(&t, REDOING_RUNS);
    reload(&t);
    assert_true(slot_of(&t)->step < REDOING_RUNS);
    assert_int_equal(times_settled(t.store), 1);
    reload(&t);
    assert_int_equal(times_settled(t.store), 2);
    end(&t);
}

/* A store that went back has other states: nothing that was read of it before goes on, and nothing is due by it. */
static void test_store_went_back(void **state)
{
    static struct town t;
    static const enum redoing_step steps[] = {REDOING_PAST, REDOING_RUNS};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        begin(&t, 61 + i);
        go_to(&t, steps[i]);
        town_restore(&t);
        t.due_ms[TIMER_BEAT] = -1;
        town_tell(&t, (struct fact){.kind = FACT_DUE, .timer = TIMER_BEAT});
        for (int k = 0; k < MANY && t.stages.stage == STAGE_RUNNING; k++)
            if (!event_serve(&t))
                event_answer(&t);
        assert_int_equal(t.stages.stage, STAGE_STARTING);
        for (int k = 0; k < REDOING_AT_A_TIME; k++)
            assert_true(t.stages.redoing.slots[k].step <= REDOING_DROPPED);
        assert_null(heap_first(&t.stages.redoing.due));
        go_on(&t, 100);
        assert_true(unit_sends_again(&t, 0));
        go_on_still(&t, STEPS);
        end(&t);
    }
}

static uint64_t redos(const struct town *t)
{
    uint64_t corrections, left;
    return record_redos(t->store, &corrections, &left);
}

/* With what it tells it stores that nothing waits any more: whoever starts then does not judge it again. */
static void test_stored_with_its_state(void **state)
{
    static struct town t;
    begin(&t, 71);
    go_to(&t, REDOING_RUNS);
    for (int i = 0; i < MANY && waits(&t); i++)
        if (!event_answer(&t) && !event_serve(&t) && !event_fire_timer(&t))
            event_advance(&t);
    while (event_answer(&t) || event_serve(&t))
        ;
    assert_int_equal(redos(&t), 1);
    town_kill(&t);
    town_start(&t);
    for (int i = 0; i < MANY && t.stages.stage != STAGE_RUNNING; i++)
        go_on(&t, 1);
    assert_int_equal(t.stages.stage, STAGE_RUNNING);
    assert_false(waits(&t));
    end(&t);
}

/* Nothing is asked of a store that is not there. */
static void test_not_while_the_store_is_away(void **state)
{
    static struct town t;
    begin(&t, 81);
    town_lose_unserved(&t);
    for (int i = 0; i < MANY; i++) {
        if (!event_fire_timer(&t))
            event_advance(&t);
        assert_int_equal(slot_of(&t)->step, REDOING_FREE);
    }
    assert_true(waits(&t));
    end(&t);
}

/* What is still to be answered is no answer to what is asked next in its place. */
static void test_dropped_till_it_is_answered(void **state)
{
    static struct town t;
    begin(&t, 82);
    go_to(&t, REDOING_PAST);
    assert_true(slot_of(&t)->open > 0);
    redoing_drop(&t.stages.redoing, &t.stages.partition, 0);
    for (int i = 0; i < MANY / 10; i++) {
        assert_int_equal(slot_of(&t)->step, REDOING_DROPPED);
        if (!event_fire_timer(&t))
            event_advance(&t);
    }
    end(&t);
}

/* When the pause is over after which more late data would be judged, and there is none, nothing is. */
static void test_pause_over(void **state)
{
    static struct town t;
    begin(&t, 83);
    for (int i = 0; i < MANY && waits(&t); i++)
        go_on(&t, 1);
    assert_int_equal(redos(&t), 1);
    for (int i = 0; i < 3; i++) {
        pass(&t, 60000);
        go_on_still(&t, STEPS);
    }
    assert_int_equal(redos(&t), 1);
    end(&t);
}

static const struct fake_row *newest_past(const struct town *t)
{
    const struct fake_row *found = NULL;
    for (size_t i = 0; i < t->store->streams.count; i++)
        if (strcmp(t->store->streams.rows[i].key, "past:u0") == 0)
            found = &t->store->streams.rows[i];
    assert_non_null(found);
    return found;
}

/* A checkpoint holds up to the vehicle's clock, which ran on in its silence, and has nothing of how things arrived. */
static void test_what_a_checkpoint_says(void **state)
{
    static struct town t;
    begin_with(&t, 84, 5000);
    pass(&t, 6000);
    struct vehicle_state before = *fleet_state(t.stages.partition.fleet, 0), kept;
    send_one(&t);
    while (event_serve(&t) || event_answer(&t))
        ;
    assert_true(waits(&t));
    const struct fake_row *row = newest_past(&t);
    int64_t clock_ms = vehicle_clock_ms(&before, t.stages.partition.batch.clock_ms);
    assert_true(clock_ms > before.time_ms);
    assert_int_equal(fake_late_number(row, "upto"), clock_ms);
    assert_int_equal(state_read(fake_late_field(row, "state"), before.vehicle, t.names, &kept), STATE_OK);
    assert_int_equal(kept.time_ms, before.time_ms);
    assert_true(before.late.from_ms > 0 && before.journal.boot_len > 0);
    assert_int_equal(kept.flags & (VEHICLE_LATE | VEHICLE_ONLINE), 0);
    assert_int_equal(kept.late.from_ms, 0);
    assert_int_equal(kept.journal.boot_len, 0);
    end(&t);
}

/* How many checkpoints are from before a time. */
static size_t count_before(const struct town *t, int64_t ms)
{
    size_t n = 0;
    for (size_t i = 0; i < t->store->streams.count; i++)
        n += strcmp(t->store->streams.rows[i].key, "past:u0") == 0 &&
             strtoll(t->store->streams.rows[i].note, NULL, 10) < ms;
    return n;
}

/* Late data that waits while the tracker is away for longer than a horizon keeps the state that it begins with. */
static void test_waits_longer_than_the_horizon(void **state)
{
    static struct town t;
    begin_with(&t, 85, 2000);
    int64_t from_ms = fleet_state(t.stages.partition.fleet, 0)->late.from_ms;
    size_t before = count_before(&t, from_ms);
    assert_true(before > 0);
    town_kill(&t);
    pass(&t, t.late.horizon_ms + 20000);
    town_start(&t);
    for (int i = 0; i < MANY && !t.broker.subscribed; i++)
        go_on_still(&t, 1);
    assert_true(waits(&t));
    send_one(&t);
    while (event_serve(&t) || event_answer(&t))
        ;
    assert_true(waits(&t));
    assert_int_equal(count_before(&t, from_ms), before);
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handed_in_once),
        cmocka_unit_test(test_more_late_data),
        cmocka_unit_test(test_store_lost),
        cmocka_unit_test(test_another_world),
        cmocka_unit_test(test_store_went_back),
        cmocka_unit_test(test_stored_with_its_state),
        cmocka_unit_test(test_not_while_the_store_is_away),
        cmocka_unit_test(test_dropped_till_it_is_answered),
        cmocka_unit_test(test_pause_over),
        cmocka_unit_test(test_what_a_checkpoint_says),
        cmocka_unit_test(test_waits_longer_than_the_horizon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
