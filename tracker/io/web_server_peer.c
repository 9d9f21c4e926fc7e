/*
 * One connection: a head, a body if its route has room for one, an answer, and the same again.
 *
 *     idle ── first byte ──► head ──► body ──► (asked) ──► writing ──► idle
 *                              │        │          ├─ later ─┘    └──► lingering, gone
 *                              └────────┴── refused ─────────┘
 *                                                  └─ stream (web_server_stream.c), gone
 */
#include "web_problem.h"
#include "web_server_state.h"

#include <assert.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>

enum { FILE_STEP = 64 << 10, FILE_AHEAD = 128 << 10, UNSENT_LARGE = 256 << 10 };

#define UNSENT_MAX ((size_t)256 << 20) /* of all connections, where one more is large */

static void set_end(struct web_peer *p, int64_t after_s)
{
    const struct timeval tv = {after_s, 0};
    evtimer_add(p->end, &tv);
}

static void close_file(struct web_peer *p)
{
    if (p->file >= 0)
        close(p->file);
    if (p->file_count != NULL)
        (*p->file_count)--;
    p->file = -1;
    p->file_count = NULL;
}

void web_peer_end(struct web_peer *p)
{
    bufferevent_free(p->stream);
    event_free(p->end);
    close_file(p);
    buf_fini(&p->head_bytes);
    buf_fini(&p->body);
    *p = (struct web_peer){.server = p->server, .life = p->life + 1, .file = -1};
    assert(p->server->figures.open > 0);
    p->server->figures.open--;
    web_server_has_room(p->server);
}

static size_t unsent(const struct web_server *s)
{
    size_t sum = 0;
    for (unsigned i = 0; i < s->figures.most; i++)
        if (s->peers[i].state == PEER_WRITING)
            sum += evbuffer_get_length(bufferevent_get_output(s->peers[i].stream));
    return sum;
}

static struct web_request request_of(const struct web_peer *p)
{
    const struct web_server *s = p->server;
    return (struct web_request){.head = &p->head,
                                .target = &s->target,
                                .body = buf_text(&p->body),
                                .address = text_of(p->address),
                                .secret = p->secret,
                                .ticket = web_peer_ticket(p),
                                .now = clock_wall(),
                                .ticks = loop_now(s->loop)};
}

/* ---- answering ---- */

/* Puts more of the file behind what waits to be sent. False: it is shorter than it was. */
static bool put_file(struct web_peer *p)
{
    static char bytes[FILE_STEP];
    struct evbuffer *out = bufferevent_get_output(p->stream);
    while (p->file_left > 0 && evbuffer_get_length(out) < FILE_AHEAD) {
        size_t want = p->file_left < sizeof bytes ? (size_t)p->file_left : sizeof bytes;
        ssize_t got = pread(p->file, bytes, want, (off_t)p->file_at);
        if (got <= 0 || bufferevent_write(p->stream, bytes, (size_t)got) != 0)
            return false;
        p->file_at += (uint64_t)got;
        p->file_left -= (uint64_t)got;
    }
    return true;
}

/* With the answer's file taken over, whatever comes of it. */
static bool write_answer(struct web_peer *p, struct web_answer *answer)
{
    struct web_server *s = p->server;
    size_t length = answer->file >= 0 ? 0 : answer->body.len;
    bool head_only = p->head.method == WEB_HEAD;
    if (answer->file >= 0) {
        p->file = answer->file;
        p->file_at = answer->file_at;
        p->file_left = head_only ? 0 : answer->file_length;
        p->file_count = answer->file_count;
        if (p->file_count != NULL)
            (*p->file_count)++;
    }
    web_answer_write_head(answer, p->closes, p->secret, &s->head);
    answer->file = -1;
    if (!buf_ok(&s->head) || bufferevent_write(p->stream, s->head.data, s->head.len) != 0)
        return false;
    if (head_only || answer->status == 204 || answer->status == 304)
        return true;
    if (length > UNSENT_LARGE && unsent(s) + length > UNSENT_MAX)
        return false;
    return (length == 0 || bufferevent_write(p->stream, answer->body.data, length) == 0) && put_file(p);
}

