#define _GNU_SOURCE /* O_TMPFILE */
#include "line_ask.h"

#include "fd_whole.h"
#include "unix_claim.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { STEP = 64 << 10 };

struct line_ask {
    int fd;
    struct buf in; /* what came behind the line */
    char step[STEP];
};

static bool reach(int fd, const char *path)
{
    struct sockaddr_un at;
    return unix_address(path, &at) && connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 &&
           fcntl(fd, F_SETFL, 0) == 0;
}

bool line_ask_wait(struct line_ask *a, unsigned seconds)
{
    const struct timeval patience = {(time_t)seconds, 0};
    return setsockopt(a->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
           setsockopt(a->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0;
}

struct line_ask *line_ask_new(const char *path)
{
    struct line_ask *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    buf_init(&a->in, LINE_ASK_LINE_MAX + STEP);
    a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (a->fd >= 0 && reach(a->fd, path) && line_ask_wait(a, LINE_ASK_PATIENCE_S))
        return a;
    int error = errno;
    line_ask_free(a);
    errno = error;
    return NULL;
}

void line_ask_free(struct line_ask *a)
{
    if (a == NULL)
        return;
    if (a->fd >= 0)
        close(a->fd);
    buf_fini(&a->in);
    free(a);
}

void line_ask_end(struct line_ask *a)
{
    shutdown(a->fd, SHUT_RDWR);
}

static bool send_all(int fd, struct text bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = (struct text){bytes.data + n, bytes.len - (size_t)n};
    }
    return true;
}

/* At most a step; 0 with errno. */
static size_t receive(struct line_ask *a, uint64_t most)
{
    ssize_t n;
    size_t wanted = most < STEP ? (size_t)most : STEP;
    while ((n = recv(a->fd, a->step, wanted, 0)) < 0 && errno == EINTR)
        continue;
    if (n == 0)
        errno = ECONNRESET;
    return n > 0 ? (size_t)n : 0;
}

bool line_ask_line(struct line_ask *a, struct text question, struct buf *out_line)
{
    const char *feed = NULL;
    if (!send_all(a->fd, question) || !send_all(a->fd, TEXT("\n")))
        return false;
    while (feed == NULL) {
        size_t n = receive(a, STEP), before = a->in.len;
        if (n == 0)
            return false;
        buf_put(&a->in, a->step, n);
        if (!buf_ok(&a->in)) {
            errno = EMSGSIZE;
            return false;
        }
        feed = memchr(a->in.data + before, '\n', n);
    }
    size_t length = (size_t)(feed - a->in.data);
    buf_put(out_line, a->in.data, length);
    a->in.len -= length + 1;
    memmove(a->in.data, feed + 1, a->in.len);
    errno = ENOMEM;
    return buf_ok(out_line);
}

bool line_ask_bytes(struct line_ask *a, uint64_t bytes, struct buf *out)
{
    if (a->in.len > bytes) {
        errno = EPROTO;
        return false;
    }
    bytes -= a->in.len;
    buf_put(out, a->in.data, a->in.len);
    buf_clear(&a->in);
    while (bytes > 0) {
        size_t n = receive(a, bytes);
        if (n == 0)
            return false;
        buf_put(out, a->step, n);
        bytes -= n;
    }
    errno = ENOMEM;
    return buf_ok(out);
}

/* All that was said to come, and no byte more; and they are what their hash says. */
static bool take_bytes(struct line_ask *a, uint64_t bytes, const unsigned char sha256[LINE_ASK_SHA256],
                       int fd)
{
    crypto_hash_sha256_state sum;
    unsigned char hash[LINE_ASK_SHA256];
    crypto_hash_sha256_init(&sum);
    if (a->in.len > bytes) {
        errno = EPROTO;
        return false;
    }
    bytes -= a->in.len;
    bool ok = fd_write_whole(fd, buf_text(&a->in));
    crypto_hash_sha256_update(&sum, (const unsigned char *)a->in.data, a->in.len);
    buf_clear(&a->in);
    while (ok && bytes > 0) {
        size_t n = receive(a, bytes);
        ok = n > 0 && fd_write_whole(fd, (struct text){a->step, n});
        crypto_hash_sha256_update(&sum, (const unsigned char *)a->step, n);
        bytes -= n;
    }
    crypto_hash_sha256_final(&sum, hash);
    if (ok && memcmp(hash, sha256, sizeof hash) != 0) {
        errno = EBADMSG;
        return false;
    }
    return ok;
}

int line_ask_file(struct line_ask *a, uint64_t bytes, const unsigned char sha256[LINE_ASK_SHA256])
{
    const char *folder = getenv("TMPDIR");
    if (bytes > LINE_ASK_BYTES_MAX) {
        errno = EFBIG;
        return -1;
    }
    int fd =
        open(folder != NULL && folder[0] != '\0' ? folder : "/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd < 0 || take_bytes(a, bytes, sha256, fd))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}
