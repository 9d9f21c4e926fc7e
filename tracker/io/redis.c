/*
 * How hiredis 0.14 is held (docs/DELIVERY.md):
 *
 *  - A context that failed is hiredis' to free, and redisAsyncFree inside onConnect or onDisconnect is a use
 * after free: there the pointer is only forgotten and a timer armed. It is called from timers and answers
 * alone.
 *  - On a loss every waiting command is answered with NULL first, and must not send then.
 *  - It has no time-outs: one timer here covers connecting, letting in, and silence.
 *  - Its output buffer has no bound: the window has. What is left in it is moved after each write, so a
 *    command of a hundred megabytes would take minutes: a large one is handed over in pieces.
 *  - It looks names up in the calling thread: it only ever gets addresses.
 */
#include "redis.h"

#include "failpoint.h"
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

enum {
    SILENCE_MS = 2000,
    BACKOFF_MIN_MS = 100,
    BACKOFF_MAX_MS = 5000,
    WINDOW = 1024,
    COMMAND_ARGS_MAX = 4096,
    PIECE_BYTES = 1 << 20,
    /* In bytes a millisecond: for large commands the silence a server may keep grows with them. */
    DIGESTED_PER_MS = 16 * 1024,
};

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
    uint32_t grace_ms; /* of a large command */
    struct waiting *next_free;
};

struct redis {
    struct loop *loop;
    struct redis_options options;
    struct redis_callbacks on;
    void *arg;
    redisAsyncContext *context;
    struct loop_watch *readable, *writable;
    struct loop_timer *silence, *retry;
    struct loop_lookup *lookup;
    enum phase phase;
    bool freeing, dropping;
    uint32_t attempt;
    uint32_t waiting;
    struct waiting *slots, *free_slots;
    const char *reason; /* why the connection is being given up */
    uint64_t random;
    /* The large command that is on its way; nothing else is sent before its end. */
    const char *large;
    char *large_owned;          /* the same, if it is ours to free */
    size_t large_len, large_at; /* what hiredis has got of it */
    bool drained;               /* hiredis has written all that it has */
    uint32_t grace_ms;          /* of all large commands that wait */
    uint32_t patience_ms;
};

static void schedule_attempt(struct redis *r)
{
    uint32_t max = r->options.backoff_max_ms;
    uint32_t wait = r->attempt < 16 ? (uint32_t)BACKOFF_MIN_MS << r->attempt : max;
    if (wait > max)
        wait = max;
    r->attempt++;
    r->random = r->random * 6364136223846793005u + 1442695040888963407u;
    r->phase = PHASE_WAITING;
    loop_timer_set(r->retry, wait / 2 + (uint32_t)(r->random >> 33) % (wait / 2 + 1));
}

static void forget_large(struct redis *r)
{
    redisFreeCommand(r->large_owned);
    r->large = r->large_owned = NULL;
}

