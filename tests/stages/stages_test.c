/*
 * The daemon's stages under every order of facts: a tracker between units, a broker and a store that are all
 * made up, in virtual time. What happens next is drawn: a message, an answer, a loss, a reload, a stop, a
 * death between any two actions. town.c asserts at each step what must never be; here it is told in the end
 * that everything that was sent is in the store once.
 *
 *   test_stages [SEED [COUNT]]     so many runs from that seed on; a failing run names its own
 */
#include "../cmocka_all.h"
#include "town.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 1500, STEPS = 700, QUIET_STEPS = 20000, STOP_MS = 1500 };

static uint64_t first_seed = 1;
static unsigned run_count = RUNS;

/* ---- what may happen ---- */

static bool advance(struct town *t)
{
    int64_t ms = random_below(&t->random, 60);
    t->mono_ms += ms;
    t->wall_ms += ms;
    return true;
}

static bool fire_timer(struct town *t)
{
    unsigned from = random_below(&t->random, TIMER_COUNT);
    for (unsigned i = 0; i < TIMER_COUNT; i++) {
        enum timer timer = (enum timer)((from + i) % TIMER_COUNT);
        if (t->due_ms[timer] < 0 || t->due_ms[timer] > t->mono_ms)
            continue;
        t->due_ms[timer] = -1;
        town_tell(t, (struct fact){.kind = FACT_DUE, .timer = timer});
        return true;
    }
    return false;
}

static bool make_fix(struct town *t)
{
    return unit_makes_fix(t, random_below(&t->random, UNITS));
}

static bool send_again(struct town *t)
{
    return unit_sends_again(t, random_below(&t->random, NUMBERED));
}

static bool tell_status(struct town *t)
{
    return unit_tells_status(t, random_below(&t->random, NUMBERED));
}

static bool show_live(struct town *t)
{
    char payload[128], topic[64];
    snprintf(topic, sizeof topic, "muck/v1/%s/live", t->units[random_below(&t->random, UNITS)].id);
    snprintf(payload, sizeof payload, "{\"time\":%lld,\"lat\":30,\"lon\":114}", (long long)t->wall_ms / 1000);
    if (!t->broker.connected || t->broker.held)
        return false;
    town_tell(t, (struct fact){.kind = FACT_MESSAGE,
                               .message = {.topic = text_of(topic), .payload = text_of(payload)}});
    if (random_below(&t->random, 2) == 0)
        town_tell_kind(t, FACT_LIVE_READ);
    return true;
}

static bool end_reading(struct town *t)
{
    if (!t->broker.connected || t->broker.held)
        return false;
    town_tell(t, (struct fact){.kind = FACT_READ, .drained = random_below(&t->random, 2) == 0});
    if (t->broker.connected && !t->broker.held && !t->dying)
        broker_answers(t);
    return true;
}

static bool connect_broker(struct town *t)
{
    if (!t->broker.started || t->broker.connected)
        return false;
    t->broker.connected = true;
    town_tell_kind(t, FACT_BROKER_CONNECTED);
    if (random_below(&t->random, 2) == 0)
        town_tell_kind(t, FACT_LIVE_CONNECTED);
    return true;
}

static bool subscribe(struct town *t)
{
    if (!t->broker.connected || t->broker.subscribed)
        return false;
    t->broker.subscribed = true;
    town_tell_kind(t, FACT_BROKER_SUBSCRIBED);
    return true;
}

static bool lose_broker(struct town *t)
{
    if (!t->broker.started)
        return false;
    broker_loses_connection(t);
    town_tell_kind(t, FACT_BROKER_LOST); /* of an attempt, too */
    return true;
}

static bool kill_broker(struct town *t)
{
    lose_broker(t);
    t->broker.count = t->broker.delivered = 0;
    t->forgotten = true;
    return true;
}

static bool serve(struct town *t)
{
    return lane_serve(t, LINK_TO_STORE);
}

static bool answer(struct town *t)
{
    return lane_answer(t, LINK_TO_STORE);
}

