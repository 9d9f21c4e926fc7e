#include "loop.h"

#include "log.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>

enum { SIGNALS_MAX = 8 };

struct loop_watch {
    struct event *event;
    loop_callback *ready;
    void *arg;
    bool on;
    short what;
};

struct loop_timer {
    struct event *event;
    loop_callback *fire;
    void *arg;
};

struct loop {
    struct event_base *base;
    struct evdns_base *dns; /* made at the first look-up */
    struct loop_watch signals[SIGNALS_MAX];
    size_t signal_count;
    loop_turned *turned;
    void *turned_arg;
};

struct loop_lookup {
    struct loop *loop;
    struct evdns_getaddrinfo_request *request;
    loop_found *found;
    void *arg;
    struct loop_timer *later; /* delivers an answer that evdns had at once */
    char address[INET6_ADDRSTRLEN];
    bool starting, dead;
};

/* libevent's own words go the way of all others, which is bounded. */
static void log_of_library(int severity, const char *message)
{
    if (severity >= EVENT_LOG_WARN)
        log_warn("libevent", LOG_STR("message", message));
}

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    signal(SIGPIPE, SIG_IGN);
    event_set_log_callback(log_of_library);
    loop->base = event_base_new();
    if (loop->base == NULL) {
        free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    for (size_t i = 0; i < loop->signal_count; i++)
        event_free(loop->signals[i].event);
    /* Lets look-ups that were given up call back a last time. */
    event_base_loop(loop->base, EVLOOP_NONBLOCK);
    if (loop->dns != NULL)
        evdns_base_free(loop->dns, 0);
    event_base_free(loop->base);
    free(loop);
}

void loop_on_turn(struct loop *loop, loop_turned *turned, void *arg)
{
    loop->turned = turned;
    loop->turned_arg = arg;
}

/* What became active by a turn's own work belongs to it. */
static bool run_counted(struct loop *loop)
{
    int64_t before_ns = clock_thread_cpu_ns();
    bool ok = true;
    do {
        ok = event_base_loop(loop->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY) == 0;
        int64_t now_ns = clock_thread_cpu_ns();
        loop->turned(loop->turned_arg, now_ns - before_ns);
        before_ns = now_ns;
    } while (ok && !event_base_got_break(loop->base));
    return ok;
}

bool loop_run(struct loop *loop)
{
    if (loop->turned != NULL)
        return run_counted(loop);
    return event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY) == 0;
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

struct mono loop_now(struct loop *loop)
{
    (void)loop;
    return clock_mono();
}

static void watch_ready(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct loop_watch *watch = arg;
    watch->ready(watch->arg);
}

bool loop_on_signal(struct loop *loop, int signo, loop_callback *fire, void *arg)
{
    if (loop->signal_count == SIGNALS_MAX)
        return false;
    struct loop_watch *w = &loop->signals[loop->signal_count];
    *w = (struct loop_watch){.ready = fire, .arg = arg};
    w->event = evsignal_new(loop->base, signo, watch_ready, w);
    if (w->event == NULL || event_add(w->event, NULL) != 0)
        return false;
    loop->signal_count++;
    return true;
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, bool write, loop_callback *ready, void *arg)
{
    struct loop_watch *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    *w = (struct loop_watch){.ready = ready, .arg = arg, .what = write ? EV_WRITE : EV_READ};
    w->event = event_new(loop->base, fd, (short)(w->what | EV_PERSIST), watch_ready, w);
    if (w->event == NULL) {
        free(w);
        return NULL;
    }
    return w;
}

void loop_watch_set(struct loop_watch *watch, bool on)
{
    if (watch->on == on)
        return;
    watch->on = on;
    if (on)
        event_add(watch->event, NULL);
    else
        event_del(watch->event);
}

void loop_watch_wake(struct loop_watch *watch)
{
    event_active(watch->event, watch->what, 0);
}

void loop_watch_free(struct loop_watch *watch)
{
    if (watch == NULL)
        return;
    event_free(watch->event);
    free(watch);
}

static void timer_fire(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct loop_timer *timer = arg;
    timer->fire(timer->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_callback *fire, void *arg)
{
    struct loop_timer *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    *t = (struct loop_timer){.fire = fire, .arg = arg};
    t->event = evtimer_new(loop->base, timer_fire, t);
    if (t->event == NULL) {
        free(t);
        return NULL;
    }
    return t;
}

void loop_timer_set(struct loop_timer *timer, int64_t after_ms)
{
    if (after_ms < 0)
        after_ms = 0;
    const struct timeval tv = {after_ms / 1000, (after_ms % 1000) * 1000};
    evtimer_add(timer->event, &tv);
}

void loop_timer_clear(struct loop_timer *timer)
{
    evtimer_del(timer->event);
}

bool loop_timer_pending(const struct loop_timer *timer)
{
    return evtimer_pending(timer->event, NULL) != 0;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer == NULL)
        return;
    event_free(timer->event);
    free(timer);
}

bool loop_is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static void lookup_deliver(void *arg)
{
    struct loop_lookup *l = arg;
    l->found(l->arg, l->address[0] != '\0' ? l->address : NULL);
}

static void lookup_done(int error, struct evutil_addrinfo *list, void *arg)
{
    struct loop_lookup *l = arg;
    l->request = NULL;
    if (l->dead) { /* freed while evdns still held it */
        if (list != NULL)
            evutil_freeaddrinfo(list);
        free(l);
        return;
    }
    l->address[0] = '\0';
    if (error == 0 && list != NULL &&
        getnameinfo(list->ai_addr, list->ai_addrlen, l->address, sizeof l->address, NULL, 0,
                    NI_NUMERICHOST) != 0)
        l->address[0] = '\0';
    if (list != NULL)
        evutil_freeaddrinfo(list);
    if (l->starting)
        loop_timer_set(l->later, 0);
    else
        lookup_deliver(l);
}

struct loop_lookup *loop_lookup_new(struct loop *loop, loop_found *found, void *arg)
{
    struct loop_lookup *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    *l = (struct loop_lookup){.loop = loop, .found = found, .arg = arg};
    l->later = loop_timer_new(loop, lookup_deliver, l);
    if (l->later == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

bool loop_lookup_start(struct loop_lookup *l, const char *host)
{
    if (l->request != NULL || loop_timer_pending(l->later))
        return false;
    /* Made once: it keeps what resolv.conf said then. It must not keep an idle loop busy. */
    if (l->loop->dns == NULL)
        l->loop->dns = evdns_base_new(l->loop->base,
                                      EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (l->loop->dns == NULL)
        return false;
    struct evutil_addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    l->starting = true;
    struct evdns_getaddrinfo_request *request =
        evdns_getaddrinfo(l->loop->dns, host, NULL, &hints, lookup_done, l);
    l->starting = false;
    if (!loop_timer_pending(l->later))
        l->request = request;
    return true;
}

void loop_lookup_free(struct loop_lookup *l)
{
    if (l == NULL)
        return;
    loop_timer_free(l->later);
    l->later = NULL;
    if (l->request == NULL) {
        free(l);
        return;
    }
    /* evdns still calls back once, from a later turn of the loop; that call frees it. */
    l->dead = true;
    evdns_getaddrinfo_cancel(l->request);
}
