/*
 * The daemon's stages under every order of facts: a tracker between units, a broker and a store that are all
 * made up, in virtual time. What happens next is drawn: a message, an answer, a loss, a reload, a stop, a
 * death between any two actions. town.c asserts at each step what must never be; here it is told in the end
 * that everything that was sent is in the store once.
 *
 *   test_stages [SEED [COUNT]]     so many runs from that seed on; a failing run names its own
 */
#include "../cmocka_all.h"
#include "events.h"
#include "memory.h"
#include "record.h"
#include "telemetry.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 1000, STEPS = 700, QUIET_STEPS = 20000, STOP_MS = 1500, LATE_STEPS = 400, LATE_STEP_MS = 500 };

static uint64_t first_seed = 1;
static unsigned run_count = RUNS;

/* What a run did, over all runs: a test that does nothing finds nothing. */
static struct {
    uint64_t facts, acks, answered, restarts, reloads, violations, lives, redos, corrections, left, stand,
        questions, warnings;
} done;

/* ---- a run ---- */

/* A stop that was asked for has to come to its end once its time is over. */
static void watch_stop(struct town *t)
{
    if (!t->running || t->stop_asked_ms < 0 || t->mono_ms <= t->stop_asked_ms + STOP_MS)
        return;
    while (event_fire_timer(t) && !t->ended && !t->dying)
        ;
    if (!t->dying) {
        assert_true(t->ended);
        assert_int_equal(t->stages.stage, STAGE_ENDED);
    }
}

