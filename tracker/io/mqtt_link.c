/*
 * mqtt_link: the connection of a client: made, watched, lost, and made again.
 *
 * Every call of the library that may close the socket stands between mqtt_brace and mqtt_arm, and what it
 * returned is looked at by settle().
 */
#include "mqtt_state.h"

#include "mqtt_tls.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include <mosquitto.h>

enum {
    TICK_MS = 500,              /* mosquitto_loop_misc wants a call a second */
    BURST_NS = 2000000,         /* a burst's budget: about 500 messages */
    CONNECT_TIMEOUT_MS = 10000, /* from the attempt to CONNACK */
    BACKOFF_MIN_MS = 500,
};

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void schedule_attempt(struct mqtt *c)
{
    c->phase = PHASE_WAITING;
    loop_timer_set(c->retry, backoff_next_ms(&c->backoff));
}

void mqtt_drop_watches(struct mqtt *c)
{
    loop_watch_free(c->readable);
    loop_watch_free(c->writable);
    c->readable = c->writable = NULL;
}

void mqtt_lose(struct mqtt *c, const char *reason)
{
    mqtt_drop_watches(c);
    c->held = false;
    if (c->stopping || c->phase == PHASE_WAITING || c->phase == PHASE_STOPPED)
        return;
    schedule_attempt(c);
    if (c->on.disconnected != NULL)
        c->on.disconnected(c->arg, reason);
}

void mqtt_cut(struct mqtt *c)
{
    int fd = mosquitto_socket(c->m);
    mqtt_drop_watches(c);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
}

void mqtt_arm(struct mqtt *c)
{
    if (c->readable == NULL)
        return;
    loop_watch_set(c->readable, !c->held);
    loop_watch_set(c->writable, !c->held && mosquitto_want_write(c->m));
}

/*
 * Before every call that may close the socket: only one of the two watches may then be registered. libevent
 * drops the last event of a closed descriptor quietly, but complains about the last but one. mqtt_arm turns
 * it on again.
 */
void mqtt_brace(struct mqtt *c)
{
    if (c->writable != NULL)
        loop_watch_set(c->writable, false);
}

/* After every call that may have failed. False when the connection is gone. */
static bool settle(struct mqtt *c, int rc)
{
    if (rc != MOSQ_ERR_SUCCESS) {
        mqtt_lose(c, rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc));
        return false;
    }
    return c->readable != NULL;
}

void mqtt_flush(struct mqtt *c)
{
    if (c->readable == NULL || c->held)
        return;
    /* A non-blocking write at once spares a turn of the loop; what does not fit waits for EV_WRITE. */
    mqtt_brace(c);
    if (mosquitto_want_write(c->m) && !settle(c, mosquitto_loop_write(c->m, 1)))
        return;
    mqtt_arm(c);
}

static bool tls_pending(struct mqtt *c)
{
    return c->options.cafile != NULL && mqtt_tls_pending(mosquitto_ssl_get(c->m));
}

void mqtt_wake(struct mqtt *c)
{
    if (c->readable != NULL && tls_pending(c))
        loop_watch_wake(c->readable);
}

static void on_readable(void *arg)
{
    struct mqtt *c = arg;
    uint64_t messages = c->messages;
    int64_t until = now_ns() + BURST_NS;
    bool more;
    mqtt_brace(c);
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
    if (!c->held)
        mqtt_wake(c);
    mqtt_flush(c);
}

static void on_writable(void *arg)
{
    struct mqtt *c = arg;
    mqtt_brace(c);
    if (settle(c, mosquitto_loop_write(c->m, 1)))
        mqtt_arm(c);
}

static void on_tick(void *arg)
{
    struct mqtt *c = arg;
    loop_timer_set(c->tick, TICK_MS);
    if (c->phase == PHASE_CONNECTING && clock_mono().ms - c->attempted.ms > CONNECT_TIMEOUT_MS) {
        mqtt_cut(c);
        mqtt_lose(c, "timed out");
        return;
    }
    if (c->readable == NULL)
        return;
    mqtt_subscribe_again(c);
    mqtt_brace(c);
    /* Queues a PINGREQ when it is time; sees a broker that does not answer. */
    if (settle(c, mosquitto_loop_misc(c->m)))
        mqtt_flush(c);
}

static void connect_to(struct mqtt *c, const char *address)
{
    c->phase = PHASE_CONNECTING;
    c->attempted = clock_mono();
    int rc = mosquitto_connect_async(c->m, address, c->options.port, c->options.keepalive_s);
    int fd = mosquitto_socket(c->m);
    if (rc != MOSQ_ERR_SUCCESS || fd < 0) {
        mqtt_lose(c, rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc));
        return;
    }
    assert(c->readable == NULL && c->writable == NULL); /* freed when the last connection was lost */
    c->readable = loop_watch_new(c->loop, fd, false, on_readable, c);
    c->writable = loop_watch_new(c->loop, fd, true, on_writable, c);
    if (c->readable == NULL || c->writable == NULL) {
        mqtt_cut(c);
        mqtt_lose(c, "out of memory");
        return;
    }
    mqtt_arm(c);
}

static void on_found(void *arg, const char *address)
{
    struct mqtt *c = arg;
    if (c->phase != PHASE_LOOKING_UP)
        return;
    if (address != NULL)
        connect_to(c, address);
    else
        mqtt_lose(c, "no address for this host name");
}

static void on_retry(void *arg)
{
    struct mqtt *c = arg;
    c->phase = PHASE_LOOKING_UP;
    if (loop_is_address(c->options.host))
        connect_to(c, c->options.host);
    else if (!loop_lookup_start(c->lookup, c->options.host))
        mqtt_lose(c, "cannot look up host names");
}

bool mqtt_link_init(struct mqtt *c)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) < 0)
        seed = (uint64_t)now_ns();
    backoff_init(&c->backoff, BACKOFF_MIN_MS, c->options.backoff_max_ms, seed);
    c->tick = loop_timer_new(c->loop, on_tick, c);
    c->retry = loop_timer_new(c->loop, on_retry, c);
    c->lookup = loop_lookup_new(c->loop, on_found, c);
    return c->tick != NULL && c->retry != NULL && c->lookup != NULL;
}

void mqtt_link_fini(struct mqtt *c)
{
    loop_timer_free(c->tick);
    loop_timer_free(c->retry);
    loop_lookup_free(c->lookup);
}

void mqtt_link_start(struct mqtt *c)
{
    backoff_reset(&c->backoff);
    c->phase = PHASE_WAITING;
    loop_timer_set(c->retry, 0);
    loop_timer_set(c->tick, TICK_MS);
}

void mqtt_link_stop(struct mqtt *c)
{
    loop_timer_clear(c->retry);
    loop_timer_clear(c->tick);
}
