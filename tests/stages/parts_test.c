/*
 * Small parts of the stages by themselves: whether a store is durable and its log fresh, by what it answers, what
 * the backlog keeps, and what a claim forgets.
 */
#include "../cmocka_all.h"
#include "answering.h"
#include "attention.h"
#include "backlog.h"
#include "durability.h"
#include "fresh_log.h"
#include "judging.h"
#include "partition.h"
#include "redoing.h"
#include "settling.h"
#include "telemetry.h"

#include <stdlib.h>
#include <string.h>

static struct shared shared;

static int setup(void **state)
{
    memset(&shared, 0, sizeof shared);
    shared.metrics = telemetry_new();
    actions_init(&shared.actions);
    return shared.metrics == NULL;
}

static int teardown(void **state)
{
    actions_fini(&shared.actions);
    metrics_free(shared.metrics);
    return 0;
}

static struct reply text_reply(enum reply_type type, const char *text)
{
    return (struct reply){.type = type, .text = text_of(text)};
}

static struct reply said(const char *text)
{
    return text_reply(REPLY_TEXT, text);
}

static struct reply refused(const char *text)
{
    return text_reply(REPLY_ERROR, text);
}

static struct reply array_of(const struct reply *items, size_t count)
{
    return (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = items, .count = count};
}

/* ---- durability ---- */

static const char *const good[SETTING_COUNT] = {NULL, "yes", "always", "no", "noeviction", "yes"};

/* What it comes to with these values of the settings; NULL: the store does not say. */
static enum durability_step look(struct durability *d, const char *const values[SETTING_COUNT],
                                 const char *commands, const char *keys)
{
    struct reply settings[2 * SETTING_COUNT];
    size_t n = 0;
    for (size_t i = SETTING_FIRST; i < SETTING_COUNT; i++)
        if (values[i] != NULL) {
            settings[n++] = said(telemetry_settings[i]);
            settings[n++] = said(values[i]);
        }
    const struct reply user[] = {said("commands"), said(commands), said("keys"), said(keys)};
    const struct reply first = array_of(settings, n), second = array_of(user, 4);
    assert_int_equal(durability_begin(d, &shared), DURABILITY_WAITS);
    assert_int_equal(durability_answered(d, &shared, ASK_SETTINGS, &first), DURABILITY_WAITS);
    enum durability_step step = durability_answered(d, &shared, ASK_DEFAULT_USER, &second);
    assert_int_equal(metrics_get(shared.metrics, METRIC_STORE_DURABLE, 0) == 1, !d->wanting);
    return step;
}

/* Each that decides, wrong or not said; and once it is right again, so is the whole. */
static void test_each_setting(void **state)
{
    struct durability d = {.required = true};
    assert_int_equal(look(&d, good, "+@all", "~*"), DURABILITY_LOOKED);
    for (size_t i = SETTING_FIRST; i < SETTING_COUNT; i++)
        for (int wrong = 0; wrong < 2; wrong++) {
            const char *values[SETTING_COUNT];
            memcpy(values, good, sizeof values);
            values[i] = wrong ? "else" : NULL;
            bool decides = i + 1 < SETTING_COUNT; /* the last one costs no data */
            d.required = true;
            assert_int_equal(look(&d, values, "+@all", "~*"), decides ? DURABILITY_ENDS : DURABILITY_LOOKED);
            assert_int_equal(metrics_get(shared.metrics, METRIC_SETTING_WRONG, i), wrong);
            assert_int_equal(metrics_get(shared.metrics, METRIC_SETTING_UNKNOWN, i), !wrong);
            d.required = false; /* it is told, and no more */
            assert_int_equal(look(&d, values, "+@all", "~*"), DURABILITY_LOOKED);
            assert_int_equal(d.wanting, decides);
            assert_int_equal(look(&d, good, "+@all", "~*"), DURABILITY_LOOKED);
            assert_false(d.wanting);
        }
}

