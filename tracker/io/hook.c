/*
 * hook: see the header. While a child runs, a timer asks every 50 ms whether it has ended; SIGCHLD is not
 * used, since a process has only one handler for it. A whole message fits into a pipe's buffer (POSIX: 4096
 * bytes), so writing never waits.
 */
#include "hook.h"

#include "log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 50 };

extern char **environ;

struct hook_message {
    size_t len;
    char bytes[HOOK_MESSAGE_MAX];
};

struct hook {
    struct loop *loop;
    struct loop_timer *timer;
    char *command; /* the words, each ended by a zero */
    char *argv[HOOK_ARGUMENTS_MAX + 1];
    struct hook_message queue[HOOK_QUEUE_MAX];
    unsigned head, count;
    pid_t child; /* 0: none */
    struct mono started;
};

static bool split(struct hook *h)
{
    unsigned n = 0;
    char *rest = NULL;
    for (char *word = strtok_r(h->command, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest)) {
        if (n == HOOK_ARGUMENTS_MAX)
            return false;
        h->argv[n++] = word;
    }
    return n > 0;
}

/* Starts the command with the message waiting in its standard input. */
static bool start(struct hook *h, const struct hook_message *m)
{
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults, none;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* ignored here, and ignoring is inherited */
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    ssize_t written = write(ends[1], m->bytes, m->len);
    pid_t pid = 0;
    int error = written == (ssize_t)m->len
                    ? posix_spawn(&pid, h->argv[0], &actions, &attributes, h->argv, environ)
                    : EIO;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[0]);
    close(ends[1]);
    if (error != 0) {
        log_warn("hook_failed", LOG_STR("command", h->argv[0]), LOG_STR("reason", strerror(error)));
        return false;
    }
    h->child = pid;
    h->started = loop_now(h->loop);
    return true;
}

static void start_next(struct hook *h)
{
    while (h->child == 0 && h->count > 0) {
        const struct hook_message *m = &h->queue[h->head];
        assert(h->count <= HOOK_QUEUE_MAX && m->len <= HOOK_MESSAGE_MAX);
        h->head = (h->head + 1) % HOOK_QUEUE_MAX;
        h->count--;
        start(h, m);
    }
    if (h->child != 0)
        loop_timer_set(h->timer, LOOK_MS);
}

static void look(void *arg)
{
    struct hook *h = arg;
    int status = 0;
    pid_t ended = waitpid(h->child, &status, WNOHANG);
    if (ended == 0) {
        if (loop_now(h->loop).ms - h->started.ms >= HOOK_TIMEOUT_MS) {
            log_warn("hook_killed", LOG_STR("command", h->argv[0]));
            kill(h->child, SIGKILL);
        }
        loop_timer_set(h->timer, LOOK_MS);
        return;
    }
    if (ended > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        log_warn("hook_failed", LOG_STR("command", h->argv[0]), LOG_INT("status", status));
    h->child = 0;
    start_next(h);
}

struct hook *hook_new(struct loop *loop, const char *command)
{
    struct hook *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->loop = loop;
    h->command = strdup(command);
    h->timer = loop_timer_new(loop, look, h);
    if (h->command == NULL || h->timer == NULL || !split(h)) {
        hook_free(h);
        return NULL;
    }
    return h;
}

void hook_free(struct hook *h)
{
    if (h == NULL)
        return;
    if (h->child != 0) {
        kill(h->child, SIGKILL);
        waitpid(h->child, NULL, 0);
    }
    if (h->timer != NULL)
        loop_timer_free(h->timer);
    free(h->command);
    free(h);
}

bool hook_run(struct hook *h, struct text message)
{
    if (message.len > HOOK_MESSAGE_MAX || h->count == HOOK_QUEUE_MAX) {
        log_warn("hook_dropped", LOG_INT("bytes", message.len), LOG_INT("waiting", h->count));
        return false;
    }
    struct hook_message *m = &h->queue[(h->head + h->count++) % HOOK_QUEUE_MAX];
    m->len = message.len;
    memcpy(m->bytes, message.data, message.len);
    start_next(h);
    return true;
}
