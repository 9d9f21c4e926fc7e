/*
 * How hiredis 0.14 is held (docs/DELIVERY.md):
 *
 *  - A context that failed is hiredis' to free, and redisAsyncFree inside onConnect or onDisconnect is a use
 * after free: there the pointer is only forgotten and a timer armed. It is called from timers and answers
 * alone.
 *  - On a loss every waiting command is answered with NULL first, and must not send then.
 *  - It has no time-outs: one timer here covers connecting, letting in, and silence.
 *  - Its output buffer has no bound: the window has. A large command is handed over in pieces
 * (reply_window.h).
 *  - It looks names up in the calling thread: it only ever gets addresses.
 */
#include "redis_state.h"

#include "failpoint.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

enum {
    SILENCE_MS = 2000,
    BACKOFF_MIN_MS = 100,
    BACKOFF_MAX_MS = 5000,
    WINDOW = 1024,
};

/* The context is gone, or will be when hiredis comes back from its callback. */
static void lose(struct redis *r, const char *reason)
{
    r->context = NULL;
    redis_forget_large(r);
    loop_timer_clear(r->silence);
    if (r->freeing)
        return;
    bool was_connected = r->phase == PHASE_CONNECTED;
    r->phase = PHASE_WAITING;
    loop_timer_set(r->retry, backoff_next_ms(&r->backoff));
    if (!r->options.quiet)
        log_warn("redis_lost", LOG_STR("reason", reason), LOG_INT("connected", was_connected));
    if (r->on.lost != NULL)
        r->on.lost(r->arg, reason);
}

void redis_drop(struct redis *r, const char *reason)
{
    redisAsyncContext *context = r->context;
    if (context == NULL || r->dropping)
        return;
    r->dropping = true;
    r->reason = reason;
    bool told = context->c.flags & REDIS_CONNECTED;
    /* Answers every command with NULL, then calls on_disconnected if it was connected. From inside an answer
     * it only marks the context, and hiredis frees it afterwards. */
    redisAsyncFree(context);
    r->dropping = false;
    if (!told && r->context != NULL)
        lose(r, reason);
}

/* ---- the descriptor is ready ---- */

static void on_readable(void *arg)
{
    struct redis *r = arg;
    if (r->context == NULL)
        return;
    redis_watch_silence(r); /* bytes come: a large answer is many turns of this */
    redisAsyncHandleRead(r->context);
}

static void on_writable(void *arg)
{
    struct redis *r = arg;
    if (r->context != NULL)
        redisAsyncHandleWrite(r->context);
    if (r->context != NULL && reply_window_has_piece(&r->window) && r->hooks.drained)
        redis_send_piece(r);
    failpoint_pass("commit_sent"); /* here it has left the process, not where it was queued */
}

static void on_silence(void *arg)
{
    redis_drop(arg, "silent for too long");
}

/* ---- connecting ---- */

static void on_entered(void *arg, const struct redis_reply *reply)
{
    struct redis *r = arg;
    if (reply == NULL || r->phase != PHASE_ENTERING)
        return;
    if (redis_reply_type(reply) == REDIS_ERROR) {
        log_warn("redis_not_ready", LOG_TEXT("reply", redis_reply_text(reply)));
        redis_drop(r, "the server refuses us or is not ready");
        return;
    }
    r->phase = PHASE_CONNECTED;
    backoff_reset(&r->backoff);
    redis_watch_silence(r);
    if (r->on.connected != NULL)
        r->on.connected(r->arg);
}

static void on_auth(void *arg, const struct redis_reply *reply)
{
    if (redis_reply_type(reply) == REDIS_ERROR)
        on_entered(arg, reply);
}

static void enter(struct redis *r)
{
    const struct redis_options *o = &r->options;
    r->phase = PHASE_ENTERING;
    bool ok = true;
    if (o->password != NULL) {
        struct text argv[] = {TEXT("AUTH"), text_of(o->username), text_of(o->password)};
        if (o->username == NULL)
            argv[1] = argv[2];
        ok = redis_send_command(r, o->username != NULL ? 3 : 2, argv, on_auth, r);
    }
    const struct text ping[] = {TEXT("PING")};
    if (!ok || !redis_send_command(r, 1, ping, on_entered, r))
        redis_give_up_soon(r);
}

