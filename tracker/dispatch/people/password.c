#include "password.h"

#include "base32.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium writes so much");
_Static_assert(BASE32_LENGTH(SECRET_BYTES) == SECRET_CHARS, "all bits are written");

bool password_hash(struct text password, char out[PASSWORD_HASH_SIZE])
{
    return crypto_pwhash_str(out, password.data, password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

enum { SALT_CHARS = 22, HASH_BYTES = 32, HASH_CHARS = 43 };

/* What a hash was made with, and the hash itself. */
struct argon2id {
    uint8_t salt[crypto_pwhash_SALTBYTES], hash[HASH_BYTES];
    unsigned long kib, passes;
};

static bool read_base64(const char *text, uint8_t *out, size_t size)
{
    size_t len = 0;
    return sodium_base642bin(out, size, text, strlen(text), NULL, &len, NULL,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           len == size;
}

/* As password_hash writes it. */
static bool read_hash(struct text text, struct argon2id *out)
{
    char own[PASSWORD_HASH_SIZE], salt[SALT_CHARS + 1], hash[HASH_CHARS + 1];
    int end = 0;
    snprintf(own, sizeof own, "%.*s", TEXT_ARG(text));
    return sscanf(own, "$argon2id$v=19$m=%9lu,t=%4lu,p=1$%22[^$]$%43s%n", &out->kib, &out->passes, salt, hash,
                  &end) == 4 &&
           own[end] == '\0' && read_base64(salt, out->salt, sizeof out->salt) &&
           read_base64(hash, out->hash, sizeof out->hash);
}
_Static_assert(crypto_pwhash_SALTBYTES == 16, "22 characters of base64");

bool password_hash_valid(struct text hash)
{
    struct argon2id kept;
    return hash.len < PASSWORD_HASH_SIZE && read_hash(hash, &kept);
}

/* libsodium's own comparing says the same of a wrong password and of one for which it found no memory. */
enum password_looked password_look(struct text password, struct text hash)
{
    struct argon2id kept;
    uint8_t made[HASH_BYTES];
    bool known = hash.len < PASSWORD_HASH_SIZE && read_hash(hash, &kept);
    if (!known) /* the same work, for nothing */
        kept = (struct argon2id){.kib = crypto_pwhash_MEMLIMIT_INTERACTIVE / 1024,
                                 .passes = crypto_pwhash_OPSLIMIT_INTERACTIVE};
    if (crypto_pwhash(made, sizeof made, password.data, password.len, kept.salt, kept.passes, kept.kib * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return PASSWORD_UNKNOWN;
    bool right = known && sodium_memcmp(made, kept.hash, sizeof made) == 0;
    sodium_memzero(made, sizeof made);
    return right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

void secret_write(const uint8_t bytes[SECRET_BYTES], char out[SECRET_CHARS + 1])
{
    base32_write(bytes, SECRET_BYTES, SECRET_CHARS, out);
    out[SECRET_CHARS] = '\0';
}

void secret_hash(struct text secret, char out[TOKEN_HASH_SIZE + 1])
{
    uint8_t hash[TOKEN_HASH_SIZE / 2];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)secret.data, secret.len, NULL, 0);
    sodium_bin2hex(out, TOKEN_HASH_SIZE + 1, hash, sizeof hash);
}
