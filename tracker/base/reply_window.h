/*
 * reply_window: the commands of one connection that wait for their replies, and how long the server may keep
 * silent meanwhile.
 *
 * Replies come in the order of the commands. At most `size` commands wait. A large command is handed over
 * piece by piece, the next when the one before has left, and nothing else is sent before its end; the silence
 * it is granted grows with its size. Pure: knows no socket, no clock and no command.
 */
#ifndef MW_REPLY_WINDOW_H
#define MW_REPLY_WINDOW_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A larger command goes out in pieces of this: what is left in a client's output buffer is moved after each
 * write, so that one of a hundred megabytes would take minutes. */
enum { REPLY_PIECE_BYTES = 1 << 20 };

struct reply_window {
    uint32_t size, waiting;
    uint32_t silence_ms;  /* that any command is granted */
    uint32_t grace_ms;    /* more, for all commands that wait */
    uint32_t patience_ms; /* more, for as long as its owner says */
    struct text large;    /* on its way; data is NULL: none. Borrowed until its last piece is sent */
    size_t large_at;      /* what has been handed over of it */
};

void reply_window_init(struct reply_window *w, uint32_t size, uint32_t silence_ms);

/* Whether another command may be sent. */
bool reply_window_open(const struct reply_window *w);
/* One was sent, with the grace that is its own: reply_grace_ms of its bytes, at least. */
void reply_window_sent(struct reply_window *w, uint32_t grace_ms);
/* One was answered, with the grace that it was sent with. */
void reply_window_answered(struct reply_window *w, uint32_t grace_ms);

/* Begins a command over REPLY_PIECE_BYTES, and returns its first piece. */
struct text reply_window_begin_large(struct reply_window *w, struct text command);
/* Whether a large command has pieces left; the next one; and that it was handed over. */
bool reply_window_has_piece(const struct reply_window *w);
struct text reply_window_piece(const struct reply_window *w);
void reply_window_piece_sent(struct reply_window *w);
/* The connection is gone, and with it what is left of the large command. */
void reply_window_forget_large(struct reply_window *w);

/* What a server surely needs to take in so many bytes, write them to its disk and sync them. */
uint32_t reply_grace_ms(size_t bytes);
/* How long the server may keep silent from now on, where it owes something. */
int64_t reply_window_silence_ms(const struct reply_window *w);

#endif
