/*
 * unit: see the header. What is to be done is decided in cab; here things are only handed on, between it and
 * the receiver, the broker, the journal's folder and the sockets.
 */
#include "unit.h"

#include "cab.h"
#include "gpsd_client.h"
#include "hook.h"
#include "log.h"
#include "mqtt.h"
#include "notify.h"
#include "sensor_socket.h"
#include "topics.h"
#include "unit_journal.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    COUNTS_MS = 3600000,
    ALIVE_MS = 1000,
    STATUS_MAX = 8192, /* 64 ranges of numbers, and the rest */
    SEND_MAX = 16,     /* messages that libmosquitto keeps: the sender's window is in bytes */
};

/* 2026-01-01: this program is not older, so a clock before it is wrong. */
static const struct wall program_age = {INT64_C(1767225600000)};

struct unit {
    struct loop *loop;
    const struct onboard_config *config;
    struct mqtt *mqtt;
    struct gpsd_client *gpsd;
    struct sensor_socket *sensor_socket;
    struct hook *hook;
    struct loop_timer *timer;
    struct unit_journal flash;
    struct cab cab;
    struct buf status, will;
    char status_topic[TOPIC_SIZE], ack_topic[TOPIC_SIZE], warn_topic[TOPIC_SIZE];
    struct mqtt_subscription subscriptions[3];
    struct mono counted, said_alive;
    uint64_t unnumbered, unnumbered_lost, warnings, refused_acks, bad_datagrams;
};

static void serve(struct unit *u);

/* ---- sending ---- */

static bool publish(struct unit *u, const char *suffix, struct mqtt_publication p, int *out_id)
{
    char topic[TOPIC_SIZE];
    topic_write(u->config->vehicle, suffix, topic, sizeof topic);
    p.topic = topic;
    return mqtt_publish(u->mqtt, &p, out_id) == MQTT_OK;
}

static bool send_status(struct unit *u, bool online)
{
    cab_write_status(&u->cab, online, &u->status);
    return publish(u, MW_TOPIC_STATUS,
                   (struct mqtt_publication){.payload = buf_text(&u->status), .qos = 1, .retain = true},
                   NULL);
}

/* False when the connection takes no more for now. */
static bool send_what_is_due(struct unit *u)
{
    struct mono now = loop_now(u->loop);
    struct cab_message m;
    while (cab_next(&u->cab, now, &m)) {
        int id = 0;
        const struct mqtt_publication p = {.payload = m.payload, .qos = m.qos, .retain = m.retain};
        if (!publish(u, m.suffix, p, &id))
            return false;
        cab_sent(&u->cab, &m, id, now);
    }
    return true;
}

/* ---- fixes ---- */

/* What has been kept without a number goes out at once. */
static void send_unnumbered(struct unit *u, enum cab_kept kept)
{
    if (kept != CAB_UNNUMBERED)
        return;
    u->unnumbered++;
    if (!publish(u, MW_TOPIC_FIX, (struct mqtt_publication){.payload = buf_text(&u->cab.json), .qos = 1},
                 NULL))
        u->unnumbered_lost++;
    log_warn("fix_without_number", LOG_INT("so_far", u->unnumbered), LOG_INT("lost", u->unnumbered_lost));
}

static struct sampler_now sampler_now(struct unit *u)
{
    return (struct sampler_now){clock_wall(), loop_now(u->loop)};
}

static void on_position(void *arg, const struct fix *position)
{
    struct unit *u = arg;
    enum sampler_verdict verdict;
    enum cab_kept kept = cab_take_position(&u->cab, position, sampler_now(u), &verdict);
    if (verdict > SAMPLER_REPEATED && verdict != SAMPLER_NO_FIX)
        log_warn("position_not_believed", LOG_STR("why", sampler_verdict_name(verdict)));
    send_unnumbered(u, kept);
    serve(u);
}

static void on_datagram(void *arg, struct text datagram)
{
    struct unit *u = arg;
    if (!cab_take_sensors(&u->cab, datagram, loop_now(u->loop))) {
        u->bad_datagrams++;
        log_warn("sensor_datagram_refused", LOG_TEXT("datagram", datagram));
        return;
    }
    serve(u);
}

