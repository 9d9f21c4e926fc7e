#define _GNU_SOURCE /* accept4, struct ucred */
#include "line_socket.h"

#include "log.h"
#include "unix_claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE_MS = 60000, READ_BYTES = 4096 };
/* An answer may be a whole package. */
#define ANSWER_MAX ((size_t)1 << 30)

struct peer {
    struct line_socket *s;
    int fd;
    unsigned uid;
    struct loop_watch *readable, *writable;
    struct loop_timer *idle;
    struct buf in, out;
    size_t sent;
    bool ending;
};

struct line_socket {
    struct loop *loop;
    int fd;
    struct loop_watch *watch;
    line_socket_asked *asked;
    void *arg;
    struct peer *peers[LINE_SOCKET_PEERS];
    struct sockaddr_un at;
};

static void end_peer(struct peer *p)
{
    for (size_t i = 0; i < LINE_SOCKET_PEERS; i++)
        if (p->s->peers[i] == p)
            p->s->peers[i] = NULL;
    if (p->readable != NULL)
        loop_watch_free(p->readable);
    if (p->writable != NULL)
        loop_watch_free(p->writable);
    if (p->idle != NULL)
        loop_timer_free(p->idle);
    close(p->fd);
    buf_fini(&p->in);
    buf_fini(&p->out);
    free(p);
}

/* False: the peer is gone. */
static bool send_some(struct peer *p)
{
    while (p->sent < p->out.len) {
        ssize_t n = send(p->fd, p->out.data + p->sent, p->out.len - p->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (n <= 0) {
            end_peer(p);
            return false;
        }
        p->sent += (size_t)n;
    }
    bool all = p->sent == p->out.len;
    if (all) {
        buf_clear(&p->out);
        p->sent = 0;
    }
    if (all && p->ending) {
        end_peer(p);
        return false;
    }
    loop_watch_set(p->writable, !all);
    loop_watch_set(p->readable, all); /* the next question waits for the answer to be taken */
    return true;
}

static void on_writable(void *arg)
{
    struct peer *p = arg;
    loop_timer_set(p->idle, IDLE_MS);
    send_some(p);
}

static void answer_lines(struct peer *p)
{
    struct text left = buf_text(&p->in);
    const char *feed;
    while (!p->ending && left.len > 0 && (feed = memchr(left.data, '\n', left.len)) != NULL) {
        struct text line = {left.data, (size_t)(feed - left.data)};
        left = (struct text){feed + 1, left.len - line.len - 1};
        p->ending = !p->s->asked(p->s->arg, line, p->uid, &p->out) || !buf_ok(&p->out);
    }
    memmove(p->in.data, left.data, left.len);
    p->in.len = left.len;
}

static void on_readable(void *arg)
{
    struct peer *p = arg;
    char *at = buf_reserve(&p->in, READ_BYTES);
    ssize_t n = at != NULL ? recv(p->fd, at, READ_BYTES, 0) : -1;
    if (at != NULL && n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n <= 0) {
        end_peer(p);
        return;
    }
    p->in.len += (size_t)n;
    loop_timer_set(p->idle, IDLE_MS);
    answer_lines(p);
    p->ending = p->ending || p->in.len > LINE_SOCKET_MAX;
    send_some(p);
}

static void on_idle(void *arg)
{
    end_peer(arg);
}

static unsigned uid_of(int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 ? (unsigned)who.uid : (unsigned)-1;
}

static bool begin_peer(struct line_socket *s, struct peer **place, int fd)
{
    struct peer *p = calloc(1, sizeof *p);
    if (p == NULL)
        return false;
    p->s = s;
    p->fd = fd;
    p->uid = uid_of(fd);
    buf_init(&p->in, LINE_SOCKET_MAX + 2 * READ_BYTES);
    buf_init(&p->out, ANSWER_MAX);
    p->readable = loop_watch_new(s->loop, fd, false, on_readable, p);
    p->writable = loop_watch_new(s->loop, fd, true, on_writable, p);
    p->idle = loop_timer_new(s->loop, on_idle, p);
    if (p->readable == NULL || p->writable == NULL || p->idle == NULL) {
        end_peer(p);
        return true; /* and closed */
    }
    loop_watch_set(p->readable, true);
    loop_timer_set(p->idle, IDLE_MS);
    *place = p;
    return true;
}

static void on_connection(void *arg)
{
    struct line_socket *s = arg;
    int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    size_t i = 0;
    if (fd < 0)
        return;
    while (i < LINE_SOCKET_PEERS && s->peers[i] != NULL)
        i++;
    if (i == LINE_SOCKET_PEERS || !begin_peer(s, &s->peers[i], fd)) {
        log_warn("socket_is_full", LOG_INT("connections", LINE_SOCKET_PEERS));
        close(fd);
    }
}

static bool claim(struct line_socket *s, const char *path)
{
    if (!unix_address(path, &s->at))
        return false;
    s->fd = unix_claim(&s->at, SOCK_STREAM);
    return s->fd >= 0 && listen(s->fd, LINE_SOCKET_PEERS) == 0;
}

struct line_socket *line_socket_new(struct loop *loop, const char *path, line_socket_asked *asked, void *arg)
{
    struct line_socket *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->loop = loop;
    s->fd = -1;
    s->asked = asked;
    s->arg = arg;
    if (claim(s, path)) {
        s->watch = loop_watch_new(loop, s->fd, false, on_connection, s);
        if (s->watch != NULL) {
            loop_watch_set(s->watch, true);
            return s;
        }
        errno = ENOMEM;
    }
    int error = errno;
    if (s->fd >= 0)
        close(s->fd);
    free(s);
    errno = error;
    return NULL;
}

void line_socket_free(struct line_socket *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < LINE_SOCKET_PEERS; i++)
        if (s->peers[i] != NULL)
            end_peer(s->peers[i]);
    loop_watch_free(s->watch);
    close(s->fd);
    unlink(s->at.sun_path);
    free(s);
}