/* The user that the log is read as: its commands and its keys. */
static void test_default_user(void **state)
{
    static const struct {
        const char *commands, *keys;
        bool good;
    } users[] = {
        {"+@all", "~*", true},
        {"+@all", "~muck:*", true},
        {"+@all", "~other:*", false},
        {"+@all", "", false},
        {"+@all", "~other:* ~muck:*", true},
        {"+@all -@stream", "~*", false},
        {"+@all -xadd", "~*", false},
        {"+@all -zrem", "~*", false},
        {"-@all +@write", "~*", true},
        {"+@write -@all", "~*", false},
        {"-@all +xadd", "~*", false},
        {"+@all -xadd +xadd", "~*", true},
    };
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        struct durability d = {.required = true};
        assert_int_equal(look(&d, good, users[i].commands, users[i].keys),
                         users[i].good ? DURABILITY_LOOKED : DURABILITY_ENDS);
    }
}

/* One that is busy is asked again; one that does not let us is unknown; one that is gone says nothing. */
static void test_refused_look(void **state)
{
    struct durability d = {.required = true};
    const struct reply busy = refused("BUSY script"), denied = refused("NOPERM this user"),
                       nothing = {.type = REPLY_NOTHING, .text = {"", 0}};
    durability_begin(&d, &shared);
    assert_int_equal(durability_answered(&d, &shared, ASK_SETTINGS, &busy), DURABILITY_AGAIN);
    durability_begin(&d, &shared);
    assert_int_equal(durability_answered(&d, &shared, ASK_SETTINGS, &nothing), DURABILITY_WAITS);
    assert_false(d.waiting);
    durability_begin(&d, &shared);
    assert_int_equal(durability_answered(&d, &shared, ASK_SETTINGS, &denied), DURABILITY_WAITS);
    assert_true(d.waiting && d.wanting);
    assert_int_equal(durability_answered(&d, &shared, ASK_DEFAULT_USER, &nothing), DURABILITY_WAITS);
    assert_int_equal(metrics_get(shared.metrics, METRIC_SETTING_WRONG, SETTING_DEFAULT_USER), 0);
}

/* ---- the log ---- */

static enum fresh_log_step asked(enum fresh_log *log, struct reply reply)
{
    *log = LOG_OLD;
    shared.actions.count = 0;
    assert_int_equal(fresh_log_begin(log, &shared), FRESH_LOG_WAITS);
    assert_int_equal(shared.actions.count, 1);
    assert_int_equal(fresh_log_begin(log, &shared), FRESH_LOG_WAITS);
    assert_int_equal(shared.actions.count, 1); /* not twice */
    return fresh_log_answered(log, &shared, ASK_PERSISTENCE, &reply);
}

#define PERSISTENCE(enabled, running, scheduled, last)                                                       \
    "aof_enabled:" enabled "\r\naof_rewrite_in_progress:" running "\r\naof_rewrite_scheduled:" scheduled     \
    "\r\naof_last_rewrite_time_sec:" last "\r\n"

static void test_which_log_is_fresh(void **state)
{
    enum fresh_log log;
    assert_int_equal(asked(&log, said(PERSISTENCE("0", "0", "0", "-1"))), FRESH_LOG_BEGUN);
    assert_int_equal(asked(&log, said(PERSISTENCE("1", "1", "0", "-1"))), FRESH_LOG_BEGUN);
    assert_int_equal(asked(&log, said(PERSISTENCE("1", "0", "0", "3"))), FRESH_LOG_BEGUN);
    assert_int_equal(log, LOG_NEW);
    assert_int_equal(asked(&log, said(PERSISTENCE("1", "0", "1", "-1"))), FRESH_LOG_AGAIN);
    assert_int_equal(log, LOG_OLD);
    assert_int_equal(asked(&log, refused("LOADING it")), FRESH_LOG_AGAIN);
    assert_int_equal(asked(&log, refused("NOPERM info")), FRESH_LOG_BEGUN);
}

