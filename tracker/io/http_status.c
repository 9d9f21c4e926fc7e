/*
 * http_status: connections are libevent's, the head of a request is read by http_request.
 *
 * libevent's own HTTP server is not used: it knows no bound of connections and none of a connection's whole time, and
 * at the end of descriptors it writes a line each time around the loop, tens of thousands a second.
 */
#include "http_status.h"

#include "http_listener.h"
#include "http_request.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

enum {
    PEERS_MAX = 32,
    WHOLE_S = 10, /* a connection ends after so long, whatever it says meanwhile */
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
    struct http_listener *listener;
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
    if (h->open-- == h->most)
        http_listener_set_full(h->listener, false);
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

static void on_accepted(void *arg, int fd, const struct sockaddr *address, int length)
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
        http_listener_set_full(h->listener, true);
    bufferevent_setcb(p->stream, on_readable, on_written, on_gone, p);
    bufferevent_setwatermark(p->stream, EV_READ, 0, HTTP_HEAD_MAX);
    bufferevent_enable(p->stream, EV_READ | EV_WRITE);
    evtimer_add(p->end, &whole);
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
    h->most = http_listener_room(PEERS_MAX, 1, DESCRIPTORS_ELSE);
    buf_init(&h->head, HTTP_HEAD_MAX);
    buf_init(&h->body, PAGE_MAX);
    for (unsigned i = 0; i < PEERS_MAX; i++)
        h->peers[i].server = h;
    const struct http_listener_options at = {host, port, PEERS_MAX};
    h->listener = http_listener_new(loop, &at, on_accepted, h);
    if (h->listener == NULL) {
        int error = errno;
        http_status_free(h);
        errno = error;
        return NULL;
    }
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
    http_listener_free(h->listener);
    buf_fini(&h->head);
    buf_fini(&h->body);
    free(h);
}
