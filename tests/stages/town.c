#include "town.h"

#include "../cmocka_all.h"
#include "memory.h"
#include "record.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* Of a commit beyond what fills it: states and hashes of its vehicles, and what the last fix caused. */
enum { COMMIT_MORE = 16 << 10, REDO_MORE = 64 << 10, TRACK_PAGE = 3 };

/* ---- the process ---- */

/* Three commands, so that one can be forgotten. */
static struct recording record(const char *hash)
{
    struct recording r = {.commands = calloc(3, sizeof *r.commands), .count = 3, .cap = 3};
    static const char *const fields[] = {"canonical", "fences", "fleet"};
    assert_non_null(r.commands);
    for (size_t i = 0; i < 3; i++) {
        char key[96];
        snprintf(key, sizeof key, "muck:ruleset:%s", hash);
        buf_init(&r.commands[i], 1000);
        buf_printf(&r.commands[i], "*4\r\n$4\r\nHSET\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n$1\r\nx\r\n", strlen(key),
                   key, strlen(fields[i]), fields[i]);
        r.bytes += r.commands[i].len;
    }
    return r;
}

/* No fences; units that are silent for a moment are offline, so that deadlines are due all the time. */
struct proposal town_world(struct names *names, unsigned city)
{
    struct proposal p = {0};
    struct world_error error = {0};
    struct world_builder *b = world_builder_new(names);
    struct common_settings common = common_settings_initial();
    struct rule_settings offline = kind_settings_initial(KIND_OFFLINE);
    common.hole_ms = INT64_C(1) << 40;         /* nothing is given up: what is missing is a fault */
    offline.confirm_ms = 400 + city % 4 * 300; /* so that a reload may find who is silent */
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    world_builder_common(b, &common);
    assert_int_equal(world_builder_rule(b, KIND_OFFLINE, TEXT(""), &offline, &error), WORLD_OK);
    assert_int_equal(world_builder_build(b, &p.world, &error), WORLD_OK);
    world_builder_free(b);
    /* Told apart by its first digits, as one is. */
    char digits[16];
    memset(p.world->hash, 'a', sizeof p.world->hash - 1);
    memcpy(p.world->hash, digits, (size_t)snprintf(digits, sizeof digits, "%08u", city));
    p.recording = record(p.world->hash);
    return p;
}

void town_start(struct town *t)
{
    t->names = names_new(1000);
    struct proposal p = town_world(t->names, t->city);
    snprintf(t->token, sizeof t->token, "%llu", (unsigned long long)t->restarts);
    const struct stages_options options = {
        .partition = {.names = t->names,
                      .vehicle_limit = 100,
                      .batch_groups = GROUPS,
                      .late_horizon_ms = t->late.horizon_ms,
                      .batch_bytes = t->batch_bytes},
        .instance = TEXT("tracker@here"),
        .token = text_of(t->token),
        .take_over = random_below(&t->random, 2) == 0,
        .require_durable = !t->lenient,
        .retention =
            {.track_ms = 1000, .violations_ms = 1000, .trips_ms = 1000, .duties_ms = 1000, .rejects_max = 10},
        .redoing = {.late = t->late, .share = 0.1, .track_page = TRACK_PAGE},
    };
    for (int i = 0; i < TIMER_COUNT; i++)
        t->due_ms[i] = -1;
    assert_true(stages_init(&t->stages, &options, p.world, p.recording));
    t->running = true;
    t->ended = t->dying = t->building = t->clearing = false;
    t->stop_asked_ms = -1;
    t->lanes[LINK_TO_STORE].wanted = true;
    t->restarts++;
    town_tell_kind(t, FACT_BEGUN);
}

/* What was on its way to the store may still get there. */
static void empty_lane(struct town *t, struct lane *lane)
{
    size_t served = random_below(&t->random, (unsigned)lane->count + 1);
    for (size_t i = 0; i < lane->count; i++) {
        struct asked *a = &lane->queue[i];
        if (!a->served && i < served)
            fake_store_ask(t->store, t->wall_ms, a->command, &a->reply);
        fake_reply_fini(&a->reply);
        free(a->owned);
    }
    lane->count = 0;
    lane->wanted = lane->up = lane->dropping = false;
    town_look(t);
}