/* ---- the broker ---- */

static void refuse_ack(struct unit *u, const struct cab_ack *ack, struct text payload)
{
    u->refused_acks++;
    if (ack->verdict == CAB_ACK_BEYOND)
        log_error("ack_refused", LOG_INT("seq", ack->seq), LOG_INT("used", ack->used),
                  LOG_STR("likely", "an old image of this unit was restored: move its journal aside"));
    else
        log_warn("ack_refused", LOG_TEXT("payload", payload),
                 LOG_STR("reason", ack->verdict == CAB_ACK_BAD ? "not an ack" : "of another journal"));
}

static void take_ack(struct unit *u, struct text payload)
{
    struct cab_ack ack = cab_take_ack(&u->cab, payload, loop_now(u->loop));
    switch (ack.verdict) {
    case CAB_ACK_BAD:
    case CAB_ACK_FOREIGN:
    case CAB_ACK_BEYOND:
        refuse_ack(u, &ack, payload);
        break;
    case CAB_ACK_BACK:
        log_warn("ack_went_back", LOG_INT("seq", ack.seq));
        break;
    case CAB_ACK_SAME:
    case CAB_ACK_FORWARD:
        break;
    }
}

static void take_warning(struct unit *u, struct text payload)
{
    u->warnings++;
    if (u->hook != NULL)
        hook_run(u->hook, payload);
    if (u->config->warn.socket.len > 0) {
        int error = sensor_socket_send(u->config->warn.socket.data, payload);
        if (error != 0)
            log_warn("warning_not_sent", LOG_STR("reason", strerror(error)));
    }
}

static void on_message(void *arg, const struct mqtt_message *message)
{
    struct unit *u = arg;
    if (text_equal(message->topic, text_of(u->ack_topic)))
        take_ack(u, message->payload);
    else if (text_equal(message->topic, text_of(u->warn_topic)))
        take_warning(u, message->payload);
}

static void on_subscribed(void *arg, bool all_granted)
{
    struct unit *u = arg;
    (void)all_granted; /* the log has it; without acks the journal keeps everything */
    cab_online(&u->cab, loop_now(u->loop));
    if (u->flash.journal == NULL)
        send_status(u, true);
    serve(u);
}

static void on_disconnected(void *arg, const char *reason)
{
    struct unit *u = arg;
    log_warn("broker_lost", LOG_STR("reason", reason));
    cab_offline(&u->cab);
}

static void on_published(void *arg, int id, int reason_code)
{
    struct unit *u = arg;
    if (reason_code >= 0x80)
        log_error("broker_refused_message", LOG_INT("reason", reason_code));
    sender_taken(&u->cab.sender, id, loop_now(u->loop));
    serve(u);
}

static void on_burst(void *arg, bool drained)
{
    (void)drained;
    serve(arg);
}

/* ---- time ---- */

/* To systemd. Once a second is far more often than it asks for; whether anybody is connected does not
 * matter. */
static void say_alive(struct unit *u, struct mono now)
{
    if (now.ms - u->said_alive.ms < ALIVE_MS)
        return;
    u->said_alive = now;
    notify_send("WATCHDOG=1");
}

/* After every event: what it has made due, and when to look again. */
static void serve(struct unit *u)
{
    struct mono now = loop_now(u->loop);
    send_unnumbered(u, cab_settle(&u->cab, sampler_now(u)));
    unit_journal_watch(&u->flash, u->config, &u->cab, now);
    say_alive(u, now);
    bool open = send_what_is_due(u);
    int64_t wait_ms = cab_wait_ms(&u->cab, now, clock_wall());
    if (now.ms - u->counted.ms >= COUNTS_MS)
        unit_log_counts(u);
    /* A connection that is full says by an answer when it is not. */
    int64_t least_ms = open ? 1 : 200;
    loop_timer_set(u->timer, wait_ms > least_ms ? wait_ms : least_ms);
}

