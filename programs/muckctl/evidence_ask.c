#include "evidence_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1 << 20, BYTES_MAX = (1 << 30) + 1, PATIENCE_S = 600 };

static int fail(const char *command, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", command, what, strerror(errno));
    return errno == EACCES ? EX_NOPERM : EX_UNAVAILABLE;
}

static int reach(const char *command, const char *path, int *out_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {PATIENCE_S, 0};
    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "%s: --socket: too long a path\n", command);
        return EX_USAGE;
    }
    strcpy(address.sun_path, path);
    *out_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*out_fd < 0)
        return fail(command, path);
    setsockopt(*out_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(*out_fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return connect(*out_fd, (struct sockaddr *)&address, sizeof address) == 0 ? EX_OK : fail(command, path);
}

static bool send_all(int fd, struct text bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        size_t sent = n > 0 ? (size_t)n : 0;
        bytes = (struct text){bytes.data + sent, bytes.len - sent};
    }
    return true;
}

/* More of the answer. False with errno; 0: the keeper has gone. */
static bool receive(int fd, struct buf *out)
{
    char bytes[1 << 16];
    ssize_t n;
    while ((n = recv(fd, bytes, sizeof bytes, 0)) < 0 && errno == EINTR)
        continue;
    if (n > 0)
        buf_put(out, bytes, (size_t)n);
    if (n == 0 || !buf_ok(out))
        errno = n == 0 ? ECONNRESET : EMSGSIZE;
    return n > 0 && buf_ok(out);
}

/* The line, and what came with it behind. */
static bool receive_line(int fd, struct evidence_answer *out)
{
    const char *feed = NULL;
    while (feed == NULL) {
        if (!receive(fd, &out->line))
            return false;
        feed = memchr(out->line.data, '\n', out->line.len);
    }
    size_t len = (size_t)(feed - out->line.data);
    buf_put(&out->bytes, feed + 1, out->line.len - len - 1);
    out->line.len = len;
    return buf_ok(&out->bytes);
}

struct text evidence_answer_text(const struct evidence_answer *answer, const char *name)
{
    const struct json_node *n = json_node_member(answer->tree.nodes, name);
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : TEXT("");
}

static int receive_answer(const char *command, int fd, struct evidence_answer *out)
{
    if (!receive_line(fd, out))
        return fail(command, "the keeper's answer");
    if (json_tree_read(&out->tree, buf_text(&out->line), NULL) != JSON_TREE_OK) {
        fprintf(stderr, "%s: the keeper's answer is no JSON\n", command);
        return EX_PROTOCOL;
    }
    if (!json_node_is(json_node_member(out->tree.nodes, "ok"), JSON_NODE_TRUE)) {
        struct text why = evidence_answer_text(out, "error"), field = evidence_answer_text(out, "field");
        fprintf(stderr, "%s: %.*s%s%.*s\n", command, TEXT_ARG(field), field.len > 0 ? ": " : "",
                TEXT_ARG(why));
        return EX_DATAERR;
    }
    const struct json_node *bytes = json_node_member(out->tree.nodes, "bytes");
    double wanted = json_node_is(bytes, JSON_NODE_NUMBER) ? bytes->number : 0;
    while ((double)out->bytes.len < wanted)
        if (!receive(fd, &out->bytes))
            return fail(command, "the keeper's answer");
    return EX_OK;
}

int evidence_ask(const char *command, const char *path, struct text question, struct evidence_answer *out)
{
    int fd = -1;
    *out = (struct evidence_answer){0};
    buf_init(&out->line, LINE_MAX_BYTES);
    buf_init(&out->bytes, BYTES_MAX);
    int code = reach(command, path, &fd);
    if (code == EX_OK && !(send_all(fd, question) && send_all(fd, TEXT("\n"))))
        code = fail(command, path);
    if (code == EX_OK)
        code = receive_answer(command, fd, out);
    if (fd >= 0)
        close(fd);
    return code;
}

void evidence_answer_fini(struct evidence_answer *answer)
{
    buf_fini(&answer->line);
    buf_fini(&answer->bytes);
    json_tree_fini(&answer->tree);
}

/* ---- files ---- */

static bool write_all(int fd, struct text bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno != EINTR)
            return false;
        size_t written = n > 0 ? (size_t)n : 0;
        bytes = (struct text){bytes.data + written, bytes.len - written};
    }
    return fsync(fd) == 0;
}

int evidence_put_file(const char *command, const char *path, struct text bytes)
{
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside) {
        fprintf(stderr, "%s: too long a path\n", command);
        return EX_USAGE;
    }
    /* Where somebody was: not for everybody. */
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    bool ok = fd >= 0 && write_all(fd, bytes);
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    if (ok && rename(beside, path) == 0)
        return EX_OK;
    fprintf(stderr, "%s: %s: %s\n", command, path, strerror(errno));
    if (fd >= 0)
        unlink(beside);
    return EX_CANTCREAT;
}