static void test_a_log_is_begun(void **state)
{
    static const struct {
        bool refused;
        const char *answer;
        enum fresh_log_step step;
    } answers[] = {
        {false, "Background append only file rewriting started", FRESH_LOG_BEGUN},
        {false, "Background append only file rewriting scheduled", FRESH_LOG_AGAIN},
        {true, "ERR Background append only file rewriting already in progress", FRESH_LOG_BEGUN},
        {true, "NOPERM bgrewriteaof", FRESH_LOG_BEGUN},
        {true, "MISCONF disk", FRESH_LOG_AGAIN},
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        enum fresh_log log;
        assert_int_equal(asked(&log, said(PERSISTENCE("1", "0", "0", "-1"))), FRESH_LOG_WAITS);
        struct reply reply = answers[i].refused ? refused(answers[i].answer) : said(answers[i].answer);
        assert_int_equal(fresh_log_answered(&log, &shared, ASK_REWRITE, &reply), answers[i].step);
        assert_int_equal(log, answers[i].step == FRESH_LOG_BEGUN ? LOG_NEW : LOG_OLD);
    }
}

/* ---- the backlog ---- */

static void test_backlog(void **state)
{
    static char payload[] = "[{\"k\":1,\"time\":1780000000},{\"k\":2,\"time\":1780000001}]";
    struct backlog b;
    struct message out;
    struct fix_reader reader, other;
    struct fix_item item;
    backlog_init(&b);
    assert_true(backlog_empty(&b));
    fix_reader_init(&reader, text_of(payload));
    assert_true(fix_reader_next(&reader, &item));
    const struct message first = {TEXT("a/fix"), text_of(payload), 1, false},
                         second = {TEXT("b/status"), TEXT("{}"), 0, true};
    assert_true(backlog_add(&b, &first, &reader));
    assert_true(backlog_add(&b, &second, NULL));
    memset(payload, 'x', sizeof payload - 1); /* the library has it no longer */
    assert_true(backlog_first(&b, &out, &other));
    assert_true(text_equal(out.topic, TEXT("a/fix")) && out.qos == 1 && !out.retain);
    assert_true(fix_reader_next(&other, &item));
    assert_true(item.json.len > 6 && memcmp(item.json.data, "{\"k\":2", 6) == 0);
    assert_false(fix_reader_next(&other, &item));
    backlog_pop(&b);
    assert_false(backlog_first(&b, &out, &other));
    assert_true(text_equal(out.topic, TEXT("b/status")) && text_equal(out.payload, TEXT("{}")));
    assert_true(out.qos == 0 && out.retain);
    fix_reader_init(&reader, out.payload);
    backlog_cut(&b, &reader);
    assert_true(backlog_first(&b, &out, &other));
    backlog_pop(&b);
    assert_true(backlog_empty(&b));
    assert_int_equal(b.count + b.next + b.bytes.len, 0); /* what is through takes no room */
    backlog_fini(&b);
}

/* Of a payload that is too large so much is kept that it is still too large. */
static void test_large_payload(void **state)
{
    struct backlog b;
    struct message out;
    struct fix_reader reader;
    char *bytes = calloc(1, FIX_PAYLOAD_MAX + 1000);
    assert_non_null(bytes);
    backlog_init(&b);
    for (size_t len = FIX_PAYLOAD_MAX - 1; len < FIX_PAYLOAD_MAX + 1000;
         len += len < FIX_PAYLOAD_MAX + 2 ? 1 : 500) {
        const struct message m = {TEXT("a/fix"), {bytes, len}, 1, false};
        assert_true(backlog_add(&b, &m, NULL));
        backlog_first(&b, &out, &reader);
        assert_int_equal(out.payload.len, len > FIX_PAYLOAD_MAX ? FIX_PAYLOAD_MAX + 1 : len);
        backlog_pop(&b);
    }
    backlog_fini(&b);
    free(bytes);
}