static void on_timer(void *arg)
{
    serve(arg);
}

void unit_log_counts(struct unit *u)
{
    const uint64_t *c = u->cab.sampler.counts;
    u->counted = loop_now(u->loop);
    log_info("positions", LOG_INT("kept", c[SAMPLER_KEPT]), LOG_INT("thinned", c[SAMPLER_THINNED]),
             LOG_INT("repeated", c[SAMPLER_REPEATED]), LOG_INT("no_fix", c[SAMPLER_NO_FIX]),
             LOG_INT("no_time", c[SAMPLER_NO_TIME]), LOG_INT("rollover", c[SAMPLER_ROLLOVER]),
             LOG_INT("future", c[SAMPLER_FUTURE]), LOG_INT("backwards", c[SAMPLER_BACKWARDS]),
             LOG_INT("jump", c[SAMPLER_JUMP]), LOG_INT("blind", u->cab.sampler.blind));
    const struct sender_stats *s = &u->cab.sender.stats;
    log_info("sent", LOG_INT("messages", s->messages), LOG_INT("fixes", s->fixes),
             LOG_INT("resent", s->resent), LOG_INT("rewinds_stalled", s->rewinds_stalled),
             LOG_INT("rewinds_back", s->rewinds_back), LOG_INT("acked", u->cab.sender.acked),
             LOG_INT("acks_refused", u->refused_acks), LOG_INT("unnumbered", u->unnumbered),
             LOG_INT("warnings", u->warnings));
    if (u->flash.journal == NULL)
        return;
    struct journal_stats j = journal_stats(u->flash.journal);
    log_info("journal", LOG_INT("appended", j.appended), LOG_INT("bytes_written", j.bytes_written),
             LOG_INT("syncs", j.syncs), LOG_INT("bytes_kept", j.bytes_kept), LOG_INT("segments", j.segments),
             LOG_INT("dropped_unacked", j.dropped_unacked), LOG_INT("dropped_memory", j.dropped_memory),
             LOG_INT("damaged_bytes", j.damaged_bytes), LOG_INT("write_errors", j.write_errors));
}

/* ---- setting up ---- */

static void name_topics(struct unit *u)
{
    struct text vehicle = u->config->vehicle;
    topic_write(vehicle, MW_TOPIC_STATUS, u->status_topic, sizeof u->status_topic);
    topic_write(vehicle, MW_TOPIC_ACK, u->ack_topic, sizeof u->ack_topic);
    topic_write(vehicle, MW_TOPIC_WARN, u->warn_topic, sizeof u->warn_topic);
    u->subscriptions[0] = (struct mqtt_subscription){.filter = u->ack_topic, .qos = 0};
    u->subscriptions[1] = (struct mqtt_subscription){.filter = u->warn_topic, .qos = 1};
}

static bool make_mqtt(struct unit *u, const char *password)
{
    static const struct mqtt_callbacks callbacks = {
        .subscribed = on_subscribed,
        .disconnected = on_disconnected,
        .message = on_message,
        .burst = on_burst,
        .published = on_published,
    };
    const struct onboard_config *c = u->config;
    assert(c->mqtt.port <= UINT16_MAX && c->mqtt.keepalive_s <= UINT16_MAX);
    cab_write_status(&u->cab, false, &u->will);
    struct mqtt_options options = {
        .host = c->mqtt.host.data,
        .port = (uint16_t)c->mqtt.port,
        .client_id = c->mqtt.client_id.data,
        .username = c->mqtt.username.data,
        .password = password,
        .cafile = c->mqtt.cafile.data,
        .certfile = c->mqtt.certfile.data,
        .keyfile = c->mqtt.keyfile.data,
        .keepalive_s = (uint16_t)c->mqtt.keepalive_s,
        .receive_max = 20,
        .send_max = SEND_MAX,
        .will = {u->status_topic, buf_text(&u->will), 1, true},
        .subscriptions = u->subscriptions,
    };
    return mqtt_new(u->loop, &options, &callbacks, u, &u->mqtt) == MQTT_OK;
}