void web_peer_send(struct web_peer *p, struct web_answer *answer)
{
    struct web_server *s = p->server;
    if (!web_answer_ok(answer)) {
        if (answer->file >= 0)
            close(answer->file);
        web_answer_clear(answer);
        web_problem(answer, 500, "the answer could not be made");
    }
    buf_clear(&s->head);
    p->closes = p->closes || answer->stream;
    p->state = answer->stream ? PEER_STREAM : PEER_WRITING;
    if (p->body.limit > BODY_LARGE) { /* nobody asks with it any more */
        buf_fini(&p->body);
        buf_init(&p->body, 0);
    }
    bufferevent_disable(p->stream, EV_READ);
    set_end(p, TAKEN_S + (int64_t)(web_answer_length(answer) / TAKEN_BPS));
    bool written = write_answer(p, answer);
    if (p->state == PEER_STREAM && !written)
        web_stream_lost(p);
    else if (!written)
        web_peer_end(p);
    else if (p->state == PEER_STREAM)
        web_stream_begin(p);
}

/* What was not understood, or is too much. Nothing that follows on this connection can be told apart from it. */
static void refuse(struct web_peer *p, int status)
{
    static const struct {
        int status;
        const char *detail;
    } details[] = {
        {400, "this is not HTTP/1.1 as it is read here: docs/DISPATCH.md says what is refused"},
        {413, "the body is larger than this path takes"},
        {417, "100-continue can be expected, and nothing else"},
        {431, "the head has more than 8,192 bytes or 64 fields"},
        {503, "there are as many large bodies here as there may be at once: come again"},
        {501, "the only coding of a body is chunked"},
        {505, "HTTP/1.1 or HTTP/1.0"},
    };
    struct web_server *s = p->server;
    const char *detail = details[0].detail;
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
        if (details[i].status == status)
            detail = details[i].detail;
    web_answer_clear(&s->answer);
    if (status == 503)
        web_answer_field(&s->answer, "Retry-After", TEXT("10"));
    web_problem(&s->answer, status, "%s", detail);
    p->closes = p->lingers = true;
    if (s->callbacks.refused != NULL)
        s->callbacks.refused(s->arg, status);
    web_peer_send(p, &s->answer);
}

void web_peer_ask(struct web_peer *p, bool noted)
{
    struct web_server *s = p->server;
    int status = web_target_read(p->head.target, &s->target);
    if (status != 200) {
        refuse(p, status);
        return;
    }
    struct web_request request = request_of(p);
    request.noted = noted;
    web_answer_clear(&s->answer);
    p->state = PEER_LATER;
    bufferevent_disable(p->stream, EV_READ);
    set_end(p, LATER_S);
    s->callbacks.ask(s->arg, &request, &s->answer);
    if (!s->answer.later)
        web_peer_send(p, &s->answer);
}

/* ---- reading ---- */

static unsigned large_bodies(const struct web_server *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->figures.most; i++)
        n += (s->peers[i].state == PEER_BODY || s->peers[i].state == PEER_LATER) &&
             s->peers[i].body.limit > BODY_LARGE;
    return n;
}

/* Whether the body that is announced has room; where it has, its reading begins. */
static int begin_body(struct web_peer *p)
{
    struct web_server *s = p->server;
    int status = web_target_read(p->head.target, &s->target);
    if (status != 200)
        return status;
    const struct web_request request = request_of(p);
    size_t room = s->callbacks.room(s->arg, &request);
    if (p->head.length > room || (p->head.chunked && room == 0))
        return 413;
    size_t most = p->head.chunked ? room : (size_t)p->head.length;
    if (most > BODY_LARGE && large_bodies(s) >= BODIES_LARGE_MAX)
        return 503;
    if (most > BODY_LARGE)
        set_end(p, REQUEST_S + (int64_t)(most / BODY_BPS));
    buf_fini(&p->body);
    buf_init(&p->body, most);
    p->state = PEER_BODY;
    if (p->head.expects_continue)
        bufferevent_write(p->stream, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    return 200;
}

/* Each of these is true where there may be more to do at once. */
static bool take_head(struct web_peer *p)
{
    struct evbuffer *in = bufferevent_get_input(p->stream);
    size_t length = evbuffer_get_length(in), used = 0,
           looked_at = length < WEB_HEAD_MAX ? length : WEB_HEAD_MAX;
    if (length == 0)
        return false;
    if (p->state == PEER_IDLE) {
        p->state = PEER_HEAD;
        set_end(p, REQUEST_S);
    }
    const char *bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)looked_at);
    int status = bytes != NULL ? web_head_read((struct text){bytes, looked_at}, &p->head, &used) : 500;
    if (status == 0)
        return false;
    if (status == 200) {
        /* The head outlives what it was read from. */
        buf_clear(&p->head_bytes);
        buf_clear(&p->body);
        buf_put(&p->head_bytes, bytes, used);
        evbuffer_drain(in, used);
        status = buf_ok(&p->head_bytes) ? web_head_read(buf_text(&p->head_bytes), &p->head, &used) : 500;
    }
    p->closes = p->head.closes;
    p->chunks = (struct web_chunks){0};
    if (status == 200 && (p->head.chunked || p->head.length > 0)) {
        status = begin_body(p);
        if (status == 200)
            return true;
    }
    if (status == 200)
        web_peer_ask(p, false);
    else
        refuse(p, status);
    return false;
}