/* Of a store that went back: nothing stays of what was in hand, nor of how far its deadlines had fired. */
static void test_a_claim_forgets(void **state)
{
    struct names *names = names_new(100);
    struct partition p = {0};
    const struct partition_options options = {
        .names = names, .vehicle_limit = 10, .batch_groups = 4, .batch_bytes = 1 << 20};
    assert_true(partition_init(&p, &options));
    partition_claimed(&p, &(struct partition_claim){1, 7, 5000});
    assert_int_equal(p.fired_ms, 5000);
    struct batch_group *g = batch_nobody(&p.batch);
    buf_puts(&g->ops.ops, "0123456789");
    batch_weigh(&p.batch, g);
    batch_weigh(&p.batch, g); /* nothing was added */
    assert_int_equal(p.batch.ops_bytes, 10);
    p.batch.has_ruleset = true;
    shares_take(&p.shares, 1, (const size_t[SHARE_KINDS]){SHARE_NOTED, SHARE_NOTED}, (struct mono){1});
    assert_int_equal(p.shares.count, 1);
    partition_claimed(&p, &(struct partition_claim){2, 3, 4000});
    assert_int_equal(p.fired_ms, 4000);
    assert_int_equal(p.committer.number, 3);
    assert_int_equal(p.shares.count, 0);
    assert_int_equal(p.batch.count, 0);
    assert_int_equal(p.batch.ops_bytes, 0);
    assert_false(p.batch.has_ruleset);
    partition_fini(&p);
    names_free(names);
}

/* What one message of a batch asks for no other of the same vehicle takes back. */
static void test_a_group_owes_what_any_message_asks_for(void **state)
{
    struct names *names = names_new(100);
    struct partition p = {0};
    const struct partition_options options = {
        .names = names, .vehicle_limit = 10, .batch_groups = 4, .batch_bytes = 1 << 20};
    assert_true(partition_init(&p, &options));
    struct batch_group *g = batch_nobody(&p.batch);
    judging_outcome(&shared, &p, g);
    assert_false(g->ack || g->state_changed);
    shared.outcome.ack = shared.outcome.state_changed = true;
    judging_outcome(&shared, &p, g);
    shared.outcome.ack = shared.outcome.state_changed = false;
    judging_outcome(&shared, &p, g);
    assert_true(g->ack && g->state_changed);
    partition_fini(&p);
    names_free(names);
}

/* All batches of a switch of worlds have the stamp of its beginning. */
static void test_a_switch_has_one_stamp(void **state)
{
    struct names *names = names_new(100);
    struct partition p = {0};
    struct settling settling;
    const struct partition_options options = {
        .names = names, .vehicle_limit = 10, .batch_groups = 4, .batch_bytes = 1 << 20};
    const struct now begun = {{1000000}, {1000}}, later = {{1003000}, {4000}};
    assert_true(partition_init(&p, &options));
    partition_claimed(&p, &(struct partition_claim){1, 7, 5000});
    p.ruleset_owed = false;
    attended_start(&p.attended, begun.wall, begun.mono);
    settling_begin(&settling, &p, NULL, begun);
    shared.now = later;
    assert_int_equal(partition_clock_ms(&p, later), 8000);
    assert_true(settling_fire(&settling, &shared, &p));
    assert_int_equal(p.batch.received.ms, 1000000);
    assert_int_equal(p.batch.clock_ms, 5000);
    partition_fini(&p);
    names_free(names);
}

/* Three in a row, far below what may be read at once, and read to the end. */
static void test_small_batches(void **state)
{
    struct attention a = {0};
    const struct batch small = {.full = 100, .messages = 49}, large = {.full = 100, .messages = 50};
    for (int i = 0; i < 5; i++) {
        attention_read(&a, true, &small);
        attention_read(&a, true, &small);
        attention_read(&a, i % 2 == 0, i % 2 == 0 ? &large : &small);
        assert_false(attention_after_small_batches(&a));
    }
    for (int i = 0; i < 3; i++)
        attention_read(&a, true, &small);
    assert_true(attention_after_small_batches(&a));
}

