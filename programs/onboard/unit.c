/*
 * unit: see the header. The way of a fix: receiver -> sampler -> journal -> (sender says when) -> broker; the
 * tracker's ack goes to the sender and the journal. Everything that can be decided without a socket is
 * decided in core/; here things are only handed on.
 *
 * Without a journal (the flash is gone or gives no numbers) fixes go out at once without boot and seq, as the
 * contract allows; opening it is tried again each REOPEN_MS. Such a fix is lost where there is no link.
 */
#include "unit.h"

#include "fix_json.h"
#include "fix_write.h"
#include "gpsd_client.h"
#include "hook.h"
#include "journal.h"
#include "journal_folder.h"
#include "journal_record.h"
#include "log.h"
#include "mqtt.h"
#include "sender.h"
#include "sensor_socket.h"
#include "unit_json.h"

#include <muckwatch/contract.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

enum {
    REOPEN_MS = 30000,
    COUNTS_MS = 3600000,
    SEGMENT_BYTES = 512 << 10,
    PAYLOAD_MAX = 250 << 10, /* under the contract's 256 KiB */
    TOPIC_MAX = 96,
    SEND_MAX = 16, /* messages that libmosquitto keeps: the sender's window is in bytes */
};

/* 2026-01-01: this program is not older, so a clock before it is wrong. */
static const struct wall program_age = {INT64_C(1767225600000)};

/* A jump of numbers beyond this is no restored image but a broken tracker, and numbers are finite. */
#define RAISE_MAX (UINT64_C(1) << 40)

struct unit {
    struct loop *loop;
    const struct onboard_config *config;
    struct mqtt *mqtt;
    struct gpsd_client *gpsd;
    struct sensor_socket *sensor_socket;
    struct hook *hook;
    struct loop_timer *timer;
    struct journal *journal; /* NULL: none now */
    struct mono journal_tried;
    bool journal_failing; /* told */
    struct sender_options sender_options;
    struct sender sender;
    struct sampler sampler;
    struct sensor_filter sensors;
    struct mono position_at;
    bool position_seen;
    struct buf json;    /* a fix */
    struct buf payload; /* a message */
    struct buf will;
    char fix_topic[TOPIC_MAX], live_topic[TOPIC_MAX], status_topic[TOPIC_MAX], ack_topic[TOPIC_MAX],
        warn_topic[TOPIC_MAX];
    struct mqtt_subscription subscriptions[3];
    struct mono counted;
    uint64_t unnumbered, unnumbered_lost, warnings, bad_acks, bad_datagrams;
};

static void serve(struct unit *u);

/* ---- journal ---- */

static bool draw_boot(char *out)
{
    uint8_t random[JOURNAL_BOOT_LEN / 2];
    static const char digits[] = "0123456789abcdef";
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    for (size_t i = 0; i < sizeof random; i++) {
        out[2 * i] = digits[random[i] >> 4];
        out[2 * i + 1] = digits[random[i] & 15];
    }
    return true;
}

static void tell_journal(struct unit *u)
{
    sender_journal(&u->sender, journal_first(u->journal), journal_last(u->journal), journal_used(u->journal));
}

