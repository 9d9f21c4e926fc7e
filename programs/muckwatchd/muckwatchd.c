/*
 * muckwatchd: the tracker. Fixes in from MQTT, judged in memory, violations, trips and positions out to
 * Redis.
 *
 * This file reads the command line and the configuration, makes the adapters, and wires them to the parts in
 * muckwatchd/, which daemon.h tells of.
 */
#include "arguments.h"
#include "daemon.h"
#include "failpoint.h"
#include "finding_lines.h"
#include "log.h"
#include "notify.h"

#include <muckwatch/contract.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    TICK_MS = 250,
    QUIET_MS = 200,        /* nothing has come for so long: what waited has been read */
    SMALL_BATCHES = 3,     /* or so many batches in a row far below the broker's limit */
    PARK_AFTER_MS = 30000, /* half of the keep-alive: a connection that is held longer is given up */
    STOP_WITHIN_MS = 1500,
    SESSION_EXPIRY_S = 7 * 86400,
    CLIENT_KEEPALIVE_S = 60,
};

static const struct mqtt_subscription subscriptions[] = {
    {MW_TOPIC_PREFIX "+" MW_TOPIC_FIX, 1, false},
    {MW_TOPIC_PREFIX "+" MW_TOPIC_STATUS, 1, false},
    {MW_TOPIC_OWNTRACKS "+/+", 1, false},
    {"$SYS/broker/publish/messages/dropped", 0, false},
    {0},
};

/* What may be shed. */
static const struct mqtt_subscription live_subscriptions[] = {
    {MW_TOPIC_PREFIX "+" MW_TOPIC_LIVE, 0, false},
    {0},
};

void daemon_stop(struct daemon *d, int exit_code)
{
    d->exit_code = exit_code;
    d->stage = STAGE_STOPPING;
    loop_stop(d->loop);
}

/* The wall clock, after what it may have jumped was taken out of attended time. */
static struct wall follow_clock(struct daemon *d)
{
    struct wall now = clock_wall();
    attended_follow(&d->attended, now, clock_mono());
    return now;
}

int64_t daemon_clock_ms(struct daemon *d)
{
    return attended_ms(&d->attended, follow_clock(d));
}

void daemon_stamp_batch(struct daemon *d)
{
    d->batch.begun = loop_now(d->loop);
    d->batch.received = follow_clock(d);
    d->batch.clock_ms = attended_ms(&d->attended, d->batch.received);
    d->batch.attended = d->attended.running;
}

void daemon_unattended(struct daemon *d)
{
    attended_stop(&d->attended, follow_clock(d));
    d->caught_up = false;
    d->small_batches = 0;
}

/* ---- the broker ---- */

void daemon_listen(struct daemon *d)
{
    mqtt_start(d->mqtt); /* they were stopped if the store was away for long */
    mqtt_start(d->live);
    mqtt_release(d->mqtt); /* first, so that its turn comes first */
    mqtt_release(d->live);
}

void daemon_hold(struct daemon *d)
{
    mqtt_hold(d->mqtt);
    mqtt_hold(d->live);
}

void daemon_leave(struct daemon *d)
{
    d->subscribed = false;
    daemon_hold(d); /* so that stopping acknowledges nothing */
    mqtt_stop(d->mqtt);
    mqtt_stop(d->live);
}

static bool may_read(const struct daemon *d)
{
    return d->stage == STAGE_RUNNING && !committer_busy(&d->committer);
}

static void on_mqtt_connected(void *arg, bool session_present)
{
    struct daemon *d = arg;
    (void)session_present;
    metrics_add(d->metrics, METRIC_CONNECTS, LINK_BROKER, 1);
    if (!may_read(d))
        mqtt_hold(d->mqtt); /* what comes again must wait for the commit under way */
}

static void on_live_connected(void *arg, bool session_present)
{
    struct daemon *d = arg;
    (void)session_present;
    if (!may_read(d))
        mqtt_hold(d->live);
}

static void on_live_burst(void *arg, bool drained)
{
    struct daemon *d = arg;
    (void)drained;
    if (d->stage == STAGE_RUNNING)
        committing_begin(d);
}

