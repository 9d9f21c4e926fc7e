#include "reply_window.h"

#include <assert.h>

/* In bytes a millisecond: a slow disk that is written to twice. */
enum { DIGESTED_PER_MS = 16 * 1024 };

void reply_window_init(struct reply_window *w, uint32_t size, uint32_t silence_ms)
{
    *w = (struct reply_window){.size = size, .silence_ms = silence_ms};
}

bool reply_window_open(const struct reply_window *w)
{
    return w->waiting < w->size && w->large.data == NULL;
}

void reply_window_sent(struct reply_window *w, uint32_t grace_ms)
{
    assert(w->waiting < w->size);
    w->waiting++;
    w->grace_ms += grace_ms;
}

void reply_window_answered(struct reply_window *w, uint32_t grace_ms)
{
    assert(w->waiting > 0 && w->grace_ms >= grace_ms);
    w->waiting--;
    w->grace_ms -= grace_ms;
}

struct text reply_window_begin_large(struct reply_window *w, struct text command)
{
    assert(w->large.data == NULL && command.len > REPLY_PIECE_BYTES);
    w->large = command;
    w->large_at = REPLY_PIECE_BYTES;
    return (struct text){command.data, REPLY_PIECE_BYTES};
}

bool reply_window_has_piece(const struct reply_window *w)
{
    return w->large.data != NULL;
}

struct text reply_window_piece(const struct reply_window *w)
{
    assert(w->large.data != NULL && w->large_at < w->large.len);
    size_t left = w->large.len - w->large_at;
    return (struct text){w->large.data + w->large_at, left < REPLY_PIECE_BYTES ? left : REPLY_PIECE_BYTES};
}

void reply_window_piece_sent(struct reply_window *w)
{
    w->large_at += reply_window_piece(w).len;
    if (w->large_at == w->large.len)
        reply_window_forget_large(w);
}

void reply_window_forget_large(struct reply_window *w)
{
    w->large = (struct text){0};
    w->large_at = 0;
}

uint32_t reply_grace_ms(size_t bytes)
{
    return (uint32_t)(bytes / DIGESTED_PER_MS);
}

int64_t reply_window_silence_ms(const struct reply_window *w)
{
    return (int64_t)w->silence_ms + w->grace_ms + w->patience_ms;
}
