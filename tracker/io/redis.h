/*
 * redis: one connection to Redis on the loop, over hiredis 0.14, that comes back by itself.
 *
 * Commands are answered in order. An answer of NULL means that nobody knows whether the command was done: the
 * connection was lost, or silent for `silence_ms` while an answer was owed (one that comes slowly is no silence). What
 * is sent must therefore bear being sent again. At most `window` commands wait for an answer; past it redis_send says no.
 *
 * The silence that is borne grows with the bytes given, by a second for each 16 MiB, whatever the command. One
 * of more than 1 MiB goes out piece by piece, and until its last piece has gone redis_send says no to all
 * others.
 *
 * `connected` comes once the server has let us in and answers PING without an error: a server that is still
 * loading counts as away. Names are looked up, and everything else is done, without blocking the loop.
 * There is no TLS in hiredis 0.14: use a Unix socket, loopback, or a tunnel.
 */
#ifndef MW_REDIS_H
#define MW_REDIS_H

#include "loop.h"
#include "redis_reply.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct redis;

/* Strings are borrowed until redis_free. */
struct redis_options {
    const char *host;
    uint16_t port;
    const char *unix_socket;         /* NULL: host and port */
    const char *username, *password; /* NULL: none */
    uint32_t silence_ms;             /* 0: 2000 */
    uint32_t backoff_max_ms;         /* 0: 5000 */
    uint32_t window;                 /* 0: 1024 */
    bool quiet; /* another connection to the same server tells when it is lost; this one logs nothing then */
};

struct redis_callbacks {
    void (*connected)(void *arg);
    /* After every waiting command was answered with NULL. */
    void (*lost)(void *arg, const char *reason);
};

typedef void redis_answer(void *arg, const struct redis_reply *reply);

/* NULL without memory. Connects from redis_start on, for ever. */
struct redis *redis_new(struct loop *loop, const struct redis_options *options,
                        const struct redis_callbacks *callbacks, void *arg);
void redis_start(struct redis *redis);
/* Waiting commands are answered with NULL; `lost` is not called. Not from inside a callback of this. Takes
 * NULL. */
void redis_free(struct redis *redis);

/* What a server surely needs to take in so many bytes, write them to its disk and sync them. */
uint32_t redis_digest_ms(size_t bytes);
/* Grants so much more silence from now on: while another connection keeps the server busy. */
void redis_set_patience(struct redis *redis, uint32_t more_ms);

bool redis_connected(const struct redis *redis);
/* Commands that wait for an answer. */
uint32_t redis_waiting(const struct redis *redis);

/* Sends a command; its arguments are copied. False when not connected, the window is full, a large command is
 * on its way, or memory is gone; `answer` is then never called. `answer` may be NULL. */
bool redis_send(struct redis *redis, size_t argc, const struct text *argv, redis_answer *answer, void *arg);
/* The same for a command that already is in Redis' protocol, one whole command. */
bool redis_send_formatted(struct redis *redis, struct text command, redis_answer *answer, void *arg);
/* The same, but the bytes are not copied: they have to stay until the answer, or until redis_free. Silence is
 * borne for `more_ms` longer than its size says. */
bool redis_send_borrowed(struct redis *redis, struct text command, uint32_t more_ms, redis_answer *answer,
                         void *arg);
/* Gives the connection up as if it had been lost; from a timer or an answer, not from `connected` or `lost`.
 */
void redis_drop(struct redis *redis, const char *reason);

#endif