static void on_mqtt_subscribed(void *arg, bool all_granted)
{
    struct daemon *d = arg;
    if (!all_granted)
        log_error("mqtt_subscriptions_missing", LOG_TEXT("client_id", d->config.mqtt.client_id));
    log_info("mqtt_subscribed", LOG_TEXT("client_id", d->config.mqtt.client_id));
    d->subscribed = true;
    d->last_message = loop_now(d->loop);
}

static void on_mqtt_disconnected(void *arg, const char *reason)
{
    struct daemon *d = arg;
    log_warn("mqtt_lost", LOG_STR("reason", reason));
    failpoint_pass("reconnecting");
    d->subscribed = false;
    daemon_unattended(d);
    /* What has been judged is committed all the same; the broker sends it again, and it is then a duplicate.
     */
    if (d->stage == STAGE_RUNNING)
        committing_begin(d);
}

static void catch_up(struct daemon *d)
{
    if (d->caught_up || !d->subscribed || d->waiting_for_store || d->stage != STAGE_RUNNING)
        return;
    d->caught_up = true;
    attended_start(&d->attended, clock_wall(), clock_mono());
    committing_run_due(d);
}

static void on_mqtt_burst(void *arg, bool drained)
{
    struct daemon *d = arg;
    failpoint_pass("batch_read");
    bool small = drained && d->batch.messages < d->config.limits.batch_messages / 2;
    d->small_batches = small ? d->small_batches + 1 : 0;
    if (d->stage == STAGE_RUNNING)
        committing_begin(d);
    if (d->small_batches >= SMALL_BATCHES && !committer_busy(&d->committer))
        catch_up(d);
}

/* ---- the store ---- */

static void on_redis_connected(void *arg)
{
    struct daemon *d = arg;
    metrics_add(d->metrics, METRIC_CONNECTS, LINK_STORE, 1);
    log_info("redis_connected");
    if (d->stage == STAGE_STARTING)
        starting_begin(d);
    else
        fresh_log_begin(d);
    reload_step(d);
}

static void on_redis_lost(void *arg, const char *reason)
{
    struct daemon *d = arg;
    (void)reason;
    d->beat_waiting = false;
    d->store_log = LOG_OLD; /* what is there next may be another, or the same started anew */
    reload_store_lost(d);
    daemon_unattended(d);
}

static void on_beat(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    struct text said = redis_reply_text(redis_reply_at(reply, 0));
    d->beat_waiting = false;
    if (committer_busy(&d->committer) || d->stage == STAGE_STARTING)
        return; /* the commit's own answer decides */
    if (text_equal(said, TEXT("fenced"))) {
        log_error("fenced", LOG_INT("epoch", d->epoch));
        daemon_stop(d, EXIT_FENCED);
    } else if (text_equal(said, TEXT("behind"))) {
        starting_over(d, "the owner's record went back");
    }
}

/* Between commits the store is told that we live; a tracker that slept too long hears that it is fenced. */
static void on_beat_timer(void *arg)
{
    struct daemon *d = arg;
    loop_timer_set(d->beat, BEAT_MS);
    committing_run_due(d);
    if (d->stage == STAGE_STARTING || committer_busy(&d->committer) || d->beat_waiting)
        return;
    const struct commit_header header = {PARTITION, d->epoch, d->committer.number, d->fired_ms};
    buf_clear(&d->command);
    commit_write_beat(&header, &d->command);
    d->beat_waiting = redis_send_formatted(d->redis, buf_text(&d->command), on_beat, d);
}

/* ---- time ---- */

static void on_retry(void *arg)
{
    struct daemon *d = arg;
    if (d->stage == STAGE_STARTING)
        starting_begin(d);
    else if (d->store_log != LOG_NEW && redis_connected(d->redis))
        fresh_log_begin(d);
    else
        committing_resume(d);
}

static void on_tick(void *arg)
{
    struct daemon *d = arg;
    int64_t now_ms = loop_now(d->loop).ms;
    loop_timer_set(d->tick, TICK_MS);
    notify_send("WATCHDOG=1");
    if (committer_busy(&d->committer) && now_ms - d->commit_begun.ms > PARK_AFTER_MS && mqtt_held(d->mqtt)) {
        log_warn("mqtt_parked", LOG_STR("reason", "the store is away for too long"));
        daemon_leave(d); /* started again when the commit is done */
    }
    if (!committer_busy(&d->committer) && now_ms - d->last_message.ms > QUIET_MS)
        catch_up(d);
}

