/*
 * redis_look: a plain, blocking look into Redis, for the operator's tools.
 *
 * Not for the daemon, which never blocks (redis.h). Every call has a time limit. Replies are copied into an
 * arena of the store's own and live until the next command; the library's types stay in redis_look.c.
 */
#ifndef MW_REDIS_LOOK_H
#define MW_REDIS_LOOK_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct store_options {
    const char *host;        /* NULL: 127.0.0.1 */
    int port;                /* 0: 6379 */
    const char *unix_socket; /* NULL: by host and port */
    const char *username;    /* NULL: none */
    struct text password;    /* empty: none */
};

enum reply_type { REPLY_NIL, REPLY_TEXT, REPLY_NUMBER, REPLY_LIST };

struct reply {
    enum reply_type type;
    struct text text; /* of a text or status */
    int64_t number;
    size_t count; /* of a list */
    const struct reply *items;
};

/* Connects and signs in. NULL, with a sentence for people in `error`, when that fails within 3 s. */
struct store *store_open(const struct store_options *options, char *error, size_t error_size);
void store_close(struct store *store);

/*
 * Sends one command and waits at most `wait_ms` (0: the usual 3 s) for its reply. False when Redis refused it
 * or the connection failed; store_error tells. A blocking command may answer nil when its own time is up.
 */
bool store_command(struct store *store, const struct text *words, size_t count, int64_t wait_ms,
                   const struct reply **out_reply);
const char *store_error(const struct store *store);

/* Calls visit for each field of a hash and its value, a page at a time. False as store_command. A visit asks the store
 * nothing. */
typedef void store_visit(void *context, struct text field, struct text value);
bool store_scan_hash(struct store *store, const char *key, store_visit *visit, void *context);

/* The value behind a name in a list of name, value, name, value; empty when it is not there. */
struct text reply_field(const struct reply *list, const char *name);

#endif
