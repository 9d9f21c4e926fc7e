/*
 * making: the stages and the adapters around them, from the configuration; and the end of all of it.
 */
#include "daemon.h"
#include "log.h"

#include <muckwatch/contract.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sysexits.h>

enum {
    PARTITION = 0, /* one process serves one partition; keys always carry its number */
    SESSION_EXPIRY_S = 7 * 86400,
    CLIENT_KEEPALIVE_S = 60,
};

/* What units say: while one of these is not granted, vehicles cannot be heard. */
static const struct mqtt_subscription subscriptions[] = {
    {MW_TOPIC_PREFIX "+" MW_TOPIC_FIX, 1, false},
    {MW_TOPIC_PREFIX "+" MW_TOPIC_STATUS, 1, false},
    {MW_TOPIC_OWNTRACKS "+/+", 1, false},
    {0},
};

/* What may be shed. */
static const struct mqtt_subscription live_subscriptions[] = {
    {MW_TOPIC_PREFIX "+" MW_TOPIC_LIVE, 0, false},
    {"$SYS/broker/publish/messages/dropped", 0, false},
    {0},
};

static const char *given(struct text t)
{
    return t.len > 0 ? t.data : NULL; /* texts of the configuration end with a zero */
}

/* Little at a time: what comes meanwhile is fixes, or can be shed. */
enum { LIVE_BURST = 64 };

static enum mqtt_error make_live(struct daemon *d, struct mqtt_options options)
{
    snprintf(d->live_id, sizeof d->live_id, "%.*s-live", TEXT_ARG(d->config.mqtt.client_id));
    options.client_id = d->live_id;
    options.session_expiry_s = 0;
    options.burst_max = LIVE_BURST;
    options.subscriptions = live_subscriptions;
    return mqtt_new(d->loop, &options, &hearing_live, d, &d->live);
}

static enum mqtt_error make_both(struct daemon *d)
{
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
    enum mqtt_error error = mqtt_new(d->loop, &options, &hearing_mqtt, d, &d->mqtt);
    return error == MQTT_OK ? make_live(d, options) : error;
}

static int make_mqtt(struct daemon *d, struct problem *out_problem)
{
    enum mqtt_error error = make_both(d);
    if (error == MQTT_BAD_CAFILE)
        problem_set(out_problem, "%.*s: no certificate can be read from it (mqtt.cafile)",
                    TEXT_ARG(d->config.mqtt.cafile));
    else if (error == MQTT_BAD_OPTION)
        problem_set(out_problem, "%s: the MQTT library refuses mqtt.client_id, username or password",
                    d->config_path);
    return error == MQTT_OK ? EX_OK : error == MQTT_NO_MEMORY ? EX_OSERR : EX_CONFIG;
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
    d->redis = daemon_new_redis(d, &hearing_redis);
    return d->redis != NULL;
}

static bool make_timers(struct daemon *d)
{
    bool ok = true;
    for (int i = 0; i < TIMER_COUNT; i++) {
        struct due *due = &d->due[i];
        *due = (struct due){.daemon = d, .timer = (enum timer)i};
        due->loop_timer = loop_timer_new(d->loop, hearing_due, due);
        ok &= due->loop_timer != NULL;
    }
    for (int i = 0; i < ASK_COUNT; i++)
        d->asked[i] = (struct asked){.daemon = d, .ask = (enum ask)i};
    for (uint32_t i = 0; i < JANITOR_CHORES; i++)
        d->asked_chores[i] = (struct asked){.daemon = d, .ask = ASK_CHORE, .slot = i};
    for (uint32_t i = 0; i < REDOING_AT_A_TIME; i++)
        d->asked_late[i] = (struct asked){.daemon = d, .ask = ASK_LATE, .slot = i};
    for (uint32_t i = 0; i < RECALLING_AT_A_TIME; i++)
        d->asked_tracks[i] = (struct asked){.daemon = d, .ask = ASK_TRACK, .slot = i};
    return ok;
}

static bool make_token(struct daemon *d)
{
    uint64_t random[2];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    snprintf(d->token, sizeof d->token, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
    return true;
}

static bool make_stages(struct daemon *d)
{
    const struct stages_options options = {
        .partition = {.number = PARTITION,
                      .names = d->names,
                      .vehicle_limit = d->config.limits.vehicles,
                      .batch_groups = d->config.limits.batch_messages,
                      .batch_bytes = BATCH_FULL_BYTES,
                      .late_horizon_ms = d->config.late.horizon_ms},
        .instance = text_of(d->instance),
        .token = text_of(d->token),
        .take_over = d->take_over,
        .require_durable = d->config.redis.require_durable,
        .retention = d->config.retention,
        .redoing = {.late = d->config.late, .share = d->config.late_share},
    };
    bool ok = stages_init(&d->stages, &options, d->world, d->recording);
    d->world = NULL;
    d->recording = (struct recording){0};
    return ok;
}

static bool make_rest(struct daemon *d)
{
    d->loop = loop_new();
    if (!make_token(d) || !make_stages(d) || d->loop == NULL)
        return false;
    d->worker = worker_new(d->loop);
    return d->worker != NULL && make_timers(d) && make_redis(d) &&
           loop_on_signal(d->loop, SIGTERM, hearing_stop, d) &&
           loop_on_signal(d->loop, SIGINT, hearing_stop, d) &&
           loop_on_signal(d->loop, SIGHUP, hearing_reload, d);
}

int daemon_make(struct daemon *d, struct problem *out_problem)
{
    problem_set(out_problem, "out of memory");
    return make_rest(d) ? make_mqtt(d, out_problem) : EX_OSERR;
}

void daemon_unmake(struct daemon *d)
{
    d->carrying = true; /* what is told by what is freed has no consequences any more */
    http_status_free(d->http);
    mqtt_free(d->mqtt);
    mqtt_free(d->live);
    redis_free(d->redis);
    redis_free(d->recorder);
    worker_free(d->worker);
    for (int i = 0; i < TIMER_COUNT; i++)
        loop_timer_free(d->due[i].loop_timer);
    loop_free(d->loop);
    stages_fini(&d->stages);
    proposal_fini(&d->building.proposal);
    free(d->items);
    world_free(d->world);
    recording_fini(&d->recording);
    names_free(d->names);
    config_fini(&d->config);
    free(d->mqtt_password);
    free(d->redis_password);
}
