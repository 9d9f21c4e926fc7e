/*
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

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

enum {
    TICK_MS = 500,              /* mosquitto_loop_misc wants a call a second */
    BURST_NS = 2000000,         /* a burst's budget: about 500 messages */
    CONNECT_TIMEOUT_MS = 10000, /* from the attempt to CONNACK */
    BACKOFF_MIN_MS = 500,
    BACKOFF_MAX_MS = 30000,
    FAILED_CODE = 0x80, /* reason codes from here on are failures */
};

enum phase { PHASE_STOPPED, PHASE_WAITING, PHASE_LOOKING_UP, PHASE_CONNECTING, PHASE_CONNECTED };

struct mqtt {
    struct mosquitto *m;
    struct loop *loop;
    struct mqtt_options options;
    struct mqtt_callbacks on;
    void *arg;
    struct loop_watch *readable, *writable;
    struct loop_timer *tick, *retry;
    struct loop_lookup *lookup;
    enum phase phase;
    bool held;
    bool reading;  /* inside mosquitto_loop_read */
    bool stopping; /* inside mqtt_stop: losing the connection is no news */
    uint32_t attempt;
    struct mono attempted;
    uint64_t packets;  /* callbacks of the library, to see that reading made progress */
    uint64_t messages; /* of those, messages */
    uint32_t unanswered;
    uint32_t subscriptions_open;
    bool all_granted;
    uint64_t random;
};

void mqtt_library_init(void)
{
    mosquitto_lib_init();
}

void mqtt_library_fini(void)
{
    mosquitto_lib_cleanup();
}

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* xorshift64: spreads the reconnects of many clients, nothing more. */
static uint32_t jitter(struct mqtt *c, uint32_t below)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return below > 0 ? (uint32_t)(c->random >> 32) % below : 0;
}

static void schedule_attempt(struct mqtt *c)
{
    uint32_t max = c->options.backoff_max_ms;
    uint32_t wait = c->attempt < 16 ? (uint32_t)BACKOFF_MIN_MS << c->attempt : max;
    if (wait > max)
        wait = max;
    c->attempt++;
    c->phase = PHASE_WAITING;
    loop_timer_set(c->retry, wait / 2 + jitter(c, wait / 2 + 1));
}

static void drop_watches(struct mqtt *c)
{
    loop_watch_free(c->readable);
    loop_watch_free(c->writable);
    c->readable = c->writable = NULL;
}

/* The connection, or an attempt at one, is over. May be called twice for one loss. */
static void lose(struct mqtt *c, const char *reason)
{
    drop_watches(c);
    c->held = false;
    if (c->stopping || c->phase == PHASE_WAITING || c->phase == PHASE_STOPPED)
        return;
    schedule_attempt(c);
    if (c->on.disconnected != NULL)
        c->on.disconnected(c->arg, reason);
}

/* Ends the socket in such a way that the library neither writes nor reads any more. */
static void cut(struct mqtt *c)
{
    int fd = mosquitto_socket(c->m);
    drop_watches(c);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
}

static void arm(struct mqtt *c)
{
    if (c->readable == NULL)
        return;
    loop_watch_set(c->readable, !c->held);
    loop_watch_set(c->writable, !c->held && mosquitto_want_write(c->m));
}

/*
 * Before every call that may close the socket: only one of the two watches may then be registered. libevent
 * drops the last event of a closed descriptor quietly, but complains about the last but one. arm() turns it
 * on again.
 */
static void brace(struct mqtt *c)
{
    if (c->writable != NULL)
        loop_watch_set(c->writable, false);
}

/* After every call that may have failed. False when the connection is gone. */
static bool settle(struct mqtt *c, int rc)
{
    if (rc != MOSQ_ERR_SUCCESS) {
        lose(c, rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc));
        return false;
    }
    return c->readable != NULL;
}