static void step(struct town *t, uint64_t allowed)
{
    unsigned total = 0;
    for (unsigned i = 0; i < event_count; i++)
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

static bool all_is_stored(const struct town *t)
{
    for (uint32_t i = 0; i < NUMBERED; i++)
        for (uint32_t k = 1; k <= t->units[i].made; k++)
            if (t->units[i].tracked[k] + t->units[i].refused[k] < 1)
                return false;
    for (uint32_t i = 0; i < NUMBERED; i++)
        if (t->units[i].acked != t->units[i].made)
            return false;
    return t->broker.count == 0 && t->stages.stage == STAGE_RUNNING;
}

/* What came late has been judged, and nothing of that is left in memory. */
static bool all_is_judged(const struct town *t)
{
    const struct stages *m = &t->stages;
    for (uint32_t place = 0; place < fleet_count(m->partition.fleet); place++)
        if (fleet_state(m->partition.fleet, place)->flags & VEHICLE_LATE)
            return false;
    for (int i = 0; i < REDOING_AT_A_TIME; i++)
        if (m->redoing.slots[i].step != REDOING_FREE)
            return false;
    return flow_between_batches(m); /* it is stored */
}

/* Nobody sends any more, and redoing waits for its time. */
static void judge_late(struct town *t)
{
    for (int steps = 0; steps < LATE_STEPS && !all_is_judged(t); steps++) {
        go_on(t, 1);
        while (event_serve(t) || event_answer(t)) /* no time goes by while the store is asked */
            ;
        t->mono_ms += LATE_STEP_MS;
        t->wall_ms += LATE_STEP_MS;
        town_reap(t);
        if (!t->running)
            town_start(t);
    }
    assert_true(all_is_judged(t));
}

/* Each is answered, and stays so; but for those whose answer was refused by the store for good. */
static void answer_all(struct town *t)
{
    for (int steps = 0; steps < LATE_STEPS && t->store->asks.count > 0; steps++) {
        go_on(t, 3);
        t->mono_ms += LATE_STEP_MS;
        t->wall_ms += LATE_STEP_MS;
        town_reap(t);
        if (!t->running)
            town_start(t);
    }
    assert_true(t->store->asks.count == 0 || t->keys_broken);
    done.questions += t->store->answers.count;
    done.warnings += t->store->warnings;
}

/* Everything heals, and time goes by. */
static void calm_down(struct town *t)
{
    t->refuse_sends = t->die = t->starve = 0;
    t->nonsense = false;
    t->store->error = t->store->damaged = NULL;
    t->store->everysec = false;
    t->store->breaking = false;
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
        assert_true(t->hungry ? u->ever[k] : u->tracked[k] + u->refused[k] > 0);
    judge_late(t);
    answer_all(t);
    if (!t->damaged && !t->keys_broken)
        done.stand += record_check_settled(t->store);
}

static void end_well(struct town *t)
{
    event_ask_stop(t);
    for (int i = 0; i < 2000 && !t->ended; i++)
        if (!event_serve(t) && !event_answer(t) && !event_fire_timer(t))
            event_advance(t);
    assert_true(t->ended);
    assert_int_equal(t->exit_code, 0);
}

static void play(uint64_t seed)
{
    static struct town t; /* large */
    town_init(&t, seed);
    uint64_t allowed = random_next(&t.random);
    if (random_below(&t.random, 3) == 0)
        allowed &= random_next(&t.random);
    if (random_below(&t.random, 2) == 0)
        t.refuse_sends = 40;
    if (random_below(&t.random, 4) == 0)
        t.die = 300;
    if (random_below(&t.random, 2) == 0)
        t.batch_bytes = 1000 + random_below(&t.random, 3000); /* arrays are cut */
    if (random_below(&t.random, 8) == 0)
        t.starve = 10 + random_below(&t.random, 60);
    t.hungry = t.starve > 0;
    t.spoils = random_below(&t.random, 2) == 0;
    t.live_first = random_below(&t.random, 4) > 0;
    if (random_below(&t.random, 4) == 0)
        t.late.checkpoint_ms = 60000; /* hardly ever one but the first */
    for (int i = 0; i < STEPS; i++)
        step(&t, allowed);
    quiet(&t);
    end_well(&t);
    uint64_t corrections, left;
    done.facts += t.facts;
    done.acks += t.acks;
    done.answered += t.answered;
    done.restarts += t.restarts;
    done.reloads += t.reloads;
    done.violations += t.store->violations.count;
    done.redos += record_redos(t.store, &corrections, &left);
    done.corrections += corrections;
    done.left += left;
    town_fini(&t);
    done.lives += t.lives;
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
    event_back_up(&t);
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
    town_init(&t, 11);
    town_start(&t);
    go_on(&t, 50);
    for (uint32_t i = 0; i < UNITS; i++)
        unit_makes_fix(&t, i);
    event_back_up(&t);
    while (t.broker.count > 0)
        go_on(&t, 1);
    t.city++;
    town_tell_kind(&t, FACT_RELOAD_ASKED);
    while (t.due_ms[TIMER_TURN] < 0)
        if (!event_finish_thread(&t))
            event_use_recorder(&t);
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

/* Fenced between a message and the end of the reading: the message stays unanswered. */
static void test_fenced_while_reading(void **state)
{
    static struct town t;
    town_init(&t, 4);
    town_start(&t);
    go_on(&t, 50);
    while (t.due_ms[TIMER_BEAT] > t.mono_ms)
        event_advance(&t);
    fake_store_take_over(t.store, t.wall_ms);
    t.due_ms[TIMER_BEAT] = -1;
    town_tell(&t, (struct fact){.kind = FACT_DUE, .timer = TIMER_BEAT});
    assert_true(unit_makes_fix(&t, NUMBERED));
    assert_true(broker_delivers(&t));
    while (!t.ended && (event_serve(&t) || event_answer(&t)))
        ;
    assert_true(t.ended);
    assert_int_equal(t.exit_code, 75);
    assert_int_equal(t.broker.count, 1);
    town_fini(&t);
}

/* The store went back behind our claim, and the next one got the same epoch: two of us, and one owner. */
static void test_asleep_beside_another(void **state)
{
    static struct town t;
    town_init(&t, 5);
    town_start(&t);
    go_on(&t, 50);
    int64_t epoch = t.store->epoch;
    uint64_t batch = t.store->batch;
    town_restore(&t); /* it was empty */
    fake_store_take_over(t.store, t.wall_ms);
    t.store->batch = batch; /* the other has come as far */
    assert_int_equal(t.store->epoch, epoch);
    assert_true(unit_makes_fix(&t, 0));
    for (int i = 0; i < 50 && !t.ended; i++)
        go_on(&t, 1);
    assert_true(t.ended);
    assert_int_equal(t.exit_code, 75);
    assert_int_equal(t.store->batch, batch);
    assert_int_equal(t.units[0].acked, 0);
    town_fini(&t);
}

/* A commit breaks, the tracker dies before it is finished: the next one finds it whole, and nothing twice. */
static void test_broken_and_killed(void **state)
{
    static struct town t;
    town_init(&t, 6);
    town_start(&t);
    go_on(&t, 50);
    uint64_t batch = t.store->batch;
    t.store->breaking = true;
    t.store->operations = 2;
    assert_true(unit_makes_fix(&t, 0) && unit_makes_fix(&t, 1));
    while (t.store->begun == batch)
        go_on(&t, 1);
    go_on(&t, 20); /* again and again, and never the first operations */
    assert_int_equal(t.store->batch, batch);
    assert_int_equal(t.units[0].acked, 0);
    town_kill(&t);
    town_start(&t);
    go_on(&t, 20);
    assert_int_equal(t.stages.stage, STAGE_STARTING);
    t.store->breaking = false;
    for (int i = 0; i < 100 && t.units[1].acked == 0; i++)
        go_on(&t, 1);
    unit_sends_again(&t, 0);
    unit_sends_again(&t, 1);
    go_on(&t, 50);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(t.units[i].tracked[1], 1);
        assert_int_equal(t.units[i].acked, 1);
    }
    town_fini(&t);
}

/* Whether /readyz is ready, and its words. */
static bool is_ready(struct town *t, const char *words)
{
    char bytes[64] = "";
    struct buf out = {.data = bytes, .cap = sizeof bytes - 1, .limit = sizeof bytes - 1};
    const struct now now = {{t->wall_ms}, {t->mono_ms}};
    int status = stages_page(&t->stages, now, "/readyz", &out);
    assert_int_equal(strncmp(bytes, words, strlen(words)), 0);
    return status == 200;
}

/* All that is asked is answered, but commits. */
static const struct asked *answer_up_to_a_commit(struct town *t)
{
    struct lane *lane = &t->lanes[LINK_TO_STORE];
    while (lane->count > 0 && lane->queue[0].ask != ASK_COMMIT)
        if (!event_serve(t) || !event_answer(t))
            fail();
    return lane->count > 0 ? &lane->queue[0] : NULL;
}

/* A store that answers all but commits: it is given longer each time, and others hear that they do not pass. */
static void test_commits_that_do_not_pass(void **state)
{
    static struct town t;
    static struct lane *const lane = &t.lanes[LINK_TO_STORE];
    uint32_t given_ms = 0;
    town_init(&t, 7);
    town_start(&t);
    go_on(&t, 50);
    assert_true(is_ready(&t, "ready"));
    assert_true(unit_makes_fix(&t, 0) && broker_delivers(&t));
    town_tell(&t, (struct fact){.kind = FACT_READ, .drained = true});
    for (int i = 0; i < 8; i++) {
        const struct asked *commit = answer_up_to_a_commit(&t);
        assert_non_null(commit);
        assert_true(i == 0 ? commit->more_ms == 0 : commit->more_ms >= given_ms && commit->more_ms > 0);
        assert_true(is_ready(&t, i == 0 ? "ready" : "commits do not pass") == (i == 0));
        given_ms = commit->more_ms;
        lane->dropping = true;
        town_lose_unserved(&t);
        assert_false(is_ready(&t, "the store is away"));
        lane->up = true;
        town_tell_kind(&t, FACT_STORE_CONNECTED);
    }
    assert_in_range(given_ms, 16000, 64000);
    go_on(&t, 50);
    assert_true(is_ready(&t, "ready"));
    assert_int_equal(t.units[0].acked, 1);

    /* On a connection that stays, too. */
    assert_true(unit_makes_fix(&t, 0) && broker_delivers(&t));
    town_tell(&t, (struct fact){.kind = FACT_READ, .drained = true});
    assert_int_equal(answer_up_to_a_commit(&t)->more_ms, 0);
    t.mono_ms += 10000;
    t.wall_ms += 10000;
    assert_false(is_ready(&t, "commits do not pass"));
    town_fini(&t);
}

/* So long, on a good day but for what is wrong with the store. */
static void wait(struct town *t, int64_t ms)
{
    for (int64_t until_ms = t->mono_ms + ms; t->mono_ms < until_ms;)
        go_on(t, 1);
}

/* The owner's record says nothing: nothing is acknowledged, and the store is asked now and then. */
static void test_damaged_owner(void **state)
{
    static struct town t;
    town_init(&t, 8);
    town_start(&t);
    go_on(&t, 50);
    t.store->damaged = "DAMAGED muck:{0}:owner batch: abc";
    wait(&t, 3000);
    assert_false(is_ready(&t, "the store refuses")); /* though nobody sends */
    for (int round = 0; round < 2; round++) {
        uint64_t batch = t.store->batch, calls = t.store->calls;
        uint32_t acked = t.units[0].acked;
        assert_true(unit_makes_fix(&t, 0));
        wait(&t, 60000);
        assert_in_range(t.store->calls - calls, 5, 100);
        assert_int_equal(t.store->batch, batch);
        assert_int_equal(t.units[0].acked, acked);
        assert_false(is_ready(&t, round == 0 ? "commits do not pass" : "starting"));
        if (round > 0)
            break;
        t.store->damaged = NULL;
        wait(&t, 10000);
        assert_true(is_ready(&t, "ready"));
        assert_int_equal(t.units[0].acked, acked + 1);
        t.store->damaged = "DAMAGED muck:{0}:owner clock: missing";
        town_kill(&t);
        town_start(&t); /* and who starts then does not claim it */
    }
    t.store->damaged = NULL;
    wait(&t, 20000);
    unit_sends_again(&t, 0);
    wait(&t, 10000);
    assert_true(is_ready(&t, "ready"));
    assert_int_equal(t.units[0].acked, 2);
    assert_int_equal(t.units[0].tracked[2], 1);
    town_fini(&t);
}

static void reconnect(struct town *t)
{
    town_lose_unserved(t);
    t->lanes[LINK_TO_STORE].up = true;
    town_tell_kind(t, FACT_STORE_CONNECTED);
}

static double is_wrong(const struct town *t, size_t setting)
{
    return metrics_get(t->stages.shared.metrics, METRIC_SETTING_WRONG, setting);
}

/* The store is looked at whenever it connects, and before anything is committed to it. */
static void test_looked_at_on_each_connection(void **state)
{
    static struct town t;
    static const struct {
        const char *rules;
        bool good;
    } users[] = {
        {"+@all -@dangerous", true},
        {"-@all", false},
        {"+@all -@write", false},
        {"+@all -xadd", false},
        {"-@all +@write", true},
        {"+@all -@geo", true},
        {"", false},
        {"+@all -@all", false},
        {"+@all -zadd +zadd", true},
        {"+@all -hset", false},
        {"-@all +xadd", false},
        {"+@all", true},
    };
    town_init(&t, 10);
    t.lenient = true;
    town_start(&t);
    go_on(&t, 50);
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        t.store->user_rules = users[i].rules;
        reconnect(&t);
        go_on(&t, 10);
        assert_true(is_wrong(&t, SETTING_DEFAULT_USER) == (users[i].good ? 0 : 1));
    }
    assert_true(unit_makes_fix(&t, 0) && broker_delivers(&t));
    town_tell(&t, (struct fact){.kind = FACT_READ, .drained = true});
    t.store->everysec = true;
    reconnect(&t);
    go_on(&t, 50);
    assert_true(metrics_get(t.stages.shared.metrics, METRIC_STORE_DURABLE, 0) == 0);
    assert_int_equal(t.units[0].acked, 1); /* it was only told */

    t.store->everysec = false;
    t.lenient = false;
    town_kill(&t);
    town_start(&t);
    go_on(&t, 50);
    uint64_t batch = t.store->batch;
    assert_true(unit_makes_fix(&t, 0) && broker_delivers(&t));
    town_tell(&t, (struct fact){.kind = FACT_READ, .drained = true});
    t.store->everysec = true;
    reconnect(&t);
    go_on(&t, 50);
    assert_true(t.ended);
    assert_int_equal(t.exit_code, 78);
    assert_int_equal(t.store->batch, batch);
    assert_int_equal(t.broker.count, 1); /* and nothing was answered */
    town_fini(&t);
}