void town_kill(struct town *t)
{
    empty_lane(t, &t->lanes[LINK_TO_STORE]);
    empty_lane(t, &t->lanes[LINK_TO_RECORDER]);
    broker_loses_connection(t);
    t->broker.started = false;
    t->parted |= t->stages.stage == STAGE_SETTLING && !t->stages.partition.ruleset_owed;
    stages_fini(&t->stages);
    names_free(t->names);
    t->running = false;
    /* Damage, quarantine, and how far a switch of worlds came before a death, are in no record; what broke is
     * not whole before somebody has mended it. */
    if (!t->damaged && !t->keys_broken && !t->parted && t->store->begun <= t->store->batch)
        t->lives += record_check(t->store, &t->late);
}

void town_reap(struct town *t)
{
    if (t->running && (t->dying || t->ended))
        town_kill(t);
}

/* ---- carrying out, as muckwatchd does ---- */

static void answer_first(struct town *t, struct lane *lane, bool with_nothing)
{
    struct asked a = lane->queue[0];
    memmove(lane->queue, lane->queue + 1, --lane->count * sizeof *lane->queue);
    struct fact fact = {.kind = FACT_ANSWERED, .answer = {.ask = a.ask, .slot = a.slot}};
    if (!with_nothing)
        fact.answer.reply = a.reply.reply;
    if (a.ask != ASK_NOTHING)
        town_tell(t, fact);
    fake_reply_fini(&a.reply);
    free(a.owned);
}

/* What a stretch comes to is told whole, with all its checkpoints. */
static bool carries_redo(struct text command)
{
    static const char mark[] = "$4\r\nredo\r\n";
    for (size_t i = 0; i + sizeof mark - 1 <= command.len; i++)
        if (memcmp(command.data + i, mark, sizeof mark - 1) == 0)
            return true;
    return false;
}

static void send(struct town *t, const struct action *a)
{
    struct lane *lane = &t->lanes[a->send.link];
    struct text command = actions_command(&t->stages.shared.actions, a);
    bool refused = t->refuse_sends > 0 && random_below(&t->random, t->refuse_sends) == 0;
    if (!lane->up || lane->dropping || lane->count == ASKED_MAX || refused) {
        if (a->send.ask != ASK_NOTHING)
            town_tell(
                t, (struct fact){.kind = FACT_UNSENT, .answer = {.ask = a->send.ask, .slot = a->send.slot}});
        return;
    }
    /* One vehicle's part of a batch is bounded, whatever its messages say; so is the batch. */
    size_t most = 2 * t->batch_bytes + COMMIT_MORE;
    assert_true(a->send.ask != ASK_COMMIT || command.len <= most ||
                (command.len <= most + REDO_MORE && carries_redo(command)));
    struct asked *q = &lane->queue[lane->count++];
    *q = (struct asked){
        .ask = a->send.ask, .slot = a->send.slot, .more_ms = a->send.more_ms, .command = command};
    if (a->send.bytes.len > 0 || a->send.ask == ASK_COMMIT) { /* else it stays, and may be read later */
        q->owned = malloc(command.len);
        assert_non_null(q->owned);
        memcpy(q->owned, command.data, command.len);
        q->command.data = q->owned;
    }
}

static void close_recorder(struct town *t)
{
    struct lane *lane = &t->lanes[LINK_TO_RECORDER];
    assert_true(lane->wanted);
    lane->dropping = true;
    while (lane->count > 0)
        answer_first(t, lane, true);
    lane->wanted = lane->up = lane->dropping = false;
}

static void listen(struct town *t)
{
    struct broker *b = &t->broker;
    b->started = true;
    b->held = false;
    if (b->connected)
        broker_answers(t);
}