/* A unit whose numbers began again under the same boot is acknowledged nothing until it names another. */
static void test_no_ack_of_numbers_that_began_again(void **state)
{
    struct names *names = names_new(100);
    struct partition p = {0};
    const struct partition_options options = {
        .names = names, .vehicle_limit = 10, .batch_groups = 4, .batch_bytes = 1 << 20};
    uint32_t place;
    assert_true(partition_init(&p, &options));
    assert_true(fleet_place(p.fleet, TEXT("v"), &place));
    shared.names = names;
    shared.broker_up = true;
    shared.now = (struct now){{1000000}, {1000}};
    for (int restarted = 1; restarted >= 0; restarted--) {
        struct vehicle_state v = *fleet_state(p.fleet, place);
        v.journal.boot_len = 1;
        v.journal.boot[0] = 'a';
        v.journal.seq = 5;
        v.journal.restarted = restarted;
        fleet_restore(p.fleet, &v);
        acks_owe(&p.acks, place, 0);
        shared.now.mono.ms += 60000;
        answering_acknowledge(&shared, &p);
        assert_int_equal(shared.actions.count, 1 - restarted);
    }
    partition_fini(&p);
    names_free(names);
}

/* What the store refused for good has happened to nobody: the cab is not warned of it. */
static void test_no_warning_from_quarantine(void **state)
{
    struct names *names = names_new(100);
    struct partition p = {0};
    const struct partition_options options = {
        .names = names, .vehicle_limit = 10, .batch_groups = 4, .batch_bytes = 1 << 20};
    uint32_t place;
    assert_true(partition_init(&p, &options));
    assert_true(fleet_place(p.fleet, TEXT("v"), &place));
    shared.names = names;
    struct batch_group *g = batch_group(&p.batch, p.fleet, place);
    p.batch.warnings = calloc(1, sizeof p.batch.warnings[0]);
    p.batch.warning_count = p.batch.warning_cap = 1;
    assert_non_null(p.batch.warnings);
    g->quarantined = true;
    answering_warn(&shared, &p);
    assert_int_equal(shared.actions.count, 0);
    g->quarantined = false;
    answering_warn(&shared, &p);
    assert_int_equal(shared.actions.count, 1);
    partition_fini(&p);
    names_free(names);
}

/* With the store all that was noted of its vehicles is gone; and nothing is asked of one that is not there. */
static void test_what_is_judged_again_goes_with_the_store(void **state)
{
    struct redoing r = {.settings = {.horizon_ms = 1000}, .settled = 4};
    struct partition p = {0};
    heap_init(&r.due);
    assert_true(heap_reserve(&r.due, 10));
    heap_set(&r.due, 3, 100);
    r.slots[0].step = REDOING_WAITS;
    shared.store_up = false;
    redoing_begin(&r, &shared, &p);
    assert_int_equal(r.slots[0].step, REDOING_WAITS);
    assert_int_equal(shared.actions.count, 0);
    redoing_forget(&r);
    assert_null(heap_first(&r.due));
    assert_int_equal(r.settled, 0);
    assert_int_equal(r.slots[0].step, REDOING_FREE);
    /* What was dropped is free again with the last answer to what it had asked. */
    r.slots[0].step = REDOING_DROPPED;
    r.slots[0].open = 2;
    const struct reply reply = refused("ERR");
    redoing_answered(&r, &shared, &p, 0, &reply);
    assert_int_equal(r.slots[0].step, REDOING_DROPPED);
    redoing_answered(&r, &shared, &p, 0, &reply);
    assert_int_equal(r.slots[0].step, REDOING_FREE);
    redoing_fini(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_each_setting),
                                       TEST(test_default_user),
                                       TEST(test_refused_look),
                                       TEST(test_which_log_is_fresh),
                                       TEST(test_a_log_is_begun),
                                       TEST(test_backlog),
                                       TEST(test_large_payload),
                                       TEST(test_a_claim_forgets),
                                       TEST(test_a_group_owes_what_any_message_asks_for),
                                       TEST(test_a_switch_has_one_stamp),
                                       TEST(test_small_batches),
                                       TEST(test_no_ack_of_numbers_that_began_again),
                                       TEST(test_no_warning_from_quarantine),
                                       TEST(test_what_is_judged_again_goes_with_the_store)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
