/*
 * starting: from a store that answers to a daemon that runs:
 *
 *   look at the store's settings → begin its file anew (fresh_log.c) → load the function library → claim the
 *   partition → record the texts of the world → load the states → journals of those that are missing from
 * their tracks (recalling.c) → settle them under it, and say that it is in force → connect to the broker
 *
 * Claiming comes before loading, so that whoever owned the partition can write no more when we read. Each
 * step sends one command and goes on in its answer; an answer of NULL ends the walk, and the next connection
 * begins it anew. The same walk is taken when the store turns out to have gone back.
 */
#include "daemon.h"
#include "failpoint.h"
#include "log.h"
#include "notify.h"
#include "state_codec.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { SCAN_COUNT = 1000, AGAIN_MS = 500, PROGRESS_EVERY = 100000, REDIS_MAJOR_MIN = 7 };

static redis_answer on_settings, on_info, on_library, on_claimed, on_recorded, on_states;
static void record_on(struct daemon *d);
static void scan(struct daemon *d, struct text cursor);

/* NULL: wait for the next connection. An error that will pass: again in a while. Any other ends the program.
 */
static bool usable(struct daemon *d, const struct redis_reply *reply, const char *what)
{
    if (reply == NULL || d->stage != STAGE_STARTING)
        return false;
    if (redis_reply_type(reply) != REDIS_ERROR)
        return true;
    struct text error = redis_reply_text(reply);
    log_error("store_refuses", LOG_STR("what", what), LOG_TEXT("reply", error));
    if (committing_store_away(error))
        loop_timer_set(d->retry, AGAIN_MS);
    else
        daemon_stop(d, EX_UNAVAILABLE);
    return false;
}

static void send(struct daemon *d, size_t argc, const struct text *argv, redis_answer *answer)
{
    if (!redis_send(d->redis, argc, argv, answer, d) && redis_connected(d->redis))
        loop_timer_set(d->retry, AGAIN_MS);
}

void starting_begin(struct daemon *d)
{
    static const struct text argv[] = {TEXT("CONFIG"), TEXT("GET"), TEXT("appendonly"), TEXT("appendfsync"),
                                       TEXT("maxmemory-policy")};
    assert(d->stage == STAGE_STARTING);
    if (redis_connected(d->redis))
        send(d, sizeof argv / sizeof *argv, argv, on_settings);
}

static bool setting_is(const struct redis_reply *reply, const char *name, const char *want)
{
    for (size_t i = 0; i + 1 < redis_reply_count(reply); i += 2)
        if (text_equal(redis_reply_text(redis_reply_at(reply, i)), text_of(name))) {
            struct text value = redis_reply_text(redis_reply_at(reply, i + 1));
            if (text_equal(value, text_of(want)))
                return true;
            log_warn("store_setting", LOG_STR("setting", name), LOG_TEXT("value", value),
                     LOG_STR("wanted", want));
            return false;
        }
    log_warn("store_setting", LOG_STR("setting", name), LOG_STR("value", "unknown"), LOG_STR("wanted", want));
    return false;
}

static void on_settings(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (reply == NULL || d->stage != STAGE_STARTING)
        return;
    /* Who may not look (an ACL) cannot know, and that counts as not durable. All three are told at once. */
    unsigned good = setting_is(reply, "appendonly", "yes");
    good += setting_is(reply, "appendfsync", "always");
    good += setting_is(reply, "maxmemory-policy", "noeviction");
    metrics_set(d->metrics, METRIC_STORE_DURABLE, 0, good == 3);
    if (good < 3) {
        log_warn("store_not_durable", LOG_STR("meaning", "the store can lose what it has acknowledged"),
                 LOG_INT("required", d->config.redis.require_durable));
        if (d->config.redis.require_durable) {
            daemon_stop(d, EX_CONFIG);
            return;
        }
    }
    static const struct text argv[] = {TEXT("INFO"), TEXT("server")};
    send(d, 2, argv, on_info);
}

static void on_info(void *arg, const struct redis_reply *reply)
{
    static const char key[] = "redis_version:";
    struct daemon *d = arg;
    if (!usable(d, reply, "INFO"))
        return;
    struct text info = redis_reply_text(reply);
    const char *at = info.len > 0 ? strstr(info.data, key) : NULL; /* a reply's text ends with a zero */
    int major = at != NULL ? atoi(at + sizeof key - 1) : 0;
    if (major < REDIS_MAJOR_MIN) {
        log_error("store_too_old", LOG_INT("major", major), LOG_INT("wanted", REDIS_MAJOR_MIN));
        daemon_stop(d, EX_CONFIG);
        return;
    }
    fresh_log_begin(d);
}