/* The broker confirms it at once, or never, or never says so of one that it was not asked to. */
static void hand_over(struct town *t, bool done)
{
    int id = random_below(&t->random, 4) == 0 ? 0 : (int)(1 + t->handed++ % 1000);
    town_tell(t, (struct fact){.kind = FACT_WARNED, .handing = {done, id}});
    if (done && id != 0 && random_below(&t->random, 3) > 0)
        town_tell(t, (struct fact){.kind = FACT_TAKEN, .handing = {true, id}});
}

static void carry_out(struct town *t, const struct action *a)
{
    const struct actions *list = &t->stages.shared.actions;
    switch (a->kind) {
    case ACTION_SEND:
        send(t, a);
        break;
    case ACTION_DROP_STORE:
        t->lanes[LINK_TO_STORE].dropping = true;
        break;
    case ACTION_OPEN_RECORDER:
        assert_false(t->lanes[LINK_TO_RECORDER].wanted);
        t->lanes[LINK_TO_RECORDER].wanted = true;
        break;
    case ACTION_CLOSE_RECORDER:
        close_recorder(t);
        break;
    case ACTION_LISTEN:
        listen(t);
        break;
    case ACTION_HOLD:
        t->broker.held = t->broker.connected;
        break;
    case ACTION_LEAVE:
        broker_loses_connection(t);
        t->broker.started = false;
        break;
    case ACTION_DROP_BROKER:
        assert_true(t->reading_on || t->starve > 0); /* only then a message comes while none may */
        if (t->broker.connected) {
            broker_loses_connection(t);
            town_tell_kind(t, FACT_BROKER_LOST);
        }
        break;
    case ACTION_PUBLISH:
        if (t->broker.connected && !a->publish.nobody)
            unit_hears(t, actions_bytes(list, a->publish.topic), actions_bytes(list, a->publish.payload));
        if (a->publish.told)
            hand_over(t, t->broker.connected && !a->publish.nobody);
        break;
    case ACTION_SET_TIMER:
        t->due_ms[a->set.timer] = a->set.after_ms < 0 ? -1 : t->mono_ms + a->set.after_ms;
        break;
    case ACTION_BUILD:
        assert_false(t->building || t->clearing);
        t->building = true;
        break;
    case ACTION_CLEAR:
        assert_false(t->building || t->clearing);
        t->clearing = true;
        proposal_fini(a->gone);
        break;
    case ACTION_END:
        if (t->broker.connected && !t->broker.held)
            broker_answers(t); /* a polite end: what is queued leaves */
        t->ended = true;
        t->exit_code = a->exit_code;
        break;
    case ACTION_LOG:
    case ACTION_NOTIFY:
        break;
    }
}

static void carry_all(struct town *t)
{
    struct actions *list = &t->stages.shared.actions;
    if (t->carrying)
        return;
    t->carrying = true;
    for (size_t i = 0; i < list->count && !t->dying && !t->ended && !list->failed; i++) {
        const struct action action = list->list[i];
        t->dying = t->die > 0 && random_below(&t->random, t->die) == 0; /* kill -9 in the middle of it */
        if (!t->dying)
            carry_out(t, &action);
    }
    if (list->failed) {
        assert_true(t->hungry);
        t->dying = true; /* as muckwatchd does: it ends as by a kill */
    }
    actions_clear(list);
    t->carrying = false;
    const struct stages *m = &t->stages;
    bool may_read = m->stage == STAGE_RUNNING && !committer_busy(&m->partition.committer);
    assert_true(may_read || t->dying || t->ended || !t->broker.connected || t->broker.held);
}

/* Whether all that comes of a timer is the same timer, at once. */
static bool spins(const struct town *t, const struct fact *fact)
{
    const struct actions *list = &t->stages.shared.actions;
    const struct action *a = list->list;
    return fact->kind == FACT_DUE && list->count == 1 && a->kind == ACTION_SET_TIMER &&
           a->set.timer == fact->timer && a->set.after_ms == 0;
}

void town_tell(struct town *t, struct fact fact)
{
    if (!t->running || t->dying || t->ended)
        return;
    fact.now = (struct now){{t->wall_ms}, {t->mono_ms}};
    t->facts++;
    memory.fail_one_in = t->starve;
    memory.watching = true;
    stages_take(&t->stages, &fact);
    memory.watching = false;
    assert_false(spins(t, &fact));
    carry_all(t);
}