/* A store that denies what it has just said, for ever, is not asked without end. */
static void test_goes_back_for_ever(void **state)
{
    static struct town t;
    town_init(&t, 9);
    town_start(&t);
    go_on(&t, 50);
    uint64_t calls = t.store->calls;
    t.store->forgetful = true;
    assert_true(unit_makes_fix(&t, 0));
    wait(&t, 60000);
    assert_in_range(t.store->calls - calls, 5, 100);
    assert_int_equal(t.units[0].acked, 0);
    t.store->forgetful = false;
    wait(&t, 20000);
    assert_true(is_ready(&t, "ready"));
    assert_int_equal(t.units[0].acked, 1);
    town_fini(&t);
}

static int page(struct town *t, const char *path)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    int code = stages_page(&t->stages, (struct now){{t->wall_ms}, {t->mono_ms}}, path, &out);
    buf_fini(&out);
    return code;
}

/* The broker lets it in and refuses a subscription: not ready, and the clock stands, or all would be offline. */
static void test_refused_subscription(void **state)
{
    static struct town t;
    town_init(&t, 7);
    town_start(&t);
    assert_true(unit_makes_fix(&t, 0));
    go_on(&t, 200);
    assert_int_equal(page(&t, "/readyz"), 200);
    assert_true(t.stages.attention.caught_up);

    broker_loses_connection(&t);
    town_tell_kind(&t, FACT_BROKER_LOST);
    t.broker.connected = t.broker.subscribed = true; /* by hand, so that go_on leaves it alone */
    town_tell_kind(&t, FACT_BROKER_CONNECTED);
    assert_int_equal(page(&t, "/readyz"), 503); /* not answered yet */
    town_tell(&t, (struct fact){.kind = FACT_BROKER_SUBSCRIBED, .granted = false});
    go_on(&t, 200);
    assert_int_equal(page(&t, "/readyz"), 503);
    assert_false(t.stages.attention.caught_up);

    town_tell(&t, (struct fact){.kind = FACT_BROKER_SUBSCRIBED, .granted = true});
    go_on(&t, 200);
    assert_int_equal(page(&t, "/readyz"), 200);
    assert_true(t.stages.attention.caught_up);
    town_tell(&t, (struct fact){.kind = FACT_LIVE_SUBSCRIBED, .granted = false});
    assert_int_equal(page(&t, "/readyz"), 503);
    assert_true(t.stages.attention.caught_up); /* what was refused judges nothing */
    town_fini(&t);
}