void starting_go_on(struct daemon *d)
{
    const struct text argv[] = {
        TEXT("FUNCTION"), TEXT("LOAD"), TEXT("REPLACE"), {commit_library, commit_library_len}};
    send(d, 4, argv, on_library);
}

static void on_library(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (!usable(d, reply, "FUNCTION LOAD"))
        return;
    buf_clear(&d->command);
    commit_write_claim(PARTITION, text_of(d->instance), OWNER_HOLD_MS, d->take_over, &d->command);
    redis_send_formatted(d->redis, buf_text(&d->command), on_claimed, d);
}

/* A new world in the place of the old; without memory the old one stays. */
static void put_in_force(struct daemon *d)
{
    struct world *gone = d->old_world;
    if (gone == NULL)
        return;
    bool entered = fleet_set_world(d->fleet, d->world);
    if (!entered) {
        gone = d->world;
        d->world = d->old_world;
    }
    d->ruleset_owed = entered;
    d->old_world = NULL;
    reload_entered(d, gone, entered);
}

static void on_claimed(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (!usable(d, reply, "claim"))
        return;
    if (text_equal(redis_reply_text(redis_reply_at(reply, 0)), TEXT("held"))) {
        log_error("partition_held", LOG_TEXT("by", redis_reply_text(redis_reply_at(reply, 1))),
                  LOG_INT("seen_ms_ago", redis_reply_integer(redis_reply_at(reply, 2))));
        daemon_stop(d, EXIT_FENCED);
        return;
    }
    d->epoch = redis_reply_integer(redis_reply_at(reply, 1));
    committer_init(&d->committer, (uint64_t)redis_reply_integer(redis_reply_at(reply, 2)));
    d->attended = (struct attended){.counted_ms = redis_reply_integer(redis_reply_at(reply, 3))};
    d->fired_ms = d->attended.counted_ms;
    d->recorded.known = false;
    failpoint_pass("claimed");
    log_info("claimed", LOG_INT("epoch", d->epoch), LOG_INT("batch", (int64_t)d->committer.number));
    fleet_clear(d->fleet);
    recalling_forget(d);
    d->outdated = 0;
    acks_clear(&d->acks);
    batch_clear(&d->batch);
    for (uint32_t i = 0; i < d->shown_places; i++)
        d->shown[i] = COMMIT_SHOWN_UNKNOWN;
    put_in_force(d); /* should this have come between a reload and its first batch */
    d->ruleset_owed = true;
    d->recording_sent = 0;
    record_on(d);
}

/* ---- the texts of the world ---- */

static void on_some_recorded(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (!usable(d, reply, "recording the texts of the ruleset"))
        return;
    d->recording_sent++;
    record_on(d);
}

static void record_on(struct daemon *d)
{
    if (d->recording_sent < d->recording.count) {
        const struct buf *next = &d->recording.commands[d->recording_sent];
        if (!redis_send_borrowed(d->redis, buf_text(next), on_some_recorded, d) && redis_connected(d->redis))
            loop_timer_set(d->retry, AGAIN_MS);
        return;
    }
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(text_of(d->world->hash)));
    const struct text argv[] = {TEXT("HEXISTS"), text_of(key), TEXT("canonical")};
    send(d, sizeof argv / sizeof *argv, argv, on_recorded);
}

/* Our copies of the texts go once the store has them. One that went back may lack them; then the files have
 * to say them again, which takes long: that is done as a reload is, while we run. */
static void on_recorded(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (!usable(d, reply, "looking for the texts of the ruleset"))
        return;
    recording_fini(&d->recording);
    d->reload.texts_lost |= redis_reply_integer(reply) == 0;
    scan(d, TEXT("0"));
}

static void scan(struct daemon *d, struct text cursor)
{
    char key[MW_KEY_MAX], count[16];
    snprintf(key, sizeof key, MW_KEY_STATE, (unsigned)PARTITION);
    snprintf(count, sizeof count, "%d", SCAN_COUNT);
    const struct text argv[] = {TEXT("HSCAN"), text_of(key), cursor, TEXT("COUNT"), text_of(count)};
    send(d, sizeof argv / sizeof *argv, argv, on_states);
}

/* ---- the states ---- */

