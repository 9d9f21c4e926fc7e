/*
 * worker: starts a thread for each piece of work. The thread says by an eventfd that the work is over, and is
 * joined then.
 *
 * The thread keeps the loop's priority: if a service manager filters system calls, one that changes a
 * priority would end the process.
 */
#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include <sys/eventfd.h>
#include <unistd.h>

struct worker {
    int fd; /* readable: the work is over */
    struct loop_watch *over;
    pthread_t thread;
    bool busy;
    worker_work *work;
    loop_callback *done;
    void *arg;
};

static void *run(void *arg)
{
    struct worker *w = arg;
    const uint64_t one = 1;
    w->work(w->arg);
    /* This cannot block: the counter has 64 bits and is empty. */
    (void)!write(w->fd, &one, sizeof one);
    return NULL;
}

static void on_over(void *arg)
{
    struct worker *w = arg;
    uint64_t count;
    if (read(w->fd, &count, sizeof count) != (ssize_t)sizeof count)
        return;
    pthread_join(w->thread, NULL);
    w->busy = false;
    w->done(w->arg);
}

struct worker *worker_new(struct loop *loop)
{
    struct worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->fd >= 0)
        w->over = loop_watch_new(loop, w->fd, false, on_over, w);
    if (w->over == NULL) {
        worker_free(w);
        return NULL;
    }
    loop_watch_set(w->over, true);
    return w;
}

bool worker_run(struct worker *w, worker_work *work, loop_callback *done, void *arg)
{
    sigset_t all, before;
    if (w->busy)
        return false;
    w->work = work;
    w->done = done;
    w->arg = arg;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* a new thread inherits the mask of its creator */
    w->busy = pthread_create(&w->thread, NULL, run, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return w->busy;
}

bool worker_busy(const struct worker *w)
{
    return w->busy;
}

void worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    if (w->busy)
        pthread_join(w->thread, NULL);
    loop_watch_free(w->over);
    if (w->fd >= 0)
        close(w->fd);
    free(w);
}
