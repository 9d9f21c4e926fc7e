/*
 * redis_hooks: hiredis' wish to read and to write, on the loop. What hiredis calls an adapter.
 */
#ifndef MW_REDIS_HOOKS_H
#define MW_REDIS_HOOKS_H

#include "loop.h"

struct redisAsyncContext;

struct redis_hooks {
    struct loop_watch *readable, *writable; /* NULL once hiredis has let go of the descriptor */
    bool drained;                           /* hiredis has written all that it has */
};

/* Whom to call when the descriptor is ready. */
struct redis_ready {
    loop_callback *readable, *writable;
    void *arg;
};

/* Takes the context's events, until hiredis ends them. False without memory: the context is then to be given
 * up, from a timer. */
bool redis_hooks_attach(struct redis_hooks *h, struct loop *loop, struct redisAsyncContext *context,
                        const struct redis_ready *ready);
/* After bytes were put into hiredis' buffer behind its back. */
void redis_hooks_want_write(struct redis_hooks *h);

#endif