static enum journal_status open_journal(struct unit *u)
{
    struct journal_options options = {
        .max_bytes = (uint64_t)u->config->journal.max_mb << 20,
        .max_age_ms = u->config->journal.max_age_ms,
        .fsync_ms = u->config->journal.fsync_ms,
        .segment_bytes = SEGMENT_BYTES,
        .memory_bytes = u->config->journal.memory_kb << 10,
    };
    struct journal_disk disk;
    char boot[JOURNAL_BOOT_LEN];
    u->journal_tried = loop_now(u->loop);
    int error = draw_boot(boot) ? journal_folder_open(u->config->journal.dir.data, &disk) : -EIO;
    enum journal_status status =
        error == 0 ? journal_open(&disk, &options, boot, clock_wall(), &u->journal) : JOURNAL_IO;
    if (status != JOURNAL_OK) {
        log_error("journal_not_opened", LOG_TEXT("dir", u->config->journal.dir),
                  LOG_STR("reason", status == JOURNAL_BUSY ? "another process has it"
                                    : error != 0           ? strerror(-error)
                                                           : "the disk refuses"));
        return status;
    }
    bool was_online = u->sender.online;
    sender_init(&u->sender, &u->sender_options, journal_acked(u->journal));
    tell_journal(u);
    if (was_online)
        sender_online(&u->sender, loop_now(u->loop));
    const struct journal_range *skips;
    log_info("journal_opened", LOG_TEXT("boot", journal_boot(u->journal)),
             LOG_INT("first", journal_first(u->journal)), LOG_INT("last", journal_last(u->journal)),
             LOG_INT("acked", journal_acked(u->journal)),
             LOG_INT("skips", journal_skips(u->journal, &skips)));
    return JOURNAL_OK;
}

static void watch_journal(struct unit *u)
{
    bool failing = u->journal == NULL || journal_error(u->journal) != 0;
    if (failing && !u->journal_failing && u->journal != NULL)
        log_error("journal_failing", LOG_STR("reason", strerror(journal_error(u->journal))),
                  LOG_STR("effect", "fixes wait in memory"));
    else if (!failing && u->journal_failing)
        log_info("journal_works");
    u->journal_failing = failing;
    if (u->journal == NULL && loop_now(u->loop).ms - u->journal_tried.ms >= REOPEN_MS)
        open_journal(u);
}

/* ---- sending ---- */

static void write_status(struct unit *u, bool online, struct buf *out)
{
    struct unit_range ranges[JOURNAL_SKIPS_MAX];
    struct status_message status = {.online = online, .agent = TEXT("muckwatch-onboard/" MW_VERSION)};
    if (u->journal != NULL) {
        const struct journal_range *skips;
        status.skipped_count = journal_skips(u->journal, &skips);
        for (size_t i = 0; i < status.skipped_count; i++)
            ranges[i] = (struct unit_range){skips[i].first, skips[i].last};
        status.skipped = ranges;
        status.boot = journal_boot(u->journal);
        status.first = journal_first(u->journal);
    }
    buf_clear(out);
    unit_status_write(&status, out);
}

static bool publish(struct unit *u, const char *topic, struct text payload, int qos, bool retain, int *out_id)
{
    struct mqtt_publication p = {.topic = topic, .payload = payload, .qos = qos, .retain = retain};
    return mqtt_publish(u->mqtt, &p, out_id) == MQTT_OK;
}

static bool send_status(struct unit *u, bool online)
{
    write_status(u, online, &u->payload);
    return publish(u, u->status_topic, buf_text(&u->payload), 1, true, NULL);
}

static bool send_live(struct unit *u)
{
    struct journal_entry entry;
    if (journal_read(u->journal, journal_last(u->journal), &entry) != JOURNAL_OK)
        return true;
    return publish(u, u->live_topic, entry.payload, 0, false, NULL);
}

/* Puts fixes from the journal into the payload; how many, and the last one's number. */
static uint32_t gather(struct unit *u, const struct sender_action *action, uint64_t *out_to)
{
    struct journal_entry entry;
    uint64_t from = action->from;
    uint32_t count = 0;
    buf_clear(&u->payload);
    buf_put_char(&u->payload, '[');
    while (count < action->fixes && journal_read(u->journal, from, &entry) == JOURNAL_OK) {
        size_t before = u->payload.len;
        if (count > 0)
            buf_put_char(&u->payload, ',');
        unit_fix_put_numbers(entry.payload, journal_boot(u->journal), entry.seq, &u->payload);
        if (count > 0 && u->payload.len >= action->bytes) {
            u->payload.len = before;
            break;
        }
        *out_to = entry.seq;
        from = entry.seq + 1;
        count++;
    }
    buf_put_char(&u->payload, ']');
    return buf_ok(&u->payload) ? count : 0;
}

