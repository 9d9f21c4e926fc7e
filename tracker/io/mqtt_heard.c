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

static void subscribe_all(struct mqtt *c)
{
    c->subscriptions_open = 0;
    c->all_granted = true;
    for (const struct mqtt_subscription *s = c->options.subscriptions; s != NULL && s->filter != NULL; s++) {
        int id;
        int rc = mosquitto_subscribe_v5(c->m, &id, s->filter, s->qos, s->no_local ? MQTT_SUB_OPT_NO_LOCAL : 0,
                                        NULL);
        if (rc == MOSQ_ERR_SUCCESS)
            c->subscriptions_open++;
        else
            log_error("mqtt_subscribe_failed", LOG_STR("filter", s->filter),
                      LOG_STR("reason", mosquitto_strerror(rc)));
    }
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

static void lib_subscribed(struct mosquitto *m, void *arg, int id, int count, const int *granted,
                           const mosquitto_property *props)
{
    (void)m, (void)id, (void)props;
    struct mqtt *c = arg;
    c->packets++;
    for (int i = 0; i < count; i++)
        if (granted[i] >= MQTT_FAILED_CODE) {
            log_error("mqtt_subscription_refused", LOG_STR("reason", mosquitto_reason_string(granted[i])));
            c->all_granted = false;
        }
    if (c->subscriptions_open > 0 && --c->subscriptions_open == 0 && c->on.subscribed != NULL)
        c->on.subscribed(c->arg, c->all_granted);
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