static void flush(struct mqtt *c)
{
    if (c->readable == NULL || c->held)
        return;
    /* A non-blocking write at once spares a turn of the loop; what does not fit waits for EV_WRITE. */
    brace(c);
    if (mosquitto_want_write(c->m) && !settle(c, mosquitto_loop_write(c->m, 1)))
        return;
    arm(c);
}

static bool tls_pending(struct mqtt *c)
{
    SSL *ssl = c->options.cafile != NULL ? mosquitto_ssl_get(c->m) : NULL;
    return ssl != NULL && SSL_pending(ssl) > 0;
}

static void on_readable(void *arg)
{
    struct mqtt *c = arg;
    uint64_t messages = c->messages;
    int64_t until = now_ns() + BURST_NS;
    bool more;
    brace(c);
    do {
        uint64_t before = c->packets;
        errno = 0;
        c->reading = true;
        int rc = mosquitto_loop_read(c->m, 1);
        c->reading = false;
        if (!settle(c, rc))
            return;
        more = c->packets != before || tls_pending(c);
    } while (more && !c->held && c->messages - messages < c->options.burst_max && now_ns() < until);
    bool drained = !more;
    if (c->on.burst != NULL && c->phase == PHASE_CONNECTED)
        c->on.burst(c->arg, drained);
    if (c->readable != NULL && !c->held && tls_pending(c))
        loop_watch_wake(c->readable);
    flush(c);
}

static void on_writable(void *arg)
{
    struct mqtt *c = arg;
    brace(c);
    if (settle(c, mosquitto_loop_write(c->m, 1)))
        arm(c);
}

static void on_tick(void *arg)
{
    struct mqtt *c = arg;
    loop_timer_set(c->tick, TICK_MS);
    if (c->phase == PHASE_CONNECTING && clock_mono().ms - c->attempted.ms > CONNECT_TIMEOUT_MS) {
        cut(c);
        lose(c, "timed out");
        return;
    }
    if (c->readable == NULL)
        return;
    brace(c);
    /* Queues a PINGREQ when it is time; sees a broker that does not answer. */
    if (settle(c, mosquitto_loop_misc(c->m)))
        flush(c);
}

/* ---- what the library calls ---- */

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
        c->attempt = 0;
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
    lose(c, rc >= FAILED_CODE ? mosquitto_reason_string(rc) : mosquitto_strerror(rc));
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
        if (granted[i] >= FAILED_CODE) {
            log_error("mqtt_subscription_refused", LOG_STR("reason", mosquitto_reason_string(granted[i])));
            c->all_granted = false;
        }
    if (c->subscriptions_open > 0 && --c->subscriptions_open == 0 && c->on.subscribed != NULL)
        c->on.subscribed(c->arg, c->all_granted);
    errno = 0;
}

/* ---- connecting ---- */

static void connect_to(struct mqtt *c, const char *address)
{
    c->phase = PHASE_CONNECTING;
    c->attempted = clock_mono();
    int rc = mosquitto_connect_async(c->m, address, c->options.port, c->options.keepalive_s);
    int fd = mosquitto_socket(c->m);
    if (rc != MOSQ_ERR_SUCCESS || fd < 0) {
        lose(c, rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc));
        return;
    }
    c->readable = loop_watch_new(c->loop, fd, false, on_readable, c);
    c->writable = loop_watch_new(c->loop, fd, true, on_writable, c);
    if (c->readable == NULL || c->writable == NULL) {
        cut(c);
        lose(c, "out of memory");
        return;
    }
    arm(c);
}

static void on_found(void *arg, const char *address)
{
    struct mqtt *c = arg;
    if (c->phase != PHASE_LOOKING_UP)
        return;
    if (address != NULL)
        connect_to(c, address);
    else
        lose(c, "no address for this host name");
}

static void on_retry(void *arg)
{
    struct mqtt *c = arg;
    c->phase = PHASE_LOOKING_UP;
    if (loop_is_address(c->options.host))
        connect_to(c, c->options.host);
    else if (!loop_lookup_start(c->lookup, c->options.host))
        lose(c, "cannot look up host names");
}