static bool send_fixes(struct unit *u, const struct sender_action *action, struct mono now)
{
    uint64_t to = 0;
    uint32_t count = gather(u, action, &to);
    int id = 0;
    if (count == 0) {
        sender_missing(&u->sender);
        return true;
    }
    struct text payload = buf_text(&u->payload);
    if (count == 1) /* an object by itself */
        payload = (struct text){payload.data + 1, payload.len - 2};
    if (!publish(u, u->fix_topic, payload, 1, false, &id))
        return false;
    sender_sent_fixes(&u->sender, to, count, (uint32_t)payload.len, id, now);
    return true;
}

/* False when the connection takes no more for now. */
static bool send_what_is_due(struct unit *u)
{
    struct mono now = loop_now(u->loop);
    bool sent = true;
    while (sent) {
        struct sender_action action = sender_next(&u->sender, now);
        switch (action.verb) {
        case SENDER_NOTHING:
            return true;
        case SENDER_STATUS:
            sent = send_status(u, true);
            if (sent)
                sender_sent_status(&u->sender);
            break;
        case SENDER_LIVE:
            sent = send_live(u);
            if (sent)
                sender_sent_live(&u->sender, now);
            break;
        case SENDER_FIXES:
            sent = send_fixes(u, &action, now);
            break;
        }
    }
    return false;
}

/* ---- fixes ---- */

static void send_unnumbered(struct unit *u)
{
    u->unnumbered++;
    if (!publish(u, u->fix_topic, buf_text(&u->json), 1, false, NULL))
        u->unnumbered_lost++;
    log_warn("fix_without_number", LOG_INT("so_far", u->unnumbered), LOG_INT("lost", u->unnumbered_lost));
}

static void keep(struct unit *u, const struct fix *fix)
{
    uint64_t seq;
    buf_clear(&u->json);
    fix_write(fix, &u->json);
    if (!buf_ok(&u->json))
        return;
    if (u->journal == NULL ||
        journal_append(u->journal, buf_text(&u->json), clock_wall(), &seq) != JOURNAL_OK)
        send_unnumbered(u);
    else
        tell_journal(u);
}

static struct sampler_now sampler_now(struct unit *u)
{
    return (struct sampler_now){clock_wall(), loop_now(u->loop)};
}

static void on_position(void *arg, const struct fix *position)
{
    struct unit *u = arg;
    struct sensors sensors = sensor_filter_values(&u->sensors);
    struct fix fix;
    enum sampler_verdict verdict;
    u->position_at = loop_now(u->loop);
    u->position_seen = true;
    bool kept = sampler_take(&u->sampler, position, &sensors, sampler_now(u), &fix, &verdict);
    if (verdict > SAMPLER_REPEATED && verdict != SAMPLER_NO_FIX)
        log_warn("position_not_believed", LOG_STR("why", sampler_verdict_name(verdict)));
    if (kept)
        keep(u, &fix);
    serve(u);
}

static void on_datagram(void *arg, struct text datagram)
{
    struct unit *u = arg;
    struct sensors heard;
    if (!unit_sensors_read(datagram, &heard)) {
        u->bad_datagrams++;
        log_warn("sensor_datagram_refused", LOG_TEXT("datagram", datagram));
        return;
    }
    sensor_filter_hear(&u->sensors, &heard, loop_now(u->loop));
    serve(u);
}

static void look_at_sensors(struct unit *u)
{
    struct mono now = loop_now(u->loop);
    if (sensor_filter_settle(&u->sensors, now))
        sampler_sensor_changed(&u->sampler, now);
    bool silent = !u->position_seen || now.ms - u->position_at.ms >= u->config->sampling.standing_ms;
    struct sensors sensors = sensor_filter_values(&u->sensors);
    struct fix fix;
    if (sampler_tick(&u->sampler, &sensors, silent, sampler_now(u), &fix))
        keep(u, &fix);
}

/* ---- the broker ---- */

