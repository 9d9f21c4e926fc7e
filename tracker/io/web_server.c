#include "web_server_state.h"

#include "log.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
    BACKLOG = 1024,
    PAUSE_MS = 1000,
    DESCRIPTORS_ELSE = 128, /* store, files being sent, those of a reload */
    CONNECTIONS_LEAST = 8,
};

static struct web_peer *free_peer(struct web_server *s)
{
    for (unsigned i = 0; i < s->figures.most; i++)
        if (s->peers[i].state == PEER_FREE)
            return &s->peers[i];
    return NULL;
}

/* Who has been idle for longest; NULL: all are at something. */
static struct web_peer *idle_peer(struct web_server *s)
{
    struct web_peer *found = NULL;
    for (unsigned i = 0; i < s->figures.most; i++) {
        struct web_peer *p = &s->peers[i];
        if (p->state == PEER_IDLE && (found == NULL || p->idle_seq < found->idle_seq))
            found = p;
    }
    return found;
}

void web_server_has_room(struct web_server *s)
{
    if (s->listener != NULL && !loop_timer_pending(s->pause))
        evconnlistener_enable(s->listener);
}

static void write_address(const struct sockaddr *address, socklen_t length, char *out, size_t cap)
{
    if (getnameinfo(address, length, out, (socklen_t)cap, NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(out, cap, "unknown");
    /* The same client by whichever family it came. */
    if (strncmp(out, "::ffff:", 7) == 0 && strchr(out, '.') != NULL)
        memmove(out, out + 7, strlen(out + 7) + 1);
}

static void on_accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                        int length, void *arg)
{
    struct web_server *s = arg;
    struct web_peer *p = free_peer(s);
    if (p == NULL && (p = idle_peer(s)) != NULL)
        web_peer_end(p);
    if (p == NULL) { /* those that were idle are at something since */
        s->figures.not_accepted++;
        evutil_closesocket(fd);
        evconnlistener_disable(listener);
        return;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct bufferevent *stream =
        s->tls != NULL ? web_tls_accept(s->tls, s->base, fd)
                       : bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (stream == NULL) {
        evutil_closesocket(fd);
        return;
    }
    write_address(address, (socklen_t)length, p->address, sizeof p->address);
    p->secret = s->tls != NULL;
    web_peer_begin(p, stream);
    if (s->figures.open == s->figures.most && idle_peer(s) == NULL)
        evconnlistener_disable(listener);
}

/* No descriptor is to be had. Trying again at once would take the loop for itself. */
static void on_not_accepted(struct evconnlistener *listener, void *arg)
{
    struct web_server *s = arg;
    int error = EVUTIL_SOCKET_ERROR();
    s->figures.not_accepted++;
    log_warn("http_not_accepted", LOG_STR("reason", strerror(error)));
    evconnlistener_disable(listener);
    loop_timer_set(s->pause, PAUSE_MS);
}

static void on_pause_over(void *arg)
{
    struct web_server *s = arg;
    if (s->figures.open < s->figures.most)
        evconnlistener_enable(s->listener);
}

static unsigned most_peers(unsigned wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)wanted + DESCRIPTORS_ELSE)
        return wanted;
    return limit.rlim_cur > DESCRIPTORS_ELSE + CONNECTIONS_LEAST ? (unsigned)limit.rlim_cur - DESCRIPTORS_ELSE
                                                                 : CONNECTIONS_LEAST;
}

static struct evconnlistener *listen_at(struct web_server *s, const char *host, uint16_t port)
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
        listener =
            evconnlistener_new_bind(s->base, on_accepted, s, flags, BACKLOG, a->ai_addr, (int)a->ai_addrlen);
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    return listener;
}

struct web_server *web_server_new(struct loop *loop, const struct web_server_options *options,
                                  const struct web_server_callbacks *callbacks, void *arg)
{
    struct web_server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->callbacks = *callbacks;
    s->arg = arg;
    s->loop = loop;
    s->base = loop_base(loop);
    s->figures.most = most_peers(options->connections);
    buf_init(&s->head, 2 * WEB_ANSWER_FIELDS_MAX);
    web_answer_init(&s->answer);
    s->peers = calloc(s->figures.most, sizeof *s->peers);
    for (unsigned i = 0; s->peers != NULL && i < s->figures.most; i++)
        s->peers[i] = (struct web_peer){.server = s, .file = -1};
    s->pause = s->peers != NULL ? loop_timer_new(loop, on_pause_over, s) : NULL;
    s->listener = s->pause != NULL ? listen_at(s, options->host, options->port) : NULL;
    if (s->listener == NULL) {
        int error = errno;
        web_server_free(s);
        errno = error;
        return NULL;
    }
    evconnlistener_set_error_cb(s->listener, on_not_accepted);
    return s;
}

void web_server_free(struct web_server *s)
{
    if (s == NULL)
        return;
    if (s->listener != NULL)
        evconnlistener_free(s->listener);
    s->listener = NULL;
    for (unsigned i = 0; s->peers != NULL && i < s->figures.most; i++)
        if (s->peers[i].state != PEER_FREE)
            web_peer_end(&s->peers[i]);
    loop_timer_free(s->pause);
    web_answer_fini(&s->answer);
    buf_fini(&s->head);
    free(s->peers);
    free(s);
}

void web_server_set_tls(struct web_server *s, struct web_tls *tls)
{
    s->tls = tls;
}

/* Who waits for this answer; NULL: nobody any more. */
static struct web_peer *waiting(struct web_server *s, uint64_t ticket)
{
    uint64_t place = ticket & UINT32_MAX;
    assert(place < s->figures.most);
    struct web_peer *p = &s->peers[place];
    return p->state == PEER_LATER && p->life == ticket >> 32 ? p : NULL;
}

bool web_server_answer(struct web_server *s, uint64_t ticket, struct web_answer *answer)
{
    struct web_peer *p = waiting(s, ticket);
    if (p != NULL)
        web_peer_send(p, answer);
    return p != NULL;
}

bool web_server_ask_again(struct web_server *s, uint64_t ticket)
{
    struct web_peer *p = waiting(s, ticket);
    if (p != NULL)
        web_peer_ask(p, true);
    return p != NULL;
}

struct web_server_figures web_server_figures(const struct web_server *s)
{
    return s->figures;
}
