/*
 * mqtt: what others call. mqtt_link is the connection, mqtt_heard what the broker says, mqtt_setup what the
 * library is told at the beginning.
 *
 * How libmosquitto 2.0.11 is held (docs/DELIVERY.md tells of the experiments behind each of these):
 *
 *  - mosquitto_threaded_set(m, true) without a thread: no call but mosquitto_loop_write touches the socket
 * for writing. The queue it writes is first in, first out and written whole, so reading stops while it must
 * wait.
 *  - It reads one packet a call, or as many as messages of ours are unanswered; its max_packets argument does
 *    nothing. Hence the burst loop, and hence mqtt_hold cannot stop within a call.
 *  - Bytes may wait inside OpenSSL where no poll sees them: SSL_pending is asked before a burst ends.
 *  - It decides by errno whether to go on reading, and our callbacks change errno: they end with errno = 0.
 *  - The descriptor is closed before on_disconnect: both watches are freed there, before a socket is opened.
 *  - mosquitto_connect_async looks up names in the calling thread: it only ever gets addresses. Certificates
 * are then checked against the name by OpenSSL itself, in a context that we make.
 *  - The properties of CONNECT (the session's expiry) are kept for reconnects only by the blocking
 *    mosquitto_connect_bind_v5: so the first attempt is one to a loopback port that nobody listens on.
 *  - It never reconnects by itself, and does not subscribe again.
 */
#include "mqtt.h"

#include "log.h"
#include "mqtt_setup.h"
#include "mqtt_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

enum { BACKOFF_MAX_MS = 30000 };

void mqtt_library_init(void)
{
    mosquitto_lib_init();
}

void mqtt_library_fini(void)
{
    mosquitto_lib_cleanup();
}

void mqtt_start(struct mqtt *c)
{
    if (c->phase == PHASE_STOPPED)
        mqtt_link_start(c);
}

void mqtt_stop(struct mqtt *c)
{
    c->stopping = true;
    if (c->phase == PHASE_CONNECTED && !c->held) {
        /* Written at once as far as the socket takes it; a full socket loses only the DISCONNECT. The library
         * closes the socket behind it. */
        mqtt_brace(c);
        if (mosquitto_disconnect_v5(c->m, 0, NULL) == MOSQ_ERR_SUCCESS)
            mosquitto_loop_write(c->m, 1);
    }
    mqtt_cut(c);
    mqtt_link_stop(c);
    c->phase = PHASE_STOPPED;
    c->held = false;
    c->stopping = false;
}

void mqtt_drop(struct mqtt *c, const char *reason)
{
    if (c->phase != PHASE_CONNECTED && c->phase != PHASE_CONNECTING)
        return;
    mqtt_cut(c);
    mqtt_lose(c, reason);
}

bool mqtt_connected(const struct mqtt *c)
{
    return c->phase == PHASE_CONNECTED;
}

void mqtt_hold(struct mqtt *c)
{
    c->held = c->phase == PHASE_CONNECTED;
    mqtt_arm(c);
}

void mqtt_release(struct mqtt *c)
{
    if (!c->held)
        return;
    c->held = false;
    mqtt_flush(c);
    mqtt_wake(c);
}

bool mqtt_held(const struct mqtt *c)
{
    return c->held;
}

uint32_t mqtt_unanswered(const struct mqtt *c)
{
    return c->unanswered;
}

enum mqtt_error mqtt_publish(struct mqtt *c, const struct mqtt_publication *p, int *out_message_id)
{
    if (c->phase != PHASE_CONNECTED)
        return MQTT_OFFLINE;
    if (p->qos > 0 && c->unanswered >= c->options.send_max)
        return MQTT_FULL;
    mosquitto_property *props = NULL;
    if (p->expiry_s > 0 && mosquitto_property_add_int32(&props, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                                        p->expiry_s) != MOSQ_ERR_SUCCESS)
        return MQTT_NO_MEMORY;
    int id = 0;
    int rc = p->payload.len > INT32_MAX ? MOSQ_ERR_PAYLOAD_SIZE
                                        : mosquitto_publish_v5(c->m, &id, p->topic, (int)p->payload.len,
                                                               p->payload.data, p->qos, p->retain, props);
    mosquitto_property_free_all(&props);
    if (rc == MOSQ_ERR_NOMEM)
        return MQTT_NO_MEMORY;
    if (rc == MOSQ_ERR_NO_CONN || rc == MOSQ_ERR_CONN_LOST)
        return MQTT_OFFLINE;
    if (rc != MOSQ_ERR_SUCCESS)
        return MQTT_BAD_TOPIC;
    c->unanswered += p->qos > 0;
    assert(c->unanswered <= c->options.send_max);
    mqtt_arm(c);
    if (out_message_id != NULL)
        *out_message_id = id;
    return MQTT_OK;
}

/* ---- making one ---- */

static void set_defaults(struct mqtt_options *o)
{
    if (o->receive_max == 0)
        o->receive_max = 500;
    if (o->keepalive_s == 0)
        o->keepalive_s = 60;
    if (o->burst_max == 0)
        o->burst_max = o->receive_max;
    if (o->send_max == 0)
        o->send_max = 1000;
    if (o->backoff_max_ms == 0)
        o->backoff_max_ms = BACKOFF_MAX_MS;
}

/* The library says no more than that it makes no client. */
static bool valid_id(const char *id)
{
    bool valid = id == NULL || mosquitto_validate_utf8(id, (int)strlen(id)) == MOSQ_ERR_SUCCESS;
    if (!valid)
        log_error("mqtt_option", LOG_STR("option", "client_id"));
    return valid;
}

static void list_subscriptions(struct mqtt *c)
{
    for (const struct mqtt_subscription *s = c->options.subscriptions; s != NULL && s->filter != NULL; s++) {
        assert(c->asked_count < MQTT_SUBSCRIPTIONS_MAX);
        c->asked[c->asked_count++].subscription = s;
    }
}

enum mqtt_error mqtt_new(struct loop *loop, const struct mqtt_options *options,
                         const struct mqtt_callbacks *callbacks, void *arg, struct mqtt **out_mqtt)
{
    struct mqtt *c = calloc(1, sizeof *c);
    if (c == NULL)
        return MQTT_NO_MEMORY;
    *c = (struct mqtt){.loop = loop, .options = *options, .on = *callbacks, .arg = arg};
    set_defaults(&c->options);
    list_subscriptions(c);
    c->m = mosquitto_new(c->options.client_id, c->options.session_expiry_s == 0, c);
    bool linked = mqtt_link_init(c);
    enum mqtt_error error = MQTT_OK;
    if (!valid_id(c->options.client_id))
        error = MQTT_BAD_OPTION;
    else if (c->m == NULL || !linked)
        error = MQTT_NO_MEMORY;
    else if (!mqtt_setup(c->m, &c->options))
        error = MQTT_BAD_OPTION;
    else if (c->options.cafile != NULL)
        error = mqtt_setup_tls(c->m, &c->options);
    if (error != MQTT_OK) {
        mqtt_free(c);
        return error;
    }
    mqtt_hear(c);
    *out_mqtt = c;
    return MQTT_OK;
}

void mqtt_free(struct mqtt *c)
{
    if (c == NULL)
        return;
    c->stopping = true;
    mqtt_drop_watches(c);
    if (c->m != NULL)
        mosquitto_destroy(c->m);
    mqtt_link_fini(c);
    free(c);
}
