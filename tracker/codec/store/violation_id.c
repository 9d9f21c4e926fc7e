#include "violation_id.h"

#include "base32.h"
#include "buf.h"

#include <sodium.h>

static void update(crypto_generichash_state *state, struct text t)
{
    crypto_generichash_update(state, (const unsigned char *)t.data, t.len);
}

void violation_id_write(struct text vehicle, struct text kind, struct text subject, struct wall start,
                        char out[VIOLATION_ID_LENGTH + 1])
{
    char digits[24];
    struct buf decimal = {.data = digits, .cap = sizeof digits, .limit = sizeof digits};
    buf_put_i64(&decimal, start.ms);
    struct text zero = {"", 1};
    struct text parts[] = {vehicle, zero, kind, zero, subject, zero, buf_text(&decimal)};
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        update(&state, parts[i]);
    crypto_generichash_final(&state, hash, sizeof hash);
    base32_write(hash, sizeof hash, VIOLATION_ID_LENGTH, out);
    out[VIOLATION_ID_LENGTH] = '\0';
}
