/*
 * redis_send: commands out, answers back, in the order of the commands; and how long silence is borne.
 */
#include "redis_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

enum { COMMAND_ARGS_MAX = 4096 };

void redis_forget_large(struct redis *r)
{
    redisFreeCommand(r->large_owned);
    r->large_owned = NULL;
    reply_window_forget_large(&r->window);
}

void redis_watch_silence(struct redis *r)
{
    if (r->window.waiting > 0 || (r->phase != PHASE_CONNECTED && r->phase != PHASE_WAITING))
        loop_timer_set(r->silence, reply_window_silence_ms(&r->window));
    else
        loop_timer_clear(r->silence);
}

uint32_t redis_digest_ms(size_t bytes)
{
    return reply_grace_ms(bytes);
}

void redis_set_patience(struct redis *r, uint32_t more_ms)
{
    r->window.patience_ms = more_ms;
    if (r->phase == PHASE_CONNECTED)
        redis_watch_silence(r);
}

void redis_give_up_soon(struct redis *r)
{
    loop_timer_set(r->silence, 0);
}

void redis_send_piece(struct redis *r)
{
    struct text piece = reply_window_piece(&r->window);
    if (redisAppendFormattedCommand(&r->context->c, piece.data, piece.len) != REDIS_OK) {
        redis_give_up_soon(r);
        return;
    }
    reply_window_piece_sent(&r->window);
    if (!reply_window_has_piece(&r->window))
        redis_forget_large(r);
    redis_hooks_want_write(&r->hooks);
    redis_watch_silence(r);
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
    reply_window_answered(&r->window, w->grace_ms);
    if (reply != NULL)
        redis_watch_silence(r);
    if (answer != NULL)
        answer(answer_arg, reply);
}

static struct waiting *take_slot(struct redis *r, redis_answer *answer, void *arg)
{
    struct waiting *w = r->free_slots;
    if (r->context == NULL || r->dropping || !reply_window_open(&r->window))
        return NULL;
    assert(w != NULL); /* as many slots as the window is wide */
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
    reply_window_sent(&r->window, w->grace_ms);
    if (r->window.waiting == 1 || w->grace_ms > 0)
        redis_watch_silence(r);
    return true;
}

/* Hands over the first piece; the others follow from on_writable. */
static bool send_large(struct redis *r, struct waiting *w, struct text command)
{
    struct text first = reply_window_begin_large(&r->window, command);
    bool ok = sent(r, w, redisAsyncFormattedCommand(r->context, on_reply, w, first.data, first.len));
    if (!ok)
        reply_window_forget_large(&r->window);
    return ok;
}

/* Whatever its size: with the grace that its bytes, and `more_ms`, give it. */
static bool send_bytes(struct redis *r, struct waiting *w, struct text command, uint32_t more_ms)
{
    w->grace_ms = reply_grace_ms(command.len) + more_ms;
    if (command.len > REPLY_PIECE_BYTES)
        return send_large(r, w, command);
    return sent(r, w, redisAsyncFormattedCommand(r->context, on_reply, w, command.data, command.len));
}

/* A large one is kept until its last piece has gone. */
static bool send_owned(struct redis *r, struct waiting *w, char *take_command, size_t len)
{
    bool ok = send_bytes(r, w, (struct text){take_command, len}, 0);
    if (ok && len > REPLY_PIECE_BYTES)
        r->large_owned = take_command;
    else
        redisFreeCommand(take_command);
    return ok;
}

bool redis_send_command(struct redis *r, size_t argc, const struct text *argv, redis_answer *answer,
                        void *arg)
{
    const char *data[COMMAND_ARGS_MAX];
    size_t lens[COMMAND_ARGS_MAX];
    if (argc == 0 || argc > COMMAND_ARGS_MAX)
        return false;
    for (size_t i = 0; i < argc; i++) {
        data[i] = argv[i].data != NULL ? argv[i].data : "";
        lens[i] = argv[i].len;
    }
    struct waiting *w = take_slot(r, answer, arg);
    char *command;
    if (w == NULL)
        return false;
    int len = redisFormatCommandArgv(&command, (int)argc, data, lens);
    return len < 0 ? sent(r, w, REDIS_ERR) : send_owned(r, w, command, (size_t)len);
}

bool redis_send(struct redis *r, size_t argc, const struct text *argv, redis_answer *answer, void *arg)
{
    return r->phase == PHASE_CONNECTED && redis_send_command(r, argc, argv, answer, arg);
}

bool redis_send_formatted(struct redis *r, struct text command, redis_answer *answer, void *arg)
{
    struct waiting *w = r->phase == PHASE_CONNECTED ? take_slot(r, answer, arg) : NULL;
    if (w == NULL || command.len <= REPLY_PIECE_BYTES)
        return w != NULL && send_bytes(r, w, command, 0);
    char *copy = malloc(command.len);
    if (copy == NULL)
        return sent(r, w, REDIS_ERR);
    memcpy(copy, command.data, command.len);
    return send_owned(r, w, copy, command.len);
}

bool redis_send_borrowed(struct redis *r, struct text command, uint32_t more_ms, redis_answer *answer,
                         void *arg)
{
    struct waiting *w = r->phase == PHASE_CONNECTED ? take_slot(r, answer, arg) : NULL;
    return w != NULL && send_bytes(r, w, command, more_ms);
}

bool redis_slots_init(struct redis *r)
{
    reply_window_init(&r->window, r->options.window, r->options.silence_ms);
    r->slots = calloc(r->options.window, sizeof *r->slots);
    if (r->slots == NULL)
        return false;
    for (uint32_t i = 0; i < r->options.window; i++) {
        r->slots[i].next_free = r->free_slots;
        r->free_slots = &r->slots[i];
    }
    return true;
}
