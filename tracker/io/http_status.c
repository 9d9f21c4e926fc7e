/*
 * http_status: connections are libevent's, the head of a request is read by http_request.
 *
 * libevent's own HTTP server is not used: it knows no bound of connections and none of a connection's whole time, and
 * at the end of descriptors it writes a line each time around the loop, tens of thousands a second.
 */
#include "http_status.h"

#include "http_request.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

enum {
    PEERS_MAX = 32,
    WHOLE_S = 10, /* a connection ends after so long, whatever it says meanwhile */
    PAUSE_MS = 1000,
    PAGE_MAX = 1 << 20,
    DESCRIPTORS_ELSE = 64, /* store, broker, files of a reload */
};

struct peer {
    struct http_status *server;
    struct bufferevent *stream; /* NULL: free */
    struct event *end;
    bool answered;
    bool lingers; /* there was more than was read: closing at once would reset the answer away */
};

struct http_status {
    struct evconnlistener *listener;
    struct loop_timer *pause;
    struct event_base *base;
    http_page *page;
    void *arg;
    struct buf head, body;
    struct peer peers[PEERS_MAX];
    unsigned open, most;
};

static void part_from(struct peer *p)
{
    struct http_status *h = p->server;
    bufferevent_free(p->stream);
    event_free(p->end);
    *p = (struct peer){.server = h};
    assert(h->open > 0);
    if (h->open-- == h->most && !loop_timer_pending(h->pause))
        evconnlistener_enable(h->listener);
}

static void answer(struct peer *p, int code, const struct http_request *request)
{
    struct http_status *h = p->server;
    static const char page_type[] = "text/plain; version=0.0.4; charset=utf-8";
    char path[256];
    buf_clear(&h->head);
    buf_clear(&h->body);
    if (code == 200) {
        snprintf(path, sizeof path, "%.*s", TEXT_ARG(request->path));
        code = h->page(h->arg, path, &h->body);
    }
    if (!buf_ok(&h->body)) {
        buf_clear(&h->body);
        code = 500;
    }
    http_write_head(code, page_type, h->body.len, &h->head);
    p->answered = true;
    p->lingers = code != 200;
    bufferevent_disable(p->stream, EV_READ);
    if (!buf_ok(&h->head) || bufferevent_write(p->stream, h->head.data, h->head.len) != 0 ||
        (!request->head_only && h->body.len > 0 &&
         bufferevent_write(p->stream, h->body.data, h->body.len) != 0))
        part_from(p);
}

static void on_readable(struct bufferevent *stream, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(stream);
    if (((struct peer *)arg)->answered) {
        evbuffer_drain(in, evbuffer_get_length(in));
        return;
    }
    size_t length = evbuffer_get_length(in), looked_at = length < HTTP_HEAD_MAX ? length : HTTP_HEAD_MAX;
    const char *bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)looked_at);
    struct http_request request;
    int code = bytes != NULL ? http_request_read((struct text){bytes, looked_at}, &request) : 500;
    if (code != 0)
        answer(arg, code, &request);
}

static void on_written(struct bufferevent *stream, void *arg)
{
    struct peer *p = arg;
    if (p->answered && !p->lingers) {
        part_from(p);
    } else if (p->answered) {
        shutdown(bufferevent_getfd(stream), SHUT_WR);
        bufferevent_enable(stream, EV_READ);
    }
}

static void on_gone(struct bufferevent *stream, short what, void *arg)
{
    (void)stream;
    (void)what;
    part_from(arg);
}

static void on_too_long(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    part_from(arg);
}

static struct peer *free_peer(struct http_status *h)
{
    for (unsigned i = 0; i < h->most; i++)
        if (h->peers[i].stream == NULL)
            return &h->peers[i];
    return NULL;
}

static void on_accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                        int length, void *arg)
{
    struct http_status *h = arg;
    struct peer *p = free_peer(h);
    (void)address;
    (void)length;
    assert(p != NULL); /* at `most` the listener is off */
    const struct timeval whole = {WHOLE_S, 0};
    p->stream = bufferevent_socket_new(h->base, fd, BEV_OPT_CLOSE_ON_FREE);
    p->end = p->stream != NULL ? evtimer_new(h->base, on_too_long, p) : NULL;
    if (p->end == NULL) {
        if (p->stream != NULL)
            bufferevent_free(p->stream);
        else
            evutil_closesocket(fd);
        p->stream = NULL;
        return;
    }
    if (++h->open == h->most)
        evconnlistener_disable(listener);
    bufferevent_setcb(p->stream, on_readable, on_written, on_gone, p);
    bufferevent_setwatermark(p->stream, EV_READ, 0, HTTP_HEAD_MAX);
    bufferevent_enable(p->stream, EV_READ | EV_WRITE);
    evtimer_add(p->end, &whole);
}

/* No descriptor is to be had. Trying again at once would take the loop for itself. */
static void on_not_accepted(struct evconnlistener *listener, void *arg)
{
    struct http_status *h = arg;
    int error = EVUTIL_SOCKET_ERROR();
    log_warn("http_not_accepted", LOG_STR("reason", strerror(error)));
    evconnlistener_disable(listener);
    loop_timer_set(h->pause, PAUSE_MS);
}

static void on_pause_over(void *arg)
{
    struct http_status *h = arg;
    if (h->open < h->most)
        evconnlistener_enable(h->listener);
}

/* As many as leave enough for what the program is there for. */
static unsigned most_peers(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_ELSE + PEERS_MAX)
        return PEERS_MAX;
    return limit.rlim_cur > DESCRIPTORS_ELSE ? (unsigned)limit.rlim_cur - DESCRIPTORS_ELSE : 1;
}

static struct evconnlistener *listen_at(struct http_status *h, const char *host, uint16_t port)
{
    char service[8];
    struct addrinfo *found = NULL,
                    hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct evconnlistener *listener = NULL;
    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return NULL;
    }
    const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
    for (struct addrinfo *a = found; listener == NULL && a != NULL; a = a->ai_next)
        listener = evconnlistener_new_bind(h->base, on_accepted, h, flags, PEERS_MAX, a->ai_addr,
                                           (int)a->ai_addrlen);
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    return listener;
}

struct http_status *http_status_new(struct loop *loop, const char *host, uint16_t port, http_page *page,
                                    void *arg)
{
    struct http_status *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->page = page;
    h->arg = arg;
    h->base = loop_base(loop);
    h->most = most_peers();
    buf_init(&h->head, HTTP_HEAD_MAX);
    buf_init(&h->body, PAGE_MAX);
    for (unsigned i = 0; i < PEERS_MAX; i++)
        h->peers[i].server = h;
    h->pause = loop_timer_new(loop, on_pause_over, h);
    h->listener = h->pause != NULL ? listen_at(h, host, port) : NULL;
    if (h->listener == NULL) {
        int error = errno;
        http_status_free(h);
        errno = error;
        return NULL;
    }
    evconnlistener_set_error_cb(h->listener, on_not_accepted);
    return h;
}

void http_status_free(struct http_status *h)
{
    if (h == NULL)
        return;
    for (unsigned i = 0; i < PEERS_MAX; i++) {
        if (h->peers[i].stream != NULL) {
            bufferevent_free(h->peers[i].stream);
            event_free(h->peers[i].end);
        }
    }
    if (h->listener != NULL)
        evconnlistener_free(h->listener);
    loop_timer_free(h->pause);
    buf_fini(&h->head);
    buf_fini(&h->body);
    free(h);
}
