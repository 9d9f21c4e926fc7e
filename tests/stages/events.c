/* What may happen, one thing at a time, and how often. */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>

bool event_advance(struct town *t)
{
    int64_t ms = random_below(&t->random, 60);
    t->mono_ms += ms;
    t->wall_ms += ms;
    return true;
}

bool event_fire_timer(struct town *t)
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

/* Also of what was held in its middle. */
static bool end_reading(struct town *t)
{
    if (!t->broker.connected)
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

/* One time in four it is refused, and asked for again. */
static bool subscribe(struct town *t)
{
    if (!t->broker.connected || t->broker.subscribed)
        return false;
    bool granted = random_below(&t->random, 4) > 0;
    t->broker.subscribed = granted;
    town_tell(t, (struct fact){.kind = FACT_BROKER_SUBSCRIBED, .granted = granted});
    town_tell(t, (struct fact){.kind = FACT_LIVE_SUBSCRIBED, .granted = true});
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

bool event_serve(struct town *t)
{
    return lane_serve(t, LINK_TO_STORE);
}

bool event_answer(struct town *t)
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

bool event_use_recorder(struct town *t)
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
    static const char *const errors[] = {"LOADING it",  "MISCONF disk",
                                         "BUSY",        "OOM",
                                         "READONLY",    "NOPERM xadd",
                                         "DENIED it",   "ERR unknown command",
                                         "NOSCRIPT",    "ERR wrong number of arguments",
                                         "what is this"};
    t->store->error =
        t->store->error != NULL ? NULL : errors[random_below(&t->random, sizeof errors / sizeof *errors)];
    return true;
}

/* A right is lost in mid-write, or given back. */
static bool break_writes(struct town *t)
{
    t->store->breaking = !t->store->breaking;
    t->store->operations = random_below(&t->random, 8);
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

static bool damage_owner(struct town *t)
{
    t->store->damaged = t->store->damaged != NULL ? NULL : "DAMAGED muck:{0}:owner batch: abc";
    return true;
}

/* It may lose what it acknowledges; whoever requires that it does not ends when it connects. */
static bool slacken_store(struct town *t)
{
    t->store->everysec = !t->store->everysec;
    return true;
}

/* Of what is quarantined only the number is known. Where that is no order of time, it is taken for that of a counter
 * that began again when it comes once more; so there it is that of the unit without numbers. */
static bool break_key(struct town *t)
{
    static const char *const keys[] = {"track", "past", "said"};
    t->keys_broken = true;
    if (t->store->wrong_key[0] != '\0')
        t->store->wrong_key[0] = '\0';
    else
        snprintf(t->store->wrong_key, sizeof t->store->wrong_key, "%s:u%u",
                 keys[random_below(&t->random, sizeof keys / sizeof *keys)],
                 t->live_first ? NUMBERED : random_below(&t->random, UNITS));
    return true;
}

bool event_back_up(struct town *t)
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

/* It is started anew: what it writes next may stand behind half a commit. */
static bool restart_store(struct town *t)
{
    lose_store(t);
    t->store->log_new = false;
    t->store->saving = random_below(&t->random, 3);
    return true;
}

/* A state goes, or half of it. */
static bool damage_state(struct town *t)
{
    struct fake_list *list = &t->store->states;
    if (list->count == 0)
        return false;
    struct fake_row *row = &list->rows[random_below(&t->random, (unsigned)list->count)];
    row->len /= 2;
    if (random_below(&t->random, 2) == 0) {
        free(row->key);
        free(row->value);
        *row = list->rows[--list->count];
    }
    t->damaged = true;
    return true;
}

static bool take_over(struct town *t)
{
    fake_store_take_over(t->store, t->wall_ms);
    return true;
}

/* The store goes back, behind our claim perhaps, and another claims it before we have asked it anything. */
static bool restore_to_another(struct town *t)
{
    town_restore(t);
    return take_over(t);
}

static bool ask_reload(struct town *t)
{
    unsigned drawn = random_below(&t->random, 5);
    if (drawn == 0 && t->city > 0)
        t->city--; /* one that was in force before */
    else
        t->city += drawn > 2;
    town_tell_kind(t, FACT_RELOAD_ASKED);
    t->reloads++;
    return true;
}

/* In the store; a few expect a world that the files do not give. */
static bool ask_in_store(struct town *t)
{
    fake_store_question(t->store, random_below(&t->random, 3) == 0 ? "another" : "");
    return true;
}

bool event_finish_thread(struct town *t)
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

bool event_ask_stop(struct town *t)
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

/* By too little to be taken for a clock that was set. */
static bool step_clock(struct town *t)
{
    t->wall_ms += (int64_t)random_below(&t->random, 1200) - 900;
    return true;
}

/* A process that sleeps: more is due at once than a batch holds. */
static bool sleep_on(struct town *t)
{
    int64_t ms = random_below(&t->random, 3000);
    t->mono_ms += ms;
    t->wall_ms += ms;
    return true;
}

/* Long enough for what was judged again to be judged once more. */
static bool pass_a_minute(struct town *t)
{
    t->mono_ms += 60000;
    t->wall_ms += 60000;
    return true;
}

/* Which of the rare ones may happen differs from run to run: alone, each shows what it does. */
const struct event events[] = {
    {event_advance, 300, false},
    {event_fire_timer, 250, false},
    {make_fix, 120, false},
    {send_again, 15, false},
    {tell_status, 40, false},
    {show_live, 30, false},
    {broker_delivers, 300, false},
    {end_reading, 100, false},
    {connect_broker, 100, false},
    {subscribe, 100, false},
    {event_serve, 300, false},
    {event_answer, 300, false},
    {connect_store, 100, false},
    {event_use_recorder, 100, false},
    {event_finish_thread, 60, false},
    {drop_store, 100, false},
    {lose_broker, 10, true},
    {kill_broker, 4, true},
    {lose_store, 12, true},
    {sicken_store, 10, true},
    {answer_nonsense, 5, true},
    {break_writes, 10, true},
    {lose_library, 3, true},
    {break_key, 6, true},
    {damage_owner, 6, true},
    {slacken_store, 3, true},
    {event_back_up, 8, true},
    {restore, 4, true},
    {take_over, 2, true},
    {restore_to_another, 2, true},
    {restart_store, 8, true},
    {damage_state, 3, true},
    {ask_reload, 40, true},
    {ask_in_store, 12, true},
    {event_ask_stop, 3, true},
    {die, 4, true},
    {jump_clock, 3, true},
    {step_clock, 6, true},
    {sleep_on, 6, true},
    {pass_a_minute, 4, true},
    {broker_reads_on, 20, true},
};
const unsigned event_count = sizeof events / sizeof *events;

static void go_on_with(struct town *t, int steps, bool (*not_this)(struct town *t))
{
    for (int k = 0; k < steps; k++)
        for (unsigned i = 0; i < event_count; i++)
            if (!events[i].rare && events[i].happen != make_fix && events[i].happen != show_live &&
                events[i].happen != tell_status && events[i].happen != send_again &&
                events[i].happen != not_this)
                events[i].happen(t);
}

void go_on(struct town *t, int steps)
{
    go_on_with(t, steps, NULL);
}

void go_on_still(struct town *t, int steps)
{
    go_on_with(t, steps, event_advance);
}
