/*
 * mqtt_heard: what the library says of the broker: let in or thrown out, messages, answers.
 *
 * The library decides by errno whether to go on reading, so each of these ends with errno = 0.
 */
#include "mqtt_state.h"

#include "log.h"

#include <errno.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

enum { SUBSCRIBE_AGAIN_MS = 10000 }; /* a right that was missing may have been given meanwhile */

/* A filter a question, so that an answer is about one of them. */
static void subscribe(struct mqtt *c, struct mqtt_asked *a)
{
    const struct mqtt_subscription *s = a->subscription;
    a->granted = false;
    int rc = mosquitto_subscribe_v5(c->m, &a->id, s->filter, s->qos, s->no_local ? MQTT_SUB_OPT_NO_LOCAL : 0,
                                    NULL);
    a->open = rc == MOSQ_ERR_SUCCESS;
    if (!a->open)
        log_error("mqtt_subscribe_failed", LOG_STR("filter", s->filter),
                  LOG_STR("reason", mosquitto_strerror(rc)));
}

static void subscribe_all(struct mqtt *c)
{
    c->subscribed_at = clock_mono();
    c->subscribed_told = false;
    for (uint32_t i = 0; i < c->asked_count; i++)
        subscribe(c, &c->asked[i]);
}

void mqtt_subscribe_again(struct mqtt *c)
{
    if (c->phase != PHASE_CONNECTED || clock_mono().ms - c->subscribed_at.ms < SUBSCRIBE_AGAIN_MS)
        return;
    c->subscribed_at = clock_mono();
    for (uint32_t i = 0; i < c->asked_count; i++)
        if (!c->asked[i].open && !c->asked[i].granted)
            subscribe(c, &c->asked[i]);
}

static void lib_connected(struct mosquitto *m, void *arg, int rc, int flags, const mosquitto_property *props)
{
    (void)m, (void)props;
    struct mqtt *c = arg;
    c->packets++;
    if (rc == 0) {
        c->phase = PHASE_CONNECTED;
        backoff_reset(&c->backoff);
        bool session_present = (flags & 1) != 0;
        log_info("mqtt_connected", LOG_STR("host", c->options.host),
                 LOG_INT("session_present", session_present));
        if (c->on.connected != NULL)
            c->on.connected(c->arg, session_present);
        /* Also when the session is present: the broker may have lost subscriptions only, and it costs
         * nothing. */
        subscribe_all(c);
    } else {
        log_error("mqtt_refused", LOG_STR("reason", mosquitto_reason_string(rc)));
    }
    errno = 0;
}

static void lib_disconnected(struct mosquitto *m, void *arg, int rc, const mosquitto_property *props)
{
    (void)m, (void)props;
    struct mqtt *c = arg;
    c->packets++;
    /* A reason of the broker's (from 0x80 on), or an error of the library's. */
    mqtt_lose(c, rc >= MQTT_FAILED_CODE ? mosquitto_reason_string(rc) : mosquitto_strerror(rc));
    errno = 0;
}

static void lib_message(struct mosquitto *m, void *arg, const struct mosquitto_message *msg,
                        const mosquitto_property *props)
{
    (void)m, (void)props;
    struct mqtt *c = arg;
    c->packets++;
    c->messages++;
    if (c->on.message != NULL) {
        const struct mqtt_message message = {
            .topic = text_of(msg->topic),
            .payload = {msg->payload != NULL ? msg->payload : "",
                        msg->payloadlen > 0 ? (size_t)msg->payloadlen : 0},
            .qos = msg->qos,
            .retain = msg->retain,
        };
        c->on.message(c->arg, &message);
    }
    errno = 0;
}

static void lib_published(struct mosquitto *m, void *arg, int id, int rc, const mosquitto_property *props)
{
    (void)m, (void)props;
    struct mqtt *c = arg;
    /* Also called for a message of QoS 0, when it has been written; only what is read is an answer. */
    if (!c->reading)
        return;
    c->packets++;
    if (c->unanswered > 0)
        c->unanswered--;
    if (c->on.published != NULL)
        c->on.published(c->arg, id, rc);
    errno = 0;
}

/* Granted with less than was asked for is refused: what comes with QoS 0 is never sent again. */
static void take_granted(struct mqtt_asked *a, int granted)
{
    a->open = false;
    a->granted = granted < MQTT_FAILED_CODE && granted >= a->subscription->qos;
    if (!a->granted)
        log_error("mqtt_subscription_refused", LOG_STR("filter", a->subscription->filter),
                  LOG_STR("reason", granted < MQTT_FAILED_CODE ? "granted with a lower QoS"
                                                               : mosquitto_reason_string(granted)));
}

static void lib_subscribed(struct mosquitto *m, void *arg, int id, int count, const int *granted,
                           const mosquitto_property *props)
{
    (void)m, (void)props;
    struct mqtt *c = arg;
    bool open = false, all = true;
    c->packets++;
    for (uint32_t i = 0; i < c->asked_count; i++) {
        struct mqtt_asked *a = &c->asked[i];
        if (a->open && a->id == id)
            take_granted(a, count > 0 ? granted[0] : MQTT_FAILED_CODE);
        open |= a->open;
        all &= a->granted;
    }
    /* Refused once more is no news. */
    if (!open && (all || !c->subscribed_told) && c->on.subscribed != NULL) {
        c->subscribed_told = true;
        c->on.subscribed(c->arg, all);
    }
    errno = 0;
}

void mqtt_hear(struct mqtt *c)
{
    mosquitto_connect_v5_callback_set(c->m, lib_connected);
    mosquitto_disconnect_v5_callback_set(c->m, lib_disconnected);
    mosquitto_message_v5_callback_set(c->m, lib_message);
    mosquitto_publish_v5_callback_set(c->m, lib_published);
    mosquitto_subscribe_v5_callback_set(c->m, lib_subscribed);
}