static int make_sockets(struct unit *u)
{
    static const struct gpsd_client_callbacks callbacks = {.position = on_position};
    const struct onboard_config *c = u->config;
    if (c->sensor_socket.len > 0) {
        u->sensor_socket = sensor_socket_new(u->loop, c->sensor_socket.data, on_datagram, u);
        if (u->sensor_socket == NULL) {
            log_error("sensor_socket_failed", LOG_TEXT("path", c->sensor_socket),
                      LOG_STR("reason", strerror(errno)));
            return EX_CANTCREAT;
        }
    }
    if (c->warn.command.len > 0 && (u->hook = hook_new(u->loop, c->warn.command.data)) == NULL) {
        log_error("warn_command_failed", LOG_STR("reason", "too many words, or out of memory"));
        return EX_CONFIG;
    }
    assert(c->gpsd.port <= UINT16_MAX);
    u->gpsd = gpsd_client_new(u->loop, c->gpsd.host.data, (uint16_t)c->gpsd.port, &callbacks, u);
    return u->gpsd != NULL ? EX_OK : EX_OSERR;
}

static void init_state(struct unit *u)
{
    const struct onboard_config *c = u->config;
    struct cab_options options = {
        .agent = TEXT("muckwatch-onboard/" MW_VERSION),
        .floor = program_age,
        .sampling = c->sampling,
        .sending = sender_defaults(),
        .sensors = c->sensors,
    };
    options.sending.batch_fixes = c->sending.batch_fixes;
    options.sending.batch_bytes = c->sending.batch_bytes;
    options.sending.fixes_per_s = c->sending.fixes_per_s;
    cab_init(&u->cab, &options, loop_now(u->loop));
    buf_init(&u->status, STATUS_MAX);
    buf_init(&u->will, STATUS_MAX);
    u->counted = loop_now(u->loop);
    name_topics(u);
}

static struct unit *begin(struct loop *loop, const struct onboard_config *config)
{
    struct unit *u = calloc(1, sizeof *u);
    if (u == NULL)
        return NULL;
    u->loop = loop;
    u->config = config;
    init_state(u);
    return u;
}

static int make_links(struct unit *u, const char *password)
{
    int code = make_sockets(u);
    return code == EX_OK && !make_mqtt(u, password) ? EX_CONFIG : code;
}

int unit_check(struct loop *loop, const struct onboard_config *config, const char *password)
{
    struct unit *u = begin(loop, config);
    int code = u != NULL ? make_links(u, password) : EX_OSERR;
    unit_free(u);
    return code;
}

int unit_new(struct loop *loop, const struct onboard_config *config, const char *password,
             struct unit **out_unit)
{
    struct unit *u = begin(loop, config);
    if (u == NULL)
        return EX_OSERR;
    u->timer = loop_timer_new(loop, on_timer, u);
    int code = u->timer != NULL ? EX_OK : EX_OSERR;
    /* Two processes must never share a journal; any other trouble with it must not keep the truck silent. */
    if (code == EX_OK && unit_journal_open(&u->flash, config, &u->cab, loop_now(loop)) == JOURNAL_BUSY)
        code = EX_TEMPFAIL;
    if (code == EX_OK)
        code = make_links(u, password);
    if (code != EX_OK) {
        unit_free(u);
        return code;
    }
    mqtt_start(u->mqtt);
    gpsd_client_start(u->gpsd);
    loop_timer_set(u->timer, 0);
    *out_unit = u;
    return EX_OK;
}

void unit_free(struct unit *u)
{
    if (u == NULL)
        return;
    gpsd_client_free(u->gpsd);
    sensor_socket_free(u->sensor_socket);
    if (u->mqtt != NULL) {
        send_status(u, false);
        mqtt_stop(u->mqtt);
        mqtt_free(u->mqtt);
    }
    hook_free(u->hook);
    journal_close(u->flash.journal, clock_wall());
    if (u->timer != NULL)
        loop_timer_free(u->timer);
    cab_fini(&u->cab);
    buf_fini(&u->status);
    buf_fini(&u->will);
    free(u);
}