/* False where going on would write over what a later version knows, or lose what there is no room for. */
static bool restore(struct daemon *d, struct text vehicle, struct text blob)
{
    uint32_t symbol;
    struct vehicle_state state;
    enum state_error error = STATE_NAMES_FULL;
    if (names_intern(d->names, vehicle, &symbol))
        error = state_read(blob, symbol, d->names, &state);
    if (error == STATE_OK && fleet_restore(d->fleet, &state))
        return true;
    if (error == STATE_EARLIER_VERSION) {
        /* What an earlier version knew of it cannot be told in the terms of this one. */
        log_warn("state_outdated", LOG_TEXT("vehicle", vehicle), LOG_STR("judged", "as if never seen"));
        d->outdated++;
        return recalling_add(d, vehicle);
    }
    log_error("state_unreadable", LOG_TEXT("vehicle", vehicle),
              LOG_STR("reason",
                      error == STATE_OK ? "more vehicles than limits.vehicles" : state_error_name(error)));
    /* One damaged state costs itself; a store written by a later version is not ours to judge by. */
    return error == STATE_MALFORMED && recalling_add(d, vehicle);
}

static void on_states(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (!usable(d, reply, "loading states"))
        return;
    const struct redis_reply *fields = redis_reply_at(reply, 1);
    uint32_t before = fleet_count(d->fleet);
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2)
        if (!restore(d, redis_reply_text(redis_reply_at(fields, i)),
                     redis_reply_text(redis_reply_at(fields, i + 1)))) {
            daemon_stop(d, EX_DATAERR);
            return;
        }
    uint32_t count = fleet_count(d->fleet);
    if (before / PROGRESS_EVERY != count / PROGRESS_EVERY)
        log_info("loading", LOG_INT("vehicles", count));
    struct text cursor = redis_reply_text(redis_reply_at(reply, 0));
    if (!text_equal(cursor, TEXT("0"))) {
        scan(d, cursor);
        return;
    }
    recalling_begin(d);
}

void starting_loaded(struct daemon *d)
{
    failpoint_pass("state_loaded");
    log_info("loaded", LOG_INT("vehicles", fleet_count(d->fleet)), LOG_INT("outdated", d->outdated));
    starting_switch(d);
}

/* ---- the world in force ---- */

void starting_switch(struct daemon *d)
{
    daemon_stamp_batch(d);
    d->switched = d->batch.received;
    d->switched_ms = d->batch.clock_ms;
    d->stage = STAGE_SETTLING;
    starting_settle(d);
}

/*
 * All batches of a switch have the stamp of its beginning, so that a replay settles every vehicle at the same
 * point. What was due by then fires under the world that was in force then.
 */
void starting_settle(struct daemon *d)
{
    uint32_t place;
    daemon_stamp_batch(d);
    d->batch.received = d->switched;
    d->batch.clock_ms = d->switched_ms;
    if (d->ruleset_owed || d->old_world != NULL)
        batch_nobody(&d->batch); /* first, and so that there is a batch at all */
    bool fired = d->old_world == NULL || committing_fire(d);
    if (fired)
        put_in_force(d);
    while (fired && !batch_full(&d->batch) &&
           fleet_settle(d->fleet, d->batch.clock_ms, &place, &d->outcome)) {
        if (d->outcome.transition_count == 0 && d->outcome.trip_count == 0 && !d->outcome.state_changed)
            continue;
        struct batch_group *g = intake_group(d, place);
        if (g == NULL)
            break;
        intake_outcome(d, g);
    }
    if (d->batch.count > 0)
        committing_begin(d); /* and here again when it is durable */
    else
        starting_run(d);
}

void starting_run(struct daemon *d)
{
    d->stage = STAGE_RUNNING;
    int64_t now_ms = loop_now(d->loop).ms;
    /* After the store went back units hear what is durable now, so that they send again what is not. */
    if (d->acknowledge_all)
        for (uint32_t place = 0; place < fleet_count(d->fleet); place++)
            if (fleet_state(d->fleet, place)->journal.boot_len > 0)
                acks_owe(&d->acks, place, now_ms);
    d->acknowledge_all = false;
    daemon_listen(d);
    metrics_set(d->metrics, METRIC_VEHICLES, 0, fleet_count(d->fleet));
    log_info("running", LOG_INT("vehicles", fleet_count(d->fleet)), LOG_STR("ruleset", d->world->hash));
    notify_send("READY=1");
    committing_run_due(d);
    reload_step(d);
}

void starting_over(struct daemon *d, const char *reason)
{
    log_error("store_went_back", LOG_STR("reason", reason));
    metrics_add(d->metrics, METRIC_STORE_RELOADS, 0, 1);
    daemon_leave(d);
    daemon_unattended(d);
    d->waiting_for_store = false;
    committer_init(&d->committer, 0);
    batch_clear(&d->batch);
    reload_store_lost(d);
    d->acknowledge_all = true;
    d->stage = STAGE_STARTING;
    starting_begin(d);
}