void town_tell_kind(struct town *t, enum fact_kind kind)
{
    town_tell(t, (struct fact){.kind = kind});
}

/* ---- the store's side ---- */

bool lane_serve(struct town *t, enum link link)
{
    struct lane *lane = &t->lanes[link];
    for (size_t i = 0; i < lane->count; i++) {
        struct asked *a = &lane->queue[i];
        if (a->served)
            continue;
        fake_store_ask(t->store, t->wall_ms, a->command, &a->reply);
        a->served = true;
        if (a->ask == ASK_COMMIT && t->nonsense) { /* done, and answered with somebody else's answer */
            a->reply.reply = (struct reply){.type = REPLY_TEXT, .text = {"what", 4}};
            t->nonsense = false;
        }
        town_look(t);
        return true;
    }
    return false;
}

bool lane_answer(struct town *t, enum link link)
{
    struct lane *lane = &t->lanes[link];
    if (lane->count == 0 || !lane->queue[0].served || lane->dropping)
        return false;
    answer_first(t, lane, false);
    return true;
}

static void lose_unserved(struct town *t, enum link link)
{
    struct lane *lane = &t->lanes[link];
    lane->dropping = true; /* nothing more is taken */
    while (lane->count > 0)
        answer_first(t, lane, true);
    lane->up = lane->dropping = false;
    if (link == LINK_TO_STORE)
        town_tell_kind(t, FACT_STORE_LOST);
}

void town_lose_unserved(struct town *t)
{
    lose_unserved(t, LINK_TO_STORE);
}

bool lane_lose(struct town *t, enum link link)
{
    struct lane *lane = &t->lanes[link];
    if (!lane->up)
        return false;
    size_t more = random_below(&t->random, (unsigned)lane->count + 1);
    while (more-- > 0 && lane_serve(t, link))
        ;
    lose_unserved(t, link);
    return true;
}

/* ---- what is in the store ---- */

static struct unit *unit_of(struct town *t, const char *id)
{
    for (uint32_t i = 0; i < UNITS; i++)
        if (strcmp(t->units[i].id, id) == 0)
            return &t->units[i];
    return NULL;
}

static void look_at_row(struct town *t, const struct fake_row *row, bool track)
{
    unsigned k;
    struct unit *u = unit_of(t, row->key);
    assert_non_null(u);
    if (!track && t->hungry && strcmp(row->note, "too_many_vehicles") == 0) {
        unsigned count = row->value[0] == '[' ? UNNUMBERED_IN_ONE : 1; /* refused whole */
        if (u == &t->units[NUMBERED] && sscanf(row->value + (count > 1), "{\"k\":%u", &k) == 1)
            memset(&u->ever[k], true, count); /* one with a number is sent again */
        return;
    }
    assert_int_equal(sscanf(row->value, "{\"k\":%u", &k), 1);
    assert_in_range(k, 1, u->made);
    assert_string_equal(row->value, u->fixes[k]); /* the bytes as they were sent */
    if (track) {
        /* In the order of its numbers: whatever was left out before it was not acknowledged. Where there are none,
         * times alone are in an order. */
        bool ordered = row->note[0] == '\0' && (u != &t->units[NUMBERED] || !t->live_first);
        for (uint32_t later = k + 1; later <= u->made && ordered; later++)
            assert_int_equal(u->tracked[later], 0);
        u->tracked[k]++;
    } else {
        bool spoilt = unit_spoils_fix(t, u, k) && strcmp(row->note, "out_of_range") == 0;
        assert_true(spoilt || (t->keys_broken && strcmp(row->note, "commit") == 0));
        u->refused[k]++;
    }
    u->ever[k] = true;
    assert_in_range(u->tracked[k], 0, 1);
    if (u != &t->units[NUMBERED] &&
        !t->damaged) /* without a number, or a track, nobody knows that it was refused before */
        assert_in_range(u->tracked[k] + u->refused[k], 0, 1);
}

