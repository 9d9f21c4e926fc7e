/*
 * password: what is kept of passwords, tokens and sessions instead of themselves.
 *
 * A password is hashed by argon2id (64 MiB, some 0.1 s of a processor): never on the loop. Tokens and the names of
 * sessions are 256 random bits, which no table finds, so one BLAKE2b is enough.
 */
#ifndef MW_PASSWORD_H
#define MW_PASSWORD_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PASSWORD_MIN = 8,
    PASSWORD_MAX = 256,
    PASSWORD_HASH_SIZE = 128, /* with its zero */
    SECRET_BYTES = 32,
    SECRET_CHARS = 52, /* as base32 */
    TOKEN_HASH_SIZE = 64,
};

/* False without memory. Takes as long as password_look. */
bool password_hash(struct text password, char out[PASSWORD_HASH_SIZE]);

/* Whether it is a hash as password_hash writes it; another amount of memory and work may stand in it. */
bool password_hash_valid(struct text hash);

/* Not known: there was no memory, or no thread, to look in. */
enum password_looked { PASSWORD_UNKNOWN, PASSWORD_WRONG, PASSWORD_RIGHT };

/*
 * Whether it is the password of this hash. An empty hash, of somebody who is not there or has none, takes as long
 * as any and is never right, so that the time tells nobody who is there; nor does a want of memory.
 */
enum password_looked password_look(struct text password, struct text hash);

/* A token or the name of a session, as it is handed out, and what is kept of it. */
void secret_write(const uint8_t bytes[SECRET_BYTES], char out[SECRET_CHARS + 1]);
void secret_hash(struct text secret, char out[TOKEN_HASH_SIZE + 1]);

#endif
