#include "password.h"

#include "base32.h"

#include <assert.h>
#include <sodium.h>

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium writes so much");
_Static_assert(BASE32_LENGTH(SECRET_BYTES) == SECRET_CHARS, "all bits are written");

bool password_hash(struct text password, char out[PASSWORD_HASH_SIZE])
{
    return crypto_pwhash_str(out, password.data, password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

bool password_is(struct text password, struct text hash)
{
    char own[PASSWORD_HASH_SIZE] = {0};
    if (hash.len > 0 && hash.len < sizeof own) {
        memcpy(own, hash.data, hash.len);
        return crypto_pwhash_str_verify(own, password.data, password.len) == 0;
    }
    /* The same work, for nothing. */
    (void)!password_hash(password, own);
    return false;
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