static void on_give_up(void *arg)
{
    log_warn("stop_unfinished", LOG_STR("meaning", "the batch in hand stays unacknowledged"));
    loop_stop(((struct daemon *)arg)->loop);
}

static void on_terminate(void *arg)
{
    struct daemon *d = arg;
    log_info("stopping");
    notify_send("STOPPING=1");
    bool busy = committer_busy(&d->committer);
    d->stage = STAGE_STOPPING;
    d->exit_code = EX_OK;
    if (!busy) {
        loop_stop(d->loop);
        return;
    }
    loop_timer_set(d->give_up, STOP_WITHIN_MS);
}

/* ---- putting it together ---- */

static bool make_timers(struct daemon *d)
{
    d->deadline = loop_timer_new(d->loop, committing_on_timer, d);
    d->tick = loop_timer_new(d->loop, on_tick, d);
    d->beat = loop_timer_new(d->loop, on_beat_timer, d);
    d->retry = loop_timer_new(d->loop, on_retry, d);
    d->give_up = loop_timer_new(d->loop, on_give_up, d);
    d->janitor = loop_timer_new(d->loop, janitor_run, d);
    return d->deadline && d->tick && d->beat && d->retry && d->give_up && d->janitor;
}

static const char *given(struct text t)
{
    return t.len > 0 ? t.data : NULL; /* texts of the configuration end with a zero */
}

/* Little at a time: what comes meanwhile is fixes, or can be shed. */
enum { LIVE_BURST = 64 };

static bool make_live(struct daemon *d, struct mqtt_options options)
{
    static const struct mqtt_callbacks callbacks = {
        .connected = on_live_connected, .message = intake_message, .burst = on_live_burst};
    snprintf(d->live_id, sizeof d->live_id, "%.*s-live", TEXT_ARG(d->config.mqtt.client_id));
    options.client_id = d->live_id;
    options.session_expiry_s = 0;
    options.burst_max = LIVE_BURST;
    options.subscriptions = live_subscriptions;
    return mqtt_new(d->loop, &options, &callbacks, d, &d->live) == MQTT_OK;
}

static bool make_mqtt(struct daemon *d)
{
    static const struct mqtt_callbacks callbacks = {.connected = on_mqtt_connected,
                                                    .subscribed = on_mqtt_subscribed,
                                                    .disconnected = on_mqtt_disconnected,
                                                    .message = intake_message,
                                                    .burst = on_mqtt_burst};
    const struct mqtt_config *c = &d->config.mqtt;
    const struct mqtt_options options = {
        .host = given(c->host),
        .port = (uint16_t)c->port,
        .client_id = given(c->client_id),
        .username = given(c->username),
        .password = d->mqtt_password,
        .cafile = given(c->cafile),
        .session_expiry_s = SESSION_EXPIRY_S,
        .receive_max = (uint16_t)d->config.limits.batch_messages,
        .keepalive_s = CLIENT_KEEPALIVE_S,
        .send_max = WARNINGS_UNANSWERED_MAX,
        .backoff_max_ms = 5000,
        .subscriptions = subscriptions,
    };
    return mqtt_new(d->loop, &options, &callbacks, d, &d->mqtt) == MQTT_OK && make_live(d, options);
}

struct redis *daemon_new_redis(struct daemon *d, const struct redis_callbacks *callbacks)
{
    const struct redis_config *c = &d->config.redis;
    const struct redis_options options = {
        .host = given(c->host),
        .port = (uint16_t)c->port,
        .unix_socket = given(c->unix_socket),
        .username = given(c->username),
        .password = d->redis_password,
        .backoff_max_ms = 1500, /* with its jitter, less than one attempt a second */
    };
    return redis_new(d->loop, &options, callbacks, d);
}

static bool make_redis(struct daemon *d)
{
    static const struct redis_callbacks callbacks = {on_redis_connected, on_redis_lost};
    d->redis = daemon_new_redis(d, &callbacks);
    return d->redis != NULL;
}

