/*
 * redis_state: a connection, and what the two files that make it up offer each other. Private to them: redis
 * makes and loses the connection, and calls redis_send; not the other way round.
 */
#ifndef MW_REDIS_STATE_H
#define MW_REDIS_STATE_H

#include "backoff.h"
#include "redis.h"
#include "redis_arena.h"
#include "redis_hooks.h"
#include "reply_window.h"

enum phase {
    PHASE_STOPPED,
    PHASE_WAITING,
    PHASE_LOOKING_UP,
    PHASE_CONNECTING,
    PHASE_ENTERING,
    PHASE_CONNECTED
};

/* One command that waits. They are answered in order, so the free ones form a list. */
struct waiting {
    struct redis *redis;
    redis_answer *answer;
    void *arg;
    uint32_t grace_ms; /* by its size, and by whoever sent it */
    struct waiting *next_free;
};

struct redis {
    struct loop *loop;
    struct redis_options options;
    struct redis_callbacks on;
    void *arg;
    struct redisAsyncContext *context;
    struct redis_hooks hooks;
    struct redis_arena arena; /* of replies */
    struct loop_timer *silence, *retry;
    struct loop_lookup *lookup;
    enum phase phase;
    bool freeing, dropping;
    struct backoff backoff;
    struct reply_window window;
    struct waiting *slots, *free_slots;
    const char *reason; /* why the connection is being given up */
    char *large_owned;  /* the large command that is on its way, if it is ours to free */
};

/* The commands that wait are given their slots. False without memory. */
bool redis_slots_init(struct redis *r);
/* Before the connection is open, too. */
bool redis_send_command(struct redis *r, size_t argc, const struct text *argv, redis_answer *answer,
                        void *arg);
/* The next piece of the large command, now that the server has taken the one before. */
void redis_send_piece(struct redis *r);
void redis_forget_large(struct redis *r);
/* Sets the timer for as long as the server may keep silent now. */
void redis_watch_silence(struct redis *r);
/* From that timer, where it is allowed. */
void redis_give_up_soon(struct redis *r);

#endif