static bool connect_store(struct town *t)
{
    struct lane *lane = &t->lanes[LINK_TO_STORE];
    if (lane->up || !lane->wanted)
        return false;
    lane->up = true;
    town_tell_kind(t, FACT_STORE_CONNECTED);
    return true;
}

static bool lose_store(struct town *t)
{
    return lane_lose(t, LINK_TO_STORE);
}

static bool drop_store(struct town *t)
{
    return t->lanes[LINK_TO_STORE].dropping && lane_lose(t, LINK_TO_STORE);
}

static bool use_recorder(struct town *t)
{
    struct lane *lane = &t->lanes[LINK_TO_RECORDER];
    if (lane->up && random_below(&t->random, 20) == 0)
        return lane_lose(t, LINK_TO_RECORDER);
    if (lane_answer(t, LINK_TO_RECORDER) || lane_serve(t, LINK_TO_RECORDER))
        return true;
    if (lane->up || !lane->wanted)
        return false;
    lane->up = true;
    town_tell_kind(t, FACT_RECORDER_CONNECTED);
    return true;
}

static bool sicken_store(struct town *t)
{
    static const char *const errors[] = {"LOADING it", "MISCONF disk", "BUSY", "OOM", "READONLY"};
    t->store->error = t->store->error != NULL ? NULL : errors[random_below(&t->random, 5)];
    return true;
}

static bool answer_nonsense(struct town *t)
{
    t->nonsense = true;
    return true;
}

static bool lose_library(struct town *t)
{
    t->store->library = false;
    return true;
}

static bool break_key(struct town *t)
{
    if (t->store->wrong_key[0] != '\0')
        t->store->wrong_key[0] = '\0';
    else
        snprintf(t->store->wrong_key, sizeof t->store->wrong_key, "track:u%u",
                 random_below(&t->random, UNITS));
    return true;
}

static bool back_up(struct town *t)
{
    fake_store_free(t->backup);
    t->backup = fake_store_copy(t->store);
    return true;
}

static bool restore(struct town *t)
{
    if (random_below(&t->random, 2) == 0)
        lose_store(t);
    town_restore(t);
    return true;
}

static bool take_over(struct town *t)
{
    fake_store_take_over(t->store, t->wall_ms);
    return true;
}

static bool ask_reload(struct town *t)
{
    t->city += random_below(&t->random, 2);
    town_tell_kind(t, FACT_RELOAD_ASKED);
    t->reloads++;
    return true;
}

static bool finish_thread(struct town *t)
{
    if (t->clearing) {
        t->clearing = false;
        town_tell_kind(t, FACT_CLEARED);
        return true;
    }
    if (!t->building)
        return false;
    t->building = false;
    struct proposal p = {.problem = {"the files are bad"}};
    if (random_below(&t->random, 5) != 0)
        p = town_world(t->names, t->city);
    town_tell(t, (struct fact){.kind = FACT_BUILT, .take_proposal = &p});
    proposal_fini(&p);
    return true;
}

static bool ask_stop(struct town *t)
{
    if (t->stop_asked_ms < 0)
        t->stop_asked_ms = t->mono_ms;
    town_tell_kind(t, FACT_STOP_ASKED);
    return true;
}

static bool die(struct town *t)
{
    t->dying = true;
    return true;
}

static bool jump_clock(struct town *t)
{
    t->wall_ms += (int64_t)random_below(&t->random, 100000) - 50000;
    return true;
}

/* ---- a run ---- */

/* Which of the rare ones may happen differs from run to run: alone, each shows what it does. */
static const struct event {
    bool (*happen)(struct town *t);
    unsigned weight;
    bool rare;
} events[] = {
    {advance, 300, false},
    {fire_timer, 250, false},
    {make_fix, 120, false},
    {send_again, 15, false},
    {tell_status, 15, false},
    {show_live, 15, false},
    {broker_delivers, 300, false},
    {end_reading, 100, false},
    {connect_broker, 100, false},
    {subscribe, 100, false},
    {serve, 300, false},
    {answer, 300, false},
    {connect_store, 100, false},
    {use_recorder, 100, false},
    {finish_thread, 60, false},
    {drop_store, 100, false},
    {lose_broker, 10, true},
    {kill_broker, 4, true},
    {lose_store, 12, true},
    {sicken_store, 10, true},
    {answer_nonsense, 5, true},
    {lose_library, 3, true},
    {break_key, 6, true},
    {back_up, 8, true},
    {restore, 4, true},
    {take_over, 2, true},
    {ask_reload, 10, true},
    {ask_stop, 3, true},
    {die, 4, true},
    {jump_clock, 3, true},
    {broker_reads_on, 20, true},
};
enum { EVENTS = sizeof events / sizeof *events };