/* The context is gone, or will be when hiredis comes back from its callback. */
static void lose(struct redis *r, const char *reason)
{
    r->context = NULL;
    forget_large(r);
    loop_timer_clear(r->silence);
    if (r->freeing)
        return;
    bool was_connected = r->phase == PHASE_CONNECTED;
    schedule_attempt(r);
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

/* ---- hiredis' hooks for an event loop ---- */

static void on_readable(void *arg)
{
    struct redis *r = arg;
    if (r->context != NULL)
        redisAsyncHandleRead(r->context);
}

static void watch_silence(struct redis *r);
static void give_up_soon(struct redis *r);

/* The next piece of the large command, now that the server has taken the one before. */
static void send_piece(struct redis *r)
{
    size_t left = r->large_len - r->large_at, n = left < PIECE_BYTES ? left : PIECE_BYTES;
    if (redisAppendFormattedCommand(&r->context->c, r->large + r->large_at, n) != REDIS_OK) {
        give_up_soon(r);
        return;
    }
    r->large_at += n;
    if (r->large_at == r->large_len)
        forget_large(r);
    loop_watch_set(r->writable, true);
    watch_silence(r);
}

static void on_writable(void *arg)
{
    struct redis *r = arg;
    if (r->context != NULL)
        redisAsyncHandleWrite(r->context);
    if (r->context != NULL && r->large != NULL && r->drained)
        send_piece(r);
    failpoint_pass("commit_sent"); /* here it has left the process, not where it was queued */
}

static void set_watch(struct loop_watch *watch, bool on)
{
    if (watch != NULL)
        loop_watch_set(watch, on);
}

static void hook_add_read(void *arg)
{
    set_watch(((struct redis *)arg)->readable, true);
}

static void hook_del_read(void *arg)
{
    set_watch(((struct redis *)arg)->readable, false);
}

static void hook_add_write(void *arg)
{
    struct redis *r = arg;
    r->drained = false;
    set_watch(r->writable, true);
}

static void hook_del_write(void *arg)
{
    struct redis *r = arg;
    r->drained = true;
    set_watch(r->writable, false);
}

static void hook_cleanup(void *arg)
{
    struct redis *r = arg;
    loop_watch_free(r->readable);
    loop_watch_free(r->writable);
    r->readable = r->writable = NULL;
}

/* ---- answers ---- */

static void watch_silence(struct redis *r)
{
    if (r->waiting > 0 || (r->phase != PHASE_CONNECTED && r->phase != PHASE_WAITING))
        loop_timer_set(r->silence, (int64_t)r->options.silence_ms + r->grace_ms + r->patience_ms);
    else
        loop_timer_clear(r->silence);
}

static void on_silence(void *arg)
{
    redis_drop(arg, "silent for too long");
}

uint32_t redis_digest_ms(size_t bytes)
{
    return (uint32_t)(bytes / DIGESTED_PER_MS);
}

void redis_set_patience(struct redis *r, uint32_t more_ms)
{
    r->patience_ms = more_ms;
    if (r->phase == PHASE_CONNECTED)
        watch_silence(r);
}

/* From a timer, where that is allowed. */
static void give_up_soon(struct redis *r)
{
    loop_timer_set(r->silence, 0);
}

static void on_reply(redisAsyncContext *context, void *reply, void *arg)
{
    (void)context;
    struct waiting *w = arg;
    struct redis *r = w->redis;
    redis_answer *answer = w->answer;
    void *answer_arg = w->arg;
    w->next_free = r->free_slots;
    r->free_slots = w;
    r->waiting--;
    r->grace_ms -= w->grace_ms;
    if (reply != NULL)
        watch_silence(r);
    if (answer != NULL)
        answer(answer_arg, reply);
}

static struct waiting *take_slot(struct redis *r, redis_answer *answer, void *arg)
{
    struct waiting *w = r->free_slots;
    if (w == NULL || r->context == NULL || r->dropping || r->large != NULL)
        return NULL;
    r->free_slots = w->next_free;
    *w = (struct waiting){.redis = r, .answer = answer, .arg = arg};
    return w;
}

static bool sent(struct redis *r, struct waiting *w, int rc)
{
    if (rc != REDIS_OK) {
        w->next_free = r->free_slots;
        r->free_slots = w;
        return false;
    }
    if (r->waiting++ == 0)
        watch_silence(r);
    return true;
}

/* Hands over the first piece; the others follow from on_writable. */
static bool send_large(struct redis *r, struct waiting *w, struct text command)
{
    w->grace_ms = redis_digest_ms(command.len);
    r->grace_ms += w->grace_ms;
    if (!sent(r, w, redisAsyncFormattedCommand(r->context, on_reply, w, command.data, PIECE_BYTES))) {
        r->grace_ms -= w->grace_ms;
        return false;
    }
    r->large = command.data;
    r->large_len = command.len;
    r->large_at = PIECE_BYTES;
    watch_silence(r);
    return true;
}

static bool send_command(struct redis *r, size_t argc, const struct text *argv, redis_answer *answer,
                         void *arg)
{
    const char *data[COMMAND_ARGS_MAX];
    size_t lens[COMMAND_ARGS_MAX], total = 0;
    if (argc == 0 || argc > COMMAND_ARGS_MAX)
        return false;
    for (size_t i = 0; i < argc; i++) {
        data[i] = argv[i].data != NULL ? argv[i].data : "";
        lens[i] = argv[i].len;
        total += argv[i].len;
    }
    struct waiting *w = take_slot(r, answer, arg);
    char *command;
    if (w == NULL)
        return false;
    if (total <= PIECE_BYTES)
        return sent(r, w, redisAsyncCommandArgv(r->context, on_reply, w, (int)argc, data, lens));
    int len = redisFormatCommandArgv(&command, (int)argc, data, lens);
    if (len <= PIECE_BYTES)
        return sent(r, w, REDIS_ERR);
    bool ok = send_large(r, w, (struct text){command, (size_t)len});
    if (ok)
        r->large_owned = command;
    else
        redisFreeCommand(command);
    return ok;
}

bool redis_send(struct redis *r, size_t argc, const struct text *argv, redis_answer *answer, void *arg)
{
    return r->phase == PHASE_CONNECTED && send_command(r, argc, argv, answer, arg);
}

bool redis_send_formatted(struct redis *r, struct text command, redis_answer *answer, void *arg)
{
    if (r->phase != PHASE_CONNECTED)
        return false;
    struct waiting *w = take_slot(r, answer, arg);
    return w != NULL &&
           sent(r, w, redisAsyncFormattedCommand(r->context, on_reply, w, command.data, command.len));
}

bool redis_send_borrowed(struct redis *r, struct text command, redis_answer *answer, void *arg)
{
    if (command.len <= PIECE_BYTES)
        return redis_send_formatted(r, command, answer, arg);
    struct waiting *w = r->phase == PHASE_CONNECTED ? take_slot(r, answer, arg) : NULL;
    return w != NULL && send_large(r, w, command);
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
    r->attempt = 0;
    watch_silence(r);
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
        ok = send_command(r, o->username != NULL ? 3 : 2, argv, on_auth, r);
    }
    const struct text ping[] = {TEXT("PING")};
    if (!ok || !send_command(r, 1, ping, on_entered, r))
        give_up_soon(r);
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

static void attach(struct redis *r, redisAsyncContext *context)
{
    r->context = context;
    r->readable = loop_watch_new(r->loop, context->c.fd, false, on_readable, r);
    r->writable = loop_watch_new(r->loop, context->c.fd, true, on_writable, r);
    context->data = r;
    context->ev.data = r;
    context->ev.addRead = hook_add_read;
    context->ev.delRead = hook_del_read;
    context->ev.addWrite = hook_add_write;
    context->ev.delWrite = hook_del_write;
    context->ev.cleanup = hook_cleanup;
    redisAsyncSetConnectCallback(context, on_connected);
    redisAsyncSetDisconnectCallback(context, on_disconnected);
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
    attach(r, context);
    loop_timer_set(r->silence, r->readable != NULL && r->writable != NULL ? r->options.silence_ms : 0);
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
    r->random = (uint64_t)clock_wall().ms;
    if (r->options.silence_ms == 0)
        r->options.silence_ms = SILENCE_MS;
    if (r->options.backoff_max_ms == 0)
        r->options.backoff_max_ms = BACKOFF_MAX_MS;
    if (r->options.window == 0)
        r->options.window = WINDOW;
    r->slots = calloc(r->options.window, sizeof *r->slots);
    r->silence = loop_timer_new(loop, on_silence, r);
    r->retry = loop_timer_new(loop, on_retry, r);
    r->lookup = loop_lookup_new(loop, on_found, r);
    if (r->slots == NULL || r->silence == NULL || r->retry == NULL || r->lookup == NULL) {
        redis_free(r);
        return NULL;
    }
    for (uint32_t i = 0; i < r->options.window; i++) {
        r->slots[i].next_free = r->free_slots;
        r->free_slots = &r->slots[i];
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
    forget_large(r);
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
    return r->waiting;
}

/* ---- what an answer says ---- */

static const redisReply *raw(const struct redis_reply *reply)
{
    return (const redisReply *)reply;
}

enum redis_type redis_reply_type(const struct redis_reply *reply)
{
    if (reply == NULL)
        return REDIS_NOTHING;
    switch (raw(reply)->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return REDIS_TEXT;
    case REDIS_REPLY_INTEGER:
        return REDIS_INTEGER;
    case REDIS_REPLY_ARRAY:
        return REDIS_ARRAY;
    case REDIS_REPLY_ERROR:
        return REDIS_ERROR;
    default:
        return REDIS_NIL;
    }
}

struct text redis_reply_text(const struct redis_reply *reply)
{
    enum redis_type type = redis_reply_type(reply);
    if (type != REDIS_TEXT && type != REDIS_ERROR)
        return (struct text){"", 0};
    return (struct text){raw(reply)->str, raw(reply)->len};
}

int64_t redis_reply_integer(const struct redis_reply *reply)
{
    if (redis_reply_type(reply) == REDIS_INTEGER)
        return raw(reply)->integer;
    if (redis_reply_type(reply) == REDIS_TEXT) {
        errno = 0;
        long long n = strtoll(raw(reply)->str, NULL, 10);
        return errno == 0 ? n : 0;
    }
    return 0;
}

size_t redis_reply_count(const struct redis_reply *reply)
{
    return redis_reply_type(reply) == REDIS_ARRAY ? raw(reply)->elements : 0;
}

const struct redis_reply *redis_reply_at(const struct redis_reply *reply, size_t i)
{
    return i < redis_reply_count(reply) ? (const struct redis_reply *)raw(reply)->element[i] : NULL;
}
