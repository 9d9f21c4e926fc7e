#include "http_listener.h"

#include "log.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <event2/listener.h>
#include <event2/util.h>

enum { PAUSE_MS = 1000 };

struct http_listener {
    struct evconnlistener *listener;
    struct loop_timer *pause;
    http_accepted *accepted;
    void *arg;
    uint64_t refused;
    bool full;
};

static void on_accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                        int length, void *arg)
{
    struct http_listener *l = arg;
    (void)listener;
    l->accepted(l->arg, fd, address, length);
}

static void on_not_accepted(struct evconnlistener *listener, void *arg)
{
    struct http_listener *l = arg;
    int error = EVUTIL_SOCKET_ERROR();
    l->refused++;
    log_warn("http_not_accepted", LOG_STR("reason", strerror(error)));
    evconnlistener_disable(listener);
    loop_timer_set(l->pause, PAUSE_MS);
}

static void on_pause_over(void *arg)
{
    struct http_listener *l = arg;
    if (!l->full)
        evconnlistener_enable(l->listener);
}

static struct evconnlistener *listen_at(struct event_base *base, const struct http_listener_options *at,
                                        struct http_listener *l)
{
    char service[8];
    struct addrinfo *found = NULL,
                    hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct evconnlistener *listener = NULL;
    snprintf(service, sizeof service, "%u", (unsigned)at->port);
    if (getaddrinfo(at->host, service, &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return NULL;
    }
    const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
    for (struct addrinfo *a = found; listener == NULL && a != NULL; a = a->ai_next)
        listener =
            evconnlistener_new_bind(base, on_accepted, l, flags, at->backlog, a->ai_addr, (int)a->ai_addrlen);
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    return listener;
}

struct http_listener *http_listener_new(struct loop *loop, const struct http_listener_options *options,
                                        http_accepted *accepted, void *arg)
{
    struct http_listener *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->accepted = accepted;
    l->arg = arg;
    l->pause = loop_timer_new(loop, on_pause_over, l);
    l->listener = l->pause != NULL ? listen_at(loop_base(loop), options, l) : NULL;
    if (l->listener == NULL) {
        int error = errno;
        http_listener_free(l);
        errno = error;
        return NULL;
    }
    evconnlistener_set_error_cb(l->listener, on_not_accepted);
    return l;
}

void http_listener_free(struct http_listener *l)
{
    if (l == NULL)
        return;
    if (l->listener != NULL)
        evconnlistener_free(l->listener);
    loop_timer_free(l->pause);
    free(l);
}

void http_listener_set_full(struct http_listener *l, bool full)
{
    l->full = full;
    if (full)
        evconnlistener_disable(l->listener);
    else if (!loop_timer_pending(l->pause))
        evconnlistener_enable(l->listener);
}

uint64_t http_listener_refused(const struct http_listener *l)
{
    return l->refused;
}

unsigned http_listener_room(unsigned wanted, unsigned least, unsigned others)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)wanted + others)
        return wanted;
    return limit.rlim_cur > (rlim_t)others + least ? (unsigned)limit.rlim_cur - others : least;
}