void mqtt_start(struct mqtt *c)
{
    if (c->phase != PHASE_STOPPED)
        return;
    c->attempt = 0;
    c->phase = PHASE_WAITING;
    loop_timer_set(c->retry, 0);
    loop_timer_set(c->tick, TICK_MS);
}

void mqtt_stop(struct mqtt *c)
{
    c->stopping = true;
    if (c->phase == PHASE_CONNECTED && !c->held) {
        /* Written at once as far as the socket takes it; a full socket loses only the DISCONNECT. The library
         * closes the socket behind it. */
        brace(c);
        if (mosquitto_disconnect_v5(c->m, 0, NULL) == MOSQ_ERR_SUCCESS)
            mosquitto_loop_write(c->m, 1);
    }
    cut(c);
    loop_timer_clear(c->retry);
    loop_timer_clear(c->tick);
    c->phase = PHASE_STOPPED;
    c->held = false;
    c->stopping = false;
}

void mqtt_drop(struct mqtt *c, const char *reason)
{
    if (c->phase != PHASE_CONNECTED && c->phase != PHASE_CONNECTING)
        return;
    cut(c);
    lose(c, reason);
}

bool mqtt_connected(const struct mqtt *c)
{
    return c->phase == PHASE_CONNECTED;
}

void mqtt_hold(struct mqtt *c)
{
    c->held = c->phase == PHASE_CONNECTED;
    arm(c);
}

void mqtt_release(struct mqtt *c)
{
    if (!c->held)
        return;
    c->held = false;
    flush(c);
    if (c->readable != NULL && tls_pending(c))
        loop_watch_wake(c->readable);
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
    arm(c);
    if (out_message_id != NULL)
        *out_message_id = id;
    return MQTT_OK;
}

/* ---- making one ---- */

static bool tls_file_failed(const char *path)
{
    log_error("mqtt_tls_file", LOG_STR("file", path),
              LOG_STR("reason", ERR_reason_error_string(ERR_peek_last_error())));
    return false;
}

static bool load_tls_files(SSL_CTX *ctx, const struct mqtt_options *o)
{
    if (SSL_CTX_load_verify_locations(ctx, o->cafile, NULL) != 1)
        return tls_file_failed(o->cafile);
    if (o->certfile == NULL)
        return true;
    const char *key = o->keyfile != NULL ? o->keyfile : o->certfile;
    if (SSL_CTX_use_certificate_chain_file(ctx, o->certfile) != 1)
        return tls_file_failed(o->certfile);
    return SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 || tls_file_failed(key);
}

/* Our own context: certificates are checked against the host's name although libmosquitto only gets its
 * address. */
static enum mqtt_error set_tls(struct mqtt *c)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL)
        return MQTT_NO_MEMORY;
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    enum mqtt_error error = MQTT_OK;
    if (!load_tls_files(ctx, &c->options)) {
        error = MQTT_BAD_CAFILE;
    } else if ((loop_is_address(c->options.host)
                    ? X509_VERIFY_PARAM_set1_ip_asc(param, c->options.host)
                    : X509_VERIFY_PARAM_set1_host(param, c->options.host, 0)) != 1 ||
               mosquitto_void_option(c->m, MOSQ_OPT_SSL_CTX, ctx) != MOSQ_ERR_SUCCESS ||
               mosquitto_int_option(c->m, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0) != MOSQ_ERR_SUCCESS) {
        error = MQTT_BAD_OPTION;
    }
    ERR_clear_error();
    SSL_CTX_free(ctx); /* the library has taken a reference */
    return error;
}

/* Makes the library keep the properties of CONNECT, by a connect that is refused at once: the port is bound,
 * so nobody else has it, and not listened on. */