static bool take_body(struct web_peer *p)
{
    struct evbuffer *in = bufferevent_get_input(p->stream);
    size_t length = evbuffer_get_contiguous_space(in), taken = 0;
    if (length == 0)
        return false;
    const char *bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)length);
    int status;
    if (p->head.chunked) {
        status = web_chunks_take(&p->chunks, (struct text){bytes, length}, &p->body, &taken);
    } else {
        uint64_t left = p->head.length - p->body.len;
        taken = length < left ? length : (size_t)left;
        buf_put(&p->body, bytes, taken);
        status = !buf_ok(&p->body) ? 500 : p->body.len == p->head.length ? 200 : 0;
    }
    if (status == 0 || status == 200)
        evbuffer_drain(in, taken);
    if (status == 0)
        return true;
    if (status == 200)
        web_peer_ask(p, false);
    else
        refuse(p, status);
    return false;
}

static void take(struct web_peer *p)
{
    bool more = true;
    while (more)
        if (p->state == PEER_IDLE || p->state == PEER_HEAD)
            more = take_head(p);
        else if (p->state == PEER_BODY)
            more = take_body(p);
        else
            more = false;
}

static void on_readable(struct bufferevent *stream, void *arg)
{
    struct web_peer *p = arg;
    struct evbuffer *in = bufferevent_get_input(stream);
    if (p->state == PEER_LINGERING || p->state == PEER_STREAM)
        evbuffer_drain(in, evbuffer_get_length(in));
    else
        take(p);
}

static void begin_idle(struct web_peer *p)
{
    p->state = PEER_IDLE;
    p->idle_seq = ++p->server->idle_count;
    set_end(p, IDLE_S);
    bufferevent_enable(p->stream, EV_READ);
    web_server_has_room(p->server);
    take(p); /* what was sent ahead lies here already and calls nobody */
}

/* Some of what was written is sent. Called from the loop, never from inside a write. */
static void on_written(struct bufferevent *stream, void *arg)
{
    struct web_peer *p = arg;
    if (p->state == PEER_STREAM && evbuffer_get_length(bufferevent_get_output(stream)) == 0) {
        event_del(p->end);
        p->server->callbacks.drained(p->server->arg, web_peer_ticket(p));
        return;
    }
    if (p->state != PEER_WRITING || evbuffer_get_length(bufferevent_get_output(stream)) > 0)
        return;
    if (p->file_left > 0) {
        if (!put_file(p))
            web_peer_end(p);
        return;
    }
    close_file(p);
    if (p->lingers && !p->secret) {
        p->state = PEER_LINGERING;
        set_end(p, LINGER_S);
        shutdown(bufferevent_getfd(stream), SHUT_WR);
        bufferevent_enable(stream, EV_READ);
    } else if (p->closes) {
        web_peer_end(p);
    } else {
        begin_idle(p);
    }
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
    (void)stream;
    struct web_peer *p = arg;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        return;
    if (p->state == PEER_STREAM)
        web_stream_lost(p);
    else
        web_peer_end(p);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct web_peer *p = arg;
    if (p->state == PEER_HEAD || p->state == PEER_BODY || p->state == PEER_WRITING || p->state == PEER_STREAM)
        p->server->figures.too_slow++;
    if (p->state == PEER_STREAM)
        web_stream_lost(p);
    else
        web_peer_end(p);
}

void web_peer_begin(struct web_peer *p, struct bufferevent *stream)
{
    struct web_server *s = p->server;
    assert(p->state == PEER_FREE);
    p->stream = stream;
    p->end = evtimer_new(s->base, on_end, p);
    if (p->end == NULL) {
        bufferevent_free(stream);
        p->stream = NULL;
        return;
    }
    s->figures.open++;
    s->figures.accepted++;
    p->state = PEER_HEAD;
    buf_init(&p->head_bytes, WEB_HEAD_MAX);
    bufferevent_setcb(stream, on_readable, on_written, on_event, p);
    bufferevent_setwatermark(stream, EV_READ, 0, 2 * WEB_HEAD_MAX);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    set_end(p, REQUEST_S);
}