/* A stop that was asked for has to come to its end once its time is over. */
static void watch_stop(struct town *t)
{
    if (!t->running || t->stop_asked_ms < 0 || t->mono_ms <= t->stop_asked_ms + STOP_MS)
        return;
    while (fire_timer(t) && !t->ended && !t->dying)
        ;
    if (!t->dying) {
        assert_true(t->ended);
        assert_int_equal(t->stages.stage, STAGE_ENDED);
    }
}

static void step(struct town *t, uint32_t allowed)
{
    unsigned total = 0;
    for (unsigned i = 0; i < EVENTS; i++)
        total += !events[i].rare || (allowed >> i & 1u) ? events[i].weight : 0;
    unsigned drawn = random_below(&t->random, total), i = 0;
    for (;; i++) {
        unsigned weight = !events[i].rare || (allowed >> i & 1u) ? events[i].weight : 0;
        if (drawn < weight)
            break;
        drawn -= weight;
    }
    if (!t->running)
        town_start(t);
    events[i].happen(t);
    watch_stop(t);
    town_reap(t);
}

/* One thing after the other, as on a good day. */
static void go_on(struct town *t, int steps)
{
    for (int k = 0; k < steps; k++)
        for (unsigned i = 0; i < EVENTS; i++)
            if (!events[i].rare && events[i].happen != make_fix && events[i].happen != show_live &&
                events[i].happen != tell_status && events[i].happen != send_again)
                events[i].happen(t);
}

static bool all_is_stored(const struct town *t)
{
    for (uint32_t i = 0; i < NUMBERED; i++)
        for (uint32_t k = 1; k <= t->units[i].made; k++)
            if (t->units[i].tracked[k] + t->units[i].refused[k] != 1)
                return false;
    for (uint32_t i = 0; i < NUMBERED; i++)
        if (t->units[i].acked != t->units[i].made)
            return false;
    return t->broker.count == 0 && t->stages.stage == STAGE_RUNNING;
}

/* Everything heals, and time goes by. */
static void calm_down(struct town *t)
{
    t->refuse_sends = t->die = 0;
    t->nonsense = false;
    t->store->error = NULL;
    t->store->wrong_key[0] = '\0';
    t->stop_asked_ms = -1;
}

static void quiet(struct town *t)
{
    int steps = 0;
    calm_down(t);
    for (; steps < QUIET_STEPS && !(t->running && all_is_stored(t)); steps++) {
        if (!t->running)
            town_start(t);
        go_on(t, 1);
        for (uint32_t unit = 0; unit < NUMBERED && steps % 40 == 0; unit++) {
            unit_tells_status(t, unit);
            unit_sends_again(t, unit);
        }
        town_reap(t);
    }
    assert_true(t->running && all_is_stored(t)); /* nothing lost, nothing twice, all of it told */
    const struct unit *u = &t->units[NUMBERED];
    for (uint32_t k = 1; k <= u->made && !t->restored && !t->forgotten; k++)
        assert_true(u->tracked[k] + u->refused[k] > 0);
}

static void end_well(struct town *t)
{
    ask_stop(t);
    for (int i = 0; i < 2000 && !t->ended; i++)
        if (!serve(t) && !answer(t) && !fire_timer(t))
            advance(t);
    assert_true(t->ended);
    assert_int_equal(t->exit_code, 0);
}

/* What a run did, over all runs: a test that does nothing finds nothing. */
static struct {
    uint64_t facts, acks, answered, restarts, reloads, violations;
} done;