static bool keep_connect_properties(struct mosquitto *m, uint32_t expiry_s, int keepalive_s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    mosquitto_property *props = NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok =
        fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
        mosquitto_property_add_int32(&props, MQTT_PROP_SESSION_EXPIRY_INTERVAL, expiry_s) == MOSQ_ERR_SUCCESS;
    if (ok) {
        int rc = mosquitto_connect_bind_v5(m, "127.0.0.1", ntohs(at.sin_port), keepalive_s, NULL, props);
        ok = rc == MOSQ_ERR_ERRNO || rc == MOSQ_ERR_CONN_REFUSED;
    }
    mosquitto_property_free_all(&props);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool set_options(struct mqtt *c)
{
    const struct mqtt_options *o = &c->options;
    const struct mqtt_will *w = &o->will;
    const char *failed = NULL;
    if (mosquitto_int_option(c->m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) != MOSQ_ERR_SUCCESS)
        failed = "protocol version";
    else if (mosquitto_threaded_set(c->m, true) != MOSQ_ERR_SUCCESS)
        failed = "threaded";
    else if (mosquitto_int_option(c->m, MOSQ_OPT_RECEIVE_MAXIMUM, o->receive_max) != MOSQ_ERR_SUCCESS)
        failed = "receive_max";
    else if (mosquitto_int_option(c->m, MOSQ_OPT_TCP_NODELAY, 1) != MOSQ_ERR_SUCCESS)
        failed = "nodelay";
    else if (o->username != NULL &&
             mosquitto_username_pw_set(c->m, o->username, o->password) != MOSQ_ERR_SUCCESS)
        failed = "username or password";
    else if (w->topic != NULL && mosquitto_will_set_v5(c->m, w->topic, (int)w->payload.len, w->payload.data,
                                                       w->qos, w->retain, NULL) != MOSQ_ERR_SUCCESS)
        failed = "will";
    else if (!keep_connect_properties(c->m, o->session_expiry_s, o->keepalive_s))
        failed = "session expiry";
    if (failed != NULL)
        log_error("mqtt_option", LOG_STR("option", failed));
    return failed == NULL;
}

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

enum mqtt_error mqtt_new(struct loop *loop, const struct mqtt_options *options,
                         const struct mqtt_callbacks *callbacks, void *arg, struct mqtt **out_mqtt)
{
    struct mqtt *c = calloc(1, sizeof *c);
    if (c == NULL)
        return MQTT_NO_MEMORY;
    *c = (struct mqtt){.loop = loop, .options = *options, .on = *callbacks, .arg = arg, .random = 1};
    set_defaults(&c->options);
    if (getrandom(&c->random, sizeof c->random, GRND_NONBLOCK) < 0 || c->random == 0)
        c->random = (uint64_t)now_ns() | 1;
    c->m = mosquitto_new(c->options.client_id, c->options.session_expiry_s == 0, c);
    c->tick = loop_timer_new(loop, on_tick, c);
    c->retry = loop_timer_new(loop, on_retry, c);
    c->lookup = loop_lookup_new(loop, on_found, c);
    enum mqtt_error error = MQTT_OK;
    if (c->m == NULL || c->tick == NULL || c->retry == NULL || c->lookup == NULL)
        error = MQTT_NO_MEMORY;
    else if (!set_options(c))
        error = MQTT_BAD_OPTION;
    else if (c->options.cafile != NULL)
        error = set_tls(c);
    if (error != MQTT_OK) {
        mqtt_free(c);
        return error;
    }
    mosquitto_connect_v5_callback_set(c->m, lib_connected);
    mosquitto_disconnect_v5_callback_set(c->m, lib_disconnected);
    mosquitto_message_v5_callback_set(c->m, lib_message);
    mosquitto_publish_v5_callback_set(c->m, lib_published);
    mosquitto_subscribe_v5_callback_set(c->m, lib_subscribed);
    *out_mqtt = c;
    return MQTT_OK;
}

void mqtt_free(struct mqtt *c)
{
    if (c == NULL)
        return;
    c->stopping = true;
    drop_watches(c);
    if (c->m != NULL)
        mosquitto_destroy(c->m);
    loop_timer_free(c->tick);
    loop_timer_free(c->retry);
    loop_lookup_free(c->lookup);
    free(c);
}