static void take_ack_beyond(struct unit *u, uint64_t seq)
{
    log_error("ack_beyond", LOG_INT("seq", seq), LOG_INT("used", journal_used(u->journal)),
              LOG_STR("likely", "an old image of this unit was restored"));
    if (seq - journal_used(u->journal) > RAISE_MAX || seq >= FIX_SEQ_MAX / 2 ||
        journal_raise(u->journal, seq, clock_wall()) != JOURNAL_OK)
        return;
    tell_journal(u);
    sender_tell(&u->sender);
    sender_acked(&u->sender, seq, loop_now(u->loop));
    journal_ack(u->journal, seq);
}

static void take_ack(struct unit *u, struct text payload)
{
    struct unit_ack ack;
    if (!unit_ack_read(payload, &ack)) {
        u->bad_acks++;
        log_warn("ack_refused", LOG_TEXT("payload", payload));
        return;
    }
    if (u->journal == NULL || !text_equal(ack.boot, journal_boot(u->journal)))
        return;
    switch (sender_acked(&u->sender, ack.seq, loop_now(u->loop))) {
    case SENDER_ACK_SAME:
        break;
    case SENDER_ACK_BACK:
        log_warn("ack_went_back", LOG_INT("seq", ack.seq));
        journal_ack(u->journal, ack.seq);
        break;
    case SENDER_ACK_FORWARD:
        journal_ack(u->journal, ack.seq);
        break;
    case SENDER_ACK_BEYOND:
        take_ack_beyond(u, ack.seq);
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
    if (u->journal != NULL)
        sender_online(&u->sender, loop_now(u->loop));
    else
        send_status(u, true);
    serve(u);
}

static void on_disconnected(void *arg, const char *reason)
{
    struct unit *u = arg;
    log_warn("broker_lost", LOG_STR("reason", reason));
    sender_offline(&u->sender);
}

static void on_published(void *arg, int id, int reason_code)
{
    struct unit *u = arg;
    if (reason_code >= 0x80)
        log_error("broker_refused_message", LOG_INT("reason", reason_code));
    sender_taken(&u->sender, id, loop_now(u->loop));
    serve(u);
}

static void on_burst(void *arg, bool drained)
{
    (void)drained;
    serve(arg);
}

/* ---- time ---- */

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return b_ms >= 0 && b_ms < a_ms ? b_ms : a_ms;
}

/* After every event: what it has made due, and when to look again. */
static void serve(struct unit *u)
{
    struct mono now = loop_now(u->loop);
    look_at_sensors(u);
    /* A silent receiver and a failing journal are looked for once a second, a change that waits for a
     * position more. */
    int64_t wait_ms = u->sampler.sensor_due ? 250 : 1000;
    watch_journal(u);
    bool open = true;
    if (u->journal != NULL) {
        open = send_what_is_due(u);
        wait_ms = sooner(wait_ms, journal_tick(u->journal, now, clock_wall()));
        wait_ms = sooner(wait_ms, sender_wait_ms(&u->sender, now));
    }
    wait_ms = sooner(wait_ms, sensor_filter_wait_ms(&u->sensors, now));
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
    const uint64_t *c = u->sampler.counts;
    u->counted = loop_now(u->loop);
    log_info("positions", LOG_INT("kept", c[SAMPLER_KEPT]), LOG_INT("thinned", c[SAMPLER_THINNED]),
             LOG_INT("repeated", c[SAMPLER_REPEATED]), LOG_INT("no_fix", c[SAMPLER_NO_FIX]),
             LOG_INT("no_time", c[SAMPLER_NO_TIME]), LOG_INT("rollover", c[SAMPLER_ROLLOVER]),
             LOG_INT("future", c[SAMPLER_FUTURE]), LOG_INT("backwards", c[SAMPLER_BACKWARDS]),
             LOG_INT("jump", c[SAMPLER_JUMP]), LOG_INT("blind", u->sampler.blind));
    const struct sender_stats *s = &u->sender.stats;
    log_info("sent", LOG_INT("messages", s->messages), LOG_INT("fixes", s->fixes),
             LOG_INT("resent", s->resent), LOG_INT("rewinds_stalled", s->rewinds_stalled),
             LOG_INT("rewinds_back", s->rewinds_back), LOG_INT("acked", u->sender.acked),
             LOG_INT("unnumbered", u->unnumbered), LOG_INT("warnings", u->warnings));
    if (u->journal == NULL)
        return;
    struct journal_stats j = journal_stats(u->journal);
    log_info("journal", LOG_INT("appended", j.appended), LOG_INT("bytes_written", j.bytes_written),
             LOG_INT("syncs", j.syncs), LOG_INT("bytes_kept", j.bytes_kept), LOG_INT("segments", j.segments),
             LOG_INT("dropped_unacked", j.dropped_unacked), LOG_INT("dropped_memory", j.dropped_memory),
             LOG_INT("damaged_bytes", j.damaged_bytes), LOG_INT("write_errors", j.write_errors));
}