static bool make_all(struct daemon *d)
{
    const struct fleet_options fleet = {.vehicle_limit = d->config.limits.vehicles};
    uint32_t groups = d->config.limits.batch_messages;
    d->loop = loop_new();
    d->metrics = telemetry_new();
    d->fleet = fleet_new(d->names, fleet);
    d->pieces = calloc(2 * (size_t)groups + 64, sizeof *d->pieces);
    acks_init(&d->acks);
    buf_init(&d->command, (size_t)512 << 20);
    return d->loop && d->metrics && d->fleet && d->pieces && batch_init(&d->batch, groups) &&
           make_timers(d) && make_mqtt(d) && make_redis(d) && reload_init(d) &&
           fleet_set_world(d->fleet, d->world) && loop_on_signal(d->loop, SIGTERM, on_terminate, d) &&
           loop_on_signal(d->loop, SIGINT, on_terminate, d) &&
           loop_on_signal(d->loop, SIGHUP, reload_on_signal, d);
}

static void unmake(struct daemon *d)
{
    http_status_free(d->http);
    mqtt_free(d->mqtt);
    mqtt_free(d->live);
    redis_free(d->redis);
    reload_fini(d);
    struct loop_timer *timers[] = {d->deadline, d->tick, d->beat, d->retry, d->give_up, d->janitor};
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++)
        loop_timer_free(timers[i]);
    loop_free(d->loop);
    batch_fini(&d->batch);
    acks_fini(&d->acks);
    buf_fini(&d->command);
    free(d->pieces);
    free(d->shown);
    fleet_free(d->fleet);
    world_free(d->world);
    world_free(d->old_world);
    recording_fini(&d->recording);
    recalling_fini(d);
    metrics_free(d->metrics);
    names_free(d->names);
    config_fini(&d->config);
    free(d->mqtt_password);
    free(d->redis_password);
}

static void name_instance(struct daemon *d)
{
    char host[128] = "localhost";
    gethostname(host, sizeof host - 1);
    snprintf(d->instance, sizeof d->instance, "%.*s@%s", TEXT_ARG(d->config.mqtt.client_id), host);
}

static int listen_http(struct daemon *d)
{
    const struct http_config *c = &d->config.http;
    if (c->port == 0)
        return EX_OK;
    d->http = http_status_new(d->loop, given(c->host), (uint16_t)c->port, telemetry_page, d);
    if (d->http != NULL)
        return EX_OK;
    log_error("http", LOG_TEXT("host", c->host), LOG_INT("port", c->port),
              LOG_STR("reason", strerror(errno)));
    return EX_UNAVAILABLE;
}

static int run(struct daemon *d)
{
    const char *reason;
    if (!mqtt_self_test(&reason)) {
        log_error("self_test", LOG_STR("reason", reason));
        return EX_SOFTWARE;
    }
    if (!make_all(d)) {
        log_error("start_failed", LOG_STR("reason", "out of memory, or an option that a library refuses"));
        return EX_OSERR;
    }
    int code = listen_http(d);
    if (code != EX_OK)
        return code;
    loop_timer_set(d->tick, TICK_MS);
    loop_timer_set(d->beat, BEAT_MS);
    loop_timer_set(d->janitor, BEAT_MS);
    redis_start(d->redis);
    if (!loop_run(d->loop))
        d->exit_code = EX_OSERR;
    /* Nothing under way: what is queued is durable, and leaves. Else it is held, and stays. */
    mqtt_stop(d->mqtt);
    mqtt_stop(d->live);
    log_info("stopped", LOG_INT("exit_code", d->exit_code));
    return d->exit_code;
}

/* All that is wrong is told; what is doubtful, to who asks for a check. */
static bool load_city(struct daemon *d, struct finding_lines *lines, bool doubts)
{
    struct problem problem;
    struct world_texts texts;
    const struct world_load_options options = {.tell = finding_lines_tell,
                                               .context = lines,
                                               .texts = &texts,
                                               .doubts = doubts,
                                               .now_ms = clock_wall().ms};
    if (!world_load(&d->config, d->names, options, &d->world, &problem))
        return false;
    if (recording_write(d->world->hash, &texts, &d->recording))
        return true;
    fprintf(stderr, "muckwatchd: out of memory\n");
    return false;
}