static void look_at_violation(struct town *t, size_t at)
{
    const struct fake_list *list = &t->store->violations;
    if (t->damaged)
        return; /* what is found again may have the same start */
    int rev = 0;
    for (size_t i = 0; i < at; i++)
        if (strcmp(list->rows[i].key, list->rows[at].key) == 0)
            rev = atoi(list->rows[i].note);
    assert_int_equal(atoi(list->rows[at].note), rev + 1); /* of each id 1, 2, 3 */
}

void town_look(struct town *t)
{
    const struct fake_store *s = t->store;
    if (s->fault != NULL)
        fail_msg("%s", s->fault);
    for (; t->rejects_seen < s->rejects.count; t->rejects_seen++) {
        /* There is room for every unit: no memory for one is no reason to refuse it. */
        assert_string_not_equal(s->rejects.rows[t->rejects_seen].note, "too_many_vehicles");
        look_at_row(t, &s->rejects.rows[t->rejects_seen], false);
    }
    for (; t->tracks_seen < s->tracks.count; t->tracks_seen++) {
        const struct fake_row *row = &s->tracks.rows[t->tracks_seen];
        look_at_row(t, row, true);
        /* A world is on record before anything is judged under it. */
        const char *hash = t->running ? t->stages.shared.world->hash : NULL;
        /* Else it may be the rest of what broke, under a world before, and a claim has written it. */
        bool ours = t->stages.stage != STAGE_STARTING && strcmp(s->token, t->stages.partition.token) == 0;
        if (hash != NULL && ours && !t->looking_back && row->batch == s->batch &&
            t->stages.settling.before == NULL)
            assert_string_equal(s->rulesets.rows[s->rulesets.count - 1].key, hash);
    }
    for (; t->rulesets_seen < s->rulesets.count; t->rulesets_seen++) {
        static const char *const fields[] = {"canonical", "fences", "fleet"};
        for (size_t i = 0; i < 3; i++) { /* and its texts with it */
            char key[96];
            snprintf(key, sizeof key, "muck:ruleset:%s %s", s->rulesets.rows[t->rulesets_seen].key,
                     fields[i]);
            assert_true(t->restored || fake_list_find(&s->texts, key) != NULL);
        }
    }
    for (; t->violations_seen < s->violations.count; t->violations_seen++)
        look_at_violation(t, t->violations_seen);
}

void town_restore(struct town *t)
{
    struct fake_store *was = t->store;
    t->store = fake_store_copy(t->backup);
    t->store->log_new = was->log_new;
    t->store->asked = was->asked; /* ids of streams are times */
    fake_store_free(was);
    t->restored = true;
    t->tracks_seen = t->rejects_seen = t->violations_seen = t->rulesets_seen = 0;
    for (uint32_t i = 0; i < UNITS; i++) {
        memset(t->units[i].tracked, 0, sizeof t->units[i].tracked);
        memset(t->units[i].refused, 0, sizeof t->units[i].refused);
    }
    t->looking_back = true;
    town_look(t);
    t->looking_back = false;
}

void town_init(struct town *t, uint64_t seed)
{
    *t = (struct town){.mono_ms = 1000000, .wall_ms = INT64_C(1790000000000), .stop_asked_ms = -1};
    t->batch_bytes = BATCH_FULL_BYTES;
    t->late = (struct late_settings){
        .horizon_ms = 24 * 3600 * 1000, .quiet_ms = 200, .max_wait_ms = 600, .checkpoint_ms = 5000};
    t->random.state = seed * 2685821657736338717u + 1;
    memory.random = t->random;
    t->store = fake_store_new();
    t->backup = fake_store_copy(t->store);
    for (uint32_t i = 0; i < UNITS; i++)
        snprintf(t->units[i].id, sizeof t->units[i].id, "u%u", i);
}

void town_fini(struct town *t)
{
    if (t->running)
        town_kill(t);
    fake_store_free(t->store);
    fake_store_free(t->backup);
}
