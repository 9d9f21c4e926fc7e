#include "redis_hooks.h"

#include <hiredis/async.h>

static void set_watch(struct loop_watch *watch, bool on)
{
    if (watch != NULL)
        loop_watch_set(watch, on);
}

static void hook_add_read(void *arg)
{
    set_watch(((struct redis_hooks *)arg)->readable, true);
}

static void hook_del_read(void *arg)
{
    set_watch(((struct redis_hooks *)arg)->readable, false);
}

static void hook_add_write(void *arg)
{
    struct redis_hooks *h = arg;
    h->drained = false;
    set_watch(h->writable, true);
}

static void hook_del_write(void *arg)
{
    struct redis_hooks *h = arg;
    h->drained = true;
    set_watch(h->writable, false);
}

static void hook_cleanup(void *arg)
{
    struct redis_hooks *h = arg;
    loop_watch_free(h->readable);
    loop_watch_free(h->writable);
    h->readable = h->writable = NULL;
}

bool redis_hooks_attach(struct redis_hooks *h, struct loop *loop, struct redisAsyncContext *context,
                        const struct redis_ready *ready)
{
    h->readable = loop_watch_new(loop, context->c.fd, false, ready->readable, ready->arg);
    h->writable = loop_watch_new(loop, context->c.fd, true, ready->writable, ready->arg);
    context->ev.data = h;
    context->ev.addRead = hook_add_read;
    context->ev.delRead = hook_del_read;
    context->ev.addWrite = hook_add_write;
    context->ev.delWrite = hook_del_write;
    context->ev.cleanup = hook_cleanup;
    return h->readable != NULL && h->writable != NULL;
}

void redis_hooks_want_write(struct redis_hooks *h)
{
    set_watch(h->writable, true);
}