static void on_connected(const redisAsyncContext *context, int status)
{
    struct redis *r = context->data;
    if (status != REDIS_OK)
        lose(r, context->errstr);
    else
        enter(r);
}

static void on_disconnected(const redisAsyncContext *context, int status)
{
    struct redis *r = context->data;
    lose(r, r->reason != NULL ? r->reason : status == REDIS_OK ? "closed" : context->errstr);
    r->reason = NULL;
}

static void connect_to(struct redis *r, const char *address)
{
    r->phase = PHASE_CONNECTING;
    r->reason = NULL;
    redisAsyncContext *context = r->options.unix_socket != NULL
                                     ? redisAsyncConnectUnix(r->options.unix_socket)
                                     : redisAsyncConnect(address, r->options.port);
    if (context == NULL || context->err) {
        char reason[128] = "out of memory";
        if (context != NULL) {
            strncpy(reason, context->errstr, sizeof reason - 1);
            redisAsyncFree(context); /* no callback of ours is set yet */
        }
        lose(r, reason);
        return;
    }
    const struct redis_ready ready = {on_readable, on_writable, r};
    r->context = context;
    context->data = r;
    redis_arena_attach(&r->arena, context);
    bool watched = redis_hooks_attach(&r->hooks, r->loop, context, &ready);
    redisAsyncSetConnectCallback(context, on_connected);
    redisAsyncSetDisconnectCallback(context, on_disconnected);
    loop_timer_set(r->silence, watched ? r->options.silence_ms : 0);
}

static void on_found(void *arg, const char *address)
{
    struct redis *r = arg;
    if (r->phase != PHASE_LOOKING_UP)
        return;
    if (address != NULL)
        connect_to(r, address);
    else
        lose(r, "no address for this host name");
}

static void on_retry(void *arg)
{
    struct redis *r = arg;
    r->phase = PHASE_LOOKING_UP;
    if (r->options.unix_socket != NULL || loop_is_address(r->options.host))
        connect_to(r, r->options.host);
    else if (!loop_lookup_start(r->lookup, r->options.host))
        lose(r, "cannot look up host names");
}

struct redis *redis_new(struct loop *loop, const struct redis_options *options,
                        const struct redis_callbacks *callbacks, void *arg)
{
    struct redis *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    *r = (struct redis){.loop = loop, .options = *options, .on = *callbacks, .arg = arg};
    if (r->options.silence_ms == 0)
        r->options.silence_ms = SILENCE_MS;
    if (r->options.backoff_max_ms == 0)
        r->options.backoff_max_ms = BACKOFF_MAX_MS;
    if (r->options.window == 0)
        r->options.window = WINDOW;
    backoff_init(&r->backoff, BACKOFF_MIN_MS, r->options.backoff_max_ms, (uint64_t)clock_wall().ms);
    bool slots = redis_slots_init(r);
    r->silence = loop_timer_new(loop, on_silence, r);
    r->retry = loop_timer_new(loop, on_retry, r);
    r->lookup = loop_lookup_new(loop, on_found, r);
    if (!slots || r->silence == NULL || r->retry == NULL || r->lookup == NULL) {
        redis_free(r);
        return NULL;
    }
    return r;
}

void redis_start(struct redis *r)
{
    if (r->phase != PHASE_STOPPED)
        return;
    r->phase = PHASE_WAITING;
    loop_timer_set(r->retry, 0);
}

void redis_free(struct redis *r)
{
    if (r == NULL)
        return;
    r->freeing = true;
    r->dropping = true;
    if (r->context != NULL)
        redisAsyncFree(r->context);
    redis_arena_fini(&r->arena);
    redis_forget_large(r);
    loop_timer_free(r->silence);
    loop_timer_free(r->retry);
    loop_lookup_free(r->lookup);
    free(r->slots);
    free(r);
}

bool redis_connected(const struct redis *r)
{
    return r->phase == PHASE_CONNECTED;
}

uint32_t redis_waiting(const struct redis *r)
{
    return r->window.waiting;
}
