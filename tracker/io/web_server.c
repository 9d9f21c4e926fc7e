#include "web_server_state.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 1024,
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
    if (s->listener != NULL)
        http_listener_set_full(s->listener, false);
}

static void write_address(const struct sockaddr *address, socklen_t length, char *out, size_t cap)
{
    if (getnameinfo(address, length, out, (socklen_t)cap, NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(out, cap, "unknown");
    /* The same client by whichever family it came. */
    if (strncmp(out, "::ffff:", 7) == 0 && strchr(out, '.') != NULL)
        memmove(out, out + 7, strlen(out + 7) + 1);
}

static void on_accepted(void *arg, int fd, const struct sockaddr *address, int length)
{
    struct web_server *s = arg;
    struct web_peer *p = free_peer(s);
    if (p == NULL && (p = idle_peer(s)) != NULL)
        web_peer_end(p);
    if (p == NULL) { /* those that were idle are at something since */
        s->figures.not_accepted++;
        evutil_closesocket(fd);
        http_listener_set_full(s->listener, true);
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
        http_listener_set_full(s->listener, true);
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
    s->figures.most = http_listener_room(options->connections, CONNECTIONS_LEAST, DESCRIPTORS_ELSE);
    buf_init(&s->head, 2 * WEB_ANSWER_FIELDS_MAX);
    web_answer_init(&s->answer);
    s->peers = calloc(s->figures.most, sizeof *s->peers);
    for (unsigned i = 0; s->peers != NULL && i < s->figures.most; i++)
        s->peers[i] = (struct web_peer){.server = s, .file = -1};
    const struct http_listener_options at = {options->host, options->port, BACKLOG};
    s->listener = s->peers != NULL ? http_listener_new(loop, &at, on_accepted, s) : NULL;
    if (s->listener == NULL) {
        int error = errno;
        web_server_free(s);
        errno = error;
        return NULL;
    }
    return s;
}

void web_server_free(struct web_server *s)
{
    if (s == NULL)
        return;
    http_listener_free(s->listener);
    s->listener = NULL;
    for (unsigned i = 0; s->peers != NULL && i < s->figures.most; i++)
        if (s->peers[i].state != PEER_FREE)
            web_peer_end(&s->peers[i]);
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
    else if (answer->file >= 0)
        close(answer->file);
    answer->file = -1;
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
    struct web_server_figures figures = s->figures;
    figures.not_accepted += http_listener_refused(s->listener);
    return figures;
}
