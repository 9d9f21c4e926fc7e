#include "sensor_socket.h"

#include "log.h"
#include "unix_claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

/* Datagrams read in one turn of the loop. */
enum { TURN_MAX = 64 };

struct sensor_socket {
    int fd;
    struct loop_watch *watch;
    sensor_datagram *received;
    void *arg;
    struct sockaddr_un at;
};

int sensor_socket_send(const char *path, struct text datagram)
{
    struct sockaddr_un to;
    if (!unix_address(path, &to))
        return errno;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    ssize_t n =
        sendto(fd, datagram.data, datagram.len, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof to);
    int error = n < 0 ? errno : 0;
    close(fd);
    return error;
}

static void on_readable(void *arg)
{
    struct sensor_socket *s = arg;
    char bytes[SENSOR_DATAGRAM_MAX];
    for (int i = 0; i < TURN_MAX; i++) {
        ssize_t n = recv(s->fd, bytes, sizeof bytes, MSG_TRUNC);
        if (n < 0)
            return;
        if ((size_t)n > sizeof bytes)
            log_warn("sensor_datagram_too_long", LOG_INT("bytes", n));
        else
            s->received(s->arg, (struct text){bytes, (size_t)n});
    }
}

struct sensor_socket *sensor_socket_new(struct loop *loop, const char *path, sensor_datagram *received,
                                        void *arg)
{
    struct sensor_socket *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->received = received;
    s->arg = arg;
    s->fd = -1;
    if (unix_address(path, &s->at))
        s->fd = unix_claim(&s->at, SOCK_DGRAM);
    if (s->fd >= 0) {
        s->watch = loop_watch_new(loop, s->fd, false, on_readable, s);
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

void sensor_socket_free(struct sensor_socket *s)
{
    if (s == NULL)
        return;
    loop_watch_free(s->watch);
    close(s->fd);
    unlink(s->at.sun_path);
    free(s);
}