static void play(uint64_t seed)
{
    static struct town t; /* large */
    town_init(&t, seed);
    uint32_t allowed = (uint32_t)random_next(&t.random);
    if (random_below(&t.random, 3) == 0)
        allowed &= (uint32_t)random_next(&t.random);
    if (random_below(&t.random, 2) == 0)
        t.refuse_sends = 40;
    if (random_below(&t.random, 4) == 0)
        t.die = 300;
    for (int i = 0; i < STEPS; i++)
        step(&t, allowed);
    quiet(&t);
    end_well(&t);
    done.facts += t.facts;
    done.acks += t.acks;
    done.answered += t.answered;
    done.restarts += t.restarts;
    done.reloads += t.reloads;
    done.violations += t.store->violations.count;
    town_fini(&t);
}

/* A store that went back while nobody sends: units hear of it without asking, and only they can mend it. */
static void test_acks_go_back(void **state)
{
    static struct town t;
    town_init(&t, 1);
    town_start(&t);
    for (int i = 0; i < 2; i++)
        unit_makes_fix(&t, 0);
    go_on(&t, 50);
    back_up(&t);
    for (int i = 0; i < 3; i++)
        unit_makes_fix(&t, 0);
    go_on(&t, 50);
    assert_int_equal(t.units[0].acked, 5);
    town_restore(&t);
    go_on(&t, 100); /* a beat tells the tracker */
    assert_int_equal(t.units[0].acked, 2);
    assert_true(unit_sends_again(&t, 0));
    go_on(&t, 50);
    assert_int_equal(t.units[0].acked, 5);
    for (int k = 1; k <= 5; k++)
        assert_int_equal(t.units[0].tracked[k], 1);
    town_fini(&t);
}

/* The store goes back while a world is entering, with more due under the old one than a batch holds. */
static void test_back_while_entering(void **state)
{
    static struct town t;
    town_init(&t, 2);
    town_start(&t);
    go_on(&t, 50);
    for (uint32_t i = 0; i < UNITS; i++)
        unit_makes_fix(&t, i);
    back_up(&t);
    while (t.broker.count > 0)
        go_on(&t, 1);
    t.city++;
    town_tell_kind(&t, FACT_RELOAD_ASKED);
    while (t.due_ms[TIMER_TURN] < 0)
        if (!finish_thread(&t))
            use_recorder(&t);
    t.mono_ms += 5000; /* all four are offline by now, and no timer has said so */
    t.wall_ms += 5000;
    t.due_ms[TIMER_TURN] = -1;
    town_tell(&t, (struct fact){.kind = FACT_DUE, .timer = TIMER_TURN});
    assert_int_equal(t.stages.stage, STAGE_SETTLING);
    assert_non_null(t.stages.settling.before);
    town_restore(&t);
    go_on(&t, 100);
    assert_int_equal(t.stages.stage, STAGE_RUNNING);
    assert_int_equal(t.stages.reload.phase, RELOAD_NONE);
    const struct fake_list *told = &t.store->rulesets;
    assert_string_equal(told->rows[told->count - 1].key, t.stages.shared.world->hash);
    assert_int_equal(atoi(told->rows[told->count - 1].key), t.city);
    town_fini(&t);
}

static void test_every_order(void **state)
{
    for (unsigned i = 0; i < run_count; i++) {
        printf("seed %llu\r", (unsigned long long)(first_seed + i));
        play(first_seed + i);
    }
    printf(
        "facts %llu, acks %llu, messages answered %llu, starts %llu, reloads asked %llu, violations %llu\n",
        (unsigned long long)done.facts, (unsigned long long)done.acks, (unsigned long long)done.answered,
        (unsigned long long)done.restarts, (unsigned long long)done.reloads,
        (unsigned long long)done.violations);
    if (run_count >= RUNS) {
        assert_true(done.acks > run_count && done.answered > run_count && done.restarts > run_count);
        assert_true(done.violations > run_count);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        first_seed = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        run_count = (unsigned)strtoul(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_acks_go_back),
                                       cmocka_unit_test(test_back_while_entering),
                                       cmocka_unit_test(test_every_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