/* ---- setting up ---- */

static void name_topic(char *out, struct text vehicle, const char *suffix)
{
    struct buf b = {.data = out, .cap = TOPIC_MAX - 1, .limit = TOPIC_MAX - 1};
    buf_puts(&b, MW_TOPIC_PREFIX);
    buf_put_text(&b, vehicle);
    buf_puts(&b, suffix);
    out[b.len] = '\0';
}

static void name_topics(struct unit *u)
{
    struct text vehicle = u->config->vehicle;
    name_topic(u->fix_topic, vehicle, MW_TOPIC_FIX);
    name_topic(u->live_topic, vehicle, MW_TOPIC_LIVE);
    name_topic(u->status_topic, vehicle, MW_TOPIC_STATUS);
    name_topic(u->ack_topic, vehicle, MW_TOPIC_ACK);
    name_topic(u->warn_topic, vehicle, MW_TOPIC_WARN);
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
    write_status(u, false, &u->will);
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
    u->gpsd = gpsd_client_new(u->loop, c->gpsd.host.data, (uint16_t)c->gpsd.port, &callbacks, u);
    return u->gpsd != NULL ? EX_OK : EX_OSERR;
}

static void init_state(struct unit *u)
{
    const struct onboard_config *c = u->config;
    u->sender_options = sender_defaults();
    u->sender_options.batch_fixes = c->sending.batch_fixes;
    u->sender_options.batch_bytes = c->sending.batch_bytes;
    u->sender_options.fixes_per_s = c->sending.fixes_per_s;
    sender_init(&u->sender, &u->sender_options, 0);
    sampler_init(&u->sampler, &c->sampling, program_age, loop_now(u->loop));
    sensor_filter_init(&u->sensors, c->sensors);
    buf_init(&u->json, JOURNAL_PAYLOAD_MAX);
    buf_init(&u->payload, PAYLOAD_MAX);
    buf_init(&u->will, 8192);
    u->counted = loop_now(u->loop);
    name_topics(u);
}

int unit_new(struct loop *loop, const struct onboard_config *config, const char *password,
             struct unit **out_unit)
{
    struct unit *u = calloc(1, sizeof *u);
    if (u == NULL)
        return EX_OSERR;
    u->loop = loop;
    u->config = config;
    init_state(u);
    u->timer = loop_timer_new(loop, on_timer, u);
    int code = u->timer != NULL ? EX_OK : EX_OSERR;
    /* Two processes must never share a journal; any other trouble with it must not keep the truck silent. */
    if (code == EX_OK && open_journal(u) == JOURNAL_BUSY)
        code = EX_TEMPFAIL;
    if (code == EX_OK)
        code = make_sockets(u);
    if (code == EX_OK && !make_mqtt(u, password))
        code = EX_CONFIG;
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
    journal_close(u->journal, clock_wall());
    if (u->timer != NULL)
        loop_timer_free(u->timer);
    buf_fini(&u->json);
    buf_fini(&u->payload);
    buf_fini(&u->will);
    free(u);
}