static int prepare(struct daemon *d, struct finding_lines *lines, bool check)
{
    struct problem problem = {"out of memory"};
    d->names = names_new(NAMES_LIMIT);
    lines->config = d->config_path;
    if (!config_init(&d->config) || d->names == NULL) {
        finding_lines_problem(lines, d->config_path, &problem);
        return EX_CONFIG;
    }
    bool ok =
        config_check_file(&d->config, d->config_path, (struct options_hearing){finding_lines_hear, lines});
    /* A configuration that is wrong elsewhere may name its city. */
    if (!ok && d->config.city.fences.count == 0)
        return EX_CONFIG;
    ok = load_city(d, lines, check) && ok;
    if (!reload_read_password(d->config.mqtt.password_file, &d->mqtt_password, &problem) ||
        !reload_read_password(d->config.redis.password_file, &d->redis_password, &problem)) {
        finding_lines_problem(lines, d->config_path, &problem);
        ok = false;
    }
    if (!ok)
        return EX_CONFIG;
    name_instance(d);
    return EX_OK;
}

struct request {
    const char *config, *level;
    bool check, json, take_over;
};

static enum arguments_status read_arguments(int argc, char **argv, struct request *r)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the configuration", &r->config},
        {ARGUMENT_FLAG, "check", NULL,
         "read the configuration and its files, say all that is wrong or doubtful, and exit: 0 or 78",
         &r->check},
        {ARGUMENT_FLAG, "json", NULL, "with --check: as JSON, an object a line, on the standard output",
         &r->json},
        {ARGUMENT_FLAG, "take-over", NULL, "claim the partition even while another tracker is alive on it",
         &r->take_over},
        {ARGUMENT_TEXT, "log-level", "LEVEL", "error, warn, info (the default) or debug", &r->level},
        {0},
    };
    const struct command_line line = {"muckwatchd",
                                      "--config FILE",
                                      "Tracks vehicles: takes fixes from MQTT, judges them against fences, "
                                      "permits and hours, and writes violations,\n"
                                      "trips and positions to Redis. SIGHUP reloads the city's files whole "
                                      "or keeps the old; SIGTERM finishes the\n"
                                      "batch in hand. Exits with 75 when another tracker owns the partition, "
                                      "78 when the configuration is wrong.",
                                      rows,
                                      0,
                                      0};
    return arguments_read(&line, argc, argv, NULL);
}

/* --check: holidays have to be known for this year where hours ask for them; a running tracker only warns. */
static int check_year(const struct daemon *d, struct finding_lines *lines)
{
    struct mw_civil now;
    struct problem problem;
    mw_civil_from_ms(d->world->zone, clock_wall().ms, &now);
    if (world_check_year(d->world, now.year, &problem))
        return EX_OK;
    finding_lines_problem(lines, "city", &problem);
    return EX_CONFIG;
}

int main(int argc, char **argv)
{
    struct request r = {0};
    enum arguments_status status = read_arguments(argc, argv, &r);
    enum log_level level = LOG_LEVEL_INFO;
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (r.config == NULL || (r.level != NULL && !log_level_find(text_of(r.level), &level))) {
        fprintf(stderr, "muckwatchd: %s; see --help\n",
                r.config == NULL ? "--config FILE is needed"
                                 : "--log-level takes error, warn, info or debug");
        return EX_USAGE;
    }
    log_set_level(level);
    static struct daemon d; /* large, and zero at first */
    d.config_path = r.config;
    d.take_over = r.take_over;
    struct finding_lines lines = {.command = "muckwatchd", .json = r.check && r.json};
    int code = prepare(&d, &lines, r.check);
    if (code == EX_OK && r.check)
        code = check_year(&d, &lines);
    if (r.check || code != EX_OK)
        finding_lines_end(&lines, code == EX_OK ? d.world : NULL);
    if (code == EX_OK && !r.check) {
        mqtt_library_init();
        code = run(&d);
        if (d.reload.worker != NULL && worker_busy(d.reload.worker))
            _exit(code); /* a world that is being built is not waited for, and what it uses stays */
        unmake(&d);
        mqtt_library_fini();
    } else {
        unmake(&d);
    }
    return code;
}