/* Fixes, commits, answers, acks and beats allocate nothing once everything is warm. */
static void test_nothing_is_allocated(void **state)
{
    static struct town t;
    town_init(&t, 3);
    town_start(&t);
    for (int i = 0; i < FIXES_MAX - 2; i++) {
        if (i == FIXES_MAX - 12) {
            assert_true(memory.count > 0); /* the counter is in place */
            memory.count = 0;
        }
        for (uint32_t unit = 0; unit < UNITS; unit++)
            unit_makes_fix(&t, unit);
        go_on(&t, 10);
    }
    assert_true(t.units[0].acked > FIXES_MAX / 2);
    assert_int_equal(memory.count, 0);
    town_fini(&t);
}

static void test_every_order(void **state)
{
    for (unsigned i = 0; i < run_count; i++) {
        printf("seed %llu\r", (unsigned long long)(first_seed + i));
        play(first_seed + i);
    }
    printf("facts %llu, acks %llu, messages answered %llu, starts %llu, reloads asked %llu, violations %llu, "
           "signs of life played %llu, judged again %llu with %llu corrections, %llu left some, stand in the "
           "end %llu, questions answered %llu, warnings noted %llu\n",
           (unsigned long long)done.facts, (unsigned long long)done.acks, (unsigned long long)done.answered,
           (unsigned long long)done.restarts, (unsigned long long)done.reloads,
           (unsigned long long)done.violations, (unsigned long long)done.lives,
           (unsigned long long)done.redos, (unsigned long long)done.corrections,
           (unsigned long long)done.left, (unsigned long long)done.stand, (unsigned long long)done.questions,
           (unsigned long long)done.warnings);
    if (run_count >= RUNS) {
        assert_true(done.acks > run_count && done.answered > run_count && done.restarts > run_count);
        assert_true(done.violations > run_count && done.lives > run_count);
        assert_true(done.redos > run_count && done.corrections > run_count && done.stand > run_count);
        assert_true(done.left > run_count / 30);
        assert_true(done.questions > run_count / 2);
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
                                       cmocka_unit_test(test_nothing_is_allocated),
                                       cmocka_unit_test(test_fenced_while_reading),
                                       cmocka_unit_test(test_asleep_beside_another),
                                       cmocka_unit_test(test_broken_and_killed),
                                       cmocka_unit_test(test_commits_that_do_not_pass),
                                       cmocka_unit_test(test_damaged_owner),
                                       cmocka_unit_test(test_looked_at_on_each_connection),
                                       cmocka_unit_test(test_goes_back_for_ever),
                                       cmocka_unit_test(test_refused_subscription),
                                       cmocka_unit_test(test_every_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
