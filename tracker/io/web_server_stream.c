/*
 * Streams: answers that go on. What is pushed to many lies in memory once: each has a reference to it.
 *
 * Invariant: the timer of a stream runs while something that was pushed has not been taken, and from when there was nothing of
 * it before. So one that takes nothing ends, and so does one that never has all.
 */
#include "web_server_state.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <event2/buffer.h>

enum { KERNEL_BYTES = 64 << 10 }; /* which it doubles */

uint64_t web_peer_ticket(const struct web_peer *p)
{
    return (uint64_t)p->life << 32 | (uint64_t)(p - p->server->peers);
}

static void await_taken(struct web_peer *p)
{
    const struct timeval tv = {STREAM_S, 0};
    evtimer_add(p->end, &tv);
}

void web_stream_begin(struct web_peer *p)
{
    const int bytes = KERNEL_BYTES, gone_ms = STREAM_S * 1000;
    setsockopt(bufferevent_getfd(p->stream), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(bufferevent_getfd(p->stream), IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof gone_ms);
    bufferevent_enable(p->stream, EV_READ); /* to hear that it ends */
    await_taken(p);
}

void web_stream_lost(struct web_peer *p)
{
    struct web_server *s = p->server;
    uint64_t ticket = web_peer_ticket(p);
    web_peer_end(p);
    s->callbacks.gone(s->arg, ticket);
}

/* NULL: it is gone. */
static struct web_peer *find(const struct web_server *s, uint64_t ticket)
{
    uint64_t place = ticket & UINT32_MAX;
    assert(place < s->figures.most);
    struct web_peer *p = &s->peers[place];
    return p->state == PEER_STREAM && p->life == ticket >> 32 ? p : NULL;
}

static void on_sent(const void *bytes, size_t len, void *chunk)
{
    (void)bytes, (void)len;
    web_chunk_drop(chunk);
}

/*
 * What the kernel takes at once, where nothing waits before it. By way of the loop each piece is four calls of the system: to wait for
 * room, to hear of it, to write, to wait no more; a thousand clients are told ten times a second. Less than 0: it has ended.
 */
static ssize_t send_now(const struct web_peer *p, const struct web_chunk *chunk)
{
    if (p->secret || evbuffer_get_length(bufferevent_get_output(p->stream)) > 0)
        return 0;
    ssize_t n = send(bufferevent_getfd(p->stream), chunk->bytes, chunk->len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? 0 : n;
}

bool web_server_push(struct web_server *s, uint64_t ticket, struct web_chunk *chunk)
{
    struct web_peer *p = find(s, ticket);
    if (p == NULL)
        return false;
    struct evbuffer *out = bufferevent_get_output(p->stream);
    bool empty = evbuffer_get_length(out) == 0;
    ssize_t sent = send_now(p, chunk);
    if (sent == (ssize_t)chunk->len)
        return true;
    web_chunk_use(chunk);
    if (sent < 0 ||
        evbuffer_add_reference(out, chunk->bytes + sent, chunk->len - (size_t)sent, on_sent, chunk) != 0) {
        web_chunk_drop(chunk);
        web_peer_end(p);
        return false;
    }
    if (empty)
        await_taken(p);
    return true;
}

size_t web_server_unsent(const struct web_server *s, uint64_t ticket)
{
    const struct web_peer *p = find(s, ticket);
    return p != NULL ? evbuffer_get_length(bufferevent_get_output(p->stream)) : 0;
}

void web_server_end_stream(struct web_server *s, uint64_t ticket, bool politely)
{
    struct web_peer *p = find(s, ticket);
    if (p == NULL)
        return;
    if (!politely || evbuffer_get_length(bufferevent_get_output(p->stream)) == 0) {
        web_peer_end(p);
        return;
    }
    p->state = PEER_WRITING; /* as an answer whose end this is */
    bufferevent_disable(p->stream, EV_READ);
    const struct timeval tv = {TAKEN_S, 0};
    evtimer_add(p->end, &tv);
}
